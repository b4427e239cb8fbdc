"""Rows that current hangs on: none of one patient's is believed when any was changed, moved or removed by others.

A yes that is gone would let an older no count, so it is not enough to look at the rows that are used.
"""

from typing import TypeVar

from sqlalchemy.orm import InstrumentedAttribute, Session

from emscontrol.clinic.book.owned import owned
from emscontrol.clinic.tables.base import Kept

Row = TypeVar("Row", bound=Kept)


def trusted_rows(session: Session, table: type[Row], owner: InstrumentedAttribute[int], patient_id: int) -> list[Row]:
    """A patient's rows that are not withdrawn, in the order in which they were written; `owner` is their column for him.

    Raises BookError when any of his, withdrawn ones too, is not as its trace tells, BookConflict when another station has
    written one between two looks.
    """
    return [row for row in owned(session, table, owner, patient_id) if row.withdrawn_at is None]
