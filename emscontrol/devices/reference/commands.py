"""The command table of the reference protocol, version 1. The tables of `docs/reference-protocol.md` are made from it."""

from dataclasses import dataclass
from enum import IntEnum, IntFlag
from typing import Final

VERSION: Final = 1
ANSWER: Final = 0x80
"""Set in the code of an answer."""

BAUD: Final = 921_600
FRAME_MIN: Final = 11
FRAME_MAX: Final = 235
LEASE_MIN_MS: Final = 100
LEASE_MAX_MS: Final = 500
UNKNOWN_OHM: Final = 0xFFFF


class Status(IntEnum):
    """The device's states."""

    IDLE = 0
    ARMED = 1
    ACTIVE = 2
    FAULT = 3


class ShapeCode(IntEnum):
    """The shapes of a pulse."""

    SYMMETRIC = 0
    ASYMMETRIC = 1
    TRIANGULAR = 2
    LONG_BIPHASIC = 3


class FaultBit(IntFlag):
    """The bits of `faults`."""

    ELECTRODE_OPEN = 1 << 0
    ELECTRODE_SHORT = 1 << 1
    OVERCURRENT = 1 << 2
    TEMPERATURE = 1 << 3
    BATTERY_EMPTY = 1 << 4
    PATIENT_STOP = 1 << 5
    SELF_TEST = 1 << 6
    LEASE_OVER = 1 << 7
    REBOOTED = 1 << 8


class Flag(IntFlag):
    """The bits of a channel's `flags` in the status block."""

    ON = 1 << 0
    CLIPPED = 1 << 1
    CONTRACTING = 1 << 2


class Result(IntEnum):
    """The results of an answer."""

    OK = 0
    UNKNOWN_COMMAND = 1
    BAD_LENGTH = 2
    BAD_VALUE = 3
    UNKNOWN_CHANNEL = 4
    STALE = 5
    WRONG_STATE = 6
    NO_EPOCH = 7
    WRONG_EPOCH = 8
    MISBELIEF = 9
    WIDER = 10
    NO_LIMITS = 11
    NOT_CAPABLE = 12
    OVER_AMPLITUDE = 13
    OVER_WIDTH = 14
    OVER_RATE = 15
    OVER_CHARGE = 16
    OVER_RISE = 17
    OVER_SHAPE = 18
    NO_TRAIN = 19
    NO_ROOM = 20
    NO_BALANCE = 21
    BUSY_CHANNEL = 22
    FAULT_STANDS = 23
    TOO_SOON = 24
    NO_VERSION = 25


