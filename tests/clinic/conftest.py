"""Tests of the book run on SQLite and on a real PostgreSQL server.

Where the databases differ (opening, trace, backup, locks, stations) each test runs on both; elsewhere it runs on one of them,
in turn by its name, and on both with EMS_EXPLORE=1.
"""

import itertools
import os
import shutil
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from emscontrol.clinic.book.actor import Actor
from emscontrol.clinic.book.book import Book
from emscontrol.clinic.book.opening import Place, create_book, open_book
from tests.clinic.postgresql import Server, server_or_skip

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
"""A Monday, 10:00 in Berlin, before the change to summer time."""

THERAPIST = Actor("anna", "therapist", "room 1")
SPECIALIST = Actor("sven", "specialist", "room 1")
SUPERVISOR = Actor("sofia", "supervisor", "office")
READER = Actor("rudi", "reader", "office")

ON_BOTH = {"book", "stations", "appointments"}
KINDS = ("sqlite", "postgresql")

_numbers = itertools.count()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the other database where a test runs on one of them."""
    left_out = set() if os.environ.get("EMS_EXPLORE") else {item for item in items if _is_for_the_other(item)}
    items[:] = [item for item in items if item not in left_out]
    config.hook.pytest_deselected(items=list(left_out))


def _is_for_the_other(item: pytest.Item) -> bool:
    if not isinstance(item, pytest.Function) or "place" not in getattr(item, "fixturenames", ()):
        return False
    kind = item.callspec.params.get("place") if hasattr(item, "callspec") else None
    turn = KINDS[zlib.crc32(item.originalname.encode()) % 2]
    folder = item.path.parent
    return kind not in (None, turn) and folder.parent == Path(__file__).parent and folder.name not in ON_BOTH


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """The PostgreSQL server of this run (of this worker, with several)."""
    running = server_or_skip()
    yield running
    running.close()


def _make(place: Place, kind: str = "clinic") -> Book:
    return create_book(place, name="Test clinic", kind=kind, time_zone="Europe/Berlin", now=NOW)


@pytest.fixture(scope="session")
def sqlite_master(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty book that is copied for each test."""
    file = tmp_path_factory.mktemp("book") / "master.sqlite"
    _make(Place(file=file)).close()
    return file


@pytest.fixture(scope="session")
def server_master(server: Server) -> str:
    """A database with an empty book that is copied for each test."""
    server.statement("CREATE DATABASE master")
    _make(Place(url=server.url("master"))).close()
    return "master"


@pytest.fixture
def sqlite_place(tmp_path: Path, sqlite_master: Path) -> Place:
    """An empty clinic's book in a file."""
    folder = tmp_path / "book"
    folder.mkdir(mode=0o700)
    shutil.copy(sqlite_master, folder / "book.sqlite")
    return Place(file=folder / "book.sqlite")


@pytest.fixture
def server_place(server: Server, server_master: str) -> Iterator[Place]:
    """An empty clinic's book on the server."""
    name = f"book{next(_numbers)}"
    server.copy(name, server_master)
    yield Place(url=server.url(name))
    server.statement(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=KINDS)
def place(request: pytest.FixtureRequest) -> Place:
    """An empty clinic's book, on each kind of database."""
    found: Place = request.getfixturevalue("sqlite_place" if request.param == "sqlite" else "server_place")
    return found


@pytest.fixture
def book(place: Place) -> Iterator[Book]:
    """The same, open."""
    opened = open_book(place)
    yield opened
    opened.close()
