"""Opening a book, and making a new one."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import Engine, make_url
from sqlalchemy.orm import Session

from emscontrol.clinic.book.actor import Actor
from emscontrol.clinic.book.audit import audited
from emscontrol.clinic.book.book import KINDS, Book
from emscontrol.clinic.book.engine import BUSY_S, is_plain, make_private, server_engine, sqlite_engine
from emscontrol.clinic.book.migration import migrate, to_migrate
from emscontrol.clinic.book.schema import check_schema, schema_of
from emscontrol.clinic.book.trouble import told_in_words
from emscontrol.clinic.tables.facts import BookFacts
from emscontrol.core.errors import BookError, EmsError, StorageError, UsageError

IDLE_LOCK_MIN = 15
THRESHOLD_DAYS = 7  # "session 1, weekly" (screening.md section 4)
FIRST_START = Actor("first-start", "supervisor", "")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a book is: a SQLite file, or the URL of a PostgreSQL database."""

    file: Path | None = None
    url: str = ""
    passphrase: str = ""

    @property
    def words(self) -> str:
        """For people; never with a password."""
        return str(self.file) if self.file else make_url(self.url).render_as_string(hide_password=True)


def open_book(place: Place, busy_s: float = BUSY_S) -> Book:
    """Open it. Raises BookError when there is none, or it is of another schema, damaged, foreign or locked by a passphrase.

    `busy_s` is how long a writer waits for another one.
    """
    is_there(place)
    engine = engine_of(place, busy_s)
    try:
        with told_in_words(), engine.connect() as connection:
            check_schema(schema_of(connection))
    except EmsError:
        engine.dispose()
        raise
    return Book(engine, place.words)


def is_there(place: Place) -> None:
    """Nothing, when a file with something in it is there and a passphrase is given where one is needed. Raises BookError."""
    if place.file is None:
        return
    try:
        empty = not place.file.exists() or place.file.stat().st_size == 0
        plain = not empty and is_plain(place.file)
    except OSError as problem:
        raise BookError(
            f"The book {place.file} cannot be read: {problem.strerror}.", "Mend its rights, or name another file."
        ) from problem
    if empty:
        raise BookError(f"There is no book in {place.file} yet.", "Make one: emscontrol book create.")
    if plain and place.passphrase:
        raise BookError(f"The book {place.file} is not encrypted, and the settings say that it is.", "Mend the settings.")
    if not plain and not place.passphrase:
        raise BookError(
            f"The book {place.file} is encrypted, or it is no book.",
            "Set encrypted = true under [book] in the settings, if it is one.",
        )


def create_book(place: Place, *, name: str, kind: str, time_zone: str, now: datetime) -> Book:
    """Make a new, empty book, whole or not at all.

    Raises UsageError for an unknown kind or zone, BookError when something is there.
    """
    if kind not in KINDS:
        raise UsageError(f"There is no kind of book {kind!r}.", f"Choose one of {', '.join(KINDS)}.")
    try:
        ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError) as problem:
        raise UsageError(f"There is no time zone {time_zone!r}.", "Name one as Europe/Berlin or Asia/Jakarta.") from problem
    facts = BookFacts(
        uuid=str(uuid.uuid4()),
        kind=kind,
        name=name,
        time_zone=time_zone,
        idle_lock_min=IDLE_LOCK_MIN,
        threshold_days=THRESHOLD_DAYS,
        created_at=now,
    )
    with made_new(place) as engine, told_in_words(), to_migrate(engine) as connection:
        if schema_of(connection):
            raise BookError(f"There is a book in {place.words} already; it was not touched.", "Choose another place.")
        migrate(connection)
        with Session(connection) as session:
            audited(session, FIRST_START, now).add(facts)
            session.flush()
    return Book(engine, place.words)


@contextmanager
def made_new(place: Place) -> Iterator[Engine]:
    """An engine on a place where nothing is yet; whatever was made of a file is taken away again when the inside fails."""
    if place.file is None:
        engine = engine_of(place)
        with _let_go(engine):
            yield engine
        return
    nothing_there(place.file)
    try:
        make_private(place.file)
    except OSError as problem:
        raise StorageError(
            f"No book can be made in {place.file}: {problem.strerror}.", "Mend the rights of its folder, or choose another."
        ) from problem
    whole = False
    try:
        engine = engine_of(place)
        with _let_go(engine):
            yield engine
        whole = True
    finally:
        if not whole:
            for left in (place.file, *beside(place.file)):
                left.unlink(missing_ok=True)


def nothing_there(file: Path) -> None:
    """Nothing, when a new book can be put there. Raises BookError.

    A log that an earlier book of this name left behind counts: SQLite would play it into the new one.
    """
    for found in (file, *beside(file)):
        if found.exists() and (found != file or found.stat().st_size):
            raise BookError(
                f"There is something in {found} already; it was not touched.", "Choose another place, or move it away."
            )


def beside(file: Path) -> tuple[Path, ...]:
    """The files that SQLite keeps beside a book while it is open."""
    return tuple(file.with_name(file.name + ending) for ending in ("-wal", "-shm", "-journal"))


@contextmanager
def _let_go(engine: Engine) -> Iterator[None]:
    """Let go of every connection when the inside fails."""
    done = False
    try:
        yield
        done = True
    finally:
        if not done:
            engine.dispose()


def engine_of(place: Place, busy_s: float = BUSY_S) -> Engine:
    """An engine for a place; nothing is looked at."""
    if place.file:
        return sqlite_engine(place.file, place.passphrase, busy_s)
    return server_engine(place.url, busy_s)
