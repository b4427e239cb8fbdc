"""From a place to a SQLAlchemy engine: SQLite with what a book needs switched on, SQLCipher, or PostgreSQL."""

import json
import os
import sqlite3
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

from emscontrol.core.errors import BookError, UsageError

BUSY_S: Final = 5.0  # how long a writer waits for another program on the same file, or for another station's row
CONNECT_S: Final = 3  # how long an unreachable server is waited for
SILENT_S: Final = 20  # a connection whose other side says nothing for this long is given up, on both sides
IDLE_S: Final = 300  # a station that does nothing in the middle of a change is sent away, so that its locks are free
WRITES: Final = "book_writes"
PLAIN_HEAD: Final = b"SQLite format 3\x00"


def sqlite_engine(file: Path, passphrase: str = "", busy_s: float = BUSY_S) -> Engine:
    """An engine on a SQLite file; nothing is read yet. WAL, foreign keys, everything on disk at each commit.

    With a passphrase the file is SQLCipher's. Raises BookError when the package for that is not installed.
    """
    engine = create_engine(
        URL.create("sqlite", database=str(file)),
        module=sqlite_module(passphrase),
        connect_args={"timeout": busy_s, "check_same_thread": False},
        json_deserializer=_from_json,
        hide_parameters=True,  # what a statement was given may be a person's name; an error quotes its statement
    )

    @event.listens_for(engine, "connect")
    def _connected(connection: Any, _: object) -> None:
        connection.isolation_level = None  # BEGIN is said by us, so that a writer waits at its start and not in the middle
        _unlock(connection, passphrase)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA secure_delete = ON")  # a name that is forgotten is not left in a free page

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get(WRITES, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def sqlite_file(file: Path, passphrase: str = "") -> Any:
    """A plain connection to a SQLite file, for what is about the file and not about rows: whole copies, checks of its pages."""
    connection = sqlite_module(passphrase).connect(file, isolation_level=None)
    _unlock(connection, passphrase)
    return connection


def sqlite_module(passphrase: str) -> ModuleType:
    """The DB-API module for a file with this passphrase. Raises BookError when it is not installed."""
    return _sqlcipher() if passphrase else sqlite3


def server_engine(url: str, busy_s: float = BUSY_S) -> Engine:
    """An engine on a PostgreSQL server; nothing is connected yet. Raises UsageError for a URL of anything else.

    A station whose cable is pulled in the middle of a change keeps its locks for `SILENT_S` and not for two hours.
    """
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
            connect_args=_server_arguments(busy_s),
            hide_parameters=True,
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


def _unlock(connection: Any, passphrase: str) -> None:
    if passphrase:
        connection.execute("PRAGMA cipher_log_level = NONE")  # a wrong passphrase is told by us, not on standard error
        connection.execute(f"PRAGMA key = '{passphrase.replace(chr(39), chr(39) * 2)}'")


def _server_arguments(busy_s: float) -> dict[str, Any]:
    """For libpq, and for the server's side of the same connection."""
    settings = {
        "timezone": "UTC",
        "synchronous_commit": "on",  # confirmed is on the disk, whatever the server is set to: markers are removed then
        "lock_timeout": int(busy_s * 1000),
        "idle_in_transaction_session_timeout": IDLE_S * 1000,
        "tcp_keepalives_idle": SILENT_S // 2,
        "tcp_keepalives_interval": SILENT_S // 4,
        "tcp_keepalives_count": 2,
        "tcp_user_timeout": SILENT_S * 1000,
    }
    return {
        "connect_timeout": CONNECT_S,
        "keepalives_idle": SILENT_S // 2,
        "keepalives_interval": SILENT_S // 4,
        "keepalives_count": 2,
        "tcp_user_timeout": SILENT_S * 1000,
        "options": " ".join(f"-c {name}={value}" for name, value in settings.items()),
    }


def _from_json(text: str) -> Any:
    """A column of JSON. SQLite takes any text there, so somebody else may have written one that is none."""
    try:
        return json.loads(text)
    except ValueError as problem:
        raise BookError(
            f"Something in the book cannot be read, and this program did not write it: {text[:40]!r}.",
            "Look at the whole of it: emscontrol book check. Then restore a backup.",
        ) from problem


def _sqlcipher() -> ModuleType:
    try:
        from sqlcipher3 import dbapi2
    except ModuleNotFoundError as problem:
        raise BookError(
            "This emscontrol was installed without encryption.", "Install it with: pip install 'emscontrol[encryption]'."
        ) from problem
    module: ModuleType = dbapi2
    return module
