"""What the last sessions left behind that must be settled before the next one."""

from collections.abc import Sequence
from datetime import tzinfo
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from emscontrol.clinic.book.check import trust
from emscontrol.clinic.book.owned import owned
from emscontrol.clinic.staff.roles import SPECIALIST
from emscontrol.clinic.tables.facts import Audit
from emscontrol.clinic.tables.findings import Outcome
from emscontrol.clinic.tables.people import Staff
from emscontrol.core.errors import SafetyRefusal

SKIN: Final = "skin"
HARMED_MILLI: Final = 2_000  # red for more than 30 min, or worse (screening.md section 4)


def require_whole_skin(session: Session, patient_id: int, zone: tzinfo) -> None:
    """Nothing, when the skin was well after the last session. Raises SafetyRefusal after a lasting mark or a burn.

    Its day is told in `zone`, the clinic's.

    It stands until somebody who was a specialist then has looked at the skin since, and has entered after it that the skin is
    well again; withdrawing the entry does not lift it. Raises BookError when a result was changed behind the program's back.
    """
    skin = [row for row in owned(session, Outcome, Outcome.patient_id, patient_id) if row.measure == SKIN]
    harm = [row for row in skin if row.value_milli >= HARMED_MILLI]
    if harm and not any(_lifts(session, row, harm) for row in skin):
        worst = max(harm, key=lambda row: row.taken_at)
        raise SafetyRefusal(
            f"The skin was marked for more than 30 minutes, or worse, on {worst.taken_at.astimezone(zone):%Y-%m-%d}.",
            "A specialist looks at it and enters how it is now: emscontrol outcome add PATIENT skin 0.",
            ("SKIN_EVENT",),
        )


def _lifts(session: Session, row: Outcome, harm: Sequence[Outcome]) -> bool:
    """Entered after all harm, whatever times were typed, and looked at after it too."""
    return (
        row.withdrawn_at is None
        and row.value_milli < HARMED_MILLI
        and all(row.id > one.id and row.taken_at >= one.taken_at for one in harm)
        and _role_then(session, row) == SPECIALIST
    )


def _role_then(session: Session, row: Outcome) -> str:
    """The role of whoever entered it, when he did; "" where nobody knows."""
    first = (Audit.entity == Outcome.__tablename__, Audit.entity_id == row.id, Audit.version == 1)
    entered = session.scalars(select(Audit).where(*first)).one()
    staff = session.scalars(select(Staff).where(Staff.code == entered.who)).one_or_none()
    if staff is None:
        return ""
    trust(session, [staff])
    until = (Audit.entity == Staff.__tablename__, Audit.entity_id == staff.id, Audit.at <= entered.at)
    then = session.scalars(select(Audit).where(*until).order_by(Audit.version.desc()).limit(1)).one_or_none()
    return str(then.after["role"]) if then else ""
