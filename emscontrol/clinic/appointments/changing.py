"""What happens to an appointment that is booked: it is moved, called off or missed."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from emscontrol.clinic.appointments.around import lock, lock_patient, wish_of
from emscontrol.clinic.appointments.booking import check_free, span_of
from emscontrol.clinic.appointments.conflicts import Span
from emscontrol.clinic.appointments.numbering import renumber
from emscontrol.clinic.appointments.status import BOOKED, transition
from emscontrol.clinic.appointments.wall_time import MINUTE
from emscontrol.clinic.book.book import About
from emscontrol.clinic.book.rows import as_seen, by_id
from emscontrol.clinic.tables.base import LINE
from emscontrol.clinic.tables.people import Patient
from emscontrol.clinic.tables.plans import Appointment, Plan
from emscontrol.core.errors import IllegalTransition, UsageError

GRACE: Final = timedelta(days=1)
NOTHING_GIVEN: Final = "brought back to its own time: no contraction is on record"
NO_SESSION: Final = "no session of it was handed in within a day"


def move(
    session: Session,
    appointment_id: int,
    starts_at: datetime,
    reason: str,
    now: datetime,
    about: About,
    *,
    minutes: int | None = None,
    therapist: str | None = None,
    stimulator: str | None = None,
    seen: int | None = None,
    overrule: str = "",
) -> Appointment:
    """Move what is booked to another time, therapist or stimulator; what is left out stays. The old times are in the audit.

    `seen` is the version that somebody looked at. Raises BookConflict with everything that is in the way or when another has
    changed it since, IllegalTransition when it is not booked any more, UsageError without a reason.
    """
    row = by_id(session, Appointment, appointment_id, "appointment")
    who = row.therapist if therapist is None else therapist
    box = row.stimulator if stimulator is None else stimulator
    lock(session, row.patient_id, who, box)
    row = _booked(session, row.id, "move", seen)
    why = _reason(reason)
    span = span_of(starts_at, minutes if minutes is not None else (row.ends_at - row.starts_at) // MINUTE)
    plan = None if row.plan_id is None else by_id(session, Plan, row.plan_id, "plan")
    wish = wish_of(session, row.patient_id, plan, who, box)
    check_free(session, wish, span, now, about, without=row.id, overrule=overrule)
    row.starts_at, row.ends_at = span.starts_at, span.ends_at
    row.therapist, row.stimulator = who, box
    row.reason = "; ".join(filter(None, (why, overrule.strip())))[:LINE]
    row.moved += 1
    renumber(session, row.plan_id)
    return row


def bring_to_now(session: Session, appointment_id: int, reason: str, now: datetime) -> Appointment:
    """What is booked for another day takes place now, whatever else is booked now: the patient is here. Raises as `cancel`.

    The old time is in the audit. Whether every muscle has had its rest is looked at when the session is run.
    """
    lock_patient(session, by_id(session, Appointment, appointment_id, "appointment").patient_id)
    row = _booked(session, appointment_id, "move", None)
    row.reason = _reason(reason)
    length, row.starts_at = row.ends_at - row.starts_at, now.replace(second=0, microsecond=0)
    row.ends_at = row.starts_at + length
    row.moved += 1
    renumber(session, row.plan_id)
    return row


def bring_back(session: Session, appointment_id: int, moved: int, starts_at: datetime, about: About) -> None:
    """Undo `bring_to_now` when nothing came of it; nothing, when it is not booked any more or was moved again since.

    `moved` is how often it had been moved when it was brought to now, that time included. Raises BookConflict when something
    else was booked at its own time meanwhile; opening hours were looked at when it was booked.
    """
    row = by_id(session, Appointment, appointment_id, "appointment")
    lock(session, row.patient_id, row.therapist, row.stimulator)
    row = session.get_one(Appointment, appointment_id, populate_existing=True, with_for_update={"key_share": True})
    if row.status != BOOKED or row.withdrawn_at is not None or row.moved != moved:
        return
    plan = None if row.plan_id is None else by_id(session, Plan, row.plan_id, "plan")
    span = Span(starts_at, starts_at + (row.ends_at - row.starts_at))
    wish = wish_of(session, row.patient_id, plan, row.therapist, row.stimulator)
    check_free(session, wish, span, starts_at, about, without=row.id, overrule=NOTHING_GIVEN)
    row.starts_at, row.ends_at, row.reason = span.starts_at, span.ends_at, NOTHING_GIVEN
    row.moved += 1
    renumber(session, row.plan_id)


def cancel(session: Session, appointment_id: int, reason: str, *, seen: int | None = None) -> Appointment:
    """Call off what is booked. Its slot is free then: see `waiting.who_fits`.

    Raises IllegalTransition when it is not booked any more, UsageError without a reason, BookConflict as `move`.
    """
    return _end(session, appointment_id, "cancel", reason, seen)


def mark_missed(session: Session, appointment_id: int, reason: str, now: datetime, *, seen: int | None = None) -> Appointment:
    """The patient did not come. Raises IllegalTransition before it has begun or when it is not booked, else as `cancel`."""
    row = by_id(session, Appointment, appointment_id, "appointment")
    if now < row.starts_at:
        raise IllegalTransition(
            f"Appointment {appointment_id} has not begun yet, so nobody has missed it.", "Call it off instead, if it is to be."
        )
    return _end(session, appointment_id, "miss", reason, seen)


def settle_missed(session: Session, now: datetime) -> list[int]:
    """Mark everything as missed that has been over for a day without a session; the numbers of those appointments.

    A journal that is handed in later makes one done after all. Patients that somebody is booking for right now wait until the
    next time.
    """
    passed = (Appointment.status == BOOKED, Appointment.ends_at < now - GRACE, Appointment.withdrawn_at.is_(None))
    patients = select(Patient.id).where(Patient.id.in_(select(Appointment.patient_id).where(*passed))).order_by(Patient.id)
    own = session.scalars(patients.with_for_update(key_share=True, skip_locked=True)).all()
    query = select(Appointment).where(*passed, Appointment.patient_id.in_(own)).order_by(Appointment.id)
    query = query.with_for_update(key_share=True, skip_locked=True)
    rows = session.scalars(query, execution_options={"populate_existing": True}).all()
    for row in rows:
        row.status, row.reason = transition("miss", row.status, f"Appointment {row.id}").after, NO_SESSION
    for plan_id in sorted({row.plan_id for row in rows if row.plan_id is not None}):
        renumber(session, plan_id)
    session.flush()
    return [row.id for row in rows]


def _end(session: Session, appointment_id: int, verb: str, reason: str, seen: int | None) -> Appointment:
    lock_patient(session, by_id(session, Appointment, appointment_id, "appointment").patient_id)
    row = _booked(session, appointment_id, verb, seen)
    row.reason = _reason(reason)
    row.status = transition(verb, row.status, f"Appointment {row.id}").after
    renumber(session, row.plan_id)
    return row


def _booked(session: Session, appointment_id: int, verb: str, seen: int | None) -> Appointment:
    """The row as it is now that it is locked, when this verb may be done to it."""
    row = session.get_one(Appointment, appointment_id, populate_existing=True, with_for_update={"key_share": True})
    if seen is not None:
        as_seen(session, row, seen)
    transition(verb, row.status if row.withdrawn_at is None else "withdrawn", f"Appointment {row.id}")
    return row


def _reason(reason: str) -> str:
    if not reason.strip():
        raise UsageError("This needs a reason.", "Say in a few words why.")
    return reason.strip()[:LINE]
