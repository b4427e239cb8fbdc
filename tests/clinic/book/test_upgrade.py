"""The migrations make what the tables say, and an old book becomes a new one whole or not at all, after a backup."""

import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from emscontrol.clinic.book import migration
from emscontrol.clinic.book.backup import backup
from emscontrol.clinic.book.book import Book
from emscontrol.clinic.book.check import check
from emscontrol.clinic.book.engine import WRITES
from emscontrol.clinic.book.migration import migrate, to_migrate
from emscontrol.clinic.book.opening import Place, engine_of, open_book
from emscontrol.clinic.book.restore import restore
from emscontrol.clinic.book.schema import SCHEMA, schema_of
from emscontrol.clinic.book.upgrade import upgrade
from emscontrol.clinic.tables.schema import FREE, KEPT, METADATA
from emscontrol.core.errors import BookBusy, BookError
from tests.clinic.book.conftest import contents, everything, fill
from tests.clinic.conftest import NOW

BROKEN = """
from alembic import op
revision = "{new}"
down_revision = "{old}"
def upgrade() -> None:
    op.execute("CREATE TABLE halfway (n INTEGER)")
    op.execute("UPDATE staff SET role = 'nobody'")
    op.execute("{statement}")
{more}
"""
REMADE = """
    with op.batch_alter_table("sessions", recreate="always") as table:
        table.alter_column("device", nullable=True)
"""


def _schema(place: Place) -> str:
    engine = engine_of(place)
    with engine.connect() as connection:
        found = schema_of(connection)
    engine.dispose()
    return found


@pytest.fixture
def old(place: Place, book: Book) -> Place:
    """A book with something in every table, of the schema before this program's."""
    fill(book)
    book.close()
    engine = engine_of(place)
    with engine.begin() as connection:
        connection.execute(text("DROP INDEX ix_appointments_session_id"))
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    engine.dispose()
    return place


