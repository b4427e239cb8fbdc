"""The clinic's stimulators: entered by a supervisor, known by name, changed as they were seen, and never deleted."""

import pytest

from emscontrol.clinic.book.book import Book
from emscontrol.clinic.stations.stimulators import (
    add_stimulator,
    change_stimulator,
    find_stimulator,
    list_stimulators,
    withdraw_stimulator,
)
from emscontrol.core.errors import BookConflict, NotAllowed, UsageError
from tests.clinic.conftest import NOW, SUPERVISOR, THERAPIST


def enter(book: Book, name: str = "one", device: str = "p24@/dev/ttyACM0") -> int:
    with book.writing(SUPERVISOR, NOW) as session:
        return add_stimulator(session, SUPERVISOR, name=name, device=device, serial="0815").version


def test_a_stimulator_is_known_by_its_name(book: Book) -> None:
    enter(book, "two")
    enter(book)
    with book.reading() as session:
        assert [(row.name, row.device, row.serial) for row in list_stimulators(session)] == [
            ("one", "p24@/dev/ttyACM0", "0815"),
            ("two", "p24@/dev/ttyACM0", "0815"),
        ]
        with pytest.raises(UsageError, match="no stimulator 'twoo'"):
            find_stimulator(session, "twoo")


@pytest.mark.parametrize(
    ("name", "device", "serial"),
    [("One", "p24@sim", ""), ("a b", "p24@sim", ""), ("two", " ", ""), ("two", "p24@\n", "x\ny"), ("two", "p24@sim", "0" * 41)],
)
def test_what_is_taken_or_makes_no_sense_is_refused(book: Book, name: str, device: str, serial: str) -> None:
    enter(book)
    with pytest.raises(UsageError), book.writing(SUPERVISOR, NOW) as session:
        add_stimulator(session, SUPERVISOR, name=name, device=device, serial=serial)


def test_only_a_supervisor_enters_changes_and_withdraws(book: Book) -> None:
    version = enter(book)
    with book.writing(THERAPIST, NOW) as session:
        with pytest.raises(NotAllowed):
            add_stimulator(session, THERAPIST, name="two", device="p24@sim")
        with pytest.raises(NotAllowed):
            change_stimulator(session, THERAPIST, "one", version, device="p24@sim")
        with pytest.raises(NotAllowed):
            withdraw_stimulator(session, THERAPIST, NOW, "one", "sold")


def test_it_is_changed_as_it_was_seen(book: Book) -> None:
    version = enter(book)
    with book.writing(SUPERVISOR, NOW) as session:
        changed = change_stimulator(session, SUPERVISOR, "one", version, device="p24@/dev/ttyACM1")
        assert (changed.device, changed.serial) == ("p24@/dev/ttyACM1", "0815")
    with pytest.raises(BookConflict), book.writing(SUPERVISOR, NOW) as session:
        change_stimulator(session, SUPERVISOR, "one", version, serial="0816")


def test_one_that_was_withdrawn_is_not_used_and_its_name_stays_taken(book: Book) -> None:
    enter(book)
    with book.writing(SUPERVISOR, NOW) as session:
        withdraw_stimulator(session, SUPERVISOR, NOW, "one", "sold")
    with book.reading() as session:
        assert list(list_stimulators(session)) == []
        with pytest.raises(UsageError, match="withdrawn: sold"):
            find_stimulator(session, "one")
    with pytest.raises(UsageError, match="taken"):
        enter(book)
