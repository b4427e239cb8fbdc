"""All rows of one patient, held against their trace while other stations write."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlalchemy.orm import Session

from emscontrol.clinic.book.book import Book
from emscontrol.clinic.book.check import trust
from emscontrol.clinic.book.opening import Place, open_book
from emscontrol.clinic.book.owned import owned
from emscontrol.clinic.tables.findings import Outcome
from emscontrol.clinic.tables.people import Patient
from emscontrol.core.errors import BookConflict, BookError
from tests.clinic.conftest import NOW, SUPERVISOR, THERAPIST

Change = Callable[[Session], None]


def _enter(session: Session) -> None:
    values = {"muscle": "", "side": "", "landmark": "", "scale": "", "taken_by": "anna", "note": ""}
    session.add(Outcome(patient_id=1, measure="skin", value_milli=0, appointment_id=None, taken_at=NOW, **values))


def _change(session: Session) -> None:
    session.get_one(Outcome, 1).note = "right"


CHANGES = {"a new row": _enter, "a changed row": _change}


@pytest.fixture
def one_of_two(place: Place, book: Book) -> Place:
    """A book with two patients and a result of the first."""
    with book.writing(THERAPIST, NOW) as session:
        session.add_all(Patient(code=f"P-{number}", birth_year=1958, notes="") for number in (1, 2))
        session.flush()
        _enter(session)
    return place


def _mine(session: Session) -> list[tuple[int, str]]:
    return [(row.id, row.note) for row in owned(session, Outcome, Outcome.patient_id, 1)]


@contextmanager
def _another_station(place: Place, engine: Any, change: Change) -> Iterator[list[str]]:
    """Commits this change when the rows were read and their traces were not."""
    other, done = open_book(place), list[str]()

    def between(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("SELECT outcomes.") and not done:
            done.append(statement)
            with other.writing(SUPERVISOR, NOW + timedelta(minutes=1)) as session:
                change(session)

    event.listen(engine, "after_cursor_execute", between)
    yield done
    event.remove(engine, "after_cursor_execute", between)
    other.close()


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_what_another_station_writes_between_two_looks_is_no_tampering(book: Book, one_of_two: Place, change: Change) -> None:
    with _another_station(one_of_two, book.engine, change) as done:
        with book.reading() as session:
            assert _mine(session) == [(1, "")]
            assert _mine(session) == [(1, "")], "one moment through all of it"
        assert done
    with book.reading() as session:
        assert _mine(session) == ([(1, ""), (2, "")] if change is _enter else [(1, "right")])


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_who_is_about_to_write_is_told_that_another_station_was_quicker(server_place: Place, change: Change) -> None:
    book = open_book(server_place)
    with book.writing(THERAPIST, NOW) as session:
        session.add(Patient(code="P-1", birth_year=1958, notes=""))
        session.flush()
        _enter(session)
    with _another_station(server_place, book.engine, change) as done:
        with pytest.raises(BookConflict, match="changed this meanwhile"), book.writing(THERAPIST, NOW) as session:
            _mine(session)
        assert done
    book.close()


def test_a_row_that_another_station_has_written_since_it_was_read_is_no_tampering(server_place: Place) -> None:
    book, other = open_book(server_place), open_book(server_place)
    with book.writing(THERAPIST, NOW) as session:
        session.add(Patient(code="P-1", birth_year=1958, notes=""))
    with book.writing(THERAPIST, NOW) as session:
        row = session.get_one(Patient, 1)
        with other.writing(SUPERVISOR, NOW) as second:
            second.get_one(Patient, 1).notes = "left knee"
        with pytest.raises(BookConflict, match="changed this meanwhile"):
            trust(session, [row])
    for each in (book, other):
        each.close()


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE outcomes SET value_milli = 1000",
        "UPDATE outcomes SET patient_id = 2",
        "UPDATE outcomes SET version = 2",
        "DELETE FROM outcomes",
        "DELETE FROM audit WHERE entity = 'outcomes'",
        "UPDATE audit SET patient_id = 2 WHERE entity = 'outcomes'",
        "UPDATE audit SET who = 'somebody' WHERE entity = 'outcomes'",
    ],
)
@pytest.mark.parametrize("writing", [False, True])
def test_tampering_is_told_as_such_whoever_looks(book: Book, one_of_two: Place, tampering: str, writing: bool) -> None:
    with book.engine.begin() as connection:
        assert connection.execute(text(tampering)).rowcount == 1
    look = book.writing(THERAPIST, NOW) if writing else book.reading()
    with pytest.raises(BookError, match="behind the program's back: ") as told, look as session:
        _mine(session)
    assert not isinstance(told.value, BookConflict)
