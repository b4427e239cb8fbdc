"""A SQLite file as a file: copied whole while others write in it, its pages checked, settled into one file."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from emscontrol.clinic.book.engine import sqlite_file, sqlite_module
from emscontrol.clinic.book.signs import DAMAGED
from emscontrol.clinic.book.trouble import raw_in_words
from emscontrol.core.errors import BookError


def copy_pages(source: Path, target: Path, passphrase: str) -> None:
    """A copy as of one moment, encrypted as the source is. Others may go on writing."""
    with _file(source, passphrase) as first, _file(target, passphrase) as second:
        first.backup(second)


def check_pages(file: Path, passphrase: str) -> None:
    """Nothing, when SQLite finds every page sound and every key leads to a row. Raises BookError."""
    with _file(file, passphrase) as connection:
        found = [row[0] for row in connection.execute("PRAGMA integrity_check(3)")]
        loose = connection.execute("PRAGMA foreign_key_check").fetchone()
    if found != ["ok"]:
        raise BookError(f"{DAMAGED.what} SQLite says: {'; '.join(found)}.", DAMAGED.remedy)
    if loose is not None:
        raise BookError(f"{DAMAGED.what} Row {loose[1]} of {loose[0]} belongs to nothing.", DAMAGED.remedy)


def settle(file: Path, passphrase: str) -> None:
    """Leave nothing beside the file: what was in its log is in it."""
    with _file(file, passphrase) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")


@contextmanager
def _file(file: Path, passphrase: str) -> Iterator[Any]:
    """A plain connection whose trouble is told in words."""
    try:
        with closing(sqlite_file(file, passphrase)) as connection:
            yield connection
    except sqlite_module(passphrase).Error as problem:
        raise raw_in_words(problem) from problem
