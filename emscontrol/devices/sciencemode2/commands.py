"""All commands of ScienceMode 2 (RehaStim 2), MOTOmed included, as one table.

Source: the vendor's protocol description 1.24. Its prose says little endian, but all its tables and all working clients put
the most significant byte first. Channels count from 1. A SinglePulse transmits the channel less one.
"""

from typing import Final

from emscontrol.devices.declare.bits import Bits, Named, Part
from emscontrol.devices.declare.command import Command, Layout, Table, exchange
from emscontrol.devices.declare.field import Field
from emscontrol.devices.declare.lists import Groups
from emscontrol.devices.declare.plain import Number, When
from emscontrol.devices.declare.quantity import Scale
from emscontrol.devices.declare.sets import ChannelSet

RESULTS: Final = {
    0: "done",
    -1: "transfer error (checksum or length)",
    -2: "parameter error",
    -3: "wrong mode",
    -4: "MOTOmed connection error",
    -5: "incompatible version",
    -6: "invalid MOTOmed trainer",
    -7: "MOTOmed busy, wait for MotomedCommandDone",
    -8: "busy: the previous command is not answered yet",
}
"""What the result codes say."""

STIMULATION_ERRORS: Final = {
    -1: "emergency switch activated or not connected",
    -2: "electrode error",
    -3: "stimulation module error",
}
"""What a StimulationError says."""

MODES: Final = {"single": 0, "doublet": 1, "triplet": 2}
"""Pulses a channel gives in each main interval."""

_TRUTH: Final = Scale(0, 1)
RESULT: Final = Number("result", "result code, 0 is done", "b", Scale(min(RESULTS), 0))
WIDTH: Final = Part(
    "pulse_width_us", 23, 8, Scale(0, 500, "µs"), "width of one phase; the device makes less than 20 µs into 20 µs"
)
CURRENT: Final = Part("current_ma", 7, 0, Scale(0, 130, "mA"), "current; 0 silences the channel, a width of 0 does not")
MODE: Final = Named("mode", 31, 24, MODES, "pulses in each main interval")
GROUPS: Final = Groups("channels", "channel", Bits(4, (MODE, WIDTH, CURRENT)), 8, "what each active channel is to do")


def _byte(name: str, meaning: str, low: int, high: int, unit: str = "") -> Number:
    return Number(name, meaning, "b" if low < 0 else "B", Scale(low, high, unit))


def _word(name: str, meaning: str, unit: str = "") -> Number:
    return Number(name, meaning, "H", Scale(0, 65535, unit))


def _signed_word(name: str, meaning: str, unit: str) -> Number:
    return Number(name, meaning, "h", Scale(-32768, 32767, unit))


def _exchange(
    name: str, number: int, meaning: str, *request: Field, answer: tuple[Field, ...] = (RESULT,)
) -> tuple[Command, Command]:
    return exchange(name, number, meaning, (Layout(request),), (Layout(answer),), "Ack")


def _told(name: str, number: int, meaning: str, *fields: Field) -> Command:
    return Command(name, number, "device", meaning, (Layout(fields),))


CONNECTION: Final = (
    _told(
        "Init", 1, "the device seeks a host; repeated each 500 ms", _byte("protocol_version", "version of the protocol", 0, 255)
    ),
    Command(
        "InitAck",
        2,
        "host",
        "accept the device (0) or its version not (−5); echoes the Init's packet number",
        (Layout((RESULT,)),),
    ),
    _told(
        "UnknownCommand",
        3,
        "the device does not know a command",
        _byte("unknown_command", "the number it does not know", 0, 255),
    ),
    Command("Watchdog", 4, "host", "keep-alive; has no answer"),
)

STIMULATION: Final = (
    *_exchange(
        "GetStimulationMode",
        10,
        "ask what the stimulation unit is doing",
        answer=(RESULT, When("result", 0, _byte("mode", "0 start, 1 initialized, 2 started", 0, 2))),
    ),
    *_exchange(
        "InitChannelListMode",
        30,
        "choose channels and timing; legal in mode start",
        _byte("low_frequency_factor", "cycles that low-frequency channels skip between pulses", 0, 7),
        ChannelSet("active_channels", "channels that StartChannelListMode will tell about"),
        ChannelSet("low_frequency_channels", "channels the factor applies to"),
        Number(
            "inter_pulse_interval_ms",
            "time between the pulses of a doublet or triplet (t2); the firmware wants at least 8 ms",
            "B",
            Scale(1.5, 129, "ms", step=0.5, offset=1.5),
        ),
        Number(
            "main_interval_ms",
            "time from list to list (t1), null for one-shot; the firmware wants at least 8 ms",
            "H",
            Scale(1.5, 1025, "ms", step=0.5, offset=1),
            null_count=0,
        ),
        _byte("channel_execution", "0 slots of 1.5 ms, 1 as fast as possible (documented as not implemented)", 0, 1),
    ),
    *_exchange(
        "StartChannelListMode",
        32,
        "start or update: one group for each active channel",
        GROUPS,
    ),
    *_exchange("StopChannelListMode", 34, "stop and return to mode start; legal in every mode"),
    *_exchange(
        "SinglePulse",
        36,
        "one pulse at once; legal in mode start",
        Bits(4, (Part("channel", 31, 24, Scale(1, 8, offset=1), "channel"), WIDTH, CURRENT)),
    ),
    _told(
        "StimulationError",
        38,
        "stimulation was stopped",
        _byte("error", "−1 emergency switch, −2 electrode, −3 module", -3, -1),
    ),
)

