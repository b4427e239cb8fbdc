"""What would come of it: a plan laid out over the calendar, an appointment put elsewhere. Nothing is written or locked."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy.orm import Session

from emscontrol.clinic.appointments.around import taken_around, wish_of
from emscontrol.clinic.appointments.conflicts import Conflict, Span, Wish, conflicts
from emscontrol.clinic.appointments.hours import opening_of
from emscontrol.clinic.appointments.opening import Opening
from emscontrol.clinic.appointments.placing import SEARCH_DAYS, NotPlaced, Placed, place
from emscontrol.clinic.appointments.recurrence import Pattern, occurrences, pattern_of, require_rest
from emscontrol.clinic.appointments.rest import Muscle
from emscontrol.clinic.appointments.wall_time import DAY, moment_of, on_clock
from emscontrol.clinic.book.book import About
from emscontrol.clinic.book.rows import by_id
from emscontrol.clinic.patients.patients import find_patient
from emscontrol.clinic.tables.plans import Appointment, Plan


@dataclass(frozen=True, slots=True)
class Draft:
    """What is to be laid out: for whom, how often a week, how many in all, how long each, from which day on."""

    wish: Wish
    per_week: int
    count: int
    slot_min: int
    starts_on: date


def draft_wish(
    session: Session, patient: str, muscles: Iterable[tuple[str, str]], rest_min_h: int, therapist: str, stimulator: str
) -> Wish:
    """What an appointment of a plan that is not there yet would need. Raises UsageError for a patient that is none."""
    row = find_patient(session, patient)
    return Wish(row.id, row.code, therapist, stimulator, tuple(Muscle(*each) for each in muscles), rest_min_h)


def lay_out(
    session: Session, draft: Draft, weekdays: Sequence[int], times: Sequence[time], now: datetime, about: About
) -> list[Placed | NotPlaced]:
    """A time for each session, or why it has none, in order. Raises UsageError for a week that cannot be or has no rest."""
    pattern = pattern_of(draft.per_week, weekdays, times)
    require_rest(pattern, draft.slot_min, draft.wish.rest_min_h)
    opening = opening_of(session, about)
    walls = occurrences(pattern, _first_day(draft, pattern, opening, now), draft.count)
    until = walls[-1] + (len(walls) + 2 * SEARCH_DAYS) * DAY
    taken = taken_around(session, draft.wish, moment_of(walls[0], about.zone).at - DAY, moment_of(until, about.zone).at)
    return place(walls, draft.slot_min, draft.wish, taken, opening, now)


def in_the_way(session: Session, appointment_id: int, starts_at: datetime, now: datetime, about: About) -> tuple[Conflict, ...]:
    """Everything that stands against moving an appointment to this time; none at all means that it can be moved there."""
    row = by_id(session, Appointment, appointment_id, "appointment")
    plan = None if row.plan_id is None else by_id(session, Plan, row.plan_id, "plan")
    wish = wish_of(session, row.patient_id, plan, row.therapist, row.stimulator)
    span = Span(starts_at, starts_at + (row.ends_at - row.starts_at))
    taken = taken_around(session, wish, span.starts_at, span.ends_at, row.id)
    return tuple(conflicts(wish, span, taken, opening_of(session, about), now))


def _first_day(draft: Draft, pattern: Pattern, opening: Opening, now: datetime) -> date:
    """The day it begins, or today where that is past, or tomorrow where today's times are."""
    shown = on_clock(now, opening.zone)
    today = shown.date()
    if any(at <= shown.time() and today.weekday() in days for at, days in pattern.times):
        today += timedelta(days=1)
    return max(draft.starts_on, today)
