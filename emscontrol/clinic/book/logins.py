"""The trace of a login: who logged in, when and where, chained to the login before it of the same member of staff.

A row among the logins alone makes nobody anybody. What changes of it afterwards, its last use and its end, leaves no trace.
"""

from collections.abc import Iterator
from typing import Any, Final

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from emscontrol.clinic.book.audit import ACTOR, FIRST, digest
from emscontrol.clinic.tables.facts import Audit
from emscontrol.clinic.tables.people import Login

ENTITY: Final = Login.__tablename__
"""In the audit, with the number of the member of staff for that of a row, and his logins counted as versions."""


def trace_login(session: Session, login: Login) -> None:
    """Leave the trace of a new login, by whoever this session is of."""
    mine = select(Audit).where(Audit.entity == ENTITY, Audit.entity_id == login.staff_id)
    before = session.scalars(mine.order_by(Audit.version.desc()).limit(1)).one_or_none()
    entry: dict[str, Any] = {
        "entity": ENTITY,
        "entity_id": login.staff_id,
        "version": before.version + 1 if before else 1,
        "at": login.opened_at,
        "who": session.info[ACTOR].code,
        "station": login.station,
        "patient_id": None,
        "before": {},
        "after": _told(login),
        "prev": before.hash if before else FIRST,
    }
    session.execute(insert(Audit), [entry | {"hash": digest(entry)}])


def is_traced(session: Session, login: Login) -> bool:
    """Whether this very login has left its trace: of this member of staff, with this token, at this station."""
    where = (Audit.entity == ENTITY, Audit.entity_id == login.staff_id, Audit.at == login.opened_at)
    return any(
        entry.after == _told(login) and is_whole(entry, _hash_before(session, entry))
        for entry in session.scalars(select(Audit).where(*where))
    )


def broken_traces(session: Session) -> Iterator[str]:
    """Every trace of logins that was tampered with, a sentence each."""
    number, version, prev = 0, 0, FIRST
    query = select(Audit).where(Audit.entity == ENTITY).order_by(Audit.entity_id, Audit.version)
    for entry in session.scalars(query.execution_options(yield_per=500)):
        if entry.entity_id != number:
            number, version, prev = entry.entity_id, 0, FIRST
        version += 1
        if entry.version != version or not is_whole(entry, prev):
            yield f"the trace of the logins of staff {number} was changed at its login {entry.version}"
            version = entry.version
        prev = entry.hash


def is_whole(entry: Audit, prev: str) -> bool:
    """Whether an entry of the audit is as it was written, after the one with this hash."""
    values = {column.key: getattr(entry, column.key) for column in Audit.__table__.columns}
    return entry.prev == prev and digest(values) == entry.hash


def _hash_before(session: Session, entry: Audit) -> str:
    if entry.version == 1:
        return FIRST
    before = session.get(Audit, (ENTITY, entry.entity_id, entry.version - 1))
    return before.hash if before else ""


def _told(login: Login) -> dict[str, Any]:
    """What does not change of a login; of its token the same as in its row."""
    return {"staff_id": login.staff_id, "station": login.station, "token_sha256": login.token_sha256}
