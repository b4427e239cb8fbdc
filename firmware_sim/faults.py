"""What is wrong with a simulated stimulator and its link: how it is written, and when it is in force.

A fault is written `NAME[:NUMBER[/NUMBER]][@START_S[+DURATION_S]]`:

    electrode_off:2@5        the electrode of channel 2 comes off 5 s after the first output and stays off
    late:150@3+2             from 3 s to 5 s after the first output, answers are 150 ms late
    garble:0.01              from power-on, each byte is damaged with probability 0.01, both ways
    drop_reply:3             the next three answers are lost
    nak:2/21@1               1 s after the first output, the next two set points are refused with result 21
    gain:1/1.3@2             2 s after the first output, the current of channel 1 is 1.3 times what is set

START counts from the device's first output (the first µs with current), so that a fault hits during stimulation whatever the
host does before; `@0` is that µs itself. Without `@` a fault is in force from power-on (or from the moment it is added).
"""

from collections.abc import Iterable
from dataclasses import dataclass

from firmware_sim.fault_kinds import KINDS, Argument, FaultKind
from firmware_sim.host_faults import HostKind

__all__ = ["KINDS", "Fault", "FaultKind", "FaultSchedule", "FaultTextError", "kind_named", "parse_fault"]


class FaultTextError(ValueError):
    """The text of a fault cannot be understood or meant. The message says what was found and what would be right."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault. `at_us` counts from the first output, None = from power-on or when it was added; `duration_us` None = endless.

    `argument` and `second` are what the kind's `KindSpec` says.
    """

    kind: FaultKind
    argument: float | None = None
    at_us: int | None = None
    duration_us: int | None = None
    second: float | None = None

    @property
    def count(self) -> int | None:
        """How many times it strikes; None = as often as there is occasion."""
        spec = KINDS[self.kind]
        if not (spec.counted or spec.once):
            return None
        return int(self.argument) if spec.counted and self.argument is not None else 1

    @property
    def code(self) -> int | None:
        """Of `nak`: the device's own result number, None = its usual one."""
        return None if self.second is None else int(self.second)

    @property
    def factor(self) -> float:
        """Of `gain` the second number, of `drift` the first; 1 where none is given."""
        given = self.argument if KINDS[self.kind].second is None else self.second
        return 1.0 if given is None else given


NEVER_US = 2**63


class _Entry:
    __slots__ = ("fault", "left", "since_us")

    def __init__(self, fault: Fault, since_us: int) -> None:
        self.fault = fault
        self.left = fault.count
        self.since_us = since_us


class FaultSchedule:
    """The faults of one device and when they are in force. Shared by the device, its output stage and its link.

    A fault counts as one of every kind that its own kind implies: `dead_link` is found as `dead_uplink` and as `dead_downlink`.
    `planned` is whether there ever was any; while there was none, every question is answered at once.
    """

    def __init__(self, faults: Iterable[Fault] = ()) -> None:
        self._entries: list[_Entry] = []
        self._by_kind: dict[FaultKind, list[_Entry]] = {}
        self.planned = False
        self.first_output_us: int | None = None
        self._in_force_now = False
        self._looked_us = self._next_edge_us = 0  # from when and until when that holds
        for fault in faults:
            self.add(fault)

    def add(self, fault: Fault, now_us: int = 0) -> None:
        """One more fault; with `at_us` None it is in force from `now_us` on."""
        entry = _Entry(fault, now_us)
        self.planned = True
        self._next_edge_us = 0
        self._entries.append(entry)
        for kind in _IMPLIED[fault.kind]:
            self._by_kind.setdefault(kind, []).append(entry)

    def clear(self, kind: FaultKind) -> None:
        """Ends all faults of a kind, and what they imply."""
        self._entries = [entry for entry in self._entries if entry.fault.kind is not kind]
        self._next_edge_us = 0
        for implied in _IMPLIED[kind]:
            left = [entry for entry in self._by_kind.pop(implied, ()) if entry.fault.kind is not kind]
            if left:
                self._by_kind[implied] = left

    def begin(self, first_output_us: int | None) -> None:
        """The device has put out current for the first time: `at_us` counts from here. Later calls change nothing."""
        if self.first_output_us is None:
            self.first_output_us = first_output_us
            self._next_edge_us = 0

    def rest(self, now_us: int) -> bool:
        """Whether no fault is in force now. Found out once between two edges."""
        if not self.planned:
            return True
        if not self._looked_us <= now_us < self._next_edge_us:
            edge_us = self.edge_after(now_us)
            self._looked_us, self._next_edge_us = now_us, NEVER_US if edge_us is None else edge_us
            self._in_force_now = any(entry.left != 0 and self._in_force(entry, now_us) for entry in self._entries)
        return not self._in_force_now

    def active(self, kind: FaultKind, now_us: int, argument: float | None = None) -> Fault | None:
        """The fault of this kind that is in force now, if any; with `argument` only one with exactly this argument."""
        entries = self._by_kind.get(kind)
        entry = self._find(entries, now_us, argument) if entries else None
        return entry.fault if entry else None

    def take(self, kind: FaultKind, now_us: int) -> Fault | None:
        """As `active`, for kinds that are counted: one time is used up."""
        entries = self._by_kind.get(kind)
        entry = self._find(entries, now_us, None) if entries else None
        if entry is None:
            return None
        if entry.left is not None:
            entry.left -= 1
            self._next_edge_us = 0
        return entry.fault

    def has(self, kind: FaultKind) -> bool:
        """Whether a fault of this kind is planned, in force or over."""
        return kind in self._by_kind

    def arguments(self, kind: FaultKind) -> set[float]:
        """The arguments of all faults of this kind: planned, in force or over."""
        return {entry.fault.argument for entry in self._by_kind.get(kind, ()) if entry.fault.argument is not None}

    def since_us(self, fault: Fault) -> int | None:
        """When this fault begins or began; None when that is not known before the first output."""
        return next((self._span(entry)[0] for entry in self._entries if entry.fault is fault), None)

    def edge_after(self, now_us: int) -> int | None:
        """The next time after `now_us` at which a fault begins or ends."""
        if not self._entries:
            return None
        edges = (edge for entry in self._entries for edge in self._span(entry) if edge is not None and edge > now_us)
        return min(edges, default=None)

    def _find(self, entries: list[_Entry], now_us: int, argument: float | None) -> _Entry | None:
        for entry in entries:
            if entry.left != 0 and argument in (None, entry.fault.argument) and self._in_force(entry, now_us):
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
    """Reads `NAME[:NUMBER[/NUMBER]][@START_S[+DURATION_S]]`. Raises FaultTextError with one sentence saying what is wrong."""
    head, at, when = text.partition("@")
    name, colon, numbers = head.partition(":")
    kind = kind_named(name, text)
    start, plus, duration = when.partition("+")
    first, second = _numbers(text, kind, numbers if colon else None)
    return Fault(
        kind,
        first,
        _microseconds(text, "start", start) if at else None,
        _microseconds(text, "duration", duration) if plus else None,
        second,
    )