_TRAINER: Final = _byte("trainer", "0 leg, 1 arm", 0, 1)
_DIRECTION: Final = _byte("direction", "0 back, 1 forward", 0, 1)
_SPEED: Final = _byte("speed_rpm", "pedal speed; above 60 on Parkinson models only", 0, 90, "rpm")
_GEAR: Final = _byte("gear", "resistance", 0, 20)

MOTOMED: Final = (
    *_exchange(
        "GetMotomedMode",
        12,
        "ask what the trainer is doing",
        answer=(
            RESULT,
            When(
                "result",
                0,
                _byte("mode", "0 start, 1 ready, 2 phase, 3 break, 4 basic, 5 basic pause, 6 busy, −1 connection error", -1, 6),
            ),
        ),
    ),
    *_exchange("InitPhaseTraining", 50, "prepare phase training", _TRAINER),
    *_exchange(
        "StartPhase",
        52,
        "start or change a phase",
        _byte("variant", "0 active, 1 passive, 2 symmetry, 3 game", 0, 3),
        _SPEED,
        _GEAR,
        _DIRECTION,
        _byte("fly_wheel", "fly wheel", 0, 100),
        _byte("spasm_detection", "0 off, 1 on, 2 on with direction restore", 0, 2),
        _byte("training_side", "0 both, 1 left, 2 right", 0, 2),
        _byte("crank_orientation", "0 diagonal, 1 equal", 0, 1),
    ),
    *_exchange("PausePhase", 54, "pause the phase"),
    *_exchange("StopPhaseTraining", 56, "end phase training"),
    _told(
        "PhaseResult",
        58,
        "figures of a finished phase",
        _byte("counter", "number of the phase", 0, 255),
        _word("passive_distance_10m", "distance moved by the motor", "× 10 m"),
        _word("active_distance_10m", "distance moved by the patient", "× 10 m"),
        _byte("average_power_w", "average power", 0, 255, "W"),
        _byte("maximum_power_w", "highest power", 0, 255, "W"),
        _word("duration_s", "duration of the phase", "s"),
        _word("active_duration_s", "time the patient was active", "s"),
        _word("work_j", "work", "J"),
        _byte("success_percent", "success", 0, 255, "%"),
        _byte("symmetry_left_percent", "share of the left side", 0, 255, "%"),
        _byte("muscle_tone_dnm", "muscle tone", 0, 255, "dNm"),
    ),
    _told(
        "ActualValues",
        60,
        "crank now; each 20 ms",
        _word("angle_deg", "crank angle", "°"),
        _signed_word("speed_rpm", "pedal speed", "rpm"),
        _signed_word("torque_dnm", "torque; above 0 active, below 0 passive", "dNm"),
    ),
    *_exchange("SetRotationDirection", 70, "turn the other way", _DIRECTION),
    *_exchange("SetSpeed", 72, "change the speed", _SPEED),
    *_exchange("SetGear", 74, "change the resistance", _GEAR),
    *_exchange("SetKeyboardLock", 76, "lock the trainer's keys", Number("lock", "1 locks", "B", _TRUTH)),
    *_exchange("StartBasicTraining", 80, "start basic training", _TRAINER),
    *_exchange("PauseBasicTraining", 82, "pause basic training"),
    *_exchange("ContinueBasicTraining", 84, "go on with basic training"),
    *_exchange("StopBasicTraining", 86, "end basic training"),
    _told("MotomedCommandDone", 89, "the trainer has finished a command", RESULT),
    _told("MotomedError", 90, "the trainer has a fault", _byte("error", "−4 connection, −6 invalid trainer", -6, -4)),
)

TABLE: Final = Table(Scale(0, 255), *CONNECTION, *STIMULATION, *MOTOMED)
