"""Booking: one appointment, or all that a plan still needs, whole or not at all."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Final

from sqlalchemy.orm import Session

from emscontrol.clinic.appointments.around import SLOT_MAX_MIN, lock, taken_around, wish_of
from emscontrol.clinic.appointments.conflicts import Span, Wish, conflicts, refuse
from emscontrol.clinic.appointments.hours import opening_of
from emscontrol.clinic.appointments.numbering import renumber, still_to_book
from emscontrol.clinic.appointments.placing import NotPlaced, Placed
from emscontrol.clinic.appointments.preview import Draft, lay_out
from emscontrol.clinic.appointments.status import transition
from emscontrol.clinic.appointments.wall_time import MINUTE
from emscontrol.clinic.book.book import About
from emscontrol.clinic.book.rows import by_id
from emscontrol.clinic.tables.base import LINE
from emscontrol.clinic.tables.plans import Appointment, Plan
from emscontrol.core.errors import BookConflict, UsageError

ACTIVE: Final = "active"


@dataclass(frozen=True, slots=True)
class Booked:
    """An appointment of a plan that was booked. `note` says why it is at another time than was wanted, "" when it is not."""

    appointment: Appointment
    note: str


def book(
    session: Session,
    patient_id: int,
    starts_at: datetime,
    now: datetime,
    about: About,
    *,
    plan_id: int | None = None,
    minutes: int | None = None,
    therapist: str | None = None,
    stimulator: str | None = None,
    overrule: str = "",
) -> Appointment:
    """Book one. What is left out is as the plan says; `overrule` is the reason for a time outside opening hours.

    Raises BookConflict with everything that is in the way, UsageError for what is not there or makes no sense.
    """
    plan = None if plan_id is None else active_plan(session, plan_id)
    who = therapist if therapist is not None else plan.therapist if plan else ""
    box = stimulator if stimulator is not None else plan.stimulator if plan else ""
    span = span_of(starts_at, minutes if minutes is not None else plan.slot_min if plan else None)
    lock(session, patient_id, who, box)
    wish = wish_of(session, patient_id, plan, who, box)
    check_free(session, wish, span, now, about, overrule=overrule)
    row = _row(wish, plan_id, span, overrule.strip()[:LINE])
    renumber(session, plan_id, [row])
    return row


def book_plan(
    session: Session, plan_id: int, weekdays: Sequence[int], times: Sequence[time], now: datetime, about: About
) -> list[Booked]:
    """Book every session that a plan still needs, on these weekdays (0 is Monday) and times of day, all or none.

    No weekday at all spreads them over the week; two times make two sessions a day. Holidays, closed days and muscles that
    must rest are passed by to a later day. Raises BookConflict that tells each session that cannot be placed and why.
    """
    plan = active_plan(session, plan_id)
    lock(session, plan.patient_id, plan.therapist, plan.stimulator)
    missing = still_to_book(session, plan)
    if not missing:
        raise BookConflict(f"Every session of plan {plan.id} is booked or done already.", "Look at them: emscontrol agenda.")
    wish = wish_of(session, plan.patient_id, plan, plan.therapist, plan.stimulator)
    draft = Draft(wish, plan.sessions_per_week, missing, plan.slot_min, date.fromisoformat(plan.starts_on))
    placed = _all_of(lay_out(session, draft, weekdays, times, now, about), plan)
    booked = [Booked(_row(wish, plan_id, each.span, ""), each.note) for each in placed]
    renumber(session, plan_id, [each.appointment for each in booked])
    return booked


def check_free(
    session: Session, wish: Wish, span: Span, now: datetime, about: About, *, without: int | None = None, overrule: str = ""
) -> None:
    """Nothing, when this can be then. Raises BookConflict with everything that is in the way."""
    taken = taken_around(session, wish, span.starts_at, span.ends_at, without)
    refuse(conflicts(wish, span, taken, opening_of(session, about), now), overrule)


def active_plan(session: Session, plan_id: int) -> Plan:
    """The plan. Raises UsageError when there is none, BookConflict when nothing is to be booked of it now."""
    plan = by_id(session, Plan, plan_id, "plan")
    if plan.withdrawn_at is not None or plan.status != ACTIVE:
        state = plan.status if plan.withdrawn_at is None else "withdrawn"
        raise BookConflict(f"Plan {plan.id} is {state}: nothing is booked of it.", "Book an active plan.")
    return plan


def span_of(starts_at: datetime, minutes: int | None) -> Span:
    """From when to when. Raises UsageError when it is not known, or nothing that an appointment can be."""
    if minutes is None or not 0 < minutes <= SLOT_MAX_MIN:
        raise UsageError("It is not known how long this appointment is.", f"Say its minutes, 1 to {SLOT_MAX_MIN}.")
    if starts_at.tzinfo is None:
        raise UsageError(f"{starts_at} has no time zone.", "Give it as the clinic's clock shows it, with the zone.")
    return Span(starts_at, starts_at + minutes * MINUTE)


def _row(wish: Wish, plan_id: int | None, span: Span, reason: str) -> Appointment:
    return Appointment(
        patient_id=wish.patient_id,
        plan_id=plan_id,
        number=None,
        starts_at=span.starts_at,
        ends_at=span.ends_at,
        therapist=wish.therapist,
        stimulator=wish.stimulator,
        status=transition("book", "", "It").after,
        reason=reason,
        moved=0,
    )


def _all_of(answers: Sequence[Placed | NotPlaced], plan: Plan) -> list[Placed]:
    """All of them placed. Raises BookConflict otherwise."""
    failed = [answer for answer in answers if isinstance(answer, NotPlaced)]
    if failed:
        told = " ".join(f"{answer.wanted:%Y-%m-%d %H:%M}: {' '.join(answer.why)}" for answer in failed)
        raise BookConflict(
            f"{len(failed)} of {len(answers)} sessions of plan {plan.id} cannot be placed, so none was booked. {told}",
            "Choose other weekdays or another time, or settle therapist and stimulator later.",
        )
    return [answer for answer in answers if isinstance(answer, Placed)]
