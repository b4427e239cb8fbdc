"""What can be wrong with a simulated stimulator and its link: the kinds, how they are written, and when they are in force.

A fault is written `NAME[:ARGUMENT][@START_S[+DURATION_S]]`:

    electrode_off:2@5        the electrode of channel 2 comes off 5 s after the first output and stays off
    late:150@3+2             from 3 s to 5 s after the first output, answers are 150 ms late
    garble:0.01              from power-on, each byte is damaged with probability 0.01, both ways
    drop_reply:3             the next three answers are lost
    nak:2/21@1               1 s after the first output, the next two set points are refused with result 21

START counts from the device's first output (the first µs with current), so that a fault hits during stimulation whatever the
host does before; `@0` is that µs itself. Without `@` a fault is in force from power-on (or from the moment it is added).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class FaultKind(StrEnum):
    """The faults, by the name they have on the command line."""

    DROP_REPLY = "drop_reply"
    GARBLE = "garble"
    LOSE_BYTES = "lose_bytes"
    LATE = "late"
    DUPLICATE = "duplicate"
    DEAD_LINK = "dead_link"
    DEAD_UPLINK = "dead_uplink"
    DEAD_DOWNLINK = "dead_downlink"
    DEAF = "deaf"
    UNPLUG = "unplug"
    REBOOT = "reboot"
    ELECTRODE_OFF = "electrode_off"
    STUCK_ON = "stuck_on"
    IGNORE_SET = "ignore_set"
    NAK = "nak"
    FREEZE = "freeze"
    LOW_BATTERY = "low_battery"


@dataclass(frozen=True, slots=True)
class Argument:
    """What the argument of a kind of fault means. `default` None = must be given; `whole` = no fractions."""

    meaning: str
    default: float | None
    low: float
    high: float
    whole: bool = True


@dataclass(frozen=True, slots=True)
class KindSpec:
    """A kind of fault in words. `counted`: it is used up after as many times as the argument says."""

    about: str
    argument: Argument | None = None
    counted: bool = False
    coded: bool = False


_COUNT: Final = Argument("how many", 1, 1, 1_000_000)
_PROBABILITY: Final = Argument("probability for each byte", None, 0.0, 1.0, whole=False)

KINDS: Final[dict[FaultKind, KindSpec]] = {
    FaultKind.DROP_REPLY: KindSpec("the next answers are lost on the way", _COUNT, counted=True),
    FaultKind.GARBLE: KindSpec("bytes are changed on the way, in both directions", _PROBABILITY),
    FaultKind.LOSE_BYTES: KindSpec("bytes are lost on the way, in both directions", _PROBABILITY),
    FaultKind.LATE: KindSpec("what the device says arrives late", Argument("ms", None, 0, 3_600_000, whole=False)),
    FaultKind.DUPLICATE: KindSpec("what the host says arrives twice"),
    FaultKind.DEAD_LINK: KindSpec("silence both ways, without any error from the port"),
    FaultKind.DEAD_UPLINK: KindSpec("nothing from the device reaches the host"),
    FaultKind.DEAD_DOWNLINK: KindSpec("nothing from the host reaches the device"),
    FaultKind.DEAF: KindSpec("the port is not read any more: the host's buffers fill"),
    FaultKind.UNPLUG: KindSpec("the cable is pulled: the port hangs up, the device goes on by itself"),
    FaultKind.REBOOT: KindSpec("the device loses power and starts again", counted=True),
    FaultKind.ELECTRODE_OFF: KindSpec("the electrode of a channel is off", Argument("channel", None, 1, 64)),
    FaultKind.STUCK_ON: KindSpec("the output stays as it is whatever is commanded; commands are acknowledged"),
    FaultKind.IGNORE_SET: KindSpec("set points are acknowledged and not applied; stop works"),
    FaultKind.NAK: KindSpec("the next set points are refused; N/CODE names the result", _COUNT, counted=True, coded=True),
    FaultKind.FREEZE: KindSpec("the device repeats what it last said about its state, whatever happens"),
    FaultKind.LOW_BATTERY: KindSpec("the battery is low", Argument("percent left", 5, 0, 100)),
}


class FaultTextError(ValueError):
    """The text of a fault cannot be understood. The message says what was found and what would be right."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault. `at_us` counts from the first output, None = from power-on or when it was added; `duration_us` None = endless.

    `argument` is what the kind's `KindSpec.argument` says; `code` only for `nak`: the device's own result number.
    """

    kind: FaultKind
    argument: float | None = None
    at_us: int | None = None
    duration_us: int | None = None
    code: int | None = None

    @property
    def count(self) -> int | None:
        """How many times it strikes; None = as often as there is occasion."""
        if not KINDS[self.kind].counted:
            return None
        return 1 if self.argument is None else int(self.argument)


class _Entry:
    __slots__ = ("fault", "left", "since_us")

    def __init__(self, fault: Fault, since_us: int) -> None:
        self.fault = fault
        self.left = fault.count
        self.since_us = since_us


class FaultSchedule:
    """The faults of one device and when they are in force. Shared by the device, its output stage and its link."""

    def __init__(self, faults: Iterable[Fault] = ()) -> None:
        self._entries: list[_Entry] = [_Entry(fault, 0) for fault in faults]
        self.first_output_us: int | None = None

    def add(self, fault: Fault, now_us: int = 0) -> None:
        """One more fault; with `at_us` None it is in force from `now_us` on."""
        self._entries.append(_Entry(fault, now_us))

    def clear(self, kind: FaultKind) -> None:
        """Ends all faults of a kind."""
        self._entries = [entry for entry in self._entries if entry.fault.kind is not kind]

    def begin(self, first_output_us: int | None) -> None:
        """The device has put out current for the first time: `at_us` counts from here. Later calls change nothing."""
        if self.first_output_us is None:
            self.first_output_us = first_output_us

    def active(self, kind: FaultKind, now_us: int, argument: float | None = None) -> Fault | None:
        """The fault of this kind that is in force now, if any; with `argument` only one with exactly this argument."""
        entry = self._find(kind, now_us, argument) if self._entries else None
        return entry.fault if entry else None

    def take(self, kind: FaultKind, now_us: int) -> Fault | None:
        """As `active`, for kinds that are counted: one time is used up."""
        entry = self._find(kind, now_us, None)
        if entry is None:
            return None
        if entry.left is not None:
            entry.left -= 1
        return entry.fault

    def has(self, kind: FaultKind) -> bool:
        """Whether a fault of this kind is planned, in force or over."""
        return any(entry.fault.kind is kind for entry in self._entries)

    def edge_after(self, now_us: int) -> int | None:
        """The next time after `now_us` at which a fault begins or ends."""
        if not self._entries:
            return None
        edges = (edge for entry in self._entries for edge in self._span(entry) if edge is not None and edge > now_us)
        return min(edges, default=None)

    def _find(self, kind: FaultKind, now_us: int, argument: float | None) -> _Entry | None:
        for entry in self._entries:
            fault = entry.fault
            if fault.kind is kind and entry.left != 0 and argument in (None, fault.argument) and self._in_force(entry, now_us):
                return entry
        return None

    def _in_force(self, entry: _Entry, now_us: int) -> bool:
        start, end = self._span(entry)
        return start is not None and start <= now_us and (end is None or now_us < end)

    def _span(self, entry: _Entry) -> tuple[int | None, int | None]:
        fault = entry.fault
        if fault.at_us is None:
            start = entry.since_us
        elif self.first_output_us is None:
            return None, None
        else:
            start = self.first_output_us + fault.at_us
        return start, None if fault.duration_us is None else start + fault.duration_us


def parse_fault(text: str) -> Fault:
    """Reads `NAME[:ARGUMENT][@START_S[+DURATION_S]]`. Raises FaultTextError with one sentence that says what is wrong."""
    head, at, when = text.partition("@")
    name, colon, argument = head.partition(":")
    try:
        kind = FaultKind(name)
    except ValueError:
        raise FaultTextError(f"fault {text!r}: no fault is called {name!r}; there are {', '.join(FaultKind)}") from None
    start, plus, duration = when.partition("+")
    number, code = _argument(text, kind, argument if colon else None)
    return Fault(
        kind,
        number,
        _microseconds(text, "start", start) if at else None,
        _microseconds(text, "duration", duration) if plus else None,
        code,
    )


def _argument(text: str, kind: FaultKind, given: str | None) -> tuple[float | None, int | None]:
    spec = KINDS[kind]
    argument = spec.argument
    if argument is None:
        if given is not None:
            raise FaultTextError(f"fault {text!r}: {kind} takes no argument; write {kind}[@START_S[+DURATION_S]]")
        return None, None
    if given is None:
        if argument.default is None:
            raise FaultTextError(f"fault {text!r}: {kind} needs an argument ({argument.meaning}): {kind}:NUMBER")
        return argument.default, None
    digits, slash, code = given.partition("/")
    if slash and not (spec.coded and code.isdecimal() and code.isascii() and int(code) <= 255):
        raise FaultTextError(f"fault {text!r}: {given!r} is no argument; only nak takes NUMBER/CODE with a code from 0 to 255")
    value = _number(digits)
    if value is None or not argument.low <= value <= argument.high or (argument.whole and value != int(value)):
        kind_of_number = "a whole number" if argument.whole else "a number"
        bounds = f"from {argument.low:g} to {argument.high:g}"
        raise FaultTextError(f"fault {text!r}: {digits!r} is not {kind_of_number} {bounds} ({argument.meaning})")
    return value, int(code) if slash else None


def _microseconds(text: str, what: str, digits: str) -> int:
    value = _number(digits)
    if value is None or not 0 <= value <= 1e7:
        raise FaultTextError(f"fault {text!r}: the {what} {digits!r} is not a number of seconds from 0 to 10000000")
    return round(value * 1_000_000)


def _number(digits: str) -> float | None:
    """A plain decimal number without sign or exponent, else None."""
    whole, _, part = digits.partition(".")
    plain = digits.isascii() and (whole + part).isdecimal() and len(digits) <= 20
    return float(digits) if plain else None
