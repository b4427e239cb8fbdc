"""Two sessions side by side: what each was, what each channel was to get and got, and where they differ. Pure.

What cannot be compared is said and shown all the same. What a record does not say is None, and never taken for zero.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Any, Final, TypeAlias

from emscontrol.core.events import EVENTS
from emscontrol.record.reports.session_delivered import NOTHING, channels_of
from emscontrol.record.reports.session_prescribed import prescribed
from emscontrol.record.reports.session_read import SessionRecord
from emscontrol.record.reports.words import NO_SIDE

Figure: TypeAlias = int | str | None
"""A whole number in the unit of its line, a word, or what is not known."""


class Differs(StrEnum):
    """How the second stands to the first."""

    SAME = "same"
    MORE = "more"
    LESS = "less"
    OTHER = "something else"
    UNKNOWN = "unknown"  # one or both are not known


SIGNS: Final[Mapping[Differs, str]] = {
    Differs.SAME: "=",
    Differs.MORE: "+",
    Differs.LESS: "-",
    Differs.OTHER: "!",
    Differs.UNKNOWN: "?",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One thing of both sessions. `channel` is None for the session as a whole; figures are in `unit`, `by` is b − a."""

    channel: int | None
    name: str
    unit: str
    a: Figure
    b: Figure
    differs: Differs
    by: int | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """`obstacles` say why the figures of the two must not be held against each other; empty when they may."""

    lines: tuple[Line, ...]
    obstacles: tuple[str, ...]


def compare(a: SessionRecord, b: SessionRecord) -> Comparison:
    """The second beside the first, as far as each record stands."""
    lines = [_line(None, name, unit, told(a), told(b)) for name, unit, told in OF_SESSION]
    for channel in sorted({*channels_of(a), *channels_of(b)}):
        lines += _of_channel(channel, a, b)
    return Comparison(tuple(lines), tuple(_obstacles(a, b)))


def _obstacles(a: SessionRecord, b: SessionRecord) -> Iterator[str]:
    if a.opening["protocol_id"] != b.opening["protocol_id"]:
        yield f"Other protocols: {a.opening['protocol_id']} and {b.opening['protocol_id']}."
    elif a.opening["protocol_sha256"] != b.opening["protocol_sha256"]:
        yield f"The text of the protocol {a.opening['protocol_id']} is not the same in both."
    if _patient(a) != _patient(b):
        yield f"Other patients: {_patient(a)} and {_patient(b)}."
    for channel in sorted({*channels_of(a), *channels_of(b)}):
        places = [_place(session, channel) for session in (a, b)]
        if NOWHERE in places:
            yield f"It is not told where channel {channel} was."
        elif places[0] != places[1]:
            yield f"Channel {channel} was somewhere else: {places[0]} and {places[1]}."
    if _simulated(a) != _simulated(b):
        yield f"Only the {'first' if a.simulated else 'second'} was a simulation: nobody had electrodes on."
    for name, session in (("first", a), ("second", b)):
        yield from _doubts(name, session)


def _doubts(name: str, session: SessionRecord) -> Iterator[str]:
    """Why the figures of one record must not be relied on."""
    found = session.verified
    if not found.ok:
        yield f"The {name} record is not intact: it is compared up to record {found.last_good}."
    elif not session.closed:
        yield f"The {name} record has no end: what came after record {found.last_good} is not known."
    if not session.zero_known:
        yield f"The {name} record does not say that no current flowed after its end: the output is not known."
    if found.key and found.last_good > found.signed_to:
        unsigned = f"what follows, up to record {found.last_good}, is not"
        yield f"The {name} record is signed up to record {found.signed_to}: {unsigned}."
    if found.mistrust:
        yield f"The {name} record: {found.mistrust}"
    elif found.signed_to and not found.signer:
        yield f"The {name} record is signed with a key that is not known here."
    elif not found.signed_to and not session.simulated:
        yield f"The {name} record is of a real session and has no signature."


# -- the session as a whole --------------------------------------------------------------------------------------------


def _opened(name: str) -> Callable[[SessionRecord], Figure]:
    return lambda session: str(session.opening[name])


def _ended(name: str) -> Callable[[SessionRecord], Figure]:
    def told(session: SessionRecord) -> Figure:
        ends = session.of("session_ended")
        value: Any = ends[-1].event.args[name] if ends else None
        return value if isinstance(value, int | str) else None

    return told


