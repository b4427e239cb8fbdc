"""One session at a time has a stimulator, across the clinic."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from emscontrol.clinic.book.actor import Actor
from emscontrol.clinic.book.book import Book
from emscontrol.clinic.book.check import fingerprint
from emscontrol.clinic.book.opening import Place, open_book
from emscontrol.clinic.book.rows import withdraw
from emscontrol.clinic.stations.holds import LEASE_S, RENEW_S, Held, give_back, held_now, renew, take
from emscontrol.clinic.tables.facts import Stimulator
from emscontrol.core.errors import BookConflict, UsageError
from tests.clinic.conftest import NOW, SUPERVISOR, THERAPIST

OTHER = Actor("olaf", "therapist", "room 2")


@pytest.fixture
def box(book: Book) -> int:
    """A stimulator."""
    with book.writing(SUPERVISOR, NOW) as session:
        row = Stimulator(name="P24-1", device="p24@/dev/ttyACM0", serial="")
        session.add(row)
        session.flush()
        return row.id


def _in(book: Book, do: Callable[..., Held | bool], *words: object) -> Held | bool:
    with book.writing(THERAPIST, NOW) as session:
        return do(session, *words)


def test_a_stimulator_that_is_held_is_refused_with_who_has_it_since_when(book: Book, box: int) -> None:
    with book.reading() as session:
        before = fingerprint(session)
    held = _in(book, take, box, "one", THERAPIST, NOW)
    assert isinstance(held, Held)
    assert (held.staff, held.station, held.since, held.until) == ("anna", "room 1", NOW, NOW + timedelta(seconds=LEASE_S))
    with pytest.raises(
        BookConflict,
        match=r"P24-1 is in use: anna at room 1 has it since 2026-03-02 09:00 UTC. End the session there. .* free in 60 s",
    ):
        _in(book, take, box, "two", OTHER, NOW + timedelta(seconds=30))
    with book.reading() as session:
        assert held_now(session, NOW) == [held]
        assert fingerprint(session) == before  # it is of the moment, and leaves no trace


def test_what_is_given_back_is_free_and_only_the_holder_gives_back(book: Book, box: int) -> None:
    _in(book, take, box, "one", THERAPIST, NOW)
    assert _in(book, give_back, box, "two") is False
    with pytest.raises(BookConflict):
        _in(book, take, box, "two", OTHER, NOW)
    assert _in(book, give_back, box, "one") is True
    assert _in(book, give_back, box, "one") is False
    taken = _in(book, take, box, "two", OTHER, NOW)
    assert isinstance(taken, Held)
    assert taken.staff == "olaf"


def test_a_hold_that_is_renewed_lasts_and_three_lost_renewals_end_it(book: Book, box: int) -> None:
    assert LEASE_S == 3 * RENEW_S
    _in(book, take, box, "one", THERAPIST, NOW)
    for second in range(RENEW_S, 300, RENEW_S):
        _in(book, renew, box, "one", NOW + timedelta(seconds=second))
    with pytest.raises(BookConflict):
        _in(book, take, box, "two", OTHER, NOW + timedelta(seconds=270 + LEASE_S - 1))
    taken = _in(book, take, box, "two", OTHER, NOW + timedelta(seconds=270 + LEASE_S))
    assert isinstance(taken, Held)
    assert taken.since == NOW + timedelta(seconds=360)
    with pytest.raises(
        BookConflict, match=r"olaf at room 2 has it since .*; this session's hold had run out. End this session"
    ):
        _in(book, renew, box, "one", NOW + timedelta(seconds=361))
    assert _in(book, give_back, box, "one") is False


def test_a_hold_that_has_run_out_is_renewed_while_nobody_else_has_taken_it(book: Book, box: int) -> None:
    _in(book, take, box, "one", THERAPIST, NOW)
    late = NOW + timedelta(hours=1)
    with book.reading() as session:
        assert held_now(session, late) == []
    held = _in(book, renew, box, "one", late)
    assert isinstance(held, Held)
    assert (held.since, held.until) == (NOW, late + timedelta(seconds=LEASE_S))
    _in(book, give_back, box, "one")
    with pytest.raises(BookConflict, match="P24-1 is not held by this session any more"):
        _in(book, renew, box, "one", late)


def test_taken_twice_by_one_session_it_is_one_hold(book: Book, box: int) -> None:
    """As after an answer that was lost."""
    first = _in(book, take, box, "one", THERAPIST, NOW)
    again = _in(book, take, box, "one", THERAPIST, NOW + timedelta(seconds=5))
    assert isinstance(first, Held)
    assert isinstance(again, Held)
    assert again.since == first.since
    assert again.until == first.until + timedelta(seconds=5)


def test_what_is_not_there_or_withdrawn_is_not_taken(book: Book, box: int) -> None:
    with pytest.raises(UsageError, match="There is no stimulator 99"):
        _in(book, take, 99, "one", THERAPIST, NOW)
    with book.writing(SUPERVISOR, NOW) as session:
        withdraw(session.get_one(Stimulator, box), SUPERVISOR, NOW, "broken")
    with pytest.raises(UsageError, match="P24-1 was withdrawn: broken"):
        _in(book, take, box, "one", THERAPIST, NOW)


def test_of_many_that_take_one_stimulator_at_once_exactly_one_has_it(place: Place, book: Book, box: int) -> None:
    for after_s in (0, LEASE_S):  # a stimulator that is free, and one whose hold has run out
        now = NOW + timedelta(seconds=after_s)
        won, lost = _all_at_once(place, box, [f"{after_s}-{number}" for number in range(6)], now)
        assert len(won) == 1
        assert len(lost) == 5
        assert all(f"{won[0]} at {won[0]} has it" in words for words in lost)
        with book.reading() as session:
            assert [held.holder for held in held_now(session, now)] == won


def _all_at_once(place: Place, box: int, names: list[str], now: datetime) -> tuple[list[str], list[str]]:
    won: list[str] = []
    lost: list[str] = []
    begun = threading.Barrier(len(names))

    def grab(name: str) -> None:
        own = open_book(place)
        begun.wait()
        try:
            with own.writing(THERAPIST, now) as session:
                take(session, box, name, Actor(name, "therapist", name), now)
            won.append(name)
        except BookConflict as told:
            lost.append(str(told))
        own.close()

    threads = [threading.Thread(target=grab, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return won, lost
