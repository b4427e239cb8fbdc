"""The book itself at the command line: made, looked at, checked, kept safe, and what is said when it cannot be used."""

import sqlite3
import stat
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from emscontrol.clinic.book.migration import to_migrate
from emscontrol.clinic.book.opening import Place, engine_of
from emscontrol.clinic.book.schema import SCHEMA
from tests.cli.clinic.clinic import NOTICE, PIN, Clinic
from tests.cli.command import USAGE
from tests.clinic.postgresql import Server, server_or_skip

BOOK = 7
MAKE = ("book", "create", "--name", "Praxis Nord", "--time-zone", "Europe/Berlin")


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Clinic:
    """A home with nothing in it."""
    (tmp_path / "new").mkdir(mode=0o700)
    return Clinic(tmp_path / "new", monkeypatch, capsys)


def statement(file: Path, words: str) -> None:
    """Something done to the file of a book that this program would not do."""
    connection = sqlite3.connect(file)
    connection.execute(words)
    connection.commit()
    connection.close()


def test_without_a_book_every_verb_says_how_to_make_one(empty: Clinic) -> None:
    for words in (("staff", "list"), ("book", "show"), ("book", "check"), ("staff", "login", "x", "--pin-stdin")):
        said = empty(*words)
        assert (said.code, said.out) == (BOOK, "")
        assert said.err == f"There is no book in {empty.home}/book.sqlite yet.\nMake one: emscontrol book create.\n"
    assert empty("staff", "list", "--json").facts["exit_code"] == BOOK


def test_a_new_book_is_private_empty_and_says_what_is_next(empty: Clinic) -> None:
    said = empty.ok(*MAKE)
    assert said.out == f"Made an empty book of Praxis Nord in {empty.home}/book.sqlite.\n"
    assert said.err == "Next, its first supervisor: emscontrol staff first.\n"
    assert stat.S_IMODE((empty.home / "book.sqlite").stat().st_mode) == 0o600
    facts = empty.ok("book", "show", "--json").facts
    assert (facts["kind"], facts["time_zone"], facts["rows"]["patients"]) == ("clinic", "Europe/Berlin", 0)
    again = empty(*MAKE)
    assert (again.code, "already; it was not touched" in again.err) == (BOOK, True)


@pytest.mark.parametrize(
    "words",
    [
        ("book", "create", "--name", "X"),
        (*MAKE[:-1], "Berlin"),
        (*MAKE, "--kind", "toy"),
    ],
)
def test_a_book_that_makes_no_sense_is_not_made(empty: Clinic, words: tuple[str, ...]) -> None:
    said = empty(*words, "--json")
    assert said.code == USAGE
    assert said.facts["refused"] is True
    assert not (empty.home / "book.sqlite").exists()


def test_the_book_is_shown_without_a_login_and_without_anything_of_a_person(clinic: Clinic) -> None:
    said = clinic.ok("book", "show", who=None)
    assert said.out.startswith(f"Test clinic, a practice book in {clinic.home}/book.sqlite\n")
    assert "Sofia" not in said.out
    assert "this station is room 1" in said.out


def test_a_row_that_was_changed_behind_the_programs_back_is_found_and_not_believed(clinic: Clinic) -> None:
    whole = clinic.ok("book", "check", "--json").facts
    assert (whole["ok"], whole["findings"]) == (True, [])
    assert whole["sha256"] in clinic.ok("book", "check").out
    statement(clinic.home / "book.sqlite", "UPDATE staff SET role = 'supervisor' WHERE code = 'anna'")
    said = clinic("book", "check")
    assert (said.code, "staff" in said.out, "Not as it was written" in said.out) == (BOOK, True, True)
    assert "emscontrol book restore" in said.err
    assert len(clinic("book", "check", "--json").facts["findings"]) == 1
    assert clinic("staff", "list", who="anna").code == BOOK


def test_a_backup_is_restored_and_nobody_is_logged_in(clinic: Clinic, tmp_path: Path) -> None:
    file = tmp_path / "kept.backup"
    said = clinic.ok("book", "backup", file, "--json", who="sofia")
    assert said.facts["rows"]["staff"] == 4
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert clinic("book", "restore", file).code == BOOK, "there is a book, which is not touched"
    (clinic.home / "book.sqlite").rename(tmp_path / "old.sqlite")
    back = clinic.ok("book", "restore", file)
    assert back.err.startswith(NOTICE)
    assert back.out.startswith(f"Restored to {clinic.home}/book.sqlite: ")
    assert clinic("staff", "whoami").code == 1
    clinic.ok("staff", "login", "anna", "--pin-stdin", stdin=PIN)
    assert clinic.ok("book", "check", "--json").facts["ok"] is True


def test_a_backup_without_a_name_goes_beside_the_book_and_never_over_another(clinic: Clinic) -> None:
    clinic.ok("book", "backup", who="sofia")
    assert [file.name for file in (clinic.home / "backups").iterdir()] == ["book-2026-03-02T09-00-00Z.backup"]
    said = clinic("book", "backup", who="sofia")
    assert (said.code, "it was not touched" in said.err) == (BOOK, True)


def test_only_a_supervisor_takes_the_whole_book_away(clinic: Clinic, tmp_path: Path) -> None:
    said = clinic("book", "backup", tmp_path / "kept", who="anna")
    assert (said.code, "Ask a supervisor" in said.err) == (1, True)
    assert not (tmp_path / "kept").exists()


