"""The waiting list: who would take a slot that becomes free, and taking it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from emscontrol.clinic.appointments.around import lock, taken_around, wish_of
from emscontrol.clinic.appointments.booking import ACTIVE, active_plan, book
from emscontrol.clinic.appointments.changing import move
from emscontrol.clinic.appointments.conflicts import Span, conflicts, told
from emscontrol.clinic.appointments.hours import opening_of
from emscontrol.clinic.appointments.numbering import still_to_book
from emscontrol.clinic.appointments.opening import Opening
from emscontrol.clinic.appointments.status import BOOKED
from emscontrol.clinic.appointments.wall_time import MINUTE
from emscontrol.clinic.book.actor import Actor
from emscontrol.clinic.book.book import About
from emscontrol.clinic.book.rows import by_id, withdraw
from emscontrol.clinic.tables.base import LINE
from emscontrol.clinic.tables.plans import Appointment, Plan, Waiting
from emscontrol.core.errors import BookConflict, UsageError

TOOK: Final = "took a slot that became free"


@dataclass(frozen=True, slots=True)
class Slot:
    """Time that became free, with the therapist and the stimulator that it is time of ("" for none)."""

    span: Span
    therapist: str
    stimulator: str


def slot_of(row: Appointment) -> Slot:
    """The slot of an appointment that was called off, or of one that is about to be moved."""
    return Slot(Span(row.starts_at, row.ends_at), row.therapist, row.stimulator)


def wait(session: Session, plan_id: int, not_before: datetime, not_after: datetime, note: str, now: datetime) -> Waiting:
    """Put a plan's patient on the list, for a slot within this time. Raises UsageError for a time that is none or is past."""
    plan = active_plan(session, plan_id)
    if not not_before < not_after or not_after <= now:
        raise UsageError("Nobody can wait for a time that is past, or that ends before it begins.", "Give a later end.")
    row = Waiting(
        patient_id=plan.patient_id,
        plan_id=plan.id,
        not_before=not_before,
        not_after=not_after,
        since=now,
        note=note.strip()[:LINE],
        appointment_id=None,
    )
    session.add(row)
    session.flush()
    return row


def waiting(session: Session, now: datetime) -> list[Waiting]:
    """Everybody who waits, the longest first."""
    query = select(Waiting).where(Waiting.withdrawn_at.is_(None), Waiting.appointment_id.is_(None), Waiting.not_after > now)
    return list(session.scalars(query.order_by(Waiting.since, Waiting.id)))


def who_fits(session: Session, slot: Slot, now: datetime, about: About) -> list[Waiting]:
    """Those who wait for such a time and have nothing in the way of it, the longest waiting first."""
    return [row for row, why in who_waits(session, slot, now, about) if not why]


def who_waits(session: Session, slot: Slot, now: datetime, about: About) -> list[tuple[Waiting, str]]:
    """Everybody who waits, the longest first, with why he cannot take the slot, "" where he can."""
    opening = opening_of(session, about)
    return [(row, _in_the_way(session, row, slot, opening, now)) for row in waiting(session, now)]


def _in_the_way(session: Session, row: Waiting, slot: Slot, opening: Opening, now: datetime) -> str:
    plan = session.get_one(Plan, row.plan_id)
    span = Span(slot.span.starts_at, slot.span.starts_at + plan.slot_min * MINUTE)
    if plan.status != ACTIVE or plan.withdrawn_at is not None:
        return f"Plan {plan.id} is {plan.status if plan.withdrawn_at is None else 'withdrawn'}."
    if not row.not_before <= span.starts_at < row.not_after:
        return "It is not within the time that is waited for."
    if span.ends_at > slot.span.ends_at:
        return f"Plan {plan.id} needs {plan.slot_min} min, and the slot has {(slot.span.ends_at - span.starts_at) // MINUTE}."
    if span.ends_at > row.not_after:
        return "It ends after the time that is waited for."
    own = _to_move(session, plan, span)
    if own is None and not still_to_book(session, plan):
        return f"Every session of plan {plan.id} is booked before it, or done."
    wish = wish_of(session, row.patient_id, plan, slot.therapist, plan.stimulator or slot.stimulator)
    taken = taken_around(session, wish, span.starts_at, span.ends_at, own.id if own else None)
    return " ".join(each.sentence for each in conflicts(wish, span, taken, opening, now))


def take(session: Session, waiting_id: int, slot: Slot, now: datetime, about: About) -> Appointment:
    """Give the slot to one who waits: a session that is still to book, else the next of the plan comes forward to it.

    Raises BookConflict with everything that is in the way, or when somebody was quicker.
    """
    row = by_id(session, Waiting, waiting_id, "entry of the waiting list")
    plan = active_plan(session, row.plan_id)
    box = plan.stimulator or slot.stimulator
    lock(session, row.patient_id, slot.therapist, box)
    row = session.get_one(Waiting, waiting_id, populate_existing=True, with_for_update=True)
    if row.appointment_id is not None or row.withdrawn_at is not None:
        raise BookConflict(
            f"Entry {waiting_id} of the waiting list is settled already.", "List the waiting list to see who is left."
        )
    begin = slot.span.starts_at
    if still_to_book(session, plan):
        made = book(session, row.patient_id, begin, now, about, plan_id=plan.id, therapist=slot.therapist, stimulator=box)
    else:
        own = _to_move(session, plan, Span(begin, begin + plan.slot_min * MINUTE))
        if own is None:
            raise BookConflict(
                f"Plan {plan.id} has nothing that could come forward to {told(slot.span, about.zone)}.", "Ask the next one."
            )
        made = move(session, own.id, begin, TOOK, now, about, therapist=slot.therapist, stimulator=box)
    row.appointment_id = made.id
    session.flush()
    return made


def stop_waiting(session: Session, actor: Actor, now: datetime, waiting_id: int, why: str) -> Waiting:
    """Take somebody off the list. Raises UsageError without a reason, or when it was done already."""
    row = by_id(session, Waiting, waiting_id, "entry of the waiting list")
    withdraw(row, actor, now, why)
    return row


def _to_move(session: Session, plan: Plan, span: Span) -> Appointment | None:
    """The plan's next booked appointment after the slot, where every session has one; None where one can be booked instead."""
    if still_to_book(session, plan):
        return None
    query = (
        select(Appointment)
        .where(Appointment.plan_id == plan.id, Appointment.status == BOOKED, Appointment.withdrawn_at.is_(None))
        .where(Appointment.starts_at >= span.ends_at)
        .order_by(Appointment.starts_at)
    )
    return session.scalars(query.limit(1)).first()
