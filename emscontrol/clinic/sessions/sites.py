"""Where a patient has been stimulated before, as the index of sessions tells it."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from emscontrol.clinic.tables.sessions import SessionChannel, SessionEntry


def sites_given(session: Session, patient_id: int) -> frozenset[tuple[str, str]]:
    """(muscle, side) of every channel of a session that counts."""
    query = (
        select(SessionChannel.muscle, SessionChannel.side)
        .join(SessionEntry, SessionEntry.id == SessionChannel.session_id)
        .where(SessionEntry.patient_id == patient_id, SessionEntry.counts)
    )
    return frozenset((muscle, side) for muscle, side in session.execute(query.distinct()))
