"""What is damaged, foreign, newer or changed behind the program's back is not restored, and nothing is left of the attempt."""

import hashlib
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from emscontrol.clinic.book.backup import BOOK, MANIFEST, backup
from emscontrol.clinic.book.manifest import Manifest
from emscontrol.clinic.book.migration import migrate, to_migrate
from emscontrol.clinic.book.opening import Place, engine_of, open_book
from emscontrol.clinic.book.pages import settle
from emscontrol.clinic.book.restore import restore
from emscontrol.clinic.tables.facts import BookFacts, Hold
from emscontrol.clinic.tables.people import Login, Patient
from emscontrol.core.errors import BookError, EmsError, UsageError
from tests.clinic.book.conftest import contents, fill
from tests.clinic.conftest import NOW, THERAPIST

Places = Callable[[str], Place]
KINDS = ("sqlite", "postgresql")


@pytest.fixture
def saved(sqlite_place: Place, tmp_path: Path) -> Path:
    """A backup of a book with one patient."""
    book = open_book(sqlite_place)
    with book.writing(THERAPIST, NOW) as session:
        session.add(Patient(code="P-1", birth_year=1958, notes="left knee"))
    book.close()
    backup(sqlite_place, tmp_path / "backup", NOW)
    return tmp_path / "backup"


def _rewritten(saved: Path, tmp_path: Path, statement: str = "", version: str = "", honest: bool = True) -> Path:
    """The same backup after somebody has changed the book in it; `honest` makes the manifest fit its file again."""
    file, changed = tmp_path / "changed.sqlite", tmp_path / "changed"
    with zipfile.ZipFile(saved) as archive:
        file.write_bytes(archive.read(BOOK))
        manifest = Manifest.from_json(archive.read(MANIFEST).decode())
    engine = engine_of(Place(file=file))
    with engine.begin() as connection:
        if statement:
            connection.execute(text(statement))
        if version:
            connection.execute(text(f"UPDATE alembic_version SET version_num = '{version}'"))
    engine.dispose()
    settle(file, "")
    if honest:
        told = hashlib.sha256(file.read_bytes()).hexdigest()
        manifest = replace(manifest, sha256=told, size_bytes=file.stat().st_size, schema=version or manifest.schema)
    with zipfile.ZipFile(changed, "w") as archive:
        archive.writestr(MANIFEST, manifest.to_json())
        archive.write(file, BOOK)
    return changed


def _nothing_came_of_it(place: Place) -> None:
    if place.file:
        assert not place.file.parent.exists() or list(place.file.parent.iterdir()) == []
        return
    engine = engine_of(place)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")).scalar_one() == 0
    engine.dispose()


@pytest.mark.parametrize(
    ("statement", "version", "honest", "words"),
    [
        ("UPDATE patients SET notes = 'fine'", "", False, "is damaged: it is not what it was when it was made"),
        ("UPDATE patients SET notes = 'fine'", "", True, "behind the program's back: patients 1 is not as it was"),
        ("INSERT INTO holidays VALUES ('2026-05-01', 'x', 1, 1, NULL, NULL, NULL)", "", True, "not the one that its manifest"),
        ("", "0999", True, "written by a newer emscontrol"),
        ("DROP TABLE audit", "", True, "not a book of emscontrol"),
        ("UPDATE patients SET version = 'one'", "", True, "behind the program's back"),
        ("UPDATE audit SET after = 'no json' WHERE entity = 'patients'", "", True, "cannot be read, and this program did not"),
        (
            "UPDATE book SET created_at = 'yesterday'",
            "",
            True,
            "cannot be read, and this program did not write it: 'yesterday'",
        ),
    ],
)
def test_a_backup_that_was_changed_is_refused_with_the_reason(
    new_place: Places, saved: Path, tmp_path: Path, statement: str, version: str, honest: bool, words: str
) -> None:
    place = new_place("sqlite")
    changed = _rewritten(saved, tmp_path, statement, version, honest)
    with pytest.raises(BookError, match=words):
        restore(changed, place, NOW)
    _nothing_came_of_it(place)


