"""The sessions of one patient from the index, one after the other: what was given, and how strong."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from emscontrol.clinic.tables.sessions import Journal, SessionChannel, SessionEntry

LISTED: Final = 60


@dataclass(frozen=True, slots=True)
class Given:
    """One session. `file` is what its journal is called at its station; `peak_ua` is that of its strongest channel."""

    file: str
    opened_at: datetime
    plan_id: int | None
    result: str
    reason: str
    counts: bool
    contractions: int
    prescribed: int
    duration_us: int
    charge_pc: int
    peak_ua: int


def course_of(session: Session, patient_id: int, limit: int = LISTED) -> list[Given]:
    """The last sessions, the newest first, in one statement."""
    peak = select(func.coalesce(func.max(SessionChannel.peak_ua), 0)).where(SessionChannel.session_id == SessionEntry.id)
    query = (
        select(
            func.coalesce(Journal.file, ""),
            SessionEntry.opened_at,
            SessionEntry.plan_id,
            SessionEntry.result,
            SessionEntry.reason,
            SessionEntry.counts,
            SessionEntry.contractions,
            SessionEntry.contractions_prescribed,
            SessionEntry.duration_us,
            SessionEntry.charge_pc,
            peak.scalar_subquery(),
        )
        .outerjoin(Journal, Journal.journal_id == SessionEntry.journal_id)
        .where(SessionEntry.patient_id == patient_id)
        .order_by(SessionEntry.opened_at.desc(), SessionEntry.id.desc())
        .limit(limit)
    )
    return [Given(*row) for row in session.execute(query)]
