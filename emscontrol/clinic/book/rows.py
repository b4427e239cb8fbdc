"""The ways to a row that every part of the clinic goes: by id or code, as somebody saw it, withdrawn."""

from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, Session

from emscontrol.clinic.book.actor import Actor
from emscontrol.clinic.tables.base import LINE, Kept
from emscontrol.clinic.tables.facts import Audit
from emscontrol.core.errors import BookConflict, UsageError
from emscontrol.core.nearest import nearest_word

Row = TypeVar("Row", bound=Kept)


def by_id(session: Session, table: type[Row], number: int, what: str) -> Row:
    """The row with this id. Raises UsageError; `what` is what people call such a row, as "plan"."""
    row = session.get(table, number)
    if row is None:
        raise UsageError(f"There is no {what} {number}.", "List them to see their numbers.")
    return row


def by_code(session: Session, column: InstrumentedAttribute[str], code: str, what: str) -> Any:
    """The row whose `column` is `code`. Raises UsageError with the nearest code that there is."""
    row = session.scalars(select(column.class_).where(column == code)).one_or_none()
    if row is None:
        known = {each.lower(): each for each in session.scalars(select(column).limit(10_000))}
        near = nearest_word(code, known)
        raise UsageError(
            f"There is no {what} {code!r}.", f"The nearest is {known[near]}." if near else "List them to see their codes."
        )
    return row


def as_seen(session: Session, row: Kept, version: int) -> None:
    """Nothing, when the row is still the version that somebody looked at. Raises BookConflict with who changed it, and when."""
    if row.version == version:
        return
    where = (Audit.entity == row.__tablename__, Audit.entity_id == row.id, Audit.version == row.version)
    change = session.scalars(select(Audit).where(*where)).one_or_none()
    by = f" {change.who} changed it on {change.at:%Y-%m-%d at %H:%M} UTC." if change else ""
    raise BookConflict(
        f"This is not what you looked at any more.{by} Nothing of your change was kept.",
        "Look at it again, and repeat your change if it is still right.",
    )


def withdraw(row: Kept, actor: Actor, now: datetime, why: str) -> None:
    """Nothing is deleted: the row stays, with who took it back, when and why. Raises UsageError without a reason, or twice."""
    if not why.strip():
        raise UsageError("A withdrawal needs a reason.", "Say in a few words why.")
    if row.withdrawn_at is not None:
        raise UsageError(f"That was withdrawn already, by {row.withdrawn_by}: {row.withdrawn_why}.")
    row.withdrawn_at, row.withdrawn_by, row.withdrawn_why = now, actor.code, why.strip()[:LINE]
