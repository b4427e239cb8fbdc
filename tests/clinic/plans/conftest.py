"""A book on SQLite alone, for tables of cases whose SQL the other tests try on both databases."""

from collections.abc import Iterator

import pytest

from emscontrol.clinic.book.book import Book
from emscontrol.clinic.book.opening import Place, open_book


@pytest.fixture
def sqlite_book(sqlite_place: Place) -> Iterator[Book]:
    """An empty clinic's book in a file, open."""
    opened = open_book(sqlite_place)
    yield opened
    opened.close()