def _patient(session: SessionRecord) -> str:
    return str(session.booked["patient"]) if session.booked else "none named"


def _simulated(session: SessionRecord) -> Figure:
    return "yes" if session.simulated else "no"


def _phases(session: SessionRecord) -> Figure:
    begun = [each.event.args for each in session.of("phase_started")]
    return f"{begun[-1]['index']} of {begun[-1]['of']}" if begun else None


def _alarms(session: SessionRecord) -> Figure:
    return sum(count for kind, count in session.counts.items() if EVENTS[kind].severity.is_alarm)


def _refused(session: SessionRecord) -> Figure:
    return sum(row.count for row in session.refusals if row.effect.value == "refused")


def _stands(session: SessionRecord) -> Figure:
    return "not intact" if not session.verified.ok else "intact and closed" if session.closed else "intact, not closed"


OF_SESSION: Final[tuple[tuple[str, str, Callable[[SessionRecord], Figure]], ...]] = (
    ("opened", "", lambda session: session.opened),
    ("protocol", "", _opened("protocol_id")),
    ("patient", "", _patient),
    ("stimulator", "", _opened("port")),
    ("simulated", "", _simulated),
    ("result", "", _ended("result")),
    ("reason", "", _ended("reason")),
    ("duration", "µs", _ended("duration_us")),
    ("phases begun", "", _phases),
    ("alarms", "", _alarms),
    ("refused", "", _refused),
    ("record", "", _stands),
)
"""Name, unit and where it comes from."""

# -- each channel ------------------------------------------------------------------------------------------------------

TOTALS: Final = (
    ("contractions", "", "contractions"),
    ("pulses", "", "pulses"),
    ("peak", "µA", "peak_ua"),
    ("plateau", "µA", "plateau_ua"),
    ("charge", "pC", "charge_pc"),
    ("time with current", "µs", "on_us"),
)
"""Name, unit and figure of the totals."""

NOT_USED: Final = "not used"  # of a channel that only the other session has
NOWHERE: Final = "not told"  # of an electrode check, whose record does not name the muscle

DOSES: Final = (("r.m.s. current", "µA", "IEC_RMS"), ("r.m.s. density", "µA/cm²", "J_RMS"))
"""Name, unit and rule of the dose."""


def _place(session: SessionRecord, channel: int) -> str:
    if channel not in channels_of(session):
        return NOT_USED
    row = session.channels.get(channel, {})
    muscle, side = row.get("muscle"), row.get("side")
    if not muscle:
        return side or NOWHERE
    return f"{side} {muscle}" if side else f"{muscle}, {NO_SIDE}"


def _of_channel(channel: int, a: SessionRecord, b: SessionRecord) -> Iterator[Line]:
    def both(name: str, unit: str, told: Callable[[SessionRecord], Figure]) -> Line:
        figures = (told(session) if channel in channels_of(session) else NOT_USED for session in (a, b))
        return _line(channel, name, unit, *figures)

    yield both("place", "", lambda session: _place(session, channel))
    yield both("comfort level", "µA", lambda session: session.channels.get(channel, {}).get("comfort_ma"))
    yield both("prescribed contractions", "", lambda session: _prescribed(session, channel))
    for name, unit, figure in TOTALS:
        yield both(name, unit, partial(_total, channel, figure))
    for name, unit, rule in DOSES:
        yield both(name, unit, partial(_dose, channel, rule))


def _prescribed(session: SessionRecord, channel: int) -> int | None:
    planned = prescribed(session).get(channel)
    return planned.contractions if planned else None


def _total(channel: int, figure: str, session: SessionRecord) -> int | None:
    return None if session.totals is None else session.totals.get(channel, NOTHING).get(figure)


def _dose(channel: int, rule: str, session: SessionRecord) -> int | None:
    dose = next((each for each in session.dose if each.channel == channel), None)
    figure = dose.figure(rule) if dose else None
    return figure.value if figure else None


def _line(channel: int | None, name: str, unit: str, a: Figure, b: Figure) -> Line:
    if a is None or b is None:
        return Line(channel, name, unit, a, b, Differs.UNKNOWN)
    if isinstance(a, int) and isinstance(b, int):
        differs = Differs.SAME if a == b else Differs.MORE if b > a else Differs.LESS
        return Line(channel, name, unit, a, b, differs, b - a)
    return Line(channel, name, unit, a, b, Differs.SAME if a == b else Differs.OTHER)
