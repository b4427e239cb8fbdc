"""The book that the settings name, opened, and who is at it. The one place that reads the clock for the book."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime, time
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from emscontrol.config import Settings, read_settings
from emscontrol.core.errors import NotAllowed, StorageError, UsageError
from emscontrol.desk.token import forget_token, keep_token, kept_token, note_use

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from emscontrol.clinic.book.actor import Actor
    from emscontrol.clinic.book.book import Book
    from emscontrol.clinic.book.opening import Place

Passphrase = Callable[[Settings, bool], str]
"""Asks for the passphrase of an encrypted book; twice where it is for a new one."""


class AtWork(NamedTuple):
    """One piece of work on the book: a session of the database, who does it, and when."""

    session: "Session"
    actor: "Actor"
    now: datetime


class StationDesk:
    """This station at the book below `home`. The book is opened when it is first needed."""

    def __init__(self, home: str, passphrase: Passphrase) -> None:
        self.home = home
        self._passphrase = passphrase
        self._place: Place | None = None
        self._opened: Book | None = None

    @cached_property
    def settings(self) -> Settings:
        """What the user set."""
        return read_settings(self.home)

    @property
    def station(self) -> str:
        """What this station is called."""
        return self.settings.station

    def place(self, new: bool = False) -> "Place":
        """Where the book is, with its passphrase, which is asked for where no file has it; twice for a `new` book."""
        if self._place is None:
            from emscontrol.clinic.book.opening import Place

            settings = self.settings
            if settings.book_url:
                self._place = Place(url=settings.book_url)
            else:
                passphrase = self._passphrase(settings, new) if settings.encrypted else ""
                self._place = Place(file=settings.book_file, passphrase=passphrase)
        return self._place

    @property
    def book(self) -> "Book":
        """The open book. Raises BookError when there is none that can be used."""
        if self._opened is None:
            from emscontrol.clinic.book.opening import open_book

            self._opened = open_book(self.place())
        return self._opened

    @property
    def zone(self) -> ZoneInfo:
        """The clinic's time zone."""
        return self.book.about.zone

    def now(self) -> datetime:
        """This moment."""
        return clock()

    def today(self) -> date:
        """The day it is at the clinic."""
        return self.now().astimezone(self.zone).date()

    def moment(self, day: date, at: time) -> datetime:
        """A time of a day at the clinic. Raises UsageError for a time that the change to summer time leaves out."""
        from emscontrol.clinic.appointments.wall_time import moment_of

        found = moment_of(datetime.combine(day, at), self.zone)
        if found.moved:
            raise UsageError(f"{found.moved}.", "Choose a time before or after.")
        return found.at

    def day_of(self, day: date) -> tuple[datetime, datetime]:
        """A day at the clinic, from its first moment to that of the next."""
        from emscontrol.clinic.appointments.wall_time import day_span

        return day_span(day, self.zone)

    @contextmanager
    def reading(self, permission: str) -> Iterator[AtWork]:
        """Look into the book, as who is logged in. Raises NotAllowed."""
        now = self.now()
        actor = self._allowed(permission, now)
        with self.book.reading() as session:
            yield AtWork(session, actor, now)

    @contextmanager
    def writing(self, permission: str) -> Iterator[AtWork]:
        """One change of the book, whole or not at all, as who is logged in. Raises NotAllowed."""
        now = self.now()
        actor = self._allowed(permission, now)
        with self.book.writing(actor, now) as session:
            yield AtWork(session, actor, now)

    def require(self, permission: str) -> None:
        """Nothing, when who is logged in may do this; for what must be known before anything is asked. Raises NotAllowed."""
        self._allowed(permission, self.now())

    def keep_login(self, token: str) -> None:
        """From now on this user at this station is who logged in with this token."""
        keep_token(self.home, self.book.about.uuid, token, self.now())

    def forget_login(self) -> str:
        """The token that was kept, "" for none; it is not kept any more."""
        return forget_token(self.home, self.book.about.uuid)

    @property
    def opened(self) -> bool:
        """Whether the book is open already."""
        return self._opened is not None

    def close(self) -> None:
        """Let go of the book; it is opened again when it is next needed."""
        if self._opened is not None:
            self._opened.close()
            self._opened = None

    def _allowed(self, permission: str, now: datetime) -> "Actor":
        """Who is logged in here, if he may do this."""
        from emscontrol.clinic.staff.roles import require

        actor = self.actor(now)
        require(actor, permission)
        return actor

    def actor(self, now: datetime) -> "Actor":
        """Who is logged in at this station. Raises NotAllowed for nobody, and when the login is locked or over."""
        from emscontrol.clinic.staff.entry import actor_of

        return self._by_token(actor_of, now)

    def holder(self, now: datetime) -> "Actor":
        """The same also where somebody else has set his PIN, for choosing another and for nothing else."""
        from emscontrol.clinic.staff.entry import holder_of

        return self._by_token(holder_of, now)

    def _by_token(self, known: Callable[["Book", str, str, datetime], "Actor"], now: datetime) -> "Actor":
        token = kept_token(self.home, self.book.about.uuid)
        if not token:
            raise NotAllowed("Nobody is logged in here.", "Log in: emscontrol staff login CODE.")
        actor = known(self.book, token, self.station, now)
        with suppress(StorageError):  # then the login is locked earlier while the book is out of reach, and nothing else
            note_use(self.home, self.book.about.uuid, token, now)
        return actor


def clock() -> datetime:
    """The clock of this station."""
    return datetime.now(UTC)
