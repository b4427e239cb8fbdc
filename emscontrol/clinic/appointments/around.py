"""The rows that an appointment could collide with.

Whoever wants to book locks the patient, then the therapist, then the stimulator, always in this order, and looks for
collisions only then: of two who want the same at once the second looks when the first has written. SQLite has one writer at a
time anyway.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from emscontrol.clinic.appointments.conflicts import Span, Taken, Wish
from emscontrol.clinic.appointments.rest import Muscle
from emscontrol.clinic.appointments.status import HELD
from emscontrol.clinic.book.rows import by_id
from emscontrol.clinic.tables.facts import Stimulator
from emscontrol.clinic.tables.people import Patient, Staff
from emscontrol.clinic.tables.plans import Appointment, Plan, PlanChannel
from emscontrol.core.errors import UsageError

SLOT_MAX_MIN: Final = 24 * 60
_LONGEST: Final = timedelta(minutes=SLOT_MAX_MIN)


def lock(session: Session, patient_id: int, therapist: str, stimulator: str) -> None:
    """Keep others from booking for the same patient, therapist or stimulator until this change is written.

    Raises UsageError for one that is not there or was withdrawn.
    """
    wanted: tuple[tuple[InstrumentedAttribute[Any], Any, str], ...] = (
        (Patient.id, patient_id, "patient"),
        (Staff.code, therapist, "member of staff"),
        (Stimulator.name, stimulator, "stimulator"),
    )
    for column, value, what in wanted:
        if value == "":
            continue
        withdrawn_at = _lock_row(session, column, value, what)
        if withdrawn_at is not None:
            raise UsageError(f"The {what} {value} was withdrawn on {withdrawn_at:%Y-%m-%d}.", "Choose another.")


def lock_patient(session: Session, patient_id: int) -> None:
    """The same for the patient alone, also one who was withdrawn: for what only frees time."""
    _lock_row(session, Patient.id, patient_id, "patient")


def wish_of(session: Session, patient_id: int, plan: Plan | None, therapist: str, stimulator: str) -> Wish:
    """What an appointment of this plan needs. Raises UsageError when the plan is another patient's."""
    patient = by_id(session, Patient, patient_id, "patient")
    if plan is None:
        return Wish(patient_id, patient.code, therapist, stimulator)
    if plan.patient_id != patient_id:
        raise UsageError(f"Plan {plan.id} is not one of {patient.code}.", "List the patient's plans to see their numbers.")
    muscles = _muscles(session, [plan.id]).get(plan.id, ())
    return Wish(patient_id, patient.code, therapist, stimulator, muscles, plan.rest_min_h)


def taken_around(session: Session, wish: Wish, since: datetime, until: datetime, without: int | None = None) -> list[Taken]:
    """Every appointment that one between `since` and `until` could collide with, but not the one with the number `without`."""
    longest_h = session.scalar(select(func.max(Plan.rest_min_h)).where(Plan.patient_id == wish.patient_id)) or 0
    rest = timedelta(hours=max(longest_h, wish.rest_min_h) + 1)  # an hour more for a night in which the clocks change
    own = _held(since - rest, until + rest).where(Appointment.patient_id == wish.patient_id)
    found = [*session.execute(own)]
    busy = [
        column == value
        for column, value in ((Appointment.therapist, wish.therapist), (Appointment.stimulator, wish.stimulator))
        if value
    ]
    if busy:
        found += session.execute(_held(since, until).where(or_(*busy), Appointment.patient_id != wish.patient_id))
    muscles = _muscles(session, {row.plan_id for row in found if row.patient_id == wish.patient_id and row.plan_id})
    return [_taken(row, muscles.get(row.plan_id, ())) for row in found if row.id != without]


def _lock_row(session: Session, column: InstrumentedAttribute[Any], value: Any, what: str) -> datetime | None:
    """Lock one row; when it was withdrawn. Not FOR UPDATE but FOR NO KEY UPDATE, which excludes itself just as well.

    So others can go on writing findings of the patient meanwhile. Raises UsageError when it is not there.
    """
    query = select(column.class_.withdrawn_at).where(column == value).with_for_update(key_share=True)
    row = session.execute(query).one_or_none()
    if row is None:
        raise UsageError(f"There is no {what} {value}.", "List them to see which there are.")
    found: datetime | None = row[0]
    return found


def _held(since: datetime, until: datetime) -> Select[Any]:
    columns: tuple[Any, ...] = (Appointment.id, Appointment.patient_id, Patient.code, Appointment.plan_id, Plan.rest_min_h)
    return (
        select(*columns, Appointment.starts_at, Appointment.ends_at, Appointment.therapist, Appointment.stimulator)
        .join(Patient, Patient.id == Appointment.patient_id)
        .outerjoin(Plan, Plan.id == Appointment.plan_id)
        .where(Appointment.starts_at > since - _LONGEST, Appointment.starts_at < until, Appointment.ends_at > since)
        .where(Appointment.status.in_(sorted(HELD)), Appointment.withdrawn_at.is_(None))
        .order_by(Appointment.starts_at, Appointment.id)
    )


def _taken(row: Any, muscles: tuple[Muscle, ...]) -> Taken:
    wish = Wish(row.patient_id, row.code, row.therapist, row.stimulator, muscles, row.rest_min_h or 0)
    return Taken(row.id, wish, Span(row.starts_at, row.ends_at))


def _muscles(session: Session, plans: Iterable[int]) -> dict[int, tuple[Muscle, ...]]:
    """The muscles of each plan."""
    wanted, found = list(plans), dict[int, tuple[Muscle, ...]]()
    if not wanted:
        return found
    query = select(PlanChannel.plan_id, PlanChannel.muscle, PlanChannel.side).where(
        PlanChannel.plan_id.in_(wanted), PlanChannel.withdrawn_at.is_(None)
    )
    for plan_id, muscle, side in session.execute(query.order_by(PlanChannel.plan_id, PlanChannel.channel)):
        found[plan_id] = (*found.get(plan_id, ()), Muscle(muscle, side))
    return found