@pytest.mark.parametrize("kind", KINDS)
def test_a_book_that_was_tampered_with_is_restored_when_that_is_said(
    new_place: Places, saved: Path, tmp_path: Path, kind: str
) -> None:
    place = new_place(kind)
    changed = _rewritten(saved, tmp_path, "UPDATE patients SET notes = 'fine'")
    with pytest.raises(BookError, match="behind the program's back"):
        restore(changed, place, NOW)
    _nothing_came_of_it(place)
    restore(changed, place, NOW, as_it_is=True)
    assert contents(place).rows["patients"] == 1


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is no backup of a book"),
        (b"Dear colleague, here is the book you asked for.", "is no backup of a book"),
        (b"SQLite format 3\x00" + bytes(4096), "is no backup of a book"),
        (b"PK\x03\x04" + bytes(200), "is damaged"),
    ],
)
def test_a_file_that_is_no_backup_is_told_apart(new_place: Places, tmp_path: Path, content: bytes, words: str) -> None:
    place = new_place("sqlite")
    (tmp_path / "file").write_bytes(content)
    with pytest.raises(BookError, match=words):
        restore(tmp_path / "file", place, NOW)
    _nothing_came_of_it(place)


def test_an_archive_of_something_else_and_a_newer_backup_are_told_apart(new_place: Places, saved: Path, tmp_path: Path) -> None:
    place = new_place("sqlite")
    with zipfile.ZipFile(tmp_path / "photos", "w") as archive:
        archive.writestr("a.jpg", b"")
    with pytest.raises(BookError, match="archive of something else"):
        restore(tmp_path / "photos", place, NOW)
    for changes, words in (({"format": 2}, "by a newer emscontrol"), ({"program": "other"}, "no backup of a book")):
        with zipfile.ZipFile(saved) as archive, zipfile.ZipFile(tmp_path / "other", "w") as other:
            other.writestr(MANIFEST, json.dumps(json.loads(archive.read(MANIFEST)) | changes))
            other.writestr(BOOK, archive.read(BOOK))
        with pytest.raises(BookError, match=words):
            restore(tmp_path / "other", place, NOW)
    with pytest.raises(UsageError, match="There is no file"):
        restore(tmp_path / "none", place, NOW)
    _nothing_came_of_it(place)


def test_wherever_a_byte_of_a_backup_is_spoilt_it_is_refused_or_the_book_is_right(
    new_place: Places, saved: Path, tmp_path: Path
) -> None:
    whole = saved.read_bytes()
    right = Manifest.from_json(zipfile.ZipFile(saved).read(MANIFEST).decode()).contents
    refused = 0
    step = len(whole) // 25
    for at in (*range(0, 120, 7), *range(120, len(whole) - 160, step), *range(len(whole) - 160, len(whole), 9)):
        place = new_place("sqlite")
        (tmp_path / "spoilt").write_bytes(whole[:at] + bytes([whole[at] ^ 0x41]) + whole[at + 1 :])
        try:
            restore(tmp_path / "spoilt", place, NOW)
        except EmsError:
            refused += 1
            _nothing_came_of_it(place)
        else:
            assert contents(place) == right
    assert refused > 40


