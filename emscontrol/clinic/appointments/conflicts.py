"""Every reason why an appointment cannot be at some time, each as a sentence that names what is in the way; pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from types import MappingProxyType
from typing import Final, NamedTuple

from emscontrol.clinic.appointments.opening import WEEKDAYS, Opening, holiday, hours_of, within_hours
from emscontrol.clinic.appointments.rest import Muscle, is_rested, shared
from emscontrol.clinic.appointments.wall_time import on_clock
from emscontrol.core.errors import BookConflict

PAST: Final = "past"
HOLIDAY: Final = "holiday"
CLOSED: Final = "closed"
PATIENT: Final = "patient"
THERAPIST: Final = "therapist"
STIMULATOR: Final = "stimulator"
REST: Final = "rest"


class Reason(NamedTuple):
    """One kind of conflict. `overruled`: a person may, with a reason. `passed_by`: a whole plan goes around it, later."""

    overruled: bool
    passed_by: bool
    sentence: str


CONFLICTS: Final[Mapping[str, Reason]] = MappingProxyType(
    {
        PAST: Reason(False, False, "{when} is in the past."),
        HOLIDAY: Reason(False, True, "The clinic is closed on {when}: {name}."),
        CLOSED: Reason(True, True, "{when} is outside opening hours (on {weekday}: {name})."),
        PATIENT: Reason(False, False, "The patient {patient} has {other} already."),
        THERAPIST: Reason(False, False, "{name} has {other} already."),
        STIMULATOR: Reason(False, False, "The stimulator {name} is needed for {other} already."),
        REST: Reason(False, True, "{name} must rest {rest_h} h between two sessions, and {when} is too near to {other}."),
    }
)
"""Every kind, in the order in which they are told. What is not settled yet ("") is in nobody's way."""


@dataclass(frozen=True, slots=True)
class Span:
    """From when to when, aware of the time zone."""

    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Wish:
    """Who and what an appointment needs, whenever it is."""

    patient_id: int
    patient: str
    therapist: str
    stimulator: str
    muscles: tuple[Muscle, ...] = ()
    rest_min_h: int = 0


@dataclass(frozen=True, slots=True)
class Taken:
    """An appointment that is there, and what it needs."""

    appointment_id: int | None
    wish: Wish
    span: Span

    def words(self, zone: tzinfo) -> str:
        """For people: number, patient, time."""
        number = "one just booked" if self.appointment_id is None else f"appointment {self.appointment_id}"
        return f"{number} of {self.wish.patient} on {told(self.span, zone)}"


@dataclass(frozen=True, slots=True)
class Conflict:
    """One reason, of a kind of `CONFLICTS`."""

    kind: str
    sentence: str


def conflicts(wish: Wish, span: Span, taken: Iterable[Taken], opening: Opening, now: datetime) -> list[Conflict]:
    """Every reason why this cannot be at that time; none at all means that it can."""
    found = [*_closed(span, opening, now), *(each for other in taken for each in _against(wish, span, other, opening.zone))]
    order = list(CONFLICTS)
    return sorted(found, key=lambda conflict: order.index(conflict.kind))


def refuse(found: Sequence[Conflict], overrule: str = "") -> None:
    """Nothing, when none stands. Raises BookConflict with all of them. `overrule` is a reason that a person has given."""
    if all(CONFLICTS[conflict.kind].overruled and overrule.strip() for conflict in found):
        return
    ways = any(CONFLICTS[conflict.kind].overruled for conflict in found)
    raise BookConflict(
        " ".join(conflict.sentence for conflict in found),
        "Choose another time." + (" Opening hours can be overruled with a reason; nothing else can." if ways else ""),
    )


def told(span: Span, zone: tzinfo) -> str:
    """A time for people, on the clinic's clock."""
    begin, end = on_clock(span.starts_at, zone), on_clock(span.ends_at, zone)
    return f"{begin:%Y-%m-%d} from {begin:%H:%M} to {end:%H:%M}"


def _closed(span: Span, opening: Opening, now: datetime) -> Iterator[Conflict]:
    when, day = told(span, opening.zone), on_clock(span.starts_at, opening.zone).date()
    if span.starts_at < now.replace(second=0, microsecond=0):
        yield _conflict(PAST, when=when)
    name = holiday(opening, span.starts_at, span.ends_at)
    if name:
        yield _conflict(HOLIDAY, when=when, name=name)
    elif not within_hours(opening, span.starts_at, span.ends_at):
        yield _conflict(CLOSED, when=when, weekday=WEEKDAYS[day.weekday()], name=hours_of(opening, day))


def _against(wish: Wish, span: Span, other: Taken, zone: tzinfo) -> Iterator[Conflict]:
    its, words = other.wish, other.words(zone)
    if span.starts_at < other.span.ends_at and other.span.starts_at < span.ends_at:
        if wish.patient_id == its.patient_id:
            yield _conflict(PATIENT, patient=wish.patient, other=words)
        if wish.therapist and wish.therapist == its.therapist:
            yield _conflict(THERAPIST, name=wish.therapist, other=words)
        if wish.stimulator and wish.stimulator == its.stimulator:
            yield _conflict(STIMULATOR, name=wish.stimulator, other=words)
    elif wish.patient_id == its.patient_id:
        rest_h = max(wish.rest_min_h, its.rest_min_h)
        tired = shared(wish.muscles, its.muscles)
        mine, theirs = (span.starts_at, span.ends_at), (other.span.starts_at, other.span.ends_at)
        if tired and not is_rested(mine, theirs, rest_h, zone):
            names = ", ".join(f"{one.muscle} {one.side}".strip() for one in tired)
            yield _conflict(REST, name=names, rest_h=str(rest_h), when=told(span, zone), other=words)


def _conflict(kind: str, **words: str) -> Conflict:
    return Conflict(kind, CONFLICTS[kind].sentence.format(**words))
