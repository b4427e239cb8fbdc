"""From codes and days on the command line to what the book knows them as."""

from collections.abc import Iterable
from datetime import date, datetime, time
from typing import TYPE_CHECKING

from emscontrol.core.errors import UsageError

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from emscontrol.cli.clinic.desk import Desk


def codes_of(session: "Session", patients: Iterable[int]) -> dict[int, str]:
    """{id of a patient: code}."""
    from sqlalchemy import select

    from emscontrol.clinic.tables.people import Patient

    wanted = sorted(set(patients))
    return {row.id: row.code for row in session.execute(select(Patient.id, Patient.code).where(Patient.id.in_(wanted)))}


def taken_at(desk: "Desk", now: datetime, on: date | None, at: time | None) -> datetime:
    """When something was measured: now, or at that time of today or of a day. Raises UsageError for a day without a time."""
    if at is None:
        if on is not None:
            raise UsageError("At what time of that day?", "Give --at as well, as 10:00.")
        return now
    return desk.moment(on or desk.today(), at)