def test_a_backup_that_was_cut_short_is_refused_wherever_it_was_cut(new_place: Places, saved: Path, tmp_path: Path) -> None:
    whole = saved.read_bytes()
    for length in range(4, len(whole), len(whole) // 10):
        place = new_place("sqlite")
        (tmp_path / "cut").write_bytes(whole[:length])
        with pytest.raises(BookError, match="is damaged"):
            restore(tmp_path / "cut", place, NOW)
        _nothing_came_of_it(place)


def test_a_place_that_holds_a_book_is_not_touched(place: Place, saved: Path) -> None:
    before = contents(place)
    with pytest.raises(BookError, match="already; it was not touched"):
        restore(saved, place, NOW)
    assert contents(place) == before


def test_a_log_that_an_earlier_book_left_is_not_played_into_the_restored_one(new_place: Places, saved: Path) -> None:
    place = new_place("sqlite")
    assert place.file
    place.file.parent.mkdir()
    left = place.file.with_name("book.sqlite-wal")
    left.write_bytes(b"old")
    with pytest.raises(BookError, match=r"something in .*-wal already"):
        restore(saved, place, NOW)
    assert left.read_bytes() == b"old"
    assert not place.file.exists()


def test_an_encrypted_backup_wants_its_own_passphrase(new_place: Places, tmp_path: Path, sqlite_place: Place) -> None:
    backup(sqlite_place, tmp_path / "plain", NOW)
    secret = new_place("encrypted")
    restore(tmp_path / "plain", secret, NOW)
    backup(secret, tmp_path / "secret", NOW)
    place = new_place("sqlite")
    with pytest.raises(BookError, match="This backup is encrypted"):
        restore(tmp_path / "secret", place, NOW)
    with pytest.raises(BookError, match="encrypted with another passphrase, or damaged"):
        restore(tmp_path / "secret", place, NOW, passphrase="guess")
    _nothing_came_of_it(place)
    restore(tmp_path / "secret", place, NOW, passphrase=secret.passphrase)
    assert contents(place) == contents(sqlite_place)


@pytest.mark.parametrize("kind", KINDS)
def test_a_backup_of_an_older_schema_is_brought_up_to_date_on_its_way(new_place: Places, tmp_path: Path, kind: str) -> None:
    old, new = new_place(kind), new_place(kind)
    if old.file:
        old.file.parent.mkdir()
    engine = engine_of(old)
    with to_migrate(engine) as connection:
        migrate(connection, "0001")
        connection.execute(
            text(
                "INSERT INTO book VALUES"
                " ('u', 'clinic', 'n', 'Europe/Berlin', 15, 7, '2026-01-01 00:00:00', 1, 1, NULL, NULL, NULL)"
            )
        )
    engine.dispose()
    assert backup(old, tmp_path / "backup", NOW).schema == "0001"
    restore(tmp_path / "backup", new, NOW, as_it_is=True)
    book = open_book(new)
    with book.reading() as session:
        assert session.scalars(select(BookFacts.uuid)).all() == ["u"]
    with pytest.raises(BookError, match="book 1 has no trace"):
        assert book.about
    book.close()


@pytest.mark.parametrize("kind", KINDS)
def test_nobody_is_logged_in_and_nothing_is_held_in_a_restored_book(
    new_place: Places, sqlite_place: Place, tmp_path: Path, kind: str
) -> None:
    book = open_book(sqlite_place)
    fill(book)
    with book.reading() as session:
        assert session.scalar(select(func.count()).where(Login.closed_at.is_(None)))
        assert session.scalar(select(func.count(Hold.holder)))
    book.close()
    backup(sqlite_place, tmp_path / "backup", NOW)
    place = new_place(kind)
    restore(tmp_path / "backup", place, NOW)
    book = open_book(place)
    with book.reading() as session:
        assert not session.scalar(select(func.count()).where(Login.closed_at.is_(None)))
        assert not session.scalar(select(func.count(Hold.holder)))
    book.close()


def test_what_a_server_will_not_take_leaves_it_empty(new_place: Places, sqlite_place: Place, tmp_path: Path) -> None:
    book = open_book(sqlite_place)
    with book.writing(THERAPIST, NOW) as session:
        session.add(Patient(code="P-1", birth_year=None, notes="a\x00b"))  # SQLite keeps such a text, PostgreSQL has none
    book.close()
    backup(sqlite_place, tmp_path / "backup", NOW)
    place = new_place("postgresql")
    with pytest.raises(BookError, match="The book refused"):
        restore(tmp_path / "backup", place, NOW)
    _nothing_came_of_it(place)


def test_a_restore_that_is_broken_off_leaves_nothing(new_place: Places, saved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = new_place("sqlite")

    def broken_off(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("emscontrol.clinic.book.restore._put", broken_off)
    with pytest.raises(KeyboardInterrupt):
        restore(saved, place, NOW)
    _nothing_came_of_it(place)
