"""The switches: every fault that a simulator or its link can be told to have, what it means and what its numbers mean.

Names that end in `_reply` or `_up` are about what the device says, `_command` or `_down` about what the host says.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class FaultKind(StrEnum):
    """The faults, by the name they have on the command line."""

    DROP_REPLY = "drop_reply"
    DROP_COMMAND = "drop_command"
    GARBLE = "garble"
    GARBLE_UP = "garble_up"
    GARBLE_DOWN = "garble_down"
    LOSE_BYTES = "lose_bytes"
    LOSE_BYTES_UP = "lose_bytes_up"
    LOSE_BYTES_DOWN = "lose_bytes_down"
    LATE = "late"
    LATE_DOWN = "late_down"
    JITTER = "jitter"
    JITTER_UP = "jitter_up"
    JITTER_DOWN = "jitter_down"
    BUNCH = "bunch"
    DUPLICATE = "duplicate"
    DUPLICATE_REPLY = "duplicate_reply"
    REORDER = "reorder"
    REORDER_REPLY = "reorder_reply"
    CUT_COMMAND = "cut_command"
    CUT_REPLY = "cut_reply"
    REPLAY = "replay"
    REPLAY_REPLY = "replay_reply"
    NOISE = "noise"
    NOISE_DOWN = "noise_down"
    START_BYTES = "start_bytes"
    DEAD_LINK = "dead_link"
    DEAD_UPLINK = "dead_uplink"
    DEAD_DOWNLINK = "dead_downlink"
    DEAF = "deaf"
    SLOW_READER = "slow_reader"
    UNPLUG = "unplug"
    STRANGER = "stranger"
    FOREIGN_WRITER = "foreign_writer"
    BOOT_TEXT = "boot_text"
    REBOOT = "reboot"
    POWER_OFF = "power_off"
    HANG = "hang"
    OTHER_SERIAL = "other_serial"
    OTHER_FIRMWARE = "other_firmware"
    LOWER_LIMITS = "lower_limits"
    COUNTERS_NEAR_MAX = "counters_near_max"
    STUCK_ON = "stuck_on"
    IGNORE_SET = "ignore_set"
    IGNORE_STOP = "ignore_stop"
    NAK = "nak"
    FREEZE = "freeze"
    FALSE_OFF = "false_off"
    GAIN = "gain"
    DRIFT = "drift"
    SWAP_CHANNELS = "swap_channels"
    STOP_BUTTON = "stop_button"
    MODULE_FAULT = "module_fault"
    LOW_BATTERY = "low_battery"
    BATTERY_DRAIN = "battery_drain"
    ELECTRODE_OFF = "electrode_off"
    ELECTRODE_FLAP = "electrode_flap"
    ELECTRODE_HALF = "electrode_half"
    ELECTRODE_DRY = "electrode_dry"
    BROKEN_LEAD = "broken_lead"
    SHORT = "short"


@dataclass(frozen=True, slots=True)
class Argument:
    """What a number of a fault means. `default` None = must be given, unless `optional`; `whole` = no fractions."""

    meaning: str
    default: float | None
    low: float
    high: float
    whole: bool = True
    optional: bool = False


@dataclass(frozen=True, slots=True)
class KindSpec:
    """A kind of fault in words, for the list on the command line and the page.

    `counted`: it is used up after as many times as the argument says; `once`: it strikes once, at its start. `second` is the
    number after a slash. `implies` names the kinds that are in force together with it.
    """

    about: str
    argument: Argument | None = None
    second: Argument | None = None
    counted: bool = False
    once: bool = False
    implies: tuple[FaultKind, ...] = ()


_COUNT: Final = Argument("how many", 1, 1, 1_000_000)
_PROBABILITY: Final = Argument("probability", None, 0.0, 1.0, whole=False)
_MS: Final = Argument("ms", None, 0, 3_600_000, whole=False)
_BYTES: Final = Argument("bytes", 65_536, 1, 1_048_576)
_BYTE: Final = Argument("after how many bytes", None, 0, 2_000)
_WINDOW: Final = Argument("frames in the window", 8, 2, 64)
_CHANNEL: Final = Argument("channel", None, 1, 64)
_FRAMES: Final = Argument("frames", 100, 1, 1_000)

KINDS: Final[dict[FaultKind, KindSpec]] = {
    # ---- the link
    FaultKind.DROP_REPLY: KindSpec("the next answers are lost on the way; the commands take effect", _COUNT, counted=True),
    FaultKind.DROP_COMMAND: KindSpec("the next commands are lost on the way", _COUNT, counted=True),
    FaultKind.GARBLE: KindSpec(
        "each byte is changed on the way with this probability, in both directions",
        _PROBABILITY,
        implies=(FaultKind.GARBLE_UP, FaultKind.GARBLE_DOWN),
    ),
    FaultKind.GARBLE_UP: KindSpec("as garble, only what the device says", _PROBABILITY),
    FaultKind.GARBLE_DOWN: KindSpec("as garble, only what the host says", _PROBABILITY),
    FaultKind.LOSE_BYTES: KindSpec(
        "each byte is lost on the way with this probability, in both directions",
        _PROBABILITY,
        implies=(FaultKind.LOSE_BYTES_UP, FaultKind.LOSE_BYTES_DOWN),
    ),
    FaultKind.LOSE_BYTES_UP: KindSpec("as lose_bytes, only what the device says", _PROBABILITY),
    FaultKind.LOSE_BYTES_DOWN: KindSpec("as lose_bytes, only what the host says", _PROBABILITY),
    FaultKind.LATE: KindSpec("what the device says arrives late, in order", _MS),
    FaultKind.LATE_DOWN: KindSpec("what the host says arrives late, in order", _MS),
    FaultKind.JITTER: KindSpec(
        "each frame is late by a random time, exponential with this mean, both ways, in order",
        Argument("mean ms", None, 0, 60_000, whole=False),
        implies=(FaultKind.JITTER_UP, FaultKind.JITTER_DOWN),
    ),
    FaultKind.JITTER_UP: KindSpec("as jitter, only what the device says", Argument("mean ms", None, 0, 60_000, whole=False)),
    FaultKind.JITTER_DOWN: KindSpec("as jitter, only what the host says", Argument("mean ms", None, 0, 60_000, whole=False)),
    FaultKind.BUNCH: KindSpec(
        "answers are held back and come in bunches, one bunch every so often", Argument("ms", None, 1, 60_000, whole=False)
    ),
    FaultKind.DUPLICATE: KindSpec("what the host says arrives twice"),
    FaultKind.DUPLICATE_REPLY: KindSpec("what the device says arrives twice"),
    FaultKind.REORDER: KindSpec("commands that come within 50 ms arrive in another order", _WINDOW),
    FaultKind.REORDER_REPLY: KindSpec("answers that come within 50 ms arrive in another order", _WINDOW),
    FaultKind.CUT_COMMAND: KindSpec(
        "the link is cut inside the next command: so many of its bytes arrive, then silence both ways; when that ends, the rest"
        " of the command arrives first",
        _BYTE,
    ),
    FaultKind.CUT_REPLY: KindSpec("as cut_command, inside the next answer", _BYTE),
    FaultKind.REPLAY: KindSpec("the last frames of the host arrive once more, all at once", _FRAMES, once=True),
    FaultKind.REPLAY_REPLY: KindSpec("the last frames of the device arrive once more, all at once", _FRAMES, once=True),
    FaultKind.NOISE: KindSpec("a burst of random bytes reaches the host", _BYTES, once=True),
    FaultKind.NOISE_DOWN: KindSpec("a burst of random bytes reaches the device", _BYTES, once=True),
    FaultKind.START_BYTES: KindSpec("a burst of frame-start bytes reaches both ends", _BYTES, once=True),
    FaultKind.DEAD_LINK: KindSpec(
        "silence both ways, without any error from the port", implies=(FaultKind.DEAD_UPLINK, FaultKind.DEAD_DOWNLINK)
    ),
    FaultKind.DEAD_UPLINK: KindSpec("nothing from the device reaches the host"),
    FaultKind.DEAD_DOWNLINK: KindSpec("nothing from the host reaches the device"),
    FaultKind.DEAF: KindSpec("the port is not read any more: the host's buffers fill; all is heard when it ends"),
    FaultKind.SLOW_READER: KindSpec(
        "the port is read slowly; what waits can be thrown away by the host, 4 KiB wait at most",
        Argument("bytes per second", 1_000, 1, 10_000_000),
    ),
    FaultKind.UNPLUG: KindSpec("the cable is pulled: the port hangs up, the device goes on by itself"),
    FaultKind.STRANGER: KindSpec(
        "something else is on the port, the device hears nothing: 1 a satellite receiver, 2 a modem, 3 an echo, 4 random bytes",
        Argument("which", 1, 1, 4),
        implies=(FaultKind.DEAD_UPLINK, FaultKind.DEAD_DOWNLINK),
    ),
    FaultKind.FOREIGN_WRITER: KindSpec(
        "another program writes its own commands into the same port, one every so often; the answers reach the host",
        Argument("ms", 200, 1, 60_000, whole=False),
    ),
    # ---- the device as a whole
    FaultKind.BOOT_TEXT: KindSpec("the device resets and prints the text of its boot loader", once=True),
    FaultKind.REBOOT: KindSpec("the device loses power and starts again", once=True),
    FaultKind.POWER_OFF: KindSpec("the device has no power; when it ends it starts again", implies=(FaultKind.DEAD_LINK,)),
    FaultKind.HANG: KindSpec(
        "the device hangs with its output as it is: it hears and says nothing, and its own watchdog does not run",
        implies=(FaultKind.DEAD_LINK, FaultKind.STUCK_ON),
    ),
    FaultKind.OTHER_SERIAL: KindSpec("the device names another serial number: another one of the same model is on the port"),
    FaultKind.OTHER_FIRMWARE: KindSpec("the device names a firmware and protocol version that nobody knows"),
    FaultKind.LOWER_LIMITS: KindSpec("the device reports a lower largest amplitude", Argument("mA", 10, 0, 1_000)),
    FaultKind.COUNTERS_NEAR_MAX: KindSpec("the device's own counters begin five before their largest value"),
    # ---- what it does with commands, and what it says about itself
    FaultKind.STUCK_ON: KindSpec("the output stays as it is whatever is commanded; commands are acknowledged"),
    FaultKind.IGNORE_SET: KindSpec("set points are acknowledged and not applied; stop works"),
    FaultKind.IGNORE_STOP: KindSpec("the next stops are acknowledged and not obeyed", _COUNT, counted=True),
    FaultKind.NAK: KindSpec(
        "the next set points are refused; N/CODE names the result",
        _COUNT,
        Argument("result", None, 0, 255, optional=True),
        counted=True,
    ),
    FaultKind.FREEZE: KindSpec("the device repeats what it last said about its state, whatever happens"),
    FaultKind.FALSE_OFF: KindSpec("the device reports that nothing is on, whatever flows"),
    FaultKind.GAIN: KindSpec(
        "the current of a channel is so many times what is set", _CHANNEL, Argument("factor", 1.3, 0.1, 10, whole=False)
    ),
    FaultKind.DRIFT: KindSpec(
        "the device's time base is wrong: pulses, their distance and its own times last so many times as long",
        Argument("factor", 1.1, 0.5, 2, whole=False),
    ),
    FaultKind.SWAP_CHANNELS: KindSpec(
        "two channels have exchanged their outputs", _CHANNEL, Argument("other channel", None, 1, 64)
    ),
    FaultKind.STOP_BUTTON: KindSpec("the stop button of the device is pressed"),
    FaultKind.MODULE_FAULT: KindSpec("a current source reports a fault and the device stops", once=True),
    FaultKind.LOW_BATTERY: KindSpec("the battery is low", Argument("percent left", 5, 0, 100)),
    FaultKind.BATTERY_DRAIN: KindSpec(
        "the battery runs down from this charge; at 0 the device has no power",
        Argument("percent at the start", None, 0, 100),
        Argument("percent per minute", 60, 0.01, 6_000, whole=False),
    ),
    # ---- electrodes, leads, skin
    FaultKind.ELECTRODE_OFF: KindSpec("the electrode of a channel is off", _CHANNEL),
    FaultKind.ELECTRODE_FLAP: KindSpec(
        "the electrode of a channel comes off and on, off first",
        _CHANNEL,
        Argument("times per second", 5, 0.1, 100, whole=False),
    ),
    FaultKind.ELECTRODE_HALF: KindSpec(
        "half of an electrode comes off: the impedance rises within 2 s",
        _CHANNEL,
        Argument("to times its value", 2, 1, 100, whole=False),
    ),
    FaultKind.ELECTRODE_DRY: KindSpec(
        "an electrode dries: the impedance rises within a minute",
        _CHANNEL,
        Argument("to times its value", 2, 1, 1_000, whole=False),
    ),
    FaultKind.BROKEN_LEAD: KindSpec(
        "a lead is broken inside: contact comes and goes at random", _CHANNEL, Argument("mean ms", 100, 1, 60_000, whole=False)
    ),
    FaultKind.SHORT: KindSpec("the electrodes of a channel touch: 20 ohm between them", _CHANNEL),
}
