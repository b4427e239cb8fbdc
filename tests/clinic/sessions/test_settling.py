"""Wrong clocks, records of one session twice, and appointments that were called off, through the book."""

from datetime import datetime, timedelta
from itertools import permutations
from threading import Barrier, Thread

import pytest
from sqlalchemy import select

from emscontrol.clinic.appointments.changing import cancel
from emscontrol.clinic.appointments.status import CANCELLED
from emscontrol.clinic.book.book import Book
from emscontrol.clinic.plans.facts import plan_facts
from emscontrol.clinic.sessions.content import lines_of
from emscontrol.clinic.sessions.index import hand_in
from emscontrol.clinic.sessions.rebuild import rebuild
from emscontrol.clinic.sessions.settling import CALLED_OFF, TWICE
from emscontrol.clinic.tables.plans import Appointment, Plan
from emscontrol.clinic.tables.sessions import SessionEntry
from tests.clinic.conftest import NOW, THERAPIST
from tests.clinic.sessions.material import Book as Told
from tests.clinic.sessions.material import booked, planned

MS, MIN, HOUR, DAY = (timedelta(milliseconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1))
Row = tuple[bool, datetime, str]


def _planned(book: Book) -> None:
    with book.writing(THERAPIST, NOW) as session:
        planned(session, 3)


def _content(book: Book, at: datetime, appointment: int = 1) -> bytes:
    return booked(Told(book.about.uuid, appointment=appointment, number=appointment), at, real=True)


def _hand_in(book: Book, content: bytes, now: datetime = NOW + HOUR) -> int:
    with book.writing(THERAPIST, now) as session:
        return hand_in(session, "a.jsonl", content, "room 1", now, book.about).id


def _rows(book: Book) -> dict[int, Row]:
    """By number: whether it counts, when, and what was found."""
    with book.reading() as session:
        return {row.id: (row.counts, row.opened_at, row.finding) for row in session.scalars(select(SessionEntry))}


def _again(book: Book) -> dict[int, Row]:
    """The same after the index was made again."""
    with book.writing(THERAPIST, NOW + 9 * DAY) as session:
        rebuild(session, (), "office", NOW + 9 * DAY, book.about)
    return _rows(book)


def _status(book: Book, number: int = 1) -> tuple[str, int | None]:
    with book.reading() as session:
        row = session.get_one(Appointment, number)
        return row.status, row.session_id


@pytest.mark.parametrize("told", [NOW - 9500 * DAY, NOW - 2 * DAY, NOW + 365 * DAY])
def test_a_session_of_a_wrong_clock_is_told_and_counts_no_earlier_than_it_was_handed_in(book: Book, told: datetime) -> None:
    _planned(book)
    number = _hand_in(book, _content(book, told))
    (counted, at, finding) = _rows(book)[number]
    assert counted
    assert NOW + HOUR <= at <= NOW + DAY
    assert f"began on {told:%Y-%m-%d %H:%M} UTC, which does not fit" in finding
    assert "a clock was wrong" in finding
    assert _status(book) == ("done", number)
    assert _again(book)[number] == (counted, at, finding)


def test_a_record_that_comes_days_late_counts_when_it_was(book: Book) -> None:
    _planned(book)
    number = _hand_in(book, _content(book, NOW), NOW + 5 * DAY)
    assert _rows(book)[number][:2] == (True, NOW)
    assert "clock" not in _rows(book)[number][2]


def test_a_record_that_grows_counts_as_handed_in_when_its_beginning_was(book: Book) -> None:
    _planned(book)
    whole = _content(book, NOW - 2 * DAY)
    begun = next(at for at, line in enumerate(lines_of(whole)) if b'"contraction_ended"' in line)
    first = _hand_in(book, b"".join(lines_of(whole)[:begun]), NOW + HOUR)
    assert _hand_in(book, whole, NOW + 3 * DAY) == first
    assert _rows(book)[first][1] == NOW + HOUR
    assert _again(book)[first][1] == NOW + HOUR


def test_nothing_is_proposed_from_a_session_whose_time_is_still_to_come(book: Book) -> None:
    _planned(book)
    _hand_in(book, _content(book, NOW + 365 * DAY))
    with book.reading() as session:
        plan = session.get_one(Plan, 1)
        assert plan_facts(session, plan, None, NOW + 2 * HOUR) == {"sessions": 0}
        later = plan_facts(session, plan, None, NOW + 2 * DAY)
        assert (later["sessions"], later["days"]) == (1, 1)


def test_the_same_session_chained_anew_a_moment_later_counts_once(book: Book) -> None:
    _planned(book)
    first = _hand_in(book, _content(book, NOW), NOW + HOUR)
    again = _hand_in(book, _content(book, NOW + MS), NOW + 2 * HOUR)
    rows = _rows(book)
    assert [rows[number][0] for number in (first, again)] == [True, False]
    assert rows[again][2] == f"Intact and closed: {len(lines_of(_content(book, NOW)))} records. {TWICE}"
    assert TWICE not in rows[first][2]
    assert _status(book) == ("done", first)
    assert _again(book) == rows


def test_a_second_session_after_the_first_one_counts(book: Book) -> None:
    _planned(book)
    for minutes in (0, 30):
        _hand_in(book, _content(book, NOW + minutes * MIN))
    assert [counted for counted, *_ in _rows(book).values()] == [True, True]


def test_the_same_time_of_another_appointment_is_another_session(book: Book) -> None:
    _planned(book)
    for appointment in (1, 2):
        _hand_in(book, _content(book, NOW + DAY + appointment * MS, appointment), NOW + DAY + HOUR)
    assert [counted for counted, *_ in _rows(book).values()] == [True, True]


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_which_of_several_counts_does_not_hang_on_the_order_in_which_they_were_indexed(
    sqlite_book: Book, order: tuple[int, ...]
) -> None:
    """A station whose clock is behind hands in later what counts as handed in before."""
    _planned(sqlite_book)
    given = {n: (_content(sqlite_book, NOW + n * MS), NOW + HOUR + n * MIN) for n in range(3)}
    numbers = {n: _hand_in(sqlite_book, *given[n]) for n in order}
    rows = _rows(sqlite_book)
    assert [rows[numbers[n]][0] for n in range(3)] == [True, False, False]
    assert [TWICE in rows[numbers[n]][2] for n in range(3)] == [False, True, True]
    assert _status(sqlite_book) == ("done", numbers[0])
    assert _again(sqlite_book) == rows


def test_two_stations_that_hand_in_two_records_of_one_session_at_once_count_it_once(book: Book) -> None:
    _planned(book)
    barrier = Barrier(4)

    def station(number: int) -> None:
        content = _content(book, NOW + number * MS)
        barrier.wait()
        _hand_in(book, content, NOW + HOUR + number * MIN)

    threads = [Thread(target=station, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rows = _rows(book)
    assert sorted(counted for counted, *_ in rows.values()) == [False, False, False, True]
    assert _again(book) == rows


def test_what_was_called_off_stays_so_and_its_session_says_it(book: Book) -> None:
    _planned(book)
    with book.writing(THERAPIST, NOW) as session:
        cancel(session, 1, "ill")
    number = _hand_in(book, _content(book, NOW))
    rows = _rows(book)
    assert (rows[number][0], rows[number][1]) == (True, NOW)  # what was given was given, and muscles rest from it
    assert rows[number][2].endswith(CALLED_OFF)
    assert _status(book) == (CANCELLED, number)
    with book.reading() as session:
        assert session.get_one(Appointment, 1).reason == "ill"
    assert _again(book) == rows
