"""Two programs on one SQLite book: one waits, nothing is lost, and nobody else can read along."""

import signal
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import text

from emscontrol.clinic.book.check import check
from emscontrol.clinic.book.opening import Place, create_book, open_book
from emscontrol.clinic.tables.people import Patient
from emscontrol.core.errors import BookBusy
from tests.clinic.book.conftest import add, contents, file_of
from tests.clinic.conftest import NOW, THERAPIST

HOLDS_THE_BOOK = """
import sqlite3, sys
book = sqlite3.connect(sys.argv[1], isolation_level=None)
book.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.readline()
book.execute("COMMIT")
"""
WRITES_IN_THE_BOOK = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from emscontrol.clinic.book.actor import Actor
from emscontrol.clinic.book.opening import Place, open_book
from emscontrol.clinic.tables.people import Patient
book = open_book(Place(file=Path(sys.argv[1])))
for number in range(40):
    with book.writing(Actor("anna", "therapist", sys.argv[2]), datetime.now(UTC)) as session:
        session.add(Patient(code=f"{sys.argv[2]}-{number}", birth_year=None, notes=""))
        session.get_one(Patient, 1).birth_year += 1
"""


def test_all_files_of_a_book_are_for_their_owner_only_and_so_is_the_folder_made_for_it(
    new_place: Callable[[str], Place],
) -> None:
    for kind in ("sqlite", "encrypted"):
        place = new_place(kind)
        book = create_book(place, name="x", kind="clinic", time_zone="Europe/Berlin", now=NOW)
        with book.writing(THERAPIST, NOW) as session:
            session.add(Patient(code="P", birth_year=None, notes=""))
            session.flush()
            modes = {found.name: stat.S_IMODE(found.stat().st_mode) for found in file_of(place).parent.iterdir()}
        assert modes == {"book.sqlite": 0o600, "book.sqlite-wal": 0o600, "book.sqlite-shm": 0o600}
        assert stat.S_IMODE(file_of(place).parent.stat().st_mode) == 0o700
        book.close()


def test_a_writer_waits_for_another_program_and_says_so_when_it_takes_too_long(sqlite_place: Place) -> None:
    book = open_book(sqlite_place, busy_s=0.1)
    add(book, "before")
    before = contents(sqlite_place)
    with _another_program_holds(sqlite_place):
        with pytest.raises(BookBusy, match=r"Another program is writing in the book right now. Nothing was changed. Try again"):
            add(book, "during")
        with book.reading() as session:  # reading goes on
            assert session.scalars(text("SELECT code FROM patients")).all() == ["before"]
    assert contents(sqlite_place) == before
    add(book, "after")
    with book.reading() as session:
        assert session.scalars(text("SELECT code FROM patients ORDER BY id")).all() == ["before", "after"]
        assert list(check(session)) == []
    book.close()


@contextmanager
def _another_program_holds(place: Place) -> Iterator[None]:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDS_THE_BOOK, str(place.file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout
        assert other.stdout.readline() == b"held\n"
        yield
        other.communicate(b"\n")


def test_two_programs_that_write_at_once_lose_nothing(sqlite_place: Place) -> None:
    book = open_book(sqlite_place)
    add(book, "counted")
    programs = [
        subprocess.Popen([sys.executable, "-c", WRITES_IN_THE_BOOK, str(sqlite_place.file), name]) for name in ("one", "two")
    ]
    assert [program.wait(60) for program in programs] == [0, 0]
    with book.reading() as session:
        assert session.get_one(Patient, 1).birth_year == 1980
        assert session.query(Patient).count() == 81
        assert list(check(session)) == []
    book.close()


def test_a_program_that_is_killed_in_the_middle_of_a_change_leaves_nothing_of_it(sqlite_place: Place) -> None:
    stops = "session.flush(); print('in', flush=True); sys.stdin.read()"
    words = WRITES_IN_THE_BOOK.replace("session.get_one(Patient, 1).birth_year += 1", stops)
    program = subprocess.Popen(
        [sys.executable, "-c", words, str(sqlite_place.file), "one"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert program.stdout
    assert program.stdout.readline() == b"in\n"
    program.send_signal(signal.SIGKILL)
    program.communicate()
    book = open_book(sqlite_place)
    with book.reading() as session:
        assert session.query(Patient).count() == 0
        assert list(check(session)) == []
    book.close()