RESULT_MEANINGS: Final = {
    Result.OK: "done",
    Result.UNKNOWN_COMMAND: "there is no such command",
    Result.BAD_LENGTH: "the payload has another length than the command's",
    Result.BAD_VALUE: "a field is outside its range",
    Result.UNKNOWN_CHANNEL: "the device has no such channel, or a channel is named twice",
    Result.STALE: "an old frame, or the same number with other bytes",
    Result.WRONG_STATE: "not in this state",
    Result.NO_EPOCH: "no epoch is in force: not armed, or the lease has run out",
    Result.WRONG_EPOCH: "the frame belongs to another arming",
    Result.MISBELIEF: "the host's belief was wrong; all output is off now",
    Result.WIDER: "limits can only be tightened until the device is disarmed",
    Result.NO_LIMITS: "this channel has a train and no limits",
    Result.NOT_CAPABLE: "beyond what the device can do or is declared for",
    Result.OVER_AMPLITUDE: "above the channel's amplitude limit",
    Result.OVER_WIDTH: "wider than the channel's limit",
    Result.OVER_RATE: "faster than the channel's limit",
    Result.OVER_CHARGE: "more charge in one phase than the channel's limit",
    Result.OVER_RISE: "rises faster than the channel's limit",
    Result.OVER_SHAPE: "a shape, burst or long pulse that the channel's limits do not allow",
    Result.NO_TRAIN: "this channel has no train",
    Result.NO_ROOM: "the pulses do not end before the next period begins",
    Result.NO_BALANCE: "the phases would not cancel",
    Result.BUSY_CHANNEL: "the channel is commanded; set it to zero first",
    Result.FAULT_STANDS: "a fault stands or the patient's stop is pressed",
    Result.TOO_SOON: "sooner than allowed after the last one",
    Result.NO_VERSION: "no common version",
}


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a payload. `kind` is u8, u16, u32, i8 or text; a tuple of fields instead is repeated `name` times."""

    name: str
    kind: str
    meaning: str = ""
    low: int = 0
    high: int | None = None


@dataclass(frozen=True, slots=True)
class Each:
    """Fields that are repeated as often as the count field before says."""

    of: str
    fields: tuple[Field, ...]
    most: int


Layout = tuple[Field | Each, ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """One command: its code, the states in which it is obeyed, whether it carries the epoch and renews the lease.

    `answer` is what follows the result.
    """

    name: str
    code: int
    states: tuple[Status, ...]
    epoch: bool
    renews: bool
    meaning: str
    request: Layout
    answer: Layout


CHANNEL: Final = Field("channel", "u8", "from 1", 1, 8)
SHAPES: Final = Field("shapes", "u8", "bit n: shape n is allowed", 0, 15)
LONG: Final = Field("flags", "u8", "bit 0: long pulses for denervated muscle", 0, 1)
LIMIT_FIELDS: Final = (
    CHANNEL,
    LONG,
    SHAPES,
    Field("burst_max", "u8", "pulses of a burst", 1, 6),
    Field("amplitude_max", "u16", "0.1 mA", 0, 1200),
    Field("width_max_us", "u32", "one phase", 20, 200_000),
    Field("period_min_us", "u32", "", 2_500, 5_000_000),
    Field("charge_max_nc", "u32", "nC, one phase, rounded down", 0, 24_000_000),
    Field("rise_max", "u16", "0.1 mA in a second", 0, 12_000),
)
TRAIN_FIELDS: Final = (
    CHANNEL,
    Field("shape", "u8", "a number of the table of shapes", 0, 3),
    Field("width_us", "u32", "one phase", 20, 200_000),
    Field("gap_us", "u16", "between the phases", 0, 1_000),
    Field("recovery_ratio", "u8", "1; ASYMMETRIC: 2 to 10", 1, 10),
    Field("period_us", "u32", "", 2_500, 5_000_000),
    Field("burst_pulses", "u8", "", 1, 6),
    Field("burst_interval_us", "u32", "0 with single pulses", 0, 1_000_000),
)
AMPLITUDE: Final = Field("amplitude", "u16", "0.1 mA", 0, 1_200)
COUNT: Final = Field("count", "u8", "of channels", 0, 8)
IN_FORCE: Final = (COUNT, Each("count", (CHANNEL, Field("amplitude", "u16", "0.1 mA; of a contraction its plateau")), 8))
STATUS_BLOCK: Final = (
    Field("state", "u8", "a number of the table of states"),
    Field("faults", "u16", "bits of the table of faults"),
    Field("lease_left_ms", "u16", "0 when no lease runs"),
    Field("battery", "u8", "percent; 255 for mains"),
    Field("temperature", "i8", "°C, output stage"),
    Field("device_ms", "u32", "the device's own clock"),
    COUNT,
    Each(
        "count",
        (
            CHANNEL,
            Field("flags", "u8", "bits as below"),
            Field("pulses", "u32", "delivered since ARM"),
            Field("set", "u16", "0.1 mA, last pulse"),
            Field("measured", "u16", "0.1 mA, last pulse"),
            Field("ohm", "u16", "Ω; 65535 unknown"),
        ),
        8,
    ),
)
_ANY: Final = (Status.IDLE, Status.ARMED, Status.ACTIVE, Status.FAULT)
_LEASED: Final = (Status.ARMED, Status.ACTIVE)
_NOT_FAULT: Final = (Status.IDLE, Status.ARMED, Status.ACTIVE)

COMMANDS: Final = (
    Wanted(
        "HELLO",
        0x01,
        _ANY,
        epoch=False,
        renews=False,
        meaning="begin: all output off, disarm, agree on a version, clear `REBOOTED`",
        request=(Field("version_min", "u8", "", 1, 255), Field("version_max", "u8", "", 1, 255)),
        answer=(Field("version", "u8"), Field("boot_id", "u32", "another one after each start"), Field("state", "u8")),
    ),
    Wanted(
        "IDENTIFY",
        0x02,
        _ANY,
        epoch=False,
        renews=False,
        meaning="who are you, in words",
        request=(),
        answer=tuple(Field(name, "text") for name in ("maker", "model", "serial", "firmware")),
    ),
    Wanted(
        "CAPABILITIES",
        0x03,
        _ANY,
        epoch=False,
        renews=False,
        meaning="what the device can do",
        request=(),
        answer=(
            Field("channels", "u8"),
            Field("flags", "u8", "bit 0: declared for denervated muscle; bit 1: measures impedance"),
            SHAPES,
            Field("burst_max", "u8"),
            Field("amplitude_max", "u16", "0.1 mA"),
            Field("width_min_us", "u32"),
            Field("width_max_us", "u32"),
            Field("period_min_us", "u32"),
            Field("period_max_us", "u32"),
            Field("voltage_max", "u16", "0.1 V"),
            Field("lease_max_ms", "u16"),
        ),
    ),
    Wanted(
        "LIMITS",
        0x04,
        _NOT_FAULT,
        epoch=False,
        renews=False,
        meaning="the limits of one channel",
        request=LIMIT_FIELDS,
        answer=(),
    ),
    Wanted(
        "READ_LIMITS",
        0x05,
        _ANY,
        epoch=False,
        renews=False,
        meaning="the limits in force on one channel; `NO_LIMITS` when it has none",
        request=(CHANNEL,),
        answer=LIMIT_FIELDS,
    ),
    Wanted(
        "TRAIN",
        0x06,
        _NOT_FAULT,
        epoch=False,
        renews=False,
        meaning="the pulse of one channel; needs its limits first",
        request=TRAIN_FIELDS,
        answer=(),
    ),
    Wanted(
        "ARM",
        0x07,
        (Status.IDLE,),
        epoch=False,
        renews=False,
        meaning="begin a lease; the device chooses an epoch that is not 0, that it has not used since it started and that "
        "nobody can foresee (after a start it begins at 32 random bits), so that a recording of an earlier session is worth "
        "nothing",
        request=(Field("lease_ms", "u16", "", LEASE_MIN_MS, LEASE_MAX_MS),),
        answer=(Field("epoch", "u32"),),
    ),
    Wanted(
        "RENEW",
        0x08,
        _LEASED,
        epoch=True,
        renews=True,
        meaning="renew the lease, if what the host believes is so",
        request=(Field("state", "u8", "1 or 2", 1, 2), Field("channels", "u8", "bit n − 1: channel n is commanded")),
        answer=STATUS_BLOCK,
    ),
    Wanted(
        "SET",
        0x09,
        _LEASED,
        epoch=True,
        renews=True,
        meaning="these channels at these amplitudes, all others at zero",
        request=(COUNT, Each("count", (CHANNEL, AMPLITUDE), 8)),
        answer=IN_FORCE,
    ),
    Wanted(
        "CONTRACT",
        0x0A,
        _LEASED,
        epoch=True,
        renews=True,
        meaning="these channels begin a contraction now",
        request=(
            Field("count", "u8", "of channels", 1, 8),
            Each(
                "count",
                (
                    CHANNEL,
                    AMPLITUDE,
                    Field("rise_us", "u32", "", 0, 60_000_000),
                    Field("hold_us", "u32", "", 0, 60_000_000),
                    Field("fall_us", "u32", "", 0, 60_000_000),
                ),
                8,
            ),
        ),
        answer=IN_FORCE,
    ),
    Wanted(
        "STATUS",
        0x0B,
        _ANY,
        epoch=False,
        renews=False,
        meaning="what is measured; renews nothing",
        request=(),
        answer=STATUS_BLOCK,
    ),
    Wanted(
        "STOP",
        0x0C,
        _ANY,
        epoch=False,
        renews=False,
        meaning="all output off, disarm",
        request=(),
        answer=(Field("state", "u8"),),
    ),
    Wanted(
        "CLEAR",
        0x0D,
        (Status.IDLE, Status.FAULT),
        epoch=False,
        renews=False,
        meaning="end faults whose cause is gone; `FAULT_STANDS` when one is left",
        request=(),
        answer=(Field("faults", "u16"),),
    ),
    Wanted(
        "CHECK",
        0x0E,
        (Status.IDLE,),
        epoch=False,
        renews=False,
        meaning="measure one electrode at rest",
        request=(CHANNEL,),
        answer=(CHANNEL, Field("ohm", "u16", "Ω; 65535 open")),
    ),
)
BY_NAME: Final = {command.name: command for command in COMMANDS}

EVENT_CODE: Final = 0xC0
EVENT: Final = STATUS_BLOCK
"""What a device says unasked has this code and this payload, without a result."""
