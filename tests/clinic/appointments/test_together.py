"""Many who want the same at once: exactly one gets it, on a real server as on SQLite, which has one writer at a time."""

import threading
from collections.abc import Callable
from datetime import time

import pytest
from sqlalchemy.orm import Session

from emscontrol.clinic.appointments.booking import book as book_one
from emscontrol.clinic.appointments.booking import book_plan
from emscontrol.clinic.appointments.changing import cancel, move, settle_missed
from emscontrol.clinic.appointments.conflicts import Span
from emscontrol.clinic.appointments.waiting import Slot, slot_of, take, wait
from emscontrol.clinic.book.book import Book
from emscontrol.clinic.book.check import check
from emscontrol.clinic.tables.plans import Appointment
from emscontrol.core.errors import BookConflict, EmsError
from tests.clinic.appointments.material import at, of_plan, people, plan
from tests.clinic.conftest import NOW, THERAPIST

PATIENTS = 8
SLOT = "2026-03-04 10:00"


@pytest.fixture
def clinic(book: Book) -> Book:
    """Eight patients with a plan each; none has settled therapist or stimulator."""
    with book.writing(THERAPIST, NOW) as session:
        people(session, PATIENTS)
        for patient in range(1, PATIENTS + 1):
            plan(session, patient, therapist="", stimulator="")
    return book


def _at_once(clinic: Book, works: list[Callable[[Session], object]]) -> list[EmsError | None]:
    """Each work in a thread and a change of its own, all let go at one moment; what each raised."""
    found: list[EmsError | None] = [None] * len(works)
    gate = threading.Barrier(len(works))

    def run(number: int) -> None:
        gate.wait(20)
        try:
            with clinic.writing(THERAPIST, NOW) as session:
                works[number](session)
        except EmsError as refused:
            found[number] = refused

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return found


def _one_won(found: list[EmsError | None]) -> None:
    assert found.count(None) == 1, found
    assert {type(each) for each in found if each is not None} == {BookConflict}


@pytest.mark.parametrize("shared", ["therapist", "stimulator", "patient", "muscle"])
def test_of_many_who_book_the_same_at_once_exactly_one_gets_it(clinic: Book, shared: str) -> None:
    def booking(number: int) -> Callable[[Session], object]:
        same = shared in ("patient", "muscle")
        begin = at(f"2026-03-04 {8 + number:02}:00") if shared == "muscle" else at(SLOT)
        return lambda session: book_one(
            session,
            1 if same else number + 1,
            begin,
            NOW,
            clinic.about,
            plan_id=1 if same else number + 1,
            therapist="anna" if shared == "therapist" else "",
            stimulator="S-1" if shared == "stimulator" else "",
        )

    _one_won(_at_once(clinic, [booking(number) for number in range(PATIENTS)]))
    with clinic.reading() as session:
        assert session.query(Appointment).count() == 1
        assert list(check(session)) == []


def test_of_many_who_book_whole_plans_at_once_on_one_stimulator_exactly_one_gets_it(clinic: Book) -> None:
    with clinic.writing(THERAPIST, NOW) as session:
        plans = [plan(session, patient, therapist="anna", stimulator="S-1") for patient in range(1, 5)]
    works = [lambda session, each=each: book_plan(session, each, [0, 2, 4], [time(15)], NOW, clinic.about) for each in plans]
    _one_won(_at_once(clinic, works))
    with clinic.reading() as session:
        assert sorted(len(of_plan(session, each)) for each in plans) == [0, 0, 0, 18]


def test_of_many_who_move_into_one_slot_exactly_one_gets_it(clinic: Book) -> None:
    with clinic.writing(THERAPIST, NOW) as session:
        for patient in range(1, PATIENTS + 1):
            begin = at(f"2026-03-06 {7 + patient:02}:00")
            book_one(session, patient, begin, NOW, clinic.about, plan_id=patient, therapist="anna")
    works = [
        lambda session, each=each: move(session, each, at(SLOT), "sooner", NOW, clinic.about) for each in range(1, PATIENTS + 1)
    ]
    _one_won(_at_once(clinic, works))


def test_of_many_who_take_a_freed_slot_exactly_one_gets_it(clinic: Book) -> None:
    with clinic.writing(THERAPIST, NOW) as session:
        freed = book_one(session, 1, at(SLOT), NOW, clinic.about, plan_id=1, therapist="anna")
        cancel(session, freed.id, "ill")
        slot = slot_of(freed)
        entries = [wait(session, each, NOW, at("2026-03-10 18:00"), "", NOW).id for each in range(2, PATIENTS + 1)]
    _one_won(_at_once(clinic, [lambda session, each=each: take(session, each, slot, NOW, clinic.about) for each in entries]))


def test_one_who_waits_is_given_one_slot_when_two_stations_give_him_one_each(clinic: Book) -> None:
    with clinic.writing(THERAPIST, NOW) as session:
        entry = wait(session, 1, NOW, at("2026-03-20 18:00"), "", NOW).id
    slots = [Slot(Span(at(f"2026-03-{day} 10:00"), at(f"2026-03-{day} 11:00")), "", "") for day in ("04", "10", "16")]
    _one_won(_at_once(clinic, [lambda session, each=each: take(session, entry, each, NOW, clinic.about) for each in slots]))
    with clinic.reading() as session:
        assert len(of_plan(session, 1)) == 1


def test_two_stations_that_settle_and_one_that_books_do_not_disturb_each_other(clinic: Book) -> None:
    with clinic.writing(THERAPIST, NOW) as session:
        for patient in range(1, PATIENTS + 1):
            for day in ("04", "09"):
                book_one(session, patient, at(f"2026-03-{day} 10:00"), NOW, clinic.about, plan_id=patient)
    later = at("2026-03-06 12:00")
    works: list[Callable[[Session], object]] = [lambda session: settle_missed(session, later)] * 3
    works.append(lambda session: book_one(session, 1, at("2026-03-12 10:00"), later, clinic.about, plan_id=1))
    assert _at_once(clinic, works) == [None] * 4
    with clinic.writing(THERAPIST, later) as session:
        settle_missed(session, later)  # the one that was being booked for
        assert [(row.status, row.number) for row in of_plan(session, 1)] == [("missed", 1), ("booked", 1), ("booked", 2)]
        assert [(row.status, row.number) for row in of_plan(session, 8)] == [("missed", 1), ("booked", 1)]
        assert list(check(session)) == []
