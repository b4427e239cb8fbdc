"""A PostgreSQL book in trouble: one clear message each time, and nothing lost or changed."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select, text

from emscontrol.clinic.book.book import Book
from emscontrol.clinic.book.check import check
from emscontrol.clinic.book.opening import Place, create_book, open_book
from emscontrol.clinic.book.schema import SCHEMA
from emscontrol.clinic.tables.people import Patient
from emscontrol.core.errors import BookBusy, BookError, BookUnreachable, StorageError, UsageError
from tests.clinic.book.conftest import add, contents
from tests.clinic.conftest import NOW, THERAPIST
from tests.clinic.postgresql import Server


@pytest.fixture
def shared(server_place: Place) -> Iterator[Book]:
    """A book on the server, open, with one patient."""
    book = open_book(server_place, busy_s=0.2)
    add(book, "before")
    yield book
    book.close()


def _codes(book: Book) -> list[str]:
    with book.reading() as session:
        assert list(check(session)) == []
        return list(session.scalars(select(Patient.code).order_by(Patient.id)))


GONE = r"book cannot be reached: .*(refused|closed the connection)"  # what is left of it may take the call for a moment


def test_a_server_that_is_gone_is_told_and_the_book_goes_on_when_it_is_back(
    server: Server, server_place: Place, shared: Book
) -> None:
    with pytest.raises(BookUnreachable, match=r"book cannot be reached: .*emscontrol agenda --offline"):
        _loses_the_server(server, shared)
    try:
        with pytest.raises(BookUnreachable, match=GONE):
            _codes(shared)
        with pytest.raises(BookUnreachable, match=GONE):
            open_book(server_place)
    finally:
        server.start()
    assert _codes(shared) == ["before"]
    add(shared, "after")
    assert _codes(shared) == ["before", "after"]


def _loses_the_server(server: Server, book: Book) -> None:
    with book.writing(THERAPIST, NOW) as session:
        session.add(Patient(code="during", birth_year=None, notes=""))
        session.flush()
        server.stop()


def test_a_wrong_port_server_or_database_is_told(server: Server) -> None:
    with pytest.raises(BookUnreachable, match=r"book cannot be reached: .*refused"):
        open_book(Place(url=server.url("postgres", port=1)))
    with pytest.raises(BookUnreachable, match=r"book cannot be reached: .*no-such-host"):
        open_book(Place(url="postgresql://somebody@no-such-host.invalid/book"))
    with pytest.raises(BookError, match=r'server has no such database: .*"nowhere" does not exist'):
        open_book(Place(url=server.url("nowhere")))
    with pytest.raises(BookError, match=r"There is no book here yet. Make one: emscontrol book create"):
        open_book(Place(url=server.url("postgres")))


@pytest.mark.parametrize("url", ["mysql://a@b/c", "sqlite:///x", "no url at all"])
def test_a_url_of_something_else_is_told(url: str) -> None:
    with pytest.raises(UsageError, match="postgresql://"):
        open_book(Place(url=url))


def test_a_wrong_password_is_told_and_stands_in_no_message(server: Server, server_place: Place) -> None:
    server.statement("CREATE ROLE clerk LOGIN PASSWORD 'right' CONNECTION LIMIT 1")
    server.ask_for_password("clerk")
    name = server_place.url.rpartition("/")[2]
    for word in (":wrong-secret", ""):
        place = Place(url=server_place.url.replace("emscontrol@", f"clerk{word}@"))
        with pytest.raises(BookError, match="does not accept this user or password") as told:
            open_book(place)
        assert "secret" not in str(told.value) + place.words
    right = server_place.url.replace("emscontrol@", "clerk:right@")
    with pytest.raises(BookError, match=r"does not let this user do that in the book: permission denied"):
        open_book(Place(url=right))
    server.statement("GRANT SELECT ON alembic_version TO clerk", name)
    book = open_book(Place(url=right))
    with book.engine.connect(), pytest.raises(BookUnreachable, match="has no connection left for this station"):
        open_book(Place(url=right))
    book.close()
    for words in ("DROP OWNED BY clerk", "DROP ROLE clerk"):
        server.statement(words, name)


def test_a_database_of_another_program_is_told_apart_and_not_touched(server: Server) -> None:
    server.statement("CREATE DATABASE songs")
    server.statement("CREATE TABLE book (title TEXT)", "songs")
    place = Place(url=server.url("songs"))
    with pytest.raises(BookError, match="not a book of emscontrol: it holds something else"):
        open_book(place)
    with pytest.raises(BookError, match="not a book of emscontrol: it holds something else"):
        create_book(place, name="x", kind="clinic", time_zone="Europe/Berlin", now=NOW)
    server.statement("DROP DATABASE songs WITH (FORCE)")


def test_there_is_one_book_in_a_database(server_place: Place) -> None:
    before = contents(server_place)
    with pytest.raises(BookError, match=r"There is a book in postgresql://.* already; it was not touched"):
        create_book(server_place, name="x", kind="clinic", time_zone="Europe/Berlin", now=NOW)
    assert contents(server_place) == before


def test_a_station_that_waits_too_long_for_anothers_row_is_told(shared: Book) -> None:
    with shared.writing(THERAPIST, NOW) as mine:
        mine.execute(select(Patient).with_for_update())
        with pytest.raises(BookBusy, match=r"Another program is writing in the book right now. Nothing was changed"):
            _change(shared)
    assert _codes(shared) == ["before"]


def _change(book: Book) -> None:
    with book.writing(THERAPIST, NOW) as session:
        session.get_one(Patient, 1).code = "changed"


def test_a_server_that_takes_no_changes_is_told(server: Server, server_place: Place, shared: Book) -> None:
    name = server_place.url.rpartition("/")[2]
    server.statement(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    shared.close()
    with pytest.raises(StorageError, match="book cannot be written: it is read-only"):
        add(shared, "no")
    assert _codes(shared) == ["before"]


def test_a_table_that_is_missing_is_told(server: Server, server_place: Place, shared: Book) -> None:
    server.statement("DROP TABLE waiting", server_place.url.rpartition("/")[2])
    with pytest.raises(BookError, match="not of the shape that its schema number says"), shared.reading() as session:
        session.execute(text("SELECT * FROM waiting"))


def test_a_connection_is_given_up_in_seconds_when_the_other_side_is_silent_and_holds_no_lock_for_long(shared: Book) -> None:
    with shared.reading() as session:
        for setting, value in (
            ("timezone", "UTC"),
            ("synchronous_commit", "on"),
            ("lock_timeout", "200ms"),
            ("idle_in_transaction_session_timeout", "5min"),
            ("tcp_keepalives_idle", "10"),
            ("tcp_keepalives_interval", "5"),
            ("tcp_keepalives_count", "2"),
        ):
            assert session.execute(text(f"SHOW {setting}")).scalar_one() == value


@pytest.fixture
def small_disk(server: Server) -> Iterator[Path]:
    """A real file system with little room, which the server may write on."""
    folder = Path(tempfile.mkdtemp(prefix="ems-disk-"))
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", folder], capture_output=True, check=False)
    try:
        if done.returncode:
            pytest.skip("NO SMALL DISK HERE: only root may mount one")
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres", "postgres")
        yield folder
    finally:
        subprocess.run(["umount", folder], capture_output=True, check=False)
        folder.rmdir()


def test_a_disk_of_the_server_that_fills_up_keeps_what_was_there(server: Server, small_disk: Path) -> None:
    server.statement(f"CREATE TABLESPACE small LOCATION '{small_disk}'")
    server.statement("CREATE DATABASE small TEMPLATE template0 TABLESPACE small")
    book = create_book(Place(url=server.url("small")), name="x", kind="clinic", time_zone="Europe/Berlin", now=NOW)
    add(book, "before")
    with pytest.raises(StorageError, match=r"disk is full or failing. Nothing of this change was kept"):
        add(book, "big", os.urandom(12_000_000).hex())
    assert _codes(book) == ["before"]
    with book.reading() as session:
        assert session.execute(text("SELECT version_num FROM alembic_version")).scalar_one() == SCHEMA
    book.close()
    server.statement("DROP DATABASE small WITH (FORCE)")
    server.statement("DROP TABLESPACE small")
