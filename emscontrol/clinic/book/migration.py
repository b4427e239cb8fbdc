"""Bringing a database from one schema to another: all of it or nothing."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, Engine

from emscontrol.clinic.book.engine import WRITES
from emscontrol.core.errors import BookError

MIGRATIONS: Final = Path(__file__).parent / "migrations"
HEAD: Final = "head"
_ONE_AT_A_TIME: Final = threading.Lock()  # Alembic keeps what it works on in one global


@contextmanager
def to_migrate(engine: Engine) -> Iterator[Connection]:
    """A connection in one transaction for a migration. On SQLite the keys are looked at at its end and not at each row.

    A table of SQLite is changed by making it anew, and dropping the old one would take away what hangs on it.
    """
    with engine.connect().execution_options(**{WRITES: True}) as connection:
        sqlite = connection.dialect.name == "sqlite"
        if sqlite:
            _keys(connection, "OFF")
        try:
            with connection.begin():
                yield connection
                if sqlite and (loose := connection.exec_driver_sql("PRAGMA foreign_key_check").all()):
                    raise BookError(f"{len(loose)} rows would lose what they belong to. Nothing was changed.", "Report this.")
        finally:
            if sqlite:
                _keys(connection, "ON")


def migrate(connection: Connection, to: str = HEAD) -> None:
    """Run the migrations up to a schema within the transaction that this connection is in."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    with _ONE_AT_A_TIME:
        command.upgrade(config, to)


def _keys(connection: Connection, word: str) -> None:
    """Said beneath SQLAlchemy, because it counts outside of a transaction only."""
    raw = connection.connection.driver_connection
    if raw is not None:
        raw.execute(f"PRAGMA foreign_keys = {word}")
