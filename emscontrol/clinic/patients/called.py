"""What people call the patients of a list: the names of many at once."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from emscontrol.clinic.tables.people import PatientName


def called(session: Session, patient_ids: Collection[int]) -> dict[int, str]:
    """The name of each of these who has one, given name first; in one statement."""
    if not patient_ids:
        return {}
    columns = (PatientName.patient_id, PatientName.given, PatientName.family)
    rows = session.execute(select(*columns).where(PatientName.patient_id.in_(list(patient_ids))))
    names = {number: f"{given} {family}".strip() for number, given, family in rows}
    return {number: name for number, name in names.items() if name}