def test_a_damaged_or_a_foreign_file_is_not_restored(empty: Clinic, clinic: Clinic, tmp_path: Path) -> None:
    file = tmp_path / "kept.backup"
    clinic.ok("book", "backup", file, who="sofia")
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    (tmp_path / "damaged").write_bytes(content)
    (tmp_path / "foreign").write_text("hello", "utf-8")
    for name, words in (("damaged", "is damaged"), ("foreign", "is no backup"), ("nothing", "There is no file")):
        said = empty("book", "restore", tmp_path / name)
        assert said.code in (BOOK, USAGE)
        assert words in said.err
        assert not (empty.home / "book.sqlite").exists()


def test_an_older_book_is_brought_up_to_date_after_a_backup(clinic: Clinic) -> None:
    assert clinic.ok("book", "upgrade", "--json", who=None).facts == {"upgraded": False}
    engine = engine_of(Place(file=clinic.home / "book.sqlite"))
    with to_migrate(engine) as connection:
        older(connection)
    engine.dispose()
    assert "emscontrol book upgrade" in clinic("staff", "list", who="anna").err
    said = clinic.ok("book", "upgrade", "--json", who=None)
    assert (said.facts["old"], said.facts["new"], Path(said.facts["backup"]).is_file()) == ("0001", SCHEMA, True)
    assert said.err == NOTICE
    clinic.ok("staff", "list", who="anna")


def older(connection: Connection) -> None:
    """The first schema again, undone by hand: what only later migrations have made goes."""
    connection.execute(text("DROP INDEX ix_appointments_session_id"))
    connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))


@pytest.mark.parametrize(("schema", "words"), [("9999", "newer emscontrol"), ("0000", "emscontrol book upgrade")])
def test_a_book_of_another_schema_is_not_touched(clinic: Clinic, schema: str, words: str) -> None:
    file = clinic.home / "book.sqlite"
    statement(file, f"UPDATE alembic_version SET version_num = '{schema}'")
    before = file.read_bytes()
    for verb in (("staff", "list"), ("book", "show"), ("staff", "login", "anna", "--pin-stdin")):
        said = clinic(*verb)
        assert (said.code, said.out) == (BOOK, "")
        assert words in said.err
    assert file.read_bytes() == before


def test_a_file_that_is_no_book_is_told_as_that(clinic: Clinic) -> None:
    file = clinic.home / "book.sqlite"
    file.write_bytes(b"hello" * 1000)
    assert clinic("book", "show").code == BOOK
    file.unlink()
    statement(file, "CREATE TABLE songs (title TEXT)")
    said = clinic("book", "show")
    assert (said.code, "not a book of emscontrol" in said.err) == (BOOK, True)


def test_an_encrypted_book_takes_its_passphrase_from_a_private_file(empty: Clinic) -> None:
    key = empty.home / "key"
    (empty.home / "settings.toml").write_text(f'[book]\nencrypted = true\npassphrase_file = "{key}"\n', "utf-8")
    assert empty(*MAKE).code == USAGE
    key.write_text("correct horse battery\n", "utf-8")
    key.chmod(0o644)
    said = empty(*MAKE)
    assert (said.code, f"chmod 600 {key}" in said.err) == (USAGE, True)
    key.chmod(0o600)
    empty.ok(*MAKE)
    empty.ok("book", "show")
    key.write_text("another one\n", "utf-8")
    wrong = empty("book", "show")
    assert (wrong.code, "another passphrase" in wrong.err) == (BOOK, True)
    key.write_text("\n", "utf-8")
    assert empty("book", "show").code == USAGE


def test_without_a_terminal_a_passphrase_is_not_waited_for(empty: Clinic) -> None:
    (empty.home / "settings.toml").write_text("[book]\nencrypted = true\n", "utf-8")
    said = empty(*MAKE)
    assert (said.code, "passphrase_file under [book]" in said.err) == (USAGE, True)


@pytest.fixture(scope="module")
def server() -> Server:
    running = server_or_skip()
    yield running
    running.close()


def test_a_book_on_a_server_is_worked_with_in_the_same_way(empty: Clinic, server: Server, tmp_path: Path) -> None:
    server.statement("CREATE DATABASE clinic")
    url = server.url("clinic").replace("emscontrol@", "emscontrol:geheim@")
    (empty.home / "settings.toml").write_text(f'[book]\nurl = "{url}"\n', "utf-8")
    assert empty("staff", "list").err.startswith("There is no book here yet.")
    empty.ok(*MAKE)
    empty.ok("staff", "first", "sofia", "--name", "Sofia", "--pin-stdin", stdin=PIN)
    empty.ok("staff", "login", "sofia", "--pin-stdin", stdin=PIN)
    assert [row["code"] for row in empty.ok("staff", "list", "--json").facts["staff"]] == ["sofia"]
    shown = empty.ok("book", "show", "--json").facts
    assert "geheim" not in shown["where"]
    empty.ok("book", "backup", tmp_path / "kept")
    assert not (empty.home / "book.sqlite").exists()
    empty.ok("agenda")
    assert (empty.home / "day.json").is_file(), "kept for when the server is out of reach"


def test_a_server_that_is_not_there_is_told_within_seconds(empty: Clinic) -> None:
    (empty.home / "settings.toml").write_text('[book]\nurl = "postgresql://x:geheim@127.0.0.1:1/clinic"\n', "utf-8")
    said = empty("staff", "list")
    assert (said.code, "cannot be reached" in said.err, "geheim" in said.err) == (BOOK, True, False)
    assert "emscontrol agenda --offline" in said.err


@pytest.mark.parametrize("words", ["[book]\nurl = 5\n", "[book]\nurl = 'mysql://x/y'\n", "[bok]\n", "x ="])
def test_settings_that_make_no_sense_are_wrong_usage(empty: Clinic, words: str) -> None:
    (empty.home / "settings.toml").write_text(words, "utf-8")
    assert empty("book", "show").code == USAGE
