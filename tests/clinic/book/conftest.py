"""Books with something in every table, and places where nothing is yet."""

import itertools
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Boolean, Integer, LargeBinary, Table
from sqlalchemy.orm import Session

from emscontrol.clinic.book.book import Book
from emscontrol.clinic.book.copying import contents_of
from emscontrol.clinic.book.manifest import Contents
from emscontrol.clinic.book.opening import Place, engine_of, open_book
from emscontrol.clinic.tables.base import Base, UtcTime
from emscontrol.clinic.tables.facts import Audit
from emscontrol.clinic.tables.people import Patient
from emscontrol.clinic.tables.schema import FREE, KEPT, METADATA
from tests.clinic.conftest import NOW, THERAPIST
from tests.clinic.postgresql import Server

PLACES = ("sqlite", "encrypted", "postgresql")
_empty = itertools.count()


@pytest.fixture
def new_place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[str], Place]]:
    """Makes a place of a kind where nothing is yet."""
    made: list[tuple[Server, str]] = []

    def make(kind: str) -> Place:
        number = next(_empty)
        if kind != "postgresql":
            return Place(
                file=tmp_path / f"new{number}" / "book.sqlite", passphrase="it's secret" if kind == "encrypted" else ""
            )
        server: Server = request.getfixturevalue("server")
        server.copy(f"empty{number}", "template0")
        made.append((server, f"empty{number}"))
        return Place(url=server.url(f"empty{number}"))

    yield make
    for server, name in made:
        server.statement(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def filled(sqlite_place: Place) -> Place:
    """A book in a file with something in it, closed."""
    book = open_book(sqlite_place)
    fill(book)
    book.close()
    return sqlite_place


def add(book: Book, code: str, notes: str = "") -> None:
    """One patient more."""
    with book.writing(THERAPIST, NOW) as session:
        session.add(Patient(code=code, birth_year=1900, notes=notes))


def file_of(place: Place) -> Path:
    """The file of a place that has one."""
    assert place.file
    return place.file


def fill(book: Book, rows: int = 2) -> None:
    """Some rows in every table there is, with every kind of value, each leaving its trace."""
    classes: dict[str, type[Base]] = {table.__tablename__: table for table in (*KEPT, *FREE)}
    for number in range(1, rows + 1):
        with book.writing(THERAPIST, NOW + timedelta(minutes=number)) as session:
            for table in METADATA.sorted_tables:
                if classes[table.name] is not Audit and table.name != "book":
                    session.add(classes[table.name](**_values(table, number)))
                    session.flush()


def _values(table: Table, number: int) -> dict[str, Any]:
    return {
        column.name: _value(column.type, column.name, number)
        for column in table.columns
        if column.name not in ("id", "version") and not (column.nullable and number % 2)
    }


def _value(kind: Any, name: str, number: int) -> Any:
    if isinstance(kind, Boolean):
        return number % 2 == 0
    if isinstance(kind, Integer):
        return number
    if isinstance(kind, UtcTime):
        return NOW + timedelta(days=number, microseconds=123_456)
    if isinstance(kind, LargeBinary):
        return bytes(range(256)) * number
    if kind.python_type is str:
        return f"{name}-{number} äß ≥ 'quoted'"[: kind.length] if name not in ("protocol_sha256", "sha256") else f"{number:064}"
    return {"a": [1, "zwei", None, 2.5]} if kind.python_type is dict else [{"muscle": "quad_all", "side": "left"}]


def contents(place: Place) -> Contents:
    """What is in the book of a place, whatever its schema."""
    engine = engine_of(place)
    try:
        with engine.connect() as connection:
            return contents_of(connection)
    finally:
        engine.dispose()


def everything(book: Book) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, as the program reads it."""
    with Session(book.engine) as session:
        return {
            table.name: [tuple(row) for row in session.execute(table.select().order_by(*table.primary_key.columns))]
            for table in METADATA.sorted_tables
        }
