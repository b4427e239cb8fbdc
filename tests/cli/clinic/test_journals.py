"""A session of an appointment, its journal in the book, and what follows from it."""

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.cli.clinic.clinic import MUSCLE, PIN, PLAN, PULSE, Clinic, make_home
from tests.cli.command import USAGE

REFUSED = 1
JOURNAL_BROKEN = 3


@pytest.fixture(scope="module")
def treated_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clinic of today, in which P-001 has had the first session of a plan. Its journal is in the book."""
    home = tmp_path_factory.mktemp("clinic") / "home"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tests.cli.clinic.clinic.NOW", datetime.now(UTC))
        make_home(home, patch)
        clinic = Clinic(home, patch, None)
        clinic.now = datetime.now(UTC)
        clinic.ok("appointment", "stimulator", "one", "reference@sim", who="sofia")
        clinic.ok("patient", "add", "P-001", who="anna")
        clinic.ok("patient", "muscle", "P-001", *MUSCLE, "--lmn", "intact", "--sensation", "normal", "--how", "pinprick")
        clinic.ok("patient", "threshold", "P-001", "comfort", 23, *MUSCLE, *PULSE)
        clinic.ok("plan", "add", "P-001", "acl-high-rate", *PLAN)
        clinic.ok("screen", "ask", "P-001", "--all-no")
        local = clinic.now.astimezone(_zone())  # this very minute, so that it is of today at any hour
        clinic.ok("appointment", "book", "P-001", "--day", f"{local:%Y-%m-%d}", "--at", f"{local:%H:%M}", "--plan", 1)
        clinic.ok("run", "--appointment", 1, "--patient", "P-001", "--speed", "max", "--body", "healthy", "--plain")
    return home


def _zone() -> ZoneInfo:
    return ZoneInfo("Europe/Berlin")


@pytest.fixture
def treated(treated_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Clinic:
    """A copy of it; the therapist is logged in."""
    shutil.copytree(treated_home, tmp_path / "home")
    copy = Clinic(tmp_path / "home", monkeypatch, capsys)
    copy.now = datetime.now(UTC)
    copy.ok("staff", "login", "anna", "--pin-stdin", stdin=PIN)
    return copy


def later(clinic: Clinic, **span: float) -> None:
    """Time passes, and the therapist logs in again."""
    clinic.wait(**span)
    clinic.ok("staff", "login", "anna", "--pin-stdin", stdin=PIN)


def test_the_first_session_is_in_the_book(treated: Clinic) -> None:
    assert treated.ok("appointment", "show", 1, "--json").facts["status"] == "done"
    facts = treated.ok("plan", "adherence", 1, "--json").facts
    assert (facts["sessions"], facts["interrupted"], facts["adherence"]) == (1, 0, 1.0)
    assert [(row["channel"], row["muscle"], row["comfort_ma"]) for row in facts["given"]] == [(1, "quad_all", 23.0)]
    assert "Adherence: 100 %" in treated.ok("plan", "adherence", 1).out
    page = treated.ok("patient", "show", "P-001").out
    assert "completed" in page
    assert treated.ok("patient", "electrodes", "P-001", "--json").facts["electrodes"] == []


def test_its_report_is_told_on_the_clinics_clock_where_its_book_is_at_hand(treated: Clinic, tmp_path: Path) -> None:
    [journal] = (treated.home / "sessions").glob("*.jsonl")
    wall = datetime.fromisoformat(json.loads(journal.read_text("utf-8").splitlines()[0])["wall"])
    local = wall.astimezone(_zone())
    told = " ".join(treated.ok("report", journal).out.split())
    assert f"Opened {local:%Y-%m-%d %H:%M:%S} UTC+0{local.utcoffset()}"[:-3] in told
    shutil.copy(journal, tmp_path / "one.jsonl")
    treated.home.joinpath("book.sqlite").unlink()
    said = " ".join(treated.ok("report", tmp_path / "one.jsonl").out.split())
    offset = "" if not wall.utcoffset() else f"{wall:%z}"[:3]
    assert f"Opened {wall:%Y-%m-%d %H:%M:%S} UTC{offset}" in said


def test_what_is_handed_in_again_is_counted_once(treated: Clinic) -> None:
    [journal] = (treated.home / "sessions").glob("*.jsonl")
    said = treated.ok("book", "hand-in", journal, "--json")
    assert said.facts["handed_in"] == [str(journal)]
    assert treated.ok("book", "hand-in", "--json").facts == {"handed_in": [], "left": [], "running": []}
    assert treated.ok("plan", "adherence", 1, "--json").facts["sessions"] == 1
    assert treated("book", "hand-in", treated.home / "nowhere.jsonl").code == USAGE


def test_a_journal_of_no_book_stays_where_it_is_with_the_reason(treated: Clinic, tmp_path: Path) -> None:
    broken = tmp_path / "broken.jsonl"
    broken.write_text("{}\n", "utf-8")
    said = treated("book", "hand-in", broken)
    assert said.code == REFUSED
    assert f"Still waits: {broken}" in said.out
    assert treated("book", "hand-in", "--json").facts["left"][0]["journal"] == str(broken)


def test_the_index_is_made_again_from_the_journals(treated: Clinic) -> None:
    before = treated.ok("plan", "adherence", 1, "--json").facts
    denied = treated("book", "rebuild")
    assert (denied.code, "Ask a supervisor" in denied.err) == (REFUSED, True)
    treated.ok("staff", "login", "sofia", "--pin-stdin", stdin=PIN)
    assert treated.ok("book", "rebuild", "--json").facts == {"sessions": 1, "interrupted": [], "refused": []}
    assert treated.ok("plan", "adherence", 1, "--json").facts == before
    broken = treated.home / "broken.jsonl"
    broken.write_text("{}\n", "utf-8")
    said = treated("book", "rebuild", broken)
    assert (said.code, "left out: broken.jsonl" in said.out) == (JOURNAL_BROKEN, True)


def test_a_proposal_waits_for_a_person(treated: Clinic) -> None:
    later(treated, hours=2)
    treated.ok("screen", "answer", "P-001", "RHABDO", "yes")
    said = treated.ok("plan", "propose", 1)
    assert said.out.startswith("Proposal 1 of plan 1: pause. ")
    assert "emscontrol plan accept 1" in said.err
    assert "1 open: pause" in treated.ok("plan", "show", 1).out
    denied = treated("plan", "refuse", 1)
    assert denied.code == USAGE, "a refusal needs a reason"
    refused = treated.ok("plan", "refuse", 1, "--why", "it was an old drug", "--json").facts
    assert (refused["decision"], refused["decided_by"]) == ("refused", "anna")
    assert "1 refused by anna: pause" in treated.ok("plan", "show", 1).out


def test_a_hold_because_of_pain_says_what_ends_it_wherever_it_is_said(treated: Clinic) -> None:
    later(treated, hours=2)
    treated.ok("outcome", "add", "P-001", "nrs", 5)
    ends = "until a pain of 3 or less is entered on a later day: emscontrol outcome add P-001 nrs 0-3."
    assert ends in treated.ok("plan", "propose", 1).out
    shown = treated.ok("plan", "show", 1).out
    assert "  held: Pain was 5/10" in shown
    assert (ends in shown, "emscontrol plan propose" in shown) == (True, False)
    later(treated, days=1)
    treated.ok("outcome", "add", "P-001", "nrs", 3)
    assert "Pain was" not in treated.ok("plan", "show", 1).out


def test_an_accepted_pause_pauses_the_plan(treated: Clinic) -> None:
    later(treated, hours=2)
    treated.ok("screen", "answer", "P-001", "RHABDO", "yes")
    treated.ok("plan", "propose", 1)
    stale = treated("plan", "accept", 1, "--seen", 9)
    assert stale.code == REFUSED
    assert treated.ok("plan", "accept", 1, "--json").facts["decision"] == "accepted"
    assert treated.ok("plan", "list", "--json").facts["plans"][0]["status"] == "paused"


def test_a_stimulator_in_use_is_told(treated: Clinic) -> None:
    assert treated.ok("book", "holds", "--json").facts == {"holds": []}
    from emscontrol.clinic.book.actor import Actor
    from emscontrol.clinic.book.opening import Place, open_book
    from emscontrol.clinic.stations.holds import take

    book = open_book(Place(file=treated.home / "book.sqlite"))
    actor = Actor("sven", "specialist", "room 2")
    with book.writing(actor, treated.now) as session:
        take(session, 1, "word", actor, treated.now)
    book.close()
    [row] = treated.ok("book", "holds", "--json").facts["holds"]
    assert (row["stimulator"], row["staff"], row["station"]) == ("one", "sven", "room 2")
