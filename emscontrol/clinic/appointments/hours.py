"""Opening hours and holidays in the book: set, listed, taken back."""

from collections.abc import Iterable
from datetime import date, datetime
from itertools import pairwise

from sqlalchemy import select
from sqlalchemy.orm import Session

from emscontrol.clinic.appointments.opening import DAY_MIN, WEEKDAYS, Opening, Stretch
from emscontrol.clinic.book.actor import Actor
from emscontrol.clinic.book.book import About
from emscontrol.clinic.book.rows import by_id, withdraw
from emscontrol.clinic.tables.base import LINE
from emscontrol.clinic.tables.facts import ClinicHours, Holiday
from emscontrol.core.errors import UsageError


def opening_of(session: Session, about: About) -> Opening:
    """When the clinic is open, as one value."""
    hours = session.execute(
        select(ClinicHours.weekday, ClinicHours.opens_min, ClinicHours.closes_min)
        .where(ClinicHours.withdrawn_at.is_(None))
        .order_by(ClinicHours.weekday, ClinicHours.opens_min)
    )
    days = session.execute(select(Holiday.day, Holiday.name).where(Holiday.withdrawn_at.is_(None)))
    stretches = tuple(Stretch(*row) for row in hours)
    return Opening(about.zone, stretches, {date.fromisoformat(day): name for day, name in days})


def set_hours(
    session: Session, actor: Actor, now: datetime, weekday: int, stretches: Iterable[tuple[int, int]]
) -> list[ClinicHours]:
    """The hours of one weekday from now on, minutes from midnight; what was there is withdrawn. None at all means closed.

    Raises UsageError for a stretch that is none, and for two that overlap. Appointments that are there stay as they are.
    """
    if not 0 <= weekday < len(WEEKDAYS):
        raise UsageError(f"There is no weekday {weekday}.", "0 is Monday, 6 is Sunday.")
    wanted = sorted(stretches)
    for opens, closes in wanted:
        if not 0 <= opens < closes <= DAY_MIN:
            raise UsageError(f"{WEEKDAYS[weekday]} cannot be open from minute {opens} to {closes}.", "Write as 08:00-12:30.")
    for (_, closes), (opens, _) in pairwise(wanted):
        if opens < closes:
            raise UsageError(f"Two stretches of {WEEKDAYS[weekday]} overlap.", "Write one from the first to the last minute.")
    kept = []
    for row in list_hours(session):
        if row.weekday == weekday and (row.opens_min, row.closes_min) in wanted:
            kept.append(row)
        elif row.weekday == weekday:
            withdraw(row, actor, now, "other hours were set")
    there = {(row.opens_min, row.closes_min) for row in kept}
    fresh = [ClinicHours(weekday=weekday, opens_min=a, closes_min=b) for a, b in wanted if (a, b) not in there]
    session.add_all(fresh)
    session.flush()
    return sorted((*kept, *fresh), key=lambda row: row.opens_min)


def list_hours(session: Session) -> list[ClinicHours]:
    """All that hold, by weekday and time."""
    query = select(ClinicHours).where(ClinicHours.withdrawn_at.is_(None))
    return list(session.scalars(query.order_by(ClinicHours.weekday, ClinicHours.opens_min)))


def withdraw_hours(session: Session, actor: Actor, now: datetime, hours_id: int, why: str) -> ClinicHours:
    """Take one stretch back. Raises UsageError without a reason."""
    row = by_id(session, ClinicHours, hours_id, "stretch of opening hours")
    withdraw(row, actor, now, why)
    return row


def set_holiday(session: Session, day: date, name: str) -> Holiday:
    """The clinic is closed that day. One that was taken back holds again; appointments that are there stay as they are."""
    if not name.strip():
        raise UsageError("A holiday needs a name.", "Say in a few words why the clinic is closed.")
    row = session.scalars(select(Holiday).where(Holiday.day == day.isoformat())).one_or_none()
    if row is None:
        row = Holiday(day=day.isoformat(), name="")
        session.add(row)
    row.name = name.strip()[:LINE]
    row.withdrawn_at = row.withdrawn_by = row.withdrawn_why = None
    session.flush()
    return row


def list_holidays(session: Session, since: date | None = None) -> list[Holiday]:
    """All that hold, or those from a day on, in order."""
    query = select(Holiday).where(Holiday.withdrawn_at.is_(None)).order_by(Holiday.day)
    return list(session.scalars(query if since is None else query.where(Holiday.day >= since.isoformat())))


def withdraw_holiday(session: Session, actor: Actor, now: datetime, day: date, why: str) -> Holiday:
    """The clinic is open that day after all. Raises UsageError for a day that is none, and without a reason."""
    row = session.scalars(select(Holiday).where(Holiday.day == day.isoformat(), Holiday.withdrawn_at.is_(None))).one_or_none()
    if row is None:
        raise UsageError(f"{day.isoformat()} is no holiday of this clinic.", "List them to see which there are.")
    withdraw(row, actor, now, why)
    return row
