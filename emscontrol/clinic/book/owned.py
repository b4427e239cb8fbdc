"""All rows that belong to one patient or one plan, none of them believed when one was changed, moved or removed by others.

A row that is gone uncovers an older one, so it is not enough to look at the rows that are there: the trace tells which there
must be. It cannot tell of a row that was removed together with the whole of its trace, nor of one whose whole trace was written
anew: those a copy of the newest hashes finds that is kept elsewhere (`book check --json`).
"""

from collections import defaultdict
from typing import TypeVar

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from emscontrol.clinic.book.check import behind_the_back, changed_meanwhile, distrusted, findings_of
from emscontrol.clinic.tables.base import Kept
from emscontrol.clinic.tables.facts import Audit

Row = TypeVar("Row", bound=Kept)


def owned(session: Session, table: type[Row], owner: InstrumentedAttribute[int], number: int) -> list[Row]:
    """Every row whose `owner` is `number`, withdrawn ones too, in the order in which they were entered.

    Raises BookError when one is not as its trace tells or is missing, BookConflict when another station has written one
    between two looks.
    """
    rows = list(session.scalars(select(table).where(owner == number).order_by(table.id)))
    trails = _trails(session, table, [row.id for row in rows], _says(owner.key, number))
    for row in rows:
        for finding in findings_of(row, trails.pop(row.id, [])):
            raise distrusted(session, row, finding)
    if trails:
        back = session.scalars(select(table.id).where(owner == number, table.id.in_(trails))).all()
        if len(back) == len(trails):
            raise changed_meanwhile()
        gone = ", ".join(map(str, sorted(trails.keys() - set(back))))
        raise behind_the_back(f"{table.__tablename__} {gone} is gone or was given to another")
    return rows


def _says(key: str, number: int) -> ColumnElement[bool]:
    """An entry of the audit that says whose its row is: in what was written, and of a patient in a column of its own too.

    Both are asked, for whoever gives a row to another may give him its trace as well, but for what the hash is over.
    """
    written = Audit.after[key].as_integer() == number
    return or_(written, Audit.patient_id == number) if key == "patient_id" else written


def _trails(session: Session, table: type[Kept], there: list[int], says: ColumnElement[bool]) -> dict[int, list[Audit]]:
    """The traces, each in order, of these rows and of every other that was entered as one of them."""
    mine = select(Audit.entity_id).where(Audit.entity == table.__tablename__, says)
    query = select(Audit).where(Audit.entity == table.__tablename__, or_(Audit.entity_id.in_(there), Audit.entity_id.in_(mine)))
    found: defaultdict[int, list[Audit]] = defaultdict(list)
    for entry in session.scalars(query.order_by(Audit.entity_id, Audit.version)):
        found[entry.entity_id].append(entry)
    return found
