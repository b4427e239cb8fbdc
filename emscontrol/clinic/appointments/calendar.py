"""Appointments as iCalendar (RFC 5545): of one patient, of one therapist, or all. A patient is a code there and nothing more.

The same rows make the same bytes: what changes with a row is its version (SEQUENCE) and when that was written (DTSTAMP).
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Final
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, Timezone, TimezoneDaylight, TimezoneStandard
from sqlalchemy import Select, and_, select
from sqlalchemy.orm import Session

from emscontrol.clinic.appointments.status import BOOKED, CANCELLED, DONE, MISSED
from emscontrol.clinic.appointments.wall_time import Jump, first_moment, jumps
from emscontrol.clinic.book.book import About
from emscontrol.clinic.book.rows import by_code
from emscontrol.clinic.tables.facts import Audit
from emscontrol.clinic.tables.people import Patient, Staff
from emscontrol.clinic.tables.plans import Appointment, Plan

ICAL_STATUS: Final[Mapping[str, str]] = MappingProxyType(
    {BOOKED: "CONFIRMED", DONE: "CONFIRMED", MISSED: "CONFIRMED", CANCELLED: "CANCELLED"}
)
"""What a calendar program is told of each status; the word itself is the event's category."""


def calendar_of(
    session: Session, about: About, *, patient: str = "", therapist: str = "", since: datetime | None = None
) -> bytes:
    """One calendar, of one patient's or therapist's code or of all; `since` leaves out what ended before.

    Of a practice book its name and each event say so, because other programs show them beside real ones.

    Raises UsageError for a code that there is not.
    """
    query = _query()
    if patient:
        query = query.where(Appointment.patient_id == by_code(session, Patient.code, patient, "patient").id)
    if therapist:
        query = query.where(Appointment.therapist == by_code(session, Staff.code, therapist, "member of staff").code)
    if since is not None:
        query = query.where(Appointment.ends_at >= since)
    rows = session.execute(query).all()
    made = Calendar()
    made.add("prodid", "-//emscontrol//appointments//EN")
    made.add("version", "2.0")
    made.add("x-wr-calname", " ".join(filter(None, (_practice(about), about.name, patient, therapist))))
    if rows:
        made.add_component(_timezone(about.zone, rows[0].starts_at, max(row.ends_at for row in rows)))
    for row in rows:
        made.add_component(_event(row, about))
    return bytes(made.to_ical())


def _query() -> Select[Any]:
    trace = and_(Audit.entity == Appointment.__tablename__, Audit.entity_id == Appointment.id)
    columns: tuple[Any, ...] = (Appointment.id, Appointment.version, Appointment.number, Appointment.status)
    return (
        select(*columns, Appointment.starts_at, Appointment.ends_at, Appointment.therapist, Appointment.stimulator)
        .add_columns(Patient.code, (Plan.sessions_per_week * Plan.weeks).label("whole"), Audit.at)
        .join(Patient, Patient.id == Appointment.patient_id)
        .outerjoin(Plan, Plan.id == Appointment.plan_id)
        .outerjoin(Audit, and_(trace, Audit.version == Appointment.version))
        .where(Appointment.withdrawn_at.is_(None))
        .order_by(Appointment.starts_at, Appointment.id)
    )


def _event(row: Any, about: About) -> Event:
    event = Event()
    event.add("uid", f"appointment-{row.id}@{about.uuid}")
    event.add("dtstamp", row.at or row.starts_at)
    event.add("sequence", row.version - 1)
    event.add("dtstart", _local(row.starts_at, about.zone))
    event.add("dtend", _local(row.ends_at, about.zone))
    event.add("status", ICAL_STATUS[row.status])
    event.add("categories", [row.status])
    session = f", session {row.number} of {row.whole}" if row.number and row.whole else ""
    event.add("summary", " ".join(filter(None, (_practice(about), f"{row.code}{session}"))))
    needs = ", ".join(filter(None, (row.therapist, row.stimulator)))
    if needs:
        event.add("description", needs)
    return event


def _practice(about: About) -> str:
    return "PRACTICE" if about.practice else ""


def _local(moment: datetime, zone: ZoneInfo) -> datetime:
    """On the clinic's clock; in UTC where that comes a second time, because TZID then means the first."""
    shown = moment.astimezone(zone)
    return moment.astimezone(UTC) if shown.fold else shown


def _timezone(zone: ZoneInfo, first: datetime, last: datetime) -> Timezone:
    """The zone's offsets over the years of these times, each change at the time that the clock shows before it (RFC 5545)."""
    since = first_moment(first.astimezone(zone).date().replace(month=1, day=1), zone)
    until = first_moment(last.astimezone(zone).date().replace(month=12, day=31), zone)
    begin = since.astimezone(zone)
    offset = begin.utcoffset()
    made = Timezone()
    made.add("tzid", zone.key)
    if offset is not None:
        made.add_component(_observance([Jump(since, offset, offset, begin.tzname() or "")], zone))
    kinds: dict[tuple[Any, ...], list[Jump]] = {}
    for jump in jumps(since, until, zone):
        kinds.setdefault((jump.before, jump.after, jump.name), []).append(jump)
    for same in kinds.values():
        made.add_component(_observance(same, zone))
    return made


def _observance(same: Iterable[Jump], zone: ZoneInfo) -> TimezoneStandard | TimezoneDaylight:
    first, *others = same
    made = TimezoneDaylight() if first.at.astimezone(zone).dst() else TimezoneStandard()
    made.add("dtstart", (first.at + first.before).replace(tzinfo=None))
    if others:
        made.add("rdate", [(jump.at + jump.before).replace(tzinfo=None) for jump in others])
    made.add("tzname", first.name)
    made.add("tzoffsetfrom", first.before)
    made.add("tzoffsetto", first.after)
    return made
