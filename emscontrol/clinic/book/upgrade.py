"""An old book for a new program: a backup first, then all of the migrations or none."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, text

from emscontrol.clinic.book.backup import backup
from emscontrol.clinic.book.copying import contents_of
from emscontrol.clinic.book.migration import migrate, to_migrate
from emscontrol.clinic.book.opening import Place, engine_of, is_there
from emscontrol.clinic.book.schema import SCHEMA, VERSION_TABLE, check_schema, is_older, schema_of
from emscontrol.clinic.book.trouble import told_in_words
from emscontrol.core.errors import BookError


@dataclass(frozen=True, slots=True)
class Upgraded:
    """From which schema to which, and where the backup of the old book is."""

    old: str
    new: str
    backup: Path


def upgrade(place: Place, now: datetime, folder: Path) -> Upgraded | None:
    """Bring a book up to date after a backup in `folder`, which is made where it is missing. None when it is up to date.

    Raises BookError for a newer or a foreign book, BookBusy while others write; nothing was changed then.
    """
    is_there(place)
    engine = engine_of(place)
    try:
        with told_in_words(), engine.connect() as connection:
            old = schema_of(connection)
        if old == SCHEMA:
            return None
        if not is_older(old):
            check_schema(old)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        saved = folder / f"book-{old}-{now.astimezone(UTC):%Y-%m-%dT%H-%M-%S.%fZ}.backup"
        backup(place, saved, now)
        with told_in_words(), to_migrate(engine) as connection:
            _all_or_nothing(connection)
    finally:
        engine.dispose()
    return Upgraded(old, SCHEMA, saved)


def _all_or_nothing(connection: Connection) -> None:
    """Two stations may have begun this at once: the second finds it done."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"LOCK TABLE {VERSION_TABLE} IN ACCESS EXCLUSIVE MODE"))
    if schema_of(connection) == SCHEMA:
        return
    before = contents_of(connection)
    migrate(connection)
    after = contents_of(connection)
    if (before.uuid, before.changes, before.audit_sha256) != (after.uuid, after.changes, after.audit_sha256):
        raise BookError("The audit is not what it was before. Nothing was changed.", "Please report this.")
    check_schema(schema_of(connection))
