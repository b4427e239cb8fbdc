"""Is the book as this program wrote it? Rows against their trace, and each trace against its own chain."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from emscontrol.clinic.book.audit import FIRST, plain
from emscontrol.clinic.book.logins import broken_traces, is_whole
from emscontrol.clinic.tables.base import Kept
from emscontrol.clinic.tables.facts import Audit
from emscontrol.clinic.tables.schema import KEPT
from emscontrol.core.errors import BookConflict, BookError, EmsError

_BATCH: Final = 500


def trust(session: Session, rows: Iterable[Kept]) -> None:
    """Nothing, when each of these rows is as its newest trace says. Raises BookError that names the row.

    Raises BookConflict when another station has written it since it was read. For what a session with current hangs on:
    looked at each time it is used.
    """
    for row in rows:
        for finding in findings_of(row, _trails(session, type(row), row.id, row.id)[row.id]):
            raise distrusted(session, row, finding)


def distrusted(session: Session, row: Kept, finding: str) -> EmsError:
    """What is raised for a row with a finding: tampering, unless another station has written it since, as it may."""
    return changed_meanwhile() if _changed_since(session, row) else behind_the_back(finding)


def behind_the_back(finding: str) -> BookError:
    """What is said of a row that this program did not leave as it is."""
    return BookError(
        f"The book was changed behind the program's back: {finding}. Nothing is done on its word.",
        "Look at the whole of it: emscontrol book check. Then restore a backup, or enter the right values again.",
    )


def changed_meanwhile() -> BookConflict:
    """What is said when another station has changed something between two looks of ours, as it may."""
    return BookConflict("Somebody else has changed this meanwhile. Nothing of your change was kept.", "Look at it again.")


def check(session: Session) -> Iterator[str]:
    """Every row of every kept table that is not as its trace says, and every trace that was tampered with, a sentence each."""
    for table in KEPT:
        try:
            yield from _in_table(session, table)
        except BookError as problem:
            yield f"the rest of {table.__tablename__} was not looked at: {problem.what.rstrip('.')}"
        yield from _without_row(session, table)
    yield from broken_traces(session)


def _in_table(session: Session, table: type[Kept]) -> Iterator[str]:
    last = 0
    while rows := session.scalars(select(table).where(table.id > last).order_by(table.id).limit(_BATCH)).all():
        trails = _trails(session, table, rows[0].id, rows[-1].id)
        for row in rows:
            yield from findings_of(row, trails[row.id])
        last = rows[-1].id
        session.expunge_all()


def _trails(session: Session, table: type[Kept], first: int, last: int) -> defaultdict[int, list[Audit]]:
    """The traces of the rows with ids from `first` to `last`, each in order."""
    query = select(Audit).where(Audit.entity == table.__tablename__, Audit.entity_id.between(first, last))
    found: defaultdict[int, list[Audit]] = defaultdict(list)
    for entry in session.scalars(query.order_by(Audit.entity_id, Audit.version)):
        found[entry.entity_id].append(entry)
    return found


def _changed_since(session: Session, row: Kept) -> bool:
    """Whether this program has written the row again since it was read: asked in one statement, so of one moment."""
    table = type(row)
    newest = select(func.max(Audit.version)).where(Audit.entity == table.__tablename__, Audit.entity_id == row.id)
    now = session.execute(select(table.version, newest.scalar_subquery()).where(table.id == row.id)).one_or_none()
    return now is not None and now[0] == now[1] != row.version


def findings_of(row: Kept, trail: Sequence[Audit]) -> Iterator[str]:
    """What is wrong with a row, a sentence without its stop each, by the entries of its trace in order."""
    name = f"{row.__tablename__} {row.id}"
    if not trail or trail[-1].version != row.version:
        yield f"{name} has no trace of its version {row.version}"
        return
    after = plain(row)
    wrong = sorted(key for key in after if after[key] != trail[-1].after.get(key))
    if wrong:
        yield f"{name} is not as it was last written ({', '.join(wrong)})"
    prev = FIRST
    for number, entry in enumerate(trail, start=1):
        if entry.version != number or not is_whole(entry, prev):
            yield f"the trace of {name} was changed at its version {entry.version}"
            return
        prev = entry.hash


def _without_row(session: Session, table: type[Kept]) -> Iterator[str]:
    """Rows that have a trace and are gone."""
    there = select(table.id)
    query = select(Audit.entity_id).where(Audit.entity == table.__tablename__, Audit.entity_id.not_in(there)).distinct()
    yield from (f"{table.__tablename__} {number} is gone, and nothing is ever deleted" for number in session.scalars(query))


def fingerprint(session: Session) -> tuple[int, str]:
    """How many changes there are, and one SHA-256 over all of them: kept elsewhere, it finds a book that was written anew."""
    whole, count = hashlib.sha256(), 0
    for entity in sorted(session.scalars(select(Audit.entity).distinct())):  # a server may sort words its own way
        query = select(Audit.hash).where(Audit.entity == entity).order_by(Audit.entity_id, Audit.version)
        for entry in session.scalars(query.execution_options(yield_per=_BATCH)):
            whole.update(entry.encode())
            count += 1
    return count, whole.hexdigest()