@pytest.fixture
def broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Adds a migration that does what is said, as the newest of this program."""

    def add(statement: str, more: str = "") -> None:
        folder = tmp_path / "migrations"
        shutil.copytree(migration.MIGRATIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
        new = f"{int(SCHEMA) + 1:04}"
        (folder / "versions" / f"{new}_broken.py").write_text(
            BROKEN.format(old=SCHEMA, new=new, statement=statement, more=more)
        )
        monkeypatch.setattr(migration, "MIGRATIONS", folder)
        monkeypatch.setattr("emscontrol.clinic.book.schema.SCHEMA", new)
        monkeypatch.setattr("emscontrol.clinic.book.upgrade.SCHEMA", new)

    return add


def _differences(connection: Connection) -> list[object]:
    return list(compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), METADATA))


def test_the_migrations_make_exactly_what_the_tables_say(book: Book) -> None:
    with book.engine.connect() as connection:
        assert _differences(connection) == []
        connection.execute(text("DROP INDEX ix_appointments_session_id"))
        assert len(_differences(connection)) == 1


def test_the_schema_of_this_program_is_the_newest_migration_and_they_follow_each_other() -> None:
    config = Config()
    config.set_main_option("script_location", str(migration.MIGRATIONS))
    scripts = ScriptDirectory.from_config(config)
    assert scripts.get_heads() == [SCHEMA]
    assert [script.revision for script in reversed(list(scripts.walk_revisions()))] == [
        f"{number:04}" for number in range(1, int(SCHEMA) + 1)
    ]


def test_every_table_is_kept_or_free_and_not_both() -> None:
    named = [table.__tablename__ for table in (*KEPT, *FREE)]
    assert sorted(named) == sorted(METADATA.tables)


def test_the_migrations_from_the_first_schema_on_make_the_same_as_a_new_book(new_place: Callable[[str], Place]) -> None:
    for kind in ("sqlite", "postgresql"):
        place = new_place(kind)
        if place.file:
            place.file.parent.mkdir()
        engine = engine_of(place)
        with to_migrate(engine) as connection:
            migrate(connection, "0001")
        with to_migrate(engine) as connection:
            assert "ix_appointments_session_id" not in _indexes(connection)
            migrate(connection)
            assert "ix_appointments_session_id" in _indexes(connection)
            assert _differences(connection) == []
        engine.dispose()


def _indexes(connection: Connection) -> set[str | None]:
    return {index["name"] for index in inspect(connection).get_indexes("appointments")}


def test_an_old_book_is_not_opened_and_nothing_is_changed_in_it(old: Place) -> None:
    before = contents(old)
    with pytest.raises(BookError, match=r"older schema 0001; this emscontrol needs 0002.*emscontrol book upgrade"):
        open_book(old)
    assert contents(old) == before
    assert _schema(old) == "0001"


def test_a_newer_book_is_neither_opened_nor_upgraded_nor_backed_up(place: Place, book: Book, tmp_path: Path) -> None:
    with book.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0999'"))
    before = contents(place)
    for tried in (
        lambda: open_book(place),
        lambda: upgrade(place, NOW, tmp_path),
        lambda: backup(place, tmp_path / "backup", NOW),
    ):
        with pytest.raises(BookError, match=r"by a newer emscontrol \(schema 0999; this one knows 0002\). Nothing was changed"):
            tried()
    assert contents(place) == before
    assert not (tmp_path / "backup").exists()


def test_an_old_book_becomes_a_new_one_after_a_backup(old: Place, tmp_path: Path) -> None:
    before = contents(old)
    done = upgrade(old, NOW, tmp_path / "backups")
    assert done is not None
    assert (done.old, done.new) == ("0001", SCHEMA)
    assert contents(old) == before
    book = open_book(old)
    with book.reading() as session:
        assert list(check(session)) == []
        assert "ix_appointments_session_id" in _indexes(session.connection())
    rows = everything(book)
    book.close()
    assert upgrade(old, NOW, tmp_path / "backups") is None
    again = Place(file=tmp_path / "again" / "book.sqlite")
    restore(done.backup, again, NOW)
    copy = open_book(again)
    assert everything(copy)["appointments"] == rows["appointments"]
    copy.close()


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("SELECT * FROM nowhere", "not of the shape"),
        ("DELETE FROM audit WHERE entity = 'staff' AND entity_id = 1", "audit is not what it was before. Nothing was changed"),
    ],
)
def test_a_migration_that_fails_half_way_changes_nothing(
    old: Place, tmp_path: Path, broken: Callable[..., None], statement: str, words: str
) -> None:
    before = contents(old)
    broken(statement)
    with pytest.raises(BookError, match=words):
        upgrade(old, NOW, tmp_path / "backups")
    assert contents(old) == before
    assert _schema(old) == "0001"
    assert len(list((tmp_path / "backups").iterdir())) == 1


def test_on_sqlite_a_table_that_is_made_anew_takes_nothing_away(
    sqlite_place: Place, tmp_path: Path, broken: Callable[..., None]
) -> None:
    """Dropping `sessions` would drop the channels of every session with it."""
    book = open_book(sqlite_place)
    fill(book)
    book.close()
    broken("SELECT 1", REMADE)
    assert upgrade(sqlite_place, NOW, tmp_path / "backups") is not None
    assert contents(sqlite_place).rows["session_channels"] == 2


def test_no_upgrade_while_another_program_writes(old: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = engine_of(old)
    monkeypatch.setattr("emscontrol.clinic.book.upgrade.engine_of", lambda place: engine_of(place, busy_s=0.2))
    with engine.connect().execution_options(**{WRITES: True}) as connection, connection.begin():
        connection.execute(text("UPDATE appointments SET reason = 'late'"))
        with pytest.raises(BookBusy, match="Another program is writing"):
            upgrade(old, NOW, tmp_path / "backups")
    engine.dispose()
    assert _schema(old) == "0001"


def test_of_two_stations_that_upgrade_at_once_one_does_it_and_the_other_finds_it_done(old: Place, tmp_path: Path) -> None:
    found: list[object] = []
    threads = [
        threading.Thread(target=lambda number=number: found.append(upgrade(old, NOW, tmp_path / f"{number}")))
        for number in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 2
    assert _schema(old) == SCHEMA
