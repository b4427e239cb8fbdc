"""From a place to a SQLAlchemy engine: SQLite with what a book needs switched on, SQLCipher, or PostgreSQL."""

import os
import sqlite3
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

from emscontrol.core.errors import BookError, UsageError

BUSY_S: Final = 5.0  # how long a writer waits for another program on the same file
CONNECT_S: Final = 3  # how long an unreachable server is waited for
WRITES: Final = "book_writes"
PLAIN_HEAD: Final = b"SQLite format 3\x00"


def sqlite_engine(file: Path, passphrase: str = "") -> Engine:
    """An engine on a SQLite file; nothing is read yet. WAL, foreign keys, everything on disk at each commit.

    With a passphrase the file is SQLCipher's. Raises BookError when the package for that is not installed.
    """
    module: ModuleType = _sqlcipher() if passphrase else sqlite3
    engine = create_engine(
        URL.create("sqlite", database=str(file)),
        module=module,
        connect_args={"timeout": BUSY_S, "check_same_thread": False},
    )

    @event.listens_for(engine, "connect")
    def _connected(connection: Any, _: object) -> None:
        connection.isolation_level = None  # BEGIN is said by us, so that a writer waits at its start and not in the middle
        cursor = connection.cursor()
        if passphrase:
            cursor.execute(f"PRAGMA key = '{passphrase.replace(chr(39), chr(39) * 2)}'")
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get(WRITES, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def server_engine(url: str) -> Engine:
    """An engine on a PostgreSQL server; nothing is connected yet. Raises UsageError for a URL of anything else."""
    try:
        parsed = make_url(url)
    except ArgumentError as problem:
        raise UsageError("The book's URL is none.", "Write it as postgresql://user@host:5432/database.") from problem
    if parsed.get_backend_name() != "postgresql":
        raise UsageError(
            f"A book cannot be kept in {parsed.get_backend_name()}.", "Write postgresql://…, or leave the URL out for SQLite."
        )
    try:
        return create_engine(
            parsed.set(drivername="postgresql+psycopg"),
            pool_pre_ping=True,
            connect_args={"connect_timeout": CONNECT_S, "options": "-c timezone=UTC"},
        )
    except ModuleNotFoundError as problem:
        raise BookError(
            "This emscontrol was installed without PostgreSQL.", "Install it with: pip install 'emscontrol[postgresql]'."
        ) from problem


def make_private(file: Path) -> None:
    """The folder 0700 and the file 0600, made where they are missing, so that SQLite's own files beside it are private too."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    os.close(os.open(file, os.O_RDWR | os.O_CREAT, 0o600))
    file.chmod(0o600)


def is_plain(file: Path) -> bool:
    """Whether a file begins as an unencrypted SQLite file does."""
    with file.open("rb") as stream:
        return stream.read(len(PLAIN_HEAD)) == PLAIN_HEAD


def _sqlcipher() -> ModuleType:
    try:
        from sqlcipher3 import dbapi2
    except ModuleNotFoundError as problem:
        raise BookError(
            "This emscontrol was installed without encryption.", "Install it with: pip install 'emscontrol[encryption]'."
        ) from problem
    module: ModuleType = dbapi2
    return module
