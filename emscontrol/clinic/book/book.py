"""The open book: sessions for reading, and sessions for writing that leave a trace."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from emscontrol.clinic.book.actor import Actor
from emscontrol.clinic.book.audit import audited
from emscontrol.clinic.book.check import trust
from emscontrol.clinic.book.engine import WRITES
from emscontrol.clinic.book.trouble import told_in_words
from emscontrol.clinic.tables.facts import BookFacts
from emscontrol.core.errors import BookError

PRACTICE = "practice"
CLINIC = "clinic"
KINDS = (CLINIC, PRACTICE)


@dataclass(frozen=True, slots=True)
class About:
    """What a book is, read once when it is opened."""

    uuid: str
    kind: str
    name: str
    time_zone: str
    idle_lock_min: int
    threshold_days: int

    @property
    def practice(self) -> bool:
        """True for a book that is for simulators only."""
        return self.kind == PRACTICE

    @property
    def zone(self) -> ZoneInfo:
        """The clinic's time zone."""
        return ZoneInfo(self.time_zone)


class Book:
    """One open book. `where` is what people call its place: a file, or a server and database without any password."""

    def __init__(self, engine: Engine, where: str) -> None:
        self.engine = engine
        self.where = where
        self._about: About | None = None

    @property
    def about(self) -> About:
        """What this book is. Raises BookError when it does not say, or when that was changed behind the program's back."""
        if self._about is None:
            with self.reading() as session:
                facts = session.scalars(select(BookFacts).order_by(BookFacts.id).limit(1)).one_or_none()
                if facts is None:
                    raise BookError(
                        f"The book in {self.where} does not say what it is.", "Restore a backup: emscontrol book restore."
                    )
                trust(session, [facts])
                self._about = About(
                    facts.uuid, facts.kind, facts.name, facts.time_zone, facts.idle_lock_min, facts.threshold_days
                )
        return self._about

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that changes nothing, and sees the book as it is at one moment. What the database raises is an EmsError."""
        with told_in_words(), Session(self._at_one_moment(), expire_on_commit=False) as session:
            yield session

    @contextmanager
    def writing(self, actor: Actor, now: datetime) -> Iterator[Session]:
        """One change, whole or not at all, and its trace. Raises BookConflict, BookBusy, StorageError and other EmsErrors."""
        engine = self.engine.execution_options(**{WRITES: True})
        with told_in_words(), Session(engine, expire_on_commit=False) as session, session.begin():
            yield audited(session, actor, now)

    def _at_one_moment(self) -> Engine:
        """A row and its trace are read one after the other: what is committed between must not look like tampering.

        SQLite reads so anyway.
        """
        server = self.engine.dialect.name == "postgresql"
        return self.engine.execution_options(isolation_level="REPEATABLE READ") if server else self.engine

    def close(self) -> None:
        """Let go of every connection."""
        self.engine.dispose()
