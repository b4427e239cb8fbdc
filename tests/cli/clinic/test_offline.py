"""A day without the book: its server goes away, the session is run from the day that was kept, and is counted once after."""

import itertools
import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import pytest

from emscontrol.cli.clinic.desk import Desk
from emscontrol.cli.run_booked import AT_THE_TERMINAL
from emscontrol.clinic.screening.load import shipped_rules
from emscontrol.desk.occasion import occasion
from emscontrol.desk.wanted import Wanted
from emscontrol.safety.screening import ScreeningFacts
from tests.cli.clinic.clinic import MUSCLE, PIN, PLAN, PULSE, Clinic
from tests.cli.command import USAGE
from tests.clinic.postgresql import Server, server_or_skip
from tests.tui.terminal import Terminal

REFUSED = 1
RUN: Final = ("run", "--appointment", 1, "--patient", "P-001", "--speed", "max", "--body", "healthy", "--json")
_numbers = itertools.count()


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    running = server_or_skip()
    yield running
    running.close()


def _zone() -> str:
    """Where it is noon right now, so that the next hour is of the same day."""
    return f"Etc/GMT{datetime.now(UTC).hour - 12:+d}"


def _settings(home: Path, server: Server, database: str) -> None:
    (home / "settings.toml").write_text(f'[station]\nname = "room 1"\n[book]\nurl = "{server.url(database)}"\n', "utf-8")


