"""A plan whose rhythm was changed: what was booked by the old one and is still to come, booked anew by the new one."""

from collections.abc import Sequence
from datetime import datetime, time

from sqlalchemy import select
from sqlalchemy.orm import Session

from emscontrol.clinic.appointments.booking import Booked, active_plan, book_plan
from emscontrol.clinic.appointments.changing import cancel
from emscontrol.clinic.appointments.numbering import still_to_book
from emscontrol.clinic.appointments.status import BOOKED
from emscontrol.clinic.book.book import About
from emscontrol.clinic.tables.plans import Appointment


def still_to_come(session: Session, plan_id: int, now: datetime) -> Sequence[Appointment]:
    """What is booked of a plan and has not begun, in the order of time."""
    where = (Appointment.plan_id == plan_id, Appointment.status == BOOKED, Appointment.withdrawn_at.is_(None))
    query = select(Appointment).where(*where, Appointment.starts_at > now)
    return session.scalars(query.order_by(Appointment.starts_at, Appointment.id)).all()


def renew_plan(
    session: Session,
    plan_id: int,
    weekdays: Sequence[int],
    times: Sequence[time],
    reason: str,
    now: datetime,
    about: About,
) -> tuple[list[Appointment], list[Booked]]:
    """Call off what is still to come, with a reason, and book what the plan then needs: both of it, or nothing is changed.

    Returns what was called off and what was booked. Raises as `book_plan`, and UsageError without a reason.
    """
    plan = active_plan(session, plan_id)
    called_off = [cancel(session, row.id, reason) for row in still_to_come(session, plan_id, now)]
    booked = book_plan(session, plan_id, weekdays, times, now, about) if still_to_book(session, plan) else []
    return called_off, booked
