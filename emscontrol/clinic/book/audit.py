"""The trace of every change: a row of the audit for each, chained to the one before it of the same row.

The chain finds a row that was changed behind the program's back, and a trace that was. It does not find somebody who changes
a row and writes a whole new trace for it: for that a copy of the newest hashes must be kept elsewhere (`book check --json`).
"""

import hashlib
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import event, insert, inspect, select
from sqlalchemy.orm import Session

from emscontrol.clinic.book.actor import Actor
from emscontrol.clinic.tables.base import Kept
from emscontrol.clinic.tables.facts import Audit
from emscontrol.core.errors import BookError

ACTOR: Final = "actor"
NOW: Final = "now"
MASK: Final = "•"
FIRST: Final = "0" * 64


def audited(session: Session, actor: Actor, now: datetime) -> Session:
    """Make this session leave a trace of each of its changes."""
    session.info[ACTOR] = actor
    session.info[NOW] = now
    event.listen(session, "before_flush", _nothing_is_deleted)
    event.listen(session, "after_flush", _trace)
    return session


def plain(row: Kept) -> dict[str, Any]:
    """A row as the audit keeps it: times as text, names masked, secrets as their digest."""
    return {column.key: _told(row, column.key, getattr(row, column.key)) for column in inspect(type(row)).column_attrs}


def digest(entry: dict[str, Any]) -> str:
    """SHA-256 over everything in an entry but its own hash."""
    body = {key: _json(value) for key, value in entry.items() if key != "hash"}
    return hashlib.sha256(json.dumps(body, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _told(row: Kept, key: str, value: Any) -> Any:
    if value is None:
        return None
    if key in row.MASKED:
        return MASK if value else ""
    if key in row.DIGESTED:
        return hashlib.sha256(str(value).encode()).hexdigest()
    return _json(value)


def _json(value: Any) -> Any:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value


def _nothing_is_deleted(session: Session, *_: object) -> None:
    for row in session.deleted:
        if isinstance(row, Kept):
            raise BookError(f"Nothing is deleted from the book, and {row.__tablename__} {row.id} was to be.", "Withdraw it.")


def _trace(session: Session, _: object) -> None:
    """After the rows are written and before anything of it is committed."""
    fresh: list[tuple[Kept, dict[str, Any]]] = [(row, {}) for row in session.new if isinstance(row, Kept)]
    changed = [(row, _before(row)) for row in session.dirty if isinstance(row, Kept)]
    entries = [(row, before) for row, before in (*fresh, *changed) if before or row in session.new]
    if entries:
        session.execute(insert(Audit), _entries(session, entries))


def _entries(session: Session, rows: Iterable[tuple[Kept, dict[str, Any]]]) -> list[dict[str, Any]]:
    actor: Actor = session.info[ACTOR]
    made = []
    for row, before in rows:
        entry: dict[str, Any] = {
            "entity": row.__tablename__,
            "entity_id": row.id,
            "version": row.version,
            "at": session.info[NOW],
            "who": actor.code,
            "station": actor.station,
            "patient_id": row.id if row.__tablename__ == "patients" else getattr(row, "patient_id", None),
            "before": before,
            "after": plain(row),
            "prev": _hash_before(session, row),
        }
        made.append(entry | {"hash": digest(entry)})
    return made


def _hash_before(session: Session, row: Kept) -> str:
    """The hash of the entry before, FIRST for a new row; "?" where it is missing, which the check finds."""
    if row.version == 1:
        return FIRST
    where = (Audit.entity == row.__tablename__, Audit.entity_id == row.id, Audit.version == row.version - 1)
    return session.execute(select(Audit.hash).where(*where)).scalar_one_or_none() or "?"


def _before(row: Kept) -> dict[str, Any]:
    """The columns of a changed row as they were."""
    state = inspect(row)
    found: dict[str, Any] = {}
    for column in inspect(type(row)).column_attrs:
        history = state.attrs[column.key].history
        if history.has_changes() and column.key != "version":
            old = history.deleted[0] if history.deleted else None
            found[column.key] = _told(row, column.key, old)
    return found
