"""A backup holds the whole book, is made while others work, and becomes a book again on either kind of database."""

import stat
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

from emscontrol.clinic.book.backup import BOOK, MANIFEST, backup
from emscontrol.clinic.book.book import Book
from emscontrol.clinic.book.check import check
from emscontrol.clinic.book.manifest import Manifest
from emscontrol.clinic.book.opening import Place, create_book, open_book
from emscontrol.clinic.book.restore import restore
from emscontrol.clinic.tables.facts import Hold
from emscontrol.clinic.tables.people import Login, Patient
from emscontrol.core.errors import BookError, UsageError
from tests.clinic.book.conftest import PLACES, contents, everything, fill
from tests.clinic.conftest import NOW, SUPERVISOR, THERAPIST
from tests.clinic.postgresql import Server

Places = Callable[[str], Place]


def _filled(place: Place) -> Book:
    book = create_book(place, name="Praxis", kind="clinic", time_zone="Europe/Berlin", now=NOW)
    fill(book)
    return book


@pytest.mark.parametrize(
    ("origin", "targets"),
    [
        ("sqlite", ("sqlite", "postgresql")),
        ("encrypted", ("encrypted", "sqlite")),
        ("postgresql", ("sqlite", "encrypted", "postgresql")),
    ],
)
def test_a_backup_of_either_kind_becomes_the_same_book_on_either_kind(
    new_place: Places, tmp_path: Path, origin: str, targets: tuple[str, ...]
) -> None:
    old = new_place(origin)
    book = _filled(old)
    before = everything(book)
    book.close()
    manifest = backup(old, tmp_path / "backup", NOW)
    assert manifest.contents == contents(old)
    assert set(manifest.contents.rows.values()) == {1, 2, manifest.contents.changes}
    for target in targets:
        new = new_place(target)
        restore(tmp_path / "backup", new, NOW, passphrase=old.passphrase)
        _is_the_same(new, before)


def _is_the_same(place: Place, before: dict[str, list[tuple[Any, ...]]]) -> None:
    book = open_book(place)
    after = everything(book)
    assert {name for name in before if before[name] != after[name]} == {"holds", "logins"}
    with book.writing(SUPERVISOR, NOW) as session:
        assert list(check(session)) == []
        assert session.scalars(select(Hold)).all() == []
        assert session.scalars(select(Login).where(Login.closed_at.is_(None))).all() == []
        session.add(Patient(code="NEW", birth_year=None, notes=""))  # ids go on behind those that were restored
    book.close()


@pytest.mark.parametrize("origin", PLACES)
def test_a_backup_is_one_file_for_its_owner_and_an_encrypted_book_stays_so(
    new_place: Places, tmp_path: Path, origin: str
) -> None:
    place = new_place(origin)
    _filled(place).close()
    folder = tmp_path / "backups"
    folder.mkdir(mode=0o755)
    backup(place, folder / "backup", NOW)
    assert [found.name for found in folder.iterdir()] == ["backup"]
    assert stat.S_IMODE((folder / "backup").stat().st_mode) == 0o600
    with zipfile.ZipFile(folder / "backup") as archive:
        assert archive.read(BOOK).startswith(b"SQLite format 3") == (origin != "encrypted")
        assert (b"family-2" in archive.read(BOOK)) == (origin != "encrypted")
        told = Manifest.from_json(archive.read(MANIFEST).decode())
    assert told.encrypted == (origin == "encrypted")
    assert told.origin == ("postgresql" if origin == "postgresql" else "sqlite")
    assert told.taken_at == NOW


def test_a_backup_is_made_while_another_program_writes_and_has_nothing_half_written(
    place: Place, book: Book, tmp_path: Path
) -> None:
    with book.writing(THERAPIST, NOW) as session:
        session.add(Patient(code="whole", birth_year=None, notes=""))
    with book.writing(THERAPIST, NOW) as session:
        session.add(Patient(code="half", birth_year=None, notes=""))
        session.flush()
        manifest = backup(place, tmp_path / "backup", NOW)
    assert manifest.contents.rows["patients"] == 1
    assert contents(place).rows["patients"] == 2


def test_a_backup_never_overwrites_and_wants_a_folder_that_is_there(place: Place, tmp_path: Path) -> None:
    (tmp_path / "backup").write_text("a letter")
    with pytest.raises(BookError, match=r"something in .*backup already; it was not touched"):
        backup(place, tmp_path / "backup", NOW)
    assert (tmp_path / "backup").read_text() == "a letter"
    with pytest.raises(UsageError, match=r"There is no folder .*stick"):
        backup(place, tmp_path / "stick" / "backup", NOW)


def test_no_backup_is_made_of_a_damaged_book(sqlite_place: Place, tmp_path: Path) -> None:
    assert sqlite_place.file
    with sqlite_place.file.open("r+b") as file:
        file.seek(4096 * 20)
        file.write(bytes(4096 * 20))
    with pytest.raises(BookError, match="file of the book is damaged"):
        backup(sqlite_place, tmp_path / "backup", NOW)
    assert not (tmp_path / "backup").exists()


def test_no_backup_is_made_of_what_is_no_book(tmp_path: Path) -> None:
    with pytest.raises(BookError, match="There is no book in"):
        backup(Place(file=tmp_path / "none"), tmp_path / "backup", NOW)
    assert not (tmp_path / "none").exists()


def test_a_server_that_sorts_words_its_own_way_tells_the_same_hash(new_place: Places, tmp_path: Path, server: Server) -> None:
    server.statement("CREATE DATABASE shifted TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'de-DE-u-ka-shifted'")
    shifted, plain = Place(url=server.url("shifted")), new_place("sqlite")
    book = _filled(shifted)
    with book.reading() as session:
        words = list(session.scalars(text("SELECT DISTINCT entity FROM audit ORDER BY entity")))
    book.close()
    assert words != sorted(words)
    backup(shifted, tmp_path / "backup", NOW)
    restore(tmp_path / "backup", plain, NOW)
    assert contents(plain).audit_sha256 == contents(shifted).audit_sha256
    server.statement("DROP DATABASE shifted WITH (FORCE)")