def kind_named(name: str, text: str = "") -> FaultKind:
    """The kind of this name, which stands in `text`. Raises FaultTextError with the names there are."""
    if name in tuple(FaultKind):
        return FaultKind(name)
    where = f"fault {text or name!r}"
    if name in tuple(HostKind):
        raise FaultTextError(
            f"{where}: {name} is a mishap of the computer, which no simulator makes; `emscontrol campaign` does"
        )
    raise FaultTextError(f"{where}: no fault is called {name!r}; there are {', '.join(FaultKind)}")


def _closure(kind: FaultKind) -> frozenset[FaultKind]:
    return frozenset((kind,)).union(*(_closure(implied) for implied in KINDS[kind].implies))


_IMPLIED = {kind: _closure(kind) for kind in KINDS}


def _numbers(text: str, kind: FaultKind, given: str | None) -> tuple[float | None, float | None]:
    spec = KINDS[kind]
    if spec.argument is None:
        if given is not None:
            raise FaultTextError(f"fault {text!r}: {kind} takes no argument; write {kind}[@START_S[+DURATION_S]]")
        return None, None
    first, slash, second = (given or "").partition("/")
    number = _one(text, kind, spec.argument, first if given is not None else None)
    if spec.second is None and slash:
        with_two = ", ".join(other for other, its in KINDS.items() if its.second is not None)
        raise FaultTextError(f"fault {text!r}: {given!r} is no argument; only {with_two} take NUMBER/NUMBER")
    return number, None if spec.second is None else _one(text, kind, spec.second, second if slash else None)


def _one(text: str, kind: FaultKind, argument: Argument, given: str | None) -> float | None:
    if given is None:
        if argument.default is None and not argument.optional:
            raise FaultTextError(f"fault {text!r}: {kind} needs an argument ({argument.meaning}): {form(kind)}")
        return argument.default
    value = _number(given)
    if value is None or not argument.low <= value <= argument.high or (argument.whole and value != int(value)):
        kind_of_number = "a whole number" if argument.whole else "a number"
        bounds = f"from {argument.low:g} to {argument.high:g}"
        raise FaultTextError(f"fault {text!r}: {given!r} is not {kind_of_number} {bounds} ({argument.meaning})")
    return value


def form(kind: FaultKind) -> str:
    """How a kind is written, with what its numbers mean: `gain:CHANNEL/FACTOR`."""
    spec = KINDS[kind]
    marks = [(":", spec.argument), ("/", spec.second)]
    parts = [mark + argument.meaning.upper().replace(" ", "_") for mark, argument in marks if argument is not None]
    return kind + "".join(parts)


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
