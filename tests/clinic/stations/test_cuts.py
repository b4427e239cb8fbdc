"""The connection is cut at every step of a hand-in: nothing is lost, and nothing counts twice."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import product
from pathlib import Path

import pytest
from sqlalchemy import func, select

from emscontrol.clinic.book.book import Book
from emscontrol.clinic.book.check import check
from emscontrol.clinic.book.opening import Place, open_book
from emscontrol.clinic.stations.holds import held_now, take
from emscontrol.clinic.stations.outbox import announce, hand_in_all, waiting
from emscontrol.clinic.tables.facts import Audit
from emscontrol.clinic.tables.plans import Appointment
from emscontrol.clinic.tables.sessions import Journal, SessionEntry
from emscontrol.core.errors import BookUnreachable
from tests.clinic.conftest import NOW, THERAPIST
from tests.clinic.postgresql import Server
from tests.clinic.sessions import material
from tests.clinic.stations.proxy import Cut, Proxy, Where

APPOINTMENTS = 300


@dataclass
class Station:
    """A station behind a wire that can be cut, and the same book from the other side."""

    book: Book
    inside: Book
    proxy: Proxy
    folder: Path
    done: int = 0

    @property
    def outbox(self) -> Path:
        return self.folder / "outbox"

    def session(self) -> Path:
        """A session of the next appointment has ended: its journal is there and announced."""
        self.done += 1
        journal = self.folder / f"{self.done}.jsonl"
        announce(self.outbox, journal, "room 1", NOW)
        about = material.Book(self.inside.about.uuid, appointment=self.done)
        journal.write_bytes(material.booked(about, NOW + timedelta(minutes=self.done), real=True))
        return journal

    def stands(self) -> tuple[int, int, str, int]:
        """Of the last appointment: journals, sessions, its status, its changes."""
        with self.inside.reading() as session:
            entries = session.scalars(select(SessionEntry).where(SessionEntry.appointment_id == self.done)).all()
            ids = [entry.journal_id for entry in entries]
            journals = session.scalar(select(func.count()).select_from(Journal).where(Journal.journal_id.in_(ids)))
            row = session.get_one(Appointment, self.done)
            traces = (Audit.entity == "appointments", Audit.entity_id == self.done)
            changes = session.scalar(select(func.count()).select_from(Audit).where(*traces))
            return journals or 0, len(entries), row.status, (changes or 0) - 1


@pytest.fixture
def station(server: Server, server_place: Place, tmp_path: Path) -> Iterator[Station]:
    inside = open_book(server_place)
    with inside.writing(THERAPIST, NOW) as session:
        material.planned(session, APPOINTMENTS)
    proxy = Proxy(server.port)
    far = server_place.url.replace(f":{server.port}/", f":{proxy.port}/") + "?sslmode=disable&gssencmode=disable"
    book = open_book(Place(url=far))
    yield Station(book, inside, proxy, tmp_path)
    for opened in (book, inside):
        opened.close()
    proxy.close()


def _begin_anew(station: Station, cut: Cut | None) -> None:
    """As a station that has just been switched on: no connection, nothing remembered."""
    station.book.close()
    station.book._about = None
    station.proxy.arm(cut)


def test_cut_at_every_step_a_journal_is_handed_in_exactly_once(station: Station) -> None:
    station.session()
    _begin_anew(station, None)
    assert len(hand_in_all(station.book, station.outbox, THERAPIST, NOW).handed_in) == 1
    steps = station.proxy.requests
    assert station.stands() == (1, 1, "done", 1)
    assert steps > 15
    lost_answers = 0
    for step in range(steps):
        for where in (Where.BEFORE, Where.BEFORE_THE_ANSWER, Where.IN_THE_ANSWER if step % 2 else Where.IN_THE_REQUEST):
            lost_answers += _cut(station, Cut(step, where))
    assert lost_answers >= 1  # the commit was carried out, and its answer was lost
    with station.inside.reading() as session:
        assert list(check(session)) == []


def _cut(station: Station, cut: Cut) -> bool:
    """One session whose hand-in is cut once. Whether the book had it although the station was not told."""
    journal = station.session()
    content = journal.read_bytes()
    _begin_anew(station, cut)
    first = hand_in_all(station.book, station.outbox, THERAPIST, NOW)
    assert station.proxy.has_cut, cut
    known = station.stands()
    assert known in ((0, 0, "booked", 0), (1, 1, "done", 1)), cut  # all of it or nothing
    if not first.handed_in:
        assert isinstance(first.unreachable, BookUnreachable), cut
        assert [one.journal for one in waiting(station.outbox)] == [journal], cut
        again = hand_in_all(station.book, station.outbox, THERAPIST, NOW)
        assert again.handed_in == [journal], (cut, again.left)
    assert station.stands() == (1, 1, "done", 1), cut
    assert waiting(station.outbox) == [], cut
    assert journal.read_bytes() == content
    return not first.handed_in and known[0] == 1


def test_cut_at_every_step_of_opening_a_book_it_is_out_of_reach_and_opened_the_next_time(station: Station) -> None:
    place = Place(url=str(station.book.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)))
    station.proxy.arm(None)
    open_book(place).close()
    for step in range(station.proxy.requests - 1):  # after the last one, the end of looking, the book is open
        for where in Where:
            station.proxy.arm(Cut(step, where))
            with pytest.raises(BookUnreachable, match=r"book cannot be reached: .*agenda --offline"):
                open_book(place)
            open_book(place).close()


def test_cut_at_every_step_a_stimulator_is_held_once_by_the_session_that_asked_again(station: Station) -> None:
    def take_it(now: datetime) -> None:
        with station.book.writing(THERAPIST, now) as session:
            take(session, 1, "mine", THERAPIST, now)

    _begin_anew(station, None)
    take_it(NOW)
    steps = station.proxy.requests
    for number, (step, where) in enumerate(product(range(steps), Where), start=1):
        now = NOW + timedelta(hours=number)  # the hold before has run out
        _begin_anew(station, Cut(step, where))
        with suppress(BookUnreachable):
            take_it(now)
        take_it(now + timedelta(seconds=5))
        with station.inside.reading() as session:
            assert [(held.holder, held.until) for held in held_now(session, now)] == [("mine", now + timedelta(seconds=95))]
