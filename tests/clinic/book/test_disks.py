"""A disk that is full, and a book that may not be written: one clear message, and nothing lost."""

import os
import resource
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from sqlalchemy import text

from emscontrol.clinic.book.backup import backup
from emscontrol.clinic.book.check import check
from emscontrol.clinic.book.opening import Place, create_book, open_book
from emscontrol.clinic.tables.people import Patient
from emscontrol.core.errors import BookError, EmsError, StorageError
from tests.clinic.book.conftest import add, contents, file_of
from tests.clinic.conftest import NOW

NOBODY = 65534


@contextmanager
def _room_for(size_bytes: int) -> Iterator[None]:
    """No file of this process may grow beyond so many bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_disk_without_room_keeps_what_was_there_and_says_so(filled: Place) -> None:
    book = open_book(filled)
    before = contents(filled)
    with _room_for(64 * 1024), pytest.raises(StorageError, match=r"disk is full or failing. Nothing of this change was kept"):
        add(book, "big", "x" * 500_000)
    assert contents(filled) == before
    add(book, "after")
    with book.reading() as session:
        assert list(check(session)) == []
    book.close()


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """A real file system with room for one book."""
    folder = Path(tempfile.mkdtemp(prefix="ems-disk-"))
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m,mode=0755", "tmpfs", folder], capture_output=True, check=False
    )
    try:
        if done.returncode:
            pytest.skip("NO SMALL DISK HERE: only root may mount one")
        yield folder
    finally:
        subprocess.run(["umount", folder], capture_output=True, check=False)
        folder.rmdir()


def test_a_real_disk_that_fills_up_keeps_every_confirmed_change(small_disk: Path) -> None:
    place = Place(file=small_disk / "book" / "book.sqlite")
    book = create_book(place, name="x", kind="clinic", time_zone="Europe/Berlin", now=NOW)
    confirmed = 0
    with suppress(StorageError):
        for number in range(1000):
            add(book, f"P-{number}", "x" * 20_000)
            confirmed += 1
    assert 1 < confirmed < 1000
    with pytest.raises(StorageError, match="disk is full or failing"):
        add(book, "one more", "x" * 20_000)
    book.close()
    again = open_book(place)
    with again.reading() as session:
        assert session.query(Patient).count() == confirmed
        assert list(check(session)) == []
    again.close()


def test_no_half_book_is_left_on_a_disk_that_is_full(small_disk: Path) -> None:
    (small_disk / "filler").write_bytes(bytes(900_000))
    place = Place(file=small_disk / "book" / "book.sqlite")
    with pytest.raises(StorageError, match="disk is full or failing"):
        create_book(place, name="x", kind="clinic", time_zone="Europe/Berlin", now=NOW)
    assert list((small_disk / "book").iterdir()) == []
    (small_disk / "filler").unlink()
    create_book(place, name="x", kind="clinic", time_zone="Europe/Berlin", now=NOW).close()


def test_no_half_backup_is_left_on_a_disk_that_is_full(small_disk: Path, filled: Place) -> None:
    book = open_book(filled)
    add(book, "big", "x" * 2_000_000)
    book.close()
    with pytest.raises(StorageError, match=r"Nothing was made in .*: The disk is full or failing"):
        backup(filled, small_disk / "backup", NOW)
    assert list(small_disk.iterdir()) == []


@contextmanager
def _as_nobody(*paths: Path) -> Iterator[None]:
    """Without the rights that root has: the paths are another's, readable for all, and nobody may write."""
    for path in paths:
        path.chmod(0o555 if path.is_dir() else 0o444)
    me = os.geteuid()
    if me == 0:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        if me == 0:
            os.seteuid(0)
        for path in paths:
            path.chmod(0o755 if path.is_dir() else 0o644)


def test_a_book_that_may_only_be_read_is_told_so_and_stays(filled: Place) -> None:
    with tempfile.TemporaryDirectory(prefix="ems-rights-") as name:
        folder = Path(name)
        file = folder / "book.sqlite"
        file.write_bytes(file_of(filled).read_bytes())
        _modes(folder, 0o755, file, 0o644)
        with _as_nobody(folder, file), pytest.raises(EmsError) as told:
            add(open_book(Place(file=file)), "P")
        assert isinstance(told.value, StorageError)
        assert "rights" in told.value.remedy
        assert file.read_bytes() == file_of(filled).read_bytes()
        with _as_nobody(folder), pytest.raises(StorageError, match=r"No book can be made in .*: Permission denied"):
            create_book(Place(file=folder / "new.sqlite"), name="x", kind="clinic", time_zone="Europe/Berlin", now=NOW)
        file.chmod(0o000)
        if os.geteuid() == 0:
            os.seteuid(NOBODY)
        try:
            with pytest.raises(BookError, match=r"cannot be read: Permission denied. Mend its rights"):
                open_book(Place(file=file))
        finally:
            if os.getuid() == 0:
                os.seteuid(0)


def _modes(folder: Path, folder_mode: int, file: Path, file_mode: int) -> None:
    folder.chmod(folder_mode)
    file.chmod(file_mode)


def test_a_session_that_may_only_read_is_told_so(sqlite_place: Place) -> None:
    book = open_book(sqlite_place)
    with book.engine.connect() as connection:  # the one connection of its pool
        connection.execute(text("PRAGMA query_only = ON"))
    with pytest.raises(StorageError, match="cannot be written: it is read-only"):
        add(book, "P")
    book.close()
    assert contents(sqlite_place).rows["patients"] == 0
