"""Rows that current hangs on: none of one patient's is believed when any was changed, moved or removed by others.

A yes that is gone would let an older no count, so it is not enough to look at the rows that are used.
"""

from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from emscontrol.clinic.book.audit import FIRST, digest, plain
from emscontrol.clinic.tables.base import Kept
from emscontrol.clinic.tables.facts import Audit
from emscontrol.core.errors import BookError

Row = TypeVar("Row", bound=Kept)

_UNTRACED: dict[str, Any] = {}


def trusted_rows(session: Session, table: type[Row], patient_id: int) -> list[Row]:
    """A patient's rows that are not withdrawn, in order. Raises BookError when any of his is not as its trace tells."""
    rows = session.scalars(select(table).filter_by(patient_id=patient_id).order_by(table.id)).all()
    written = _as_written(session, table.__tablename__, patient_id)
    found = {row.id: plain(row) for row in rows}
    wrong = sorted(number for number in written.keys() | found.keys() if written.get(number) != found.get(number))
    if wrong:
        raise BookError(
            f"The book was changed behind the program's back: {table.__tablename__} {', '.join(map(str, wrong))}. "
            "Nothing is done on its word.",
            "Look at the whole of it: emscontrol book check. Then restore a backup, or enter the right values again.",
        )
    return [row for row in rows if row.withdrawn_at is None]


def _as_written(session: Session, entity: str, patient_id: int) -> dict[int, dict[str, Any]]:
    """Each row of a patient as its newest trace has it, as nothing at all where the chain of its trace is broken."""
    query = select(Audit).where(Audit.patient_id == patient_id, Audit.entity == entity)
    written: dict[int, dict[str, Any]] = {}
    last: dict[int, tuple[int, str]] = {}
    for entry in session.scalars(query.order_by(Audit.entity_id, Audit.version)):
        version, prev = last.get(entry.entity_id, (0, FIRST))
        values = {column.key: getattr(entry, column.key) for column in Audit.__table__.columns}
        whole = entry.version == version + 1 and entry.prev == prev and digest(values) == entry.hash
        broken = version > 0 and not written[entry.entity_id]
        written[entry.entity_id] = entry.after if whole and not broken else _UNTRACED
        last[entry.entity_id] = (entry.version, entry.hash)
    return written
