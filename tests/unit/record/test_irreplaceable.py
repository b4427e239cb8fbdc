"""Keys, lists of keys and the book are replaced by nothing that is written out."""

import shutil
import sqlite3
from pathlib import Path

import pytest

from emscontrol.config import read_settings
from emscontrol.core.errors import UsageError
from emscontrol.record import distrust, key_files
from emscontrol.record.export import refuse_target, write_export
from emscontrol.record.exports import veil
from emscontrol.record.irreplaceable import NAMES
from tests.unit.record.sample import lines_of, session

WALL = "2026-11-22T10:10:40.123+01:00"


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    """A folder of keys with a list of known and one of distrusted ones."""
    folder = tmp_path / "keys"
    key_files.station_signer(folder, WALL)
    old = key_files.own_key(folder)
    key_files.rotate(folder, WALL)
    key_files.distrust(folder, old.id, WALL, "lost")  # type: ignore[union-attr]
    return folder


def test_the_names_are_those_that_the_program_gives(tmp_path: Path) -> None:
    book = read_settings(str(tmp_path)).book_file.name
    assert {key_files.OWN, key_files.KNOWN, distrust.FILE, veil.KEY_FILE, book} == NAMES


def test_keys_and_lists_of_keys_stay_under_any_name(keys: Path, tmp_path: Path) -> None:
    journal = tmp_path / "a.jsonl"
    journal.write_bytes(b"".join(lines_of(session(1))))
    assert len(list(keys.iterdir())) == 3
    for file in keys.iterdir():
        copy = Path(shutil.copy(file, tmp_path / "copy.html"))
        link = tmp_path / "link.csv"
        link.symlink_to(file)
        for target in (file, copy, link):
            before = target.read_bytes()
            with pytest.raises(UsageError, match="is a key, a list of keys or a book"):
                write_export(journal, "csv", target, overwrite=True)
            assert target.read_bytes() == before
        link.unlink()


def test_a_book_stays_and_what_is_beside_it(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "mine.db") as book:
        book.execute("CREATE TABLE patient (code TEXT)")
    book.close()
    names = ("book.sqlite", "book.sqlite-wal", "pseudonyms.key")
    for name in names:  # of an encrypted book and of a key nobody sees from within what they are
        (tmp_path / name).write_bytes(b"\x17\x99\x80" * 50)
    for name in ("mine.db", *names):
        with pytest.raises(UsageError, match="is a key, a list of keys or a book"):
            refuse_target(tmp_path / name)


def test_anything_else_may_be_replaced(tmp_path: Path) -> None:
    for number, content in enumerate((b"", b"{}", b"<!doctype html>", b'{"format": 1, "journal": "a"}')):
        (tmp_path / f"{number}.json").write_bytes(content)
        refuse_target(tmp_path / f"{number}.json")
    refuse_target(tmp_path / "station.json")  # where there is none
