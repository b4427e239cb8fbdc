"""Every command of ScienceMode2 as a table: number, sender, fields, answer (protocol description 1.24)."""

from dataclasses import dataclass
from typing import Final, Literal

from firmware_sim.rehastim2.fields import (
    ChannelBits,
    ChannelNumber,
    Field,
    GroupMode,
    HalfMilliseconds,
    i8,
    i16,
    u8,
    u16,
)

Sender = Literal["host", "device"]

PULSE_WIDTH_MAX_US: Final = 500
CURRENT_MAX_MA: Final = 130

Layout = Literal["fixed", "result_then_rest", "channel_groups"]


@dataclass(frozen=True, slots=True)
class Command:
    """One row of the table.

    `layout` says how `fields` lie in the data: "fixed" one after another; "result_then_rest" likewise, but a result other than
    0 stands alone; "channel_groups" once for each active channel, in ascending order, without the channel's number.
    `answered` is True where command number + 1 is the answer.
    """

    number: int
    name: str
    sender: Sender
    fields: tuple[Field, ...] = ()
    layout: Layout = "fixed"
    answered: bool = False

    @property
    def size(self) -> int:
        """Bytes of all fields together: the whole data, or one channel's group."""
        return sum(field.size for field in self.fields)


def _asked(number: int, name: str, *fields: Field, layout: Layout = "fixed") -> tuple[Command, Command]:
    """A host command and its answer of one result byte."""
    answer = Command(number + 1, name + "Ack", "device", (i8("result"),))
    return Command(number, name, "host", fields, layout, answered=True), answer


def _mode_query(number: int, name: str) -> tuple[Command, Command]:
    """A host command whose answer carries a mode after a result of 0."""
    answer = Command(number + 1, name + "Ack", "device", (i8("result"), i8("mode")), "result_then_rest")
    return Command(number, name, "host", (), answered=True), answer


LINK: Final = (
    Command(1, "Init", "device", (u8("protocol_version"),)),
    Command(2, "InitAck", "host", (i8("result"),)),
    Command(3, "UnknownCommand", "device", (u8("unknown_command"),)),
    Command(4, "Watchdog", "host"),
    *_mode_query(10, "GetStimulationMode"),
    *_mode_query(12, "GetMotomedMode"),
)

STIMULATION: Final = (
    *_asked(
        30,
        "InitChannelListMode",
        u8("low_frequency_factor", 0, 7),
        ChannelBits("active_channels"),
        ChannelBits("low_frequency_channels"),
        HalfMilliseconds("inter_pulse_interval_ms", first_ms=1.5, highest_code=255),
        HalfMilliseconds("main_interval_ms", first_ms=1, highest_code=2048, size=2, zero_is_none=True),
        u8("channel_execution", 0, 1),
    ),
    *_asked(
        32,
        "StartChannelListMode",
        GroupMode("mode"),
        u16("pulse_width_us", 0, PULSE_WIDTH_MAX_US),
        u8("current_ma", 0, CURRENT_MAX_MA),
        layout="channel_groups",
    ),
    *_asked(34, "StopChannelListMode"),
    *_asked(
        36,
        "SinglePulse",
        ChannelNumber("channel"),
        u16("pulse_width_us", 0, PULSE_WIDTH_MAX_US),
        u8("current_ma", 0, CURRENT_MAX_MA),
    ),
    Command(38, "StimulationError", "device", (i8("error"),)),
)

MOTOMED: Final = (
    *_asked(50, "InitPhaseTraining", u8("trainer", 0, 1)),
    *_asked(
        52,
        "StartPhase",
        u8("variant", 0, 3),
        u8("speed_rpm", 0, 90),
        u8("gear", 0, 20),
        u8("direction", 0, 1),
        u8("fly_wheel", 0, 100),
        u8("spasm_detection", 0, 2),
        u8("training_side", 0, 2),
        u8("crank_orientation", 0, 1),
    ),
    *_asked(54, "PausePhase"),
    *_asked(56, "StopPhaseTraining"),
    Command(
        58,
        "PhaseResult",
        "device",
        (
            u8("counter"),
            u16("passive_distance_10m"),
            u16("active_distance_10m"),
            u8("average_power_w"),
            u8("maximum_power_w"),
            u16("duration_s"),
            u16("active_duration_s"),
            u16("work_j"),
            u8("success_percent"),
            u8("symmetry_left_percent"),
            u8("muscle_tone_dnm"),
        ),
    ),
    Command(60, "ActualValues", "device", (u16("angle_deg"), i16("speed_rpm"), i16("torque_dnm"))),
    *_asked(70, "SetRotationDirection", u8("direction", 0, 1)),
    *_asked(72, "SetSpeed", u8("speed_rpm", 0, 90)),
    *_asked(74, "SetGear", u8("gear", 0, 20)),
    *_asked(76, "SetKeyboardLock", u8("keyboard_lock", 0, 1)),
    *_asked(80, "StartBasicTraining", u8("trainer", 0, 1)),
    *_asked(82, "PauseBasicTraining"),
    *_asked(84, "ContinueBasicTraining"),
    *_asked(86, "StopBasicTraining"),
    Command(89, "MotomedCommandDone", "device", (i8("result"),)),
    Command(90, "MotomedError", "device", (i8("error"),)),
)

COMMANDS: Final = LINK + STIMULATION + MOTOMED
BY_NAME: Final = {command.name: command for command in COMMANDS}
BY_NUMBER: Final = {command.number: command for command in COMMANDS}
