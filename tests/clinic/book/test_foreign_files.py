"""What is no book, no whole book, or a book under another passphrase is told as what it is, and is not touched."""

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from emscontrol.clinic.book.opening import Place, create_book, open_book
from emscontrol.core.errors import BookError
from tests.clinic.book.conftest import contents, file_of
from tests.clinic.conftest import NOW

PAGE = 4096


def _overwritten(file: Path, at: int, data: bytes) -> None:
    with file.open("r+b") as stream:
        stream.seek(at)
        stream.write(data)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "There is no book in .* yet. Make one: emscontrol book create"),
        (b"", "There is no book in .* yet"),
        (b"Dear colleague,", "is encrypted, or it is no book"),
        (b"SQLite format 3\x00", "is no book that can be read: it is encrypted with another passphrase, or damaged"),
        (
            b"SQLite format 3\x00" + bytes(5000),
            "is no book that can be read: it is encrypted with another passphrase, or damaged",
        ),
    ],
)
def test_what_is_no_book_is_told_as_what_it_is(tmp_path: Path, content: bytes | None, words: str) -> None:
    file = tmp_path / "book.sqlite"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(BookError, match=words):
        open_book(Place(file=file))
    assert (file.read_bytes() if file.exists() else None) == content
    assert [found.name for found in tmp_path.iterdir()] == ([] if content is None else ["book.sqlite"])


def test_a_folder_in_place_of_the_book_is_told(tmp_path: Path) -> None:
    with pytest.raises(BookError, match="cannot be read: Is a directory"):
        open_book(Place(file=tmp_path))


@pytest.mark.parametrize("table", ["alembic_version", "book", "songs"])
def test_a_database_of_another_program_is_told_apart_and_not_touched(tmp_path: Path, table: str) -> None:
    file = tmp_path / "book.sqlite"
    other = sqlite3.connect(file)
    other.execute(f"CREATE TABLE {table} (version_num TEXT)")
    other.close()
    with pytest.raises(BookError, match="not a book of emscontrol: it holds something else"):
        open_book(Place(file=file))
    with pytest.raises(BookError, match=r"something in .* already; it was not touched"):
        create_book(Place(file=file), name="x", kind="clinic", time_zone="Europe/Berlin", now=NOW)
    other = sqlite3.connect(file)
    assert other.execute("SELECT name FROM sqlite_master").fetchall() == [(table,)]
    other.close()


@pytest.mark.parametrize("length", [100, PAGE, PAGE * 3, PAGE * 40])
def test_a_book_that_was_cut_short_is_refused(filled: Place, length: int) -> None:
    os.truncate(file_of(filled), length)
    with pytest.raises(BookError, match=r"damaged|no book that can be read"):
        _read_it_all(filled)


@pytest.mark.parametrize("first", [1, 5, 30, 60])
def test_a_book_with_pages_of_something_else_is_refused(filled: Place, first: int) -> None:
    _overwritten(file_of(filled), PAGE * first, os.urandom(PAGE * 8))
    with pytest.raises(BookError, match=r"damaged.*restore the newest backup"):
        _read_it_all(filled)


def _read_it_all(place: Place) -> None:
    book = open_book(place)
    try:
        with book.reading() as session:
            found = session.execute(text("PRAGMA integrity_check(1)")).scalar_one()
            for name in session.scalars(text("SELECT name FROM sqlite_master WHERE type = 'table'")).all():
                session.execute(text(f"SELECT * FROM {name}")).all()
            assert found == "ok"
    finally:
        book.close()


def test_the_wrong_passphrase_none_and_one_too_many_are_told_apart(
    new_place: Callable[[str], Place], sqlite_place: Place, capfd: pytest.CaptureFixture[str]
) -> None:
    place = new_place("encrypted")
    create_book(place, name="x", kind="clinic", time_zone="Europe/Berlin", now=NOW).close()
    before = contents(place)
    with pytest.raises(BookError, match=r"encrypted with another passphrase, or damaged. Check the passphrase"):
        open_book(Place(file=place.file, passphrase="guess"))
    with pytest.raises(BookError, match=r"is encrypted, or it is no book. Set encrypted = true"):
        open_book(Place(file=place.file))
    with pytest.raises(BookError, match="is not encrypted, and the settings say that it is"):
        open_book(Place(file=sqlite_place.file, passphrase="guess"))
    assert contents(place) == before
    assert capfd.readouterr().err == ""  # the library beneath says nothing over our heads
