"""Which session of its plan an appointment is.

What is booked goes on after what was done, in the order of time. A session that was missed or called off is not counted, so
that the one after it is not taken for a second session when there was no first. What is done keeps the number that stands
in its record; what was missed or called off keeps the one that it had.
"""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from emscontrol.clinic.appointments.status import BOOKED, DONE, HELD
from emscontrol.clinic.tables.plans import Appointment, Plan


def renumber(session: Session, plan_id: int | None, fresh: Sequence[Appointment] = ()) -> None:
    """Add what is freshly booked, and put the numbers of a plan's booked appointments right; only wrong ones are touched."""
    if plan_id is not None:
        query = (
            select(Appointment)
            .where(Appointment.plan_id == plan_id, Appointment.status == BOOKED, Appointment.withdrawn_at.is_(None))
            .order_by(Appointment.id)
            .with_for_update(key_share=True)
        )
        booked = session.scalars(query, execution_options={"populate_existing": True}).all()
        first = count_of(session, plan_id, frozenset({DONE})) + 1
        for number, row in enumerate(sorted((*booked, *fresh), key=lambda row: row.starts_at), start=first):
            if row.number != number:
                row.number = number
    session.add_all(fresh)
    session.flush()


def still_to_book(session: Session, plan: Plan) -> int:
    """How many of a plan's sessions are neither booked nor done."""
    return max(0, plan.sessions_per_week * plan.weeks - count_of(session, plan.id, HELD))


def count_of(session: Session, plan_id: int, statuses: frozenset[str]) -> int:
    """How many appointments of a plan have one of these statuses."""
    where = (Appointment.plan_id == plan_id, Appointment.status.in_(sorted(statuses)), Appointment.withdrawn_at.is_(None))
    return session.scalar(select(func.count()).select_from(Appointment).where(*where)) or 0
