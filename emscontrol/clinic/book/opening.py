"""Opening a book, making a new one, and bringing an old one up to date."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import Engine, make_url

from emscontrol.clinic.book.actor import Actor
from emscontrol.clinic.book.book import KINDS, Book
from emscontrol.clinic.book.engine import is_plain, make_private, server_engine, sqlite_engine
from emscontrol.clinic.book.schema import check_schema, schema_of
from emscontrol.clinic.book.trouble import told_in_words
from emscontrol.clinic.tables.facts import BookFacts
from emscontrol.core.errors import BookError, UsageError

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


def open_book(place: Place) -> Book:
    """Open it. Raises BookError when there is none, or it is of another schema, damaged, foreign or locked by a passphrase."""
    if place.file is not None:
        if not place.file.exists() or place.file.stat().st_size == 0:
            raise BookError(f"There is no book in {place.file} yet.", "Make one: emscontrol book create.")
        _passphrase_fits(place.file, place.passphrase)
    engine = engine_of(place)
    with told_in_words(), engine.connect() as connection:
        check_schema(schema_of(connection))
    return Book(engine, place.words)


def create_book(place: Place, *, name: str, kind: str, time_zone: str, now: datetime) -> Book:
    """Make a new, empty book. Raises UsageError for an unknown kind or zone, BookError when something is there."""
    if kind not in KINDS:
        raise UsageError(f"There is no kind of book {kind!r}.", f"Choose one of {', '.join(KINDS)}.")
    try:
        ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError) as problem:
        raise UsageError(f"There is no time zone {time_zone!r}.", "Name one as Europe/Berlin or Asia/Jakarta.") from problem
    if place.file is not None:
        if place.file.exists() and place.file.stat().st_size:
            raise BookError(f"There is something in {place.file} already; it was not touched.", "Choose another place.")
        make_private(place.file)
    engine = engine_of(place)
    with told_in_words(), engine.connect() as connection:
        if schema_of(connection):
            raise BookError(f"There is a book in {place.words} already; it was not touched.", "Choose another place.")
    migrate(engine)
    book = Book(engine, place.words)
    with book.writing(FIRST_START, now) as session:
        session.add(
            BookFacts(
                uuid=str(uuid.uuid4()),
                kind=kind,
                name=name,
                time_zone=time_zone,
                idle_lock_min=IDLE_LOCK_MIN,
                threshold_days=THRESHOLD_DAYS,
                created_at=now,
            )
        )
    return book


def engine_of(place: Place) -> Engine:
    """An engine for a place; nothing is looked at."""
    return sqlite_engine(place.file, place.passphrase) if place.file else server_engine(place.url)


def migrate(engine: Engine, to: str = "head") -> None:
    """Bring a database to a schema, all of it or nothing."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with told_in_words(), engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, to)


def _passphrase_fits(file: Path, passphrase: str) -> None:
    """An unencrypted book opened with a passphrase, and the reverse, are told as what they are."""
    try:
        plain = is_plain(file)
    except OSError as problem:
        raise BookError(
            f"The book {file} cannot be read: {problem.strerror}.", "Mend its rights, or name another file."
        ) from problem
    if plain and passphrase:
        raise BookError(f"The book {file} is not encrypted, and the settings say that it is.", "Mend the settings.")
    if not plain and not passphrase:
        raise BookError(
            f"The book {file} is encrypted, or it is no book.",
            "Set encrypted = true under [book] in the settings, if it is one.",
        )
