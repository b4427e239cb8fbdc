"""What the last sessions left behind that must be settled before the next one."""

from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from emscontrol.clinic.staff.roles import SPECIALIST
from emscontrol.clinic.tables.findings import Outcome
from emscontrol.clinic.tables.people import Staff
from emscontrol.core.errors import SafetyRefusal

SKIN: Final = "skin"
HARMED_MILLI: Final = 2_000  # red for more than 30 min, or worse (screening.md section 4)


def require_whole_skin(session: Session, patient_id: int) -> None:
    """Nothing, when the skin was well after the last session. Raises SafetyRefusal after a lasting mark or a burn.

    It stands until a specialist has looked at the skin since and entered that it is well again; withdrawing the entry does
    not lift it.
    """
    where = (Outcome.patient_id == patient_id, Outcome.measure == SKIN)
    query = select(Outcome).where(*where).order_by(Outcome.taken_at.desc(), Outcome.id.desc())
    specialists = set(session.scalars(select(Staff.code).where(Staff.role == SPECIALIST)))
    for found in session.scalars(query):
        if found.value_milli >= HARMED_MILLI:
            raise SafetyRefusal(
                f"The skin was marked for more than 30 minutes, or worse, on {found.taken_at:%Y-%m-%d}.",
                "A specialist looks at it and enters how it is now: emscontrol outcome add PATIENT skin 0.",
                ("SKIN_EVENT",),
            )
        if found.taken_by in specialists and found.withdrawn_at is None:
            return
