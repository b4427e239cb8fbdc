"""From a code on the command line to a row of the book."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from emscontrol.core.errors import UsageError

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from emscontrol.clinic.tables.people import Patient


def patient_by_code(session: "Session", code: str) -> "Patient":
    """The patient. Raises UsageError with the nearest code, or when he was withdrawn."""
    from emscontrol.clinic.book.rows import by_code
    from emscontrol.clinic.tables.people import Patient

    row: Patient = by_code(session, Patient.code, code, "patient")
    if row.withdrawn_at is not None:
        raise UsageError(f"The patient {row.code} was withdrawn: {row.withdrawn_why}.")
    return row


def codes_of(session: "Session", patients: Iterable[int]) -> dict[int, str]:
    """{id of a patient: code}."""
    from sqlalchemy import select

    from emscontrol.clinic.tables.people import Patient

    wanted = sorted(set(patients))
    return {row.id: row.code for row in session.execute(select(Patient.id, Patient.code).where(Patient.id.in_(wanted)))}
