"""The commands of the protocol, version 1: one table, which the codec, the device and its tests go by."""

from dataclasses import dataclass
from typing import Final

from firmware_sim.reference.layout import Field, Kind, Layout
from firmware_sim.reference.tables import WITH_EPOCH, State

U8, I8, U16, U32, TEXT = Kind.U8, Kind.I8, Kind.U16, Kind.U32, Kind.TEXT

ANSWER: Final = 0x80
"""An answer has its command's code with this bit set."""


@dataclass(frozen=True, slots=True)
class Command:
    """A command: code, payloads both ways, the states it is for, whether it carries the epoch (and then renews the lease)."""

    name: str
    code: int
    states: frozenset[State]
    request: Layout
    answer: Layout
    with_epoch: bool = False


CHANNEL: Final = Field("channel", U8, 1, 8)
_LIMITS: Final = (
    CHANNEL,
    Field("flags", U8, 0, 1),
    Field("shapes", U8, 0, 15),
    Field("burst_max", U8, 1, 6),
    Field("amplitude_max", U16, 0, 1200),
    Field("width_max_us", U32, 20, 200_000),
    Field("period_min_us", U32, 2500, 5_000_000),
    Field("charge_max_nc", U32, 0, 24_000_000),
    Field("rise_max", U16, 0, 12_000),
)
_AMPLITUDE: Final = Field("amplitude", U16, 0, 1200)
_IN_FORCE: Final = Layout(each=(CHANNEL, Field("amplitude", U16)))
STATUS_BLOCK: Final = Layout(
    Field("state", U8),
    Field("faults", U16),
    Field("lease_left_ms", U16),
    Field("battery", U8),
    Field("temperature", I8),
    Field("device_ms", U32),
    each=(CHANNEL, Field("flags", U8), Field("pulses", U32), Field("set", U16), Field("measured", U16), Field("ohm", U16)),
)
EMPTY: Final = Layout()
REFUSAL: Final = Layout(Field("channel", U8))
"""What follows a result other than OK."""

ANY: Final = frozenset(State)
IDLE: Final = frozenset({State.IDLE})
NO_FAULT: Final = frozenset({State.IDLE, State.ARMED, State.ACTIVE})
IDLE_OR_FAULT: Final = frozenset({State.IDLE, State.FAULT})

COMMANDS: Final = (
    Command(
        "HELLO",
        0x01,
        ANY,
        Layout(Field("version_min", U8, 1, 255), Field("version_max", U8, 1, 255)),
        Layout(Field("version", U8), Field("boot_id", U32), Field("state", U8)),
    ),
    Command(
        "IDENTIFY",
        0x02,
        ANY,
        EMPTY,
        Layout(Field("maker", TEXT), Field("model", TEXT), Field("serial", TEXT), Field("firmware", TEXT)),
    ),
    Command(
        "CAPABILITIES",
        0x03,
        ANY,
        EMPTY,
        Layout(
            Field("channels", U8),
            Field("flags", U8),
            Field("shapes", U8, 0, 15),
            Field("burst_max", U8),
            Field("amplitude_max", U16),
            Field("width_min_us", U32),
            Field("width_max_us", U32),
            Field("period_min_us", U32),
            Field("period_max_us", U32),
            Field("voltage_max", U16),
            Field("lease_max_ms", U16),
        ),
    ),
    Command("LIMITS", 0x04, NO_FAULT, Layout(*_LIMITS), EMPTY),
    Command("READ_LIMITS", 0x05, ANY, Layout(CHANNEL), Layout(*_LIMITS)),
    Command(
        "TRAIN",
        0x06,
        NO_FAULT,
        Layout(
            CHANNEL,
            Field("shape", U8, 0, 3),
            Field("width_us", U32, 20, 200_000),
            Field("gap_us", U16, 0, 1000),
            Field("recovery_ratio", U8, 1, 10),
            Field("period_us", U32, 2500, 5_000_000),
            Field("burst_pulses", U8, 1, 6),
            Field("burst_interval_us", U32, 0, 1_000_000),
        ),
        EMPTY,
    ),
    Command("ARM", 0x07, IDLE, Layout(Field("lease_ms", U16, 100, 500)), Layout(Field("epoch", U32))),
    Command(
        "RENEW",
        0x08,
        WITH_EPOCH,
        Layout(Field("state", U8, 1, 2), Field("channels", U8)),
        STATUS_BLOCK,
        with_epoch=True,
    ),
    Command("SET", 0x09, WITH_EPOCH, Layout(each=(CHANNEL, _AMPLITUDE)), _IN_FORCE, with_epoch=True),
    Command(
        "CONTRACT",
        0x0A,
        WITH_EPOCH,
        Layout(
            each=(
                CHANNEL,
                _AMPLITUDE,
                Field("rise_us", U32, 0, 60_000_000),
                Field("hold_us", U32, 0, 60_000_000),
                Field("fall_us", U32, 0, 60_000_000),
            ),
            count=(1, 8),
        ),
        _IN_FORCE,
        with_epoch=True,
    ),
    Command("STATUS", 0x0B, ANY, EMPTY, STATUS_BLOCK),
    Command("STOP", 0x0C, ANY, EMPTY, Layout(Field("state", U8))),
    Command("CLEAR", 0x0D, IDLE_OR_FAULT, EMPTY, Layout(Field("faults", U16))),
    Command("CHECK", 0x0E, IDLE, Layout(CHANNEL), Layout(CHANNEL, Field("ohm", U16))),
)

EVENT: Final = "EVENT"
EVENT_CODE: Final = 0xC0

BY_CODE: Final = {command.code: command for command in COMMANDS}
BY_NAME: Final = {command.name: command for command in COMMANDS}