@pytest.fixture(scope="module")
def prepared(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose book is on a server: P-001 was screened yesterday, and comes within the hour."""
    home = tmp_path_factory.mktemp("offline") / "home"
    home.mkdir(mode=0o700)
    server.statement("CREATE DATABASE prepared")
    _settings(home, server, "prepared")
    with pytest.MonkeyPatch.context() as patch:
        clinic = Clinic(home, patch, None)
        clinic.now = datetime.now(UTC) - timedelta(hours=20)
        clinic.ok("book", "create", "--name", "Test clinic", "--time-zone", _zone(), "--kind", "practice")
        clinic.ok("staff", "first", "sofia", "--name", "Sofia S", "--pin-stdin", stdin=PIN)
        clinic.ok("staff", "login", "sofia", "--pin-stdin", stdin=PIN)
        clinic.ok("patient", "add", "P-001", "--born", 1985)
        clinic.ok("patient", "muscle", "P-001", *MUSCLE, "--lmn", "intact", "--sensation", "normal", "--how", "pinprick")
        clinic.ok("patient", "threshold", "P-001", "comfort", 23, *MUSCLE, *PULSE)
        clinic.ok("appointment", "stimulator", "one", "reference@sim")
        clinic.ok("plan", "add", "P-001", "acl-high-rate", *PLAN)
        clinic.ok("screen", "ask", "P-001", "--all-no")
        clinic.now = datetime.now(UTC)
        clinic.ok("staff", "login", "sofia", "--pin-stdin", stdin=PIN)
        local = (clinic.now + timedelta(hours=1)).astimezone(ZoneInfo(_zone()))
        clinic.ok("appointment", "book", "P-001", "--day", f"{local:%Y-%m-%d}", "--at", f"{local:%H:%M}", "--plan", 1)
    return home


@pytest.fixture
def clinic(
    prepared: Path, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Clinic:
    """A copy of it, with a database of its own; the therapist has just logged in."""
    database = f"copy{next(_numbers)}"
    server.copy(database, "prepared")
    shutil.copytree(prepared, tmp_path / "home")
    _settings(tmp_path / "home", server, database)
    copy = Clinic(tmp_path / "home", monkeypatch, capsys)
    copy.now = datetime.now(UTC)
    copy.ok("staff", "login", "sofia", "--pin-stdin", stdin=PIN)
    return copy


@contextmanager
def without(server: Server) -> Iterator[None]:
    """The server is gone inside."""
    server.stop()
    try:
        yield
    finally:
        server.start()


def test_a_session_without_the_book_waits_is_not_run_again_and_is_handed_in_once(clinic: Clinic, server: Server) -> None:
    clinic.ok("screen", "ask", "P-001", "--all-no")
    clinic.ok("agenda")
    with without(server):
        said = clinic.ok(*RUN)
        assert said.facts["result"] == "completed"
        assert "Working from the day that was kept." in said.err
        assert "Not handed in yet" in said.err
        [waiting] = (clinic.home / "outbox").iterdir()
        assert json.loads(waiting.read_text())["appointment"] == 1
        again = clinic(*RUN)
        assert again.code == REFUSED
        assert "appointment 1 was run on this station" in again.facts["reason"]
        assert (
            "not to be run without the book: its session was run on this station since" in clinic.ok("agenda", "--offline").out
        )
    [journal] = (clinic.home / "sessions").glob("*.jsonl")
    clinic.now = datetime.now(UTC)
    assert clinic.ok("book", "hand-in", "--json").facts["handed_in"] == [str(journal)]
    assert clinic.ok("book", "hand-in", "--json").facts["handed_in"] == []
    assert clinic.ok("appointment", "show", 1, "--json").facts["status"] == "done"
    assert clinic.ok("plan", "adherence", 1, "--json").facts["sessions"] == 1
    with without(server):
        third = clinic(*RUN)
        assert (third.code, "its session was run on this station since" in third.facts["reason"]) == (USAGE, True)
    assert len(list((clinic.home / "sessions").glob("*.jsonl"))) == 1


def test_the_next_session_hands_in_first_and_a_day_kept_meanwhile_has_nothing_to_run(clinic: Clinic, server: Server) -> None:
    clinic.ok("screen", "ask", "P-001", "--all-no")
    clinic.ok("agenda")
    with without(server):
        clinic.ok(*RUN)
    clinic.now = datetime.now(UTC)
    clinic.ok("agenda")
    [entry] = json.loads((clinic.home / "day.json").read_text())["entries"]
    assert (entry["prescription"], "the book does not have its journal" in entry["told"]["why"]) == ("", True)
    said = clinic(*RUN)
    assert (said.code, "Handed in: " in said.err, "is done" in said.facts["reason"]) == (REFUSED, True, True)
    assert not list((clinic.home / "outbox").iterdir())
    assert len(list((clinic.home / "sessions").glob("*.jsonl"))) == 1


def _due(clinic: Clinic) -> list[str]:
    return [row["rule"] for row in clinic.ok("screen", "due", "P-001", "--plan", 1, "--json").facts["due"]]


def _asked(clinic: Clinic, said: Mapping[str, bytes]) -> int:
    """It is run on a terminal, and these questions are answered there as they come; what it ended with."""
    terminal = Terminal(["-m", "emscontrol", "--home", str(clinic.home), *map(str, RUN[:-1]), "--plain"], columns=300, rows=60)
    try:
        for rule, key in said.items():
            found = shipped_rules().rule(rule)
            assert found is not None
            terminal.wait_for(found.question, 30)
            terminal.type(key + b"\r")
        return terminal.wait_for_exit(30)
    finally:
        terminal.close()


def test_what_is_due_is_asked_on_the_terminal_and_stands_in_the_journal(clinic: Clinic, server: Server) -> None:
    due = _due(clinic)
    assert "SKIN" in due
    clinic.ok("agenda")
    with without(server):
        nobody = clinic(*RUN)
        assert (nobody.code, "To be asked before this session" in nobody.facts["reason"]) == (USAGE, True)
        assert _asked(clinic, dict.fromkeys(due, b"n")) == 0
    [journal] = (clinic.home / "sessions").glob("*.jsonl")
    booked = json.loads(journal.read_text("utf-8").splitlines()[1])
    assert booked["screening"].endswith("asked without the book: " + ", ".join(f"{rule} no" for rule in due))
    clinic.now = datetime.now(UTC)
    clinic.ok("book", "hand-in")
    assert clinic.ok("appointment", "show", 1, "--json").facts["status"] == "done"


def test_what_is_asked_on_the_terminal_is_later_than_every_answer_that_was_kept(
    clinic: Clinic, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    due = _due(clinic)
    clinic.ok("agenda")
    monkeypatch.setattr("emscontrol.cli.run_booked.on_a_terminal", lambda: True)
    monkeypatch.setattr("click.prompt", lambda *_, **__: "n")
    desk = Desk(str(clinic.home))
    with without(server):
        booking = occasion(desk, Wanted(1, "P-001"), AT_THE_TERMINAL).prescription.booking
    desk.close()
    answers = ScreeningFacts.from_json(booking.screening).answers
    asked, kept = answers[-len(due) :], answers[: -len(due)]
    assert [answer.rule for answer in asked] == due
    assert min(answer.id for answer in asked) > max(answer.id for answer in kept)
    assert len({answer.id for answer in answers}) == len(answers)
    assert booking.asked == "asked without the book: " + ", ".join(f"{rule} no" for rule in due)


def test_a_yes_on_the_terminal_counts_more_than_every_answer_that_was_kept(clinic: Clinic, server: Server) -> None:
    due = _due(clinic)
    clinic.ok("agenda")
    with without(server):
        assert _asked(clinic, dict.fromkeys(due, b"n") | {"SKIN": b"y"}) == REFUSED
    assert not list((clinic.home / "sessions").glob("*.jsonl"))
    assert not list((clinic.home / "outbox").glob("*"))


def _write_token(clinic: Clinic, words: str) -> None:
    [file] = (clinic.home / "run").glob("login-*")
    token = file.read_text("ascii").partition("\n")[0]
    file.write_text(words.format(token=token, now=clinic.now.isoformat()), "ascii")


def _edit(file: Path, words: str, instead: str) -> None:
    whole = file.read_text("utf-8")
    assert words in whole
    file.write_text(whole.replace(words, instead), "utf-8")


@pytest.mark.parametrize(
    ("words", "change"),
    [
        ("this login is locked", lambda clinic: clinic.wait(minutes=15)),
        ("Nobody is logged in here", lambda clinic: clinic.be(None)),
        ("under another login", lambda clinic: _write_token(clinic, "anything\n{now}\n")),
        ("under another login", lambda clinic: _write_token(clinic, "anything")),
        ("this login is locked", lambda clinic: _write_token(clinic, "{token}")),
        ("changed since", lambda clinic: _edit(clinic.home / "day.json", "1985", "1986")),
        ("this is room 2", lambda clinic: _edit(clinic.home / "settings.toml", "room 1", "room 2")),
    ],
)
def test_the_kept_day_is_for_who_kept_it_and_stayed(
    clinic: Clinic, server: Server, words: str, change: Callable[[Clinic], None]
) -> None:
    clinic.ok("screen", "ask", "P-001", "--all-no")
    clinic.ok("agenda")
    change(clinic)
    with without(server):
        said = clinic(*RUN)
        looked = clinic("agenda", "--offline")
    assert (said.code, words in said.facts["reason"]) == (REFUSED, True), said
    assert (looked.code, words in looked.err) == (REFUSED, True), looked
    assert not list((clinic.home / "sessions").glob("*.jsonl"))
