"""`run --appointment`: the planned session, with everything that the book knows and nothing that it forbids."""

import fcntl
import json
import shutil
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import pytest

from emscontrol.cli.clinic.desk import Desk
from emscontrol.cli.outcome import Outcome, refused_run
from emscontrol.cli.run_fast import run_fast
from emscontrol.clinic.appointments.booking import book
from emscontrol.clinic.stations.day import DayEntry, keep_day, read_day
from emscontrol.clinic.stations.holds import give_back, take
from emscontrol.core.errors import BookBusy, NotAllowed, StorageError
from emscontrol.core.events import make
from emscontrol.desk.handing_in import hand_in
from emscontrol.desk.holding import held
from emscontrol.desk.kept import kept_day
from emscontrol.desk.running import gave_nothing
from emscontrol.desk.token import kept_token, last_use
from emscontrol.desk.visit import visit_of
from emscontrol.record.journal import Journal
from emscontrol.record.line import parse
from emscontrol.record.verify import verify
from emscontrol.session.spec import SessionSpec
from tests.cli.clinic.clinic import MUSCLE, PULSE, Clinic
from tests.cli.command import USAGE
from tests.clinic.sessions.material import recorded
from tests.clinic.stations.test_day import DAY

REFUSED = 1
BERLIN: Final = ZoneInfo("Europe/Berlin")
RUN: Final = ("run", "--appointment", 1, "--patient", "P-001", "--speed", "max", "--body", "healthy", "--json")


@pytest.fixture(scope="module")
def today_home(busy_home: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, datetime]:
    """The clinic of today, and the moment: the engine judges by the clock of the computer."""
    home = tmp_path_factory.mktemp("clinic") / "home"
    shutil.copytree(busy_home, home)
    with pytest.MonkeyPatch.context() as patch:
        clinic = Clinic(home, patch, None)
        clinic.now = datetime.now(UTC)
        clinic.ok("staff", "login", "anna", "--pin-stdin", stdin="294715")
        clinic.ok("screen", "ask", "P-001", "--all-no")
        for _ in range(2):
            clinic.ok("patient", "muscle", "P-001", *MUSCLE, "--lmn", "intact", "--sensation", "normal", "--how", "pinprick")
        clinic.ok("patient", "threshold", "P-001", "comfort", 23, *MUSCLE, *PULSE)
        comes_today(clinic)
        return home, clinic.now


@pytest.fixture
def today(
    today_home: tuple[Path, datetime], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Clinic:
    """A copy of it; the therapist is logged in."""
    shutil.copytree(today_home[0], tmp_path / "home")
    copy = Clinic(tmp_path / "home", monkeypatch, capsys)
    copy.now = today_home[1]
    return copy


def comes_today(clinic: Clinic) -> None:
    """Appointment 1 is of this very minute, and nobody came to the others, which are of March."""
    here = clinic.now.astimezone(BERLIN)
    words = ("--day", f"{here:%Y-%m-%d}", "--at", f"{here:%H:%M}", "--why", "x", "--overrule", "x")
    clinic.ok("appointment", "move", 1, *words)
    clinic.ok("appointment", "missed", "--overdue")


def booked_later(clinic: Clinic, days: int = 3) -> tuple[int, str]:
    """Another appointment of the plan at eleven, so many days after today; its number and when it is."""
    day = f"{clinic.now.astimezone(BERLIN) + timedelta(days=days):%Y-%m-%d}"
    words = ("--plan", 1, "--day", day, "--at", "11:00", "--overrule", "x", "--json")
    row = clinic.ok("appointment", "book", "P-001", *words).facts
    return row["appointment"], row["starts_at"]


def records(journal: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in Path(journal).read_text("utf-8").splitlines()]


def test_the_planned_session_runs_is_handed_in_and_its_appointment_is_done(today: Clinic) -> None:
    said = today.ok("run", "--appointment", 1, "--patient", "P-001", "--speed", "max", "--body", "healthy", "--json")
    result = said.facts
    assert result["result"] == "completed"
    assert result["channels"]["1"]["contractions"] == 8  # half of sixteen: a first session
    assert result["channels"]["1"]["peak_ma"] == 23
    assert "Patient P-001, born 1985: session 1 of plan 1" in said.err
    assert "channel 1: quad_all, LEFT" in said.err
    assert "Handed in: " in said.err
    opened, booked = records(result["journal"])[:2]
    assert (opened["event"], booked["event"]) == ("session_opened", "booked")
    assert (booked["patient"], booked["appointment"], booked["staff"]) == ("P-001", 1, "anna")
    assert verify(Path(result["journal"])).ok
    [done] = [
        row
        for row in today.ok("appointment", "list", "--patient", "P-001", "--json").facts["appointments"]
        if row["status"] == "done"
    ]
    assert done["appointment"] == 1
    today.now = datetime.now(UTC)
    told = today.ok("plan", "adherence", 1, "--json").facts
    assert (told["sessions"], told["contractions"], told["done"]) == (1, 8, 1)
    assert not list((today.home / "outbox").glob("*"))


def test_another_patients_code_starts_nothing(today: Clinic) -> None:
    said = today("run", "--appointment", 1, "--patient", "P-002", "--speed", "max")
    assert (said.code, "is not that of P-002" in said.err) == (USAGE, True)
    nobody = today("run", "--appointment", 1, "--speed", "max")
    assert (nobody.code, "--patient" in nobody.err) == (USAGE, True)
    assert not list((today.home / "sessions").glob("*"))


def test_who_it_is_and_whether_he_may_be_stimulated_comes_before_any_level(busy: Clinic) -> None:
    """Nobody is sent to measure a patient who must not be stimulated, nor told of another patient's levels."""
    busy.now = datetime.now(UTC)
    busy.ok("staff", "login", "anna", "--pin-stdin", stdin="294715")  # the level of March is too old by now
    comes_today(busy)
    other = busy("run", "--appointment", 1, "--patient", "P-002")
    assert ("is not that of P-002" in other.err, "measure" in other.err.lower()) == (True, False)
    busy.ok("screen", "ask", "P-001", "--all-no", "--except", "PACEMAKER=yes")
    said = busy("run", "--appointment", 1, "--patient", "p-001")
    assert (said.code, "PACEMAKER" in said.err, "emscontrol threshold" in said.err) == (REFUSED, True, False)


def test_what_was_acknowledged_is_said_again_before_current_flows(today: Clinic) -> None:
    today.ok("screen", "answer", "P-001", "GEL_ALLERGY", "yes")
    today.ok("screen", "acknowledge", "P-001", "GEL_ALLERGY")
    said = today.ok("run", "--appointment", 1, "--patient", "P-001", "--speed", "max")
    assert "MIND GEL_ALLERGY (acknowledged): " in said.err
    assert "stop on rash" in said.err
    assert "Now enter: emscontrol outcome add P-001 nrs" in said.err


def test_a_block_starts_nothing_and_says_why(today: Clinic) -> None:
    today.ok("screen", "answer", "P-001", "PACEMAKER", "unknown")
    said = today("run", "--appointment", 1, "--patient", "P-001", "--speed", "max", "--json")
    assert said.code == REFUSED
    assert said.facts["result"] == "refused"
    assert "PACEMAKER" in said.facts["reason"]
    assert not list((today.home / "sessions").glob("*"))
    assert not list((today.home / "outbox").glob("*"))


def test_what_stands_in_the_way_is_said_in_plain_words_before_a_session_and_at_its_start(today: Clinic) -> None:
    today.ok("screen", "answer", "P-001", "EPILEPSY", "yes")
    told = "on a limb only, and the therapist stays in the room."
    said = today(*RUN)
    assert (said.code, told in said.facts["reason"], told in said.err) == (REFUSED, True, True)
    desk = Desk(str(today.home))
    (shown,) = visit_of(desk, 1).in_the_way
    desk.close()
    assert told in shown
    today.ok("staff", "login", "sven", "--pin-stdin", stdin="294715")
    today.ok("screen", "override", "P-001", "EPILEPSY", "--why", "neurologist agrees")
    again = today.ok(*RUN).err
    [mind] = [line for line in again.splitlines() if "MIND EPILEPSY (overridden)" in line]
    assert (told in mind, "(Europe/Berlin)" in mind, "UTC" in mind) == (True, True, False)


def test_who_may_only_look_starts_nothing(today: Clinic) -> None:
    today.now = datetime.now(UTC)
    today.ok("staff", "login", "rudi", "--pin-stdin", stdin="294715")
    said = today("run", "--appointment", 1, "--patient", "P-001", "--speed", "max")
    assert (said.code, "run a session" in said.err) == (REFUSED, True)


def test_an_estimated_level_is_used_only_when_somebody_says_so(busy: Clinic) -> None:
    busy.now = datetime.now(UTC)
    busy.ok("staff", "login", "anna", "--pin-stdin", stdin="294715")
    busy.ok("screen", "ask", "P-001", "--all-no")
    busy.ok("patient", "muscle", "P-001", *MUSCLE, "--lmn", "intact", "--sensation", "normal", "--how", "pinprick")
    busy.ok("patient", "muscle", "P-001", *MUSCLE, "--lmn", "intact", "--sensation", "normal", "--how", "pinprick")
    comes_today(busy)
    run = ("run", "--appointment", 1, "--patient", "P-001", "--speed", "max")
    old = busy(*run)
    assert (old.code, "measure it again" in old.err) == (USAGE, True)
    busy.ok("patient", "threshold", "P-001", "comfort", 23, *MUSCLE, "--pads", "7x12.7", "--width-us", "300")
    estimated = busy(*run)
    assert (estimated.code, "estimated from 23.0 mA at 300 µs" in estimated.err) == (USAGE, True)
    said = busy.ok(*run, "--accept-estimated", "--json")
    # Weiss with a chronaxie of 250 µs: 23 mA * (1 + 250/400) / (1 + 250/300) = 20.386, of which 90 % are taken
    assert said.facts["channels"]["1"]["peak_ma"] == 18.3


def test_a_stimulator_that_another_session_holds_is_not_taken(today: Clinic) -> None:
    desk = Desk(str(today.home))
    with desk.writing("run") as (session, actor, now):
        take(session, 1, "another session", actor, now)
    desk.close()
    said = today("run", "--appointment", 1, "--patient", "P-001", "--speed", "max")
    assert (said.code, "one is in use: anna at room 1" in said.err) == (REFUSED, True)
    assert f"has it since {now.astimezone(BERLIN):%Y-%m-%d %H:%M} (Europe/Berlin)." in said.err
    assert not list((today.home / "sessions").glob("*"))
    assert not list((today.home / "outbox").glob("*"))


def test_a_file_and_an_appointment_are_not_run_at_once(today: Clinic) -> None:
    assert today("run").code == USAGE
    assert today("run", "x.yaml", "--appointment", 1).code == USAGE
    assert today("run", "--appointment", 1, "--comfort", "1=20").code == USAGE
    assert today("run", "x.yaml", "--patient", "P-001").code == USAGE
    assert today("run", "x.yaml", "--not-today", "in a hurry").code == USAGE


def test_a_practice_book_refuses_a_real_stimulator(today: Clinic) -> None:
    said = today("run", "--appointment", 1, "--patient", "P-001", "--device", "p24@/dev/null-such")
    assert said.code != 0
    assert "practice book" in said.err


def test_an_appointment_of_another_day_is_not_run_and_both_ways_are_told(today: Clinic) -> None:
    number, starts_at = booked_later(today)
    run = ("run", "--appointment", number, "--patient", "P-001", "--speed", "max")
    said = today(*run)
    told = f"Appointment {number} is on {datetime.fromisoformat(starts_at):%a %Y-%m-%d} 11:00, and today is "
    assert (said.code, told in said.err) == (REFUSED, True)
    assert f"emscontrol appointment move {number} --day {today.now.astimezone(BERLIN):%Y-%m-%d} --at" in said.err
    assert "--not-today" in said.err
    assert not list((today.home / "sessions").glob("*"))
    assert today(*run, "--not-today", " ").code == USAGE


def test_an_appointment_of_another_day_is_run_with_a_reason_that_is_kept(today: Clinic) -> None:
    """It is moved to now, so that its clock is not doubted; its old time and who moved it stay in the trace."""
    today.ok("appointment", "cancel", 1, "--why", "x")
    number, starts_at = booked_later(today)
    words = ("run", "--appointment", number, "--patient", "P-001", "--speed", "max", "--body", "healthy", "--json")
    said = today.ok(*words, "--not-today", "a cast comes on  tomorrow")
    told = f"not on its day, which was {datetime.fromisoformat(starts_at):%a %Y-%m-%d} 11:00: a cast comes on tomorrow"
    assert told in said.err
    assert str(records(said.facts["journal"])[1]["screening"]).endswith(told)
    shown = today.ok("appointment", "show", number, "--json").facts
    assert (shown["status"], shown["time_why"], shown["moved"]) == ("done", "a cast comes on tomorrow", 1)
    assert [(each["starts_at"], each["by"]) for each in shown["before"]] == [(starts_at, "anna")]
    assert "clock was wrong" not in today.ok("patient", "show", "P-001").out


def test_what_is_refused_is_not_moved_to_today(today: Clinic) -> None:
    number, starts_at = booked_later(today)
    today.ok("patient", "threshold", "P-001", "comfort", 23, *MUSCLE, "--pads", "7x12.7", "--width-us", "300")
    today.ok("screen", "answer", "P-001", "PACEMAKER", "unknown")
    said = today("run", "--appointment", number, "--patient", "P-001", "--not-today", "x")
    assert (said.code, "PACEMAKER" in said.err) == (REFUSED, True)
    shown = today.ok("appointment", "show", number, "--json").facts
    assert (shown["moved"], shown["starts_at"]) == (0, starts_at)


def test_a_refusal_because_another_has_the_stimulator_moves_nothing_and_the_same_words_run_it_afterwards(
    today: Clinic,
) -> None:
    today.ok("appointment", "cancel", 1, "--why", "x")
    number, starts_at = booked_later(today)
    desk = Desk(str(today.home))
    with desk.writing("run") as (session, actor, now):
        take(session, 1, "the session of another", actor, now)
    words = ("run", "--appointment", number, "--patient", "P-001", "--speed", "max", "--body", "healthy", "--json")
    said = today(*words, "--not-today", "a cast comes on")
    assert (said.code, "one is in use" in said.facts["reason"]) == (REFUSED, True)
    shown = today.ok("appointment", "show", number, "--json").facts
    assert (shown["moved"], shown["starts_at"], shown["status"], shown["before"]) == (0, starts_at, "booked", [])
    assert not list((today.home / "outbox").glob("*"))
    with desk.writing("run") as (session, _actor, _now):
        give_back(session, 1, "the session of another")
    desk.close()
    assert today.ok(*words, "--not-today", "a cast comes on").code == 0
    shown = today.ok("appointment", "show", number, "--json").facts
    assert (shown["moved"], shown["status"], shown["time_why"]) == (1, "done", "a cast comes on")


def test_a_session_that_cannot_be_made_moves_nothing_either(today: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    number, starts_at = booked_later(today)

    def no_room(*_: object) -> None:
        raise StorageError("There is no room for a record.")

    with monkeypatch.context() as patch:
        patch.setattr("emscontrol.cli.run_booked.load_text", no_room)
        assert today("run", "--appointment", number, "--patient", "P-001", "--not-today", "x").code != 0
    shown = today.ok("appointment", "show", number, "--json").facts
    assert (shown["moved"], shown["starts_at"]) == (0, starts_at)


def test_what_gives_nothing_because_it_is_refused_is_brought_back_to_its_own_day_if_nobody_else_is_there(
    today: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody has to move it back by hand. Where nobody knows what the output does, it stays; so it does with another there."""
    today.ok("appointment", "cancel", 1, "--why", "x")
    number, starts_at = booked_later(today)
    run = ("run", "--appointment", number, "--patient", "P-001", "--speed", "max", "--body", "healthy", "--json")

    def tried(fault: str) -> tuple[str, str, int, str]:
        assert today(*run, "--not-today", "a cast comes on", "--fault", fault).code != 0
        shown = today.ok("appointment", "show", number, "--json").facts
        return shown["starts_at"], shown["status"], shown["moved"], shown["time_why"]

    assert tried("lower_limits:1") == (starts_at, "booked", 2, "brought back to its own time: no contraction is on record")
    now, *others = tried("dead_link")
    assert (now < starts_at, *others) == (True, "booked", 3, "a cast comes on")
    assert today.ok(*run).code == 0
    assert today.ok("appointment", "show", number, "--json").facts["status"] == "done"
    third, its_time = booked_later(today, days=6)

    def taken_meanwhile(*_: object) -> Outcome:
        desk = Desk(str(today.home))
        with desk.writing("run") as (session, _actor, now):
            book(session, 1, datetime.fromisoformat(its_time), now, desk.book.about, minutes=30, overrule="x")
        desk.close()
        return refused_run(["no"], simulated=True)

    monkeypatch.setattr("emscontrol.cli.run_fast.run_fast", taken_meanwhile)
    monkeypatch.setattr("emscontrol.desk.occasion.require_rest", lambda *_: None)
    said = today(*(third if word == number else word for word in run), "--not-today", "x")
    assert f"Appointment {third} stays where it was moved to: " in said.err
    assert f"The patient P-001 has appointment {third + 1} " in said.err
    assert said.facts["reason"] == "no"


def _record(place: Path, *kinds: str) -> Path:
    """A journal of these records after its first."""
    totals = {"1": {"pulses": 0, "contractions": 0, "peak_ua": 0, "plateau_ua": 0, "charge_pc": 0, "on_us": 0}}
    events = {
        "stop_sent": make("stop_sent"),
        "stop_confirmed": make("stop_confirmed", after_us=1_000),
        "totals": make("totals", channels=totals),
        "session_ended": make("session_ended", result="stopped", reason="x", duration_us=0),
    }
    journal = Journal.in_memory(lambda: "2026-03-02T09:00:00.000+00:00")
    for t_us, event in enumerate([parse(recorded()[0]).event, *(events[kind] for kind in kinds)]):
        journal.append(event, t_us)
    place.write_bytes(b"".join(journal.lines))
    return place


def test_a_session_gave_nothing_only_when_it_never_began_or_its_whole_record_says_so(tmp_path: Path) -> None:
    stop, end = ("stop_sent", "stop_confirmed"), ("totals", "session_ended")
    assert gave_nothing(tmp_path / "none", began=False)
    assert not gave_nothing(tmp_path / "gone", began=True)
    place = _record(tmp_path / "a", *stop, *end)
    assert gave_nothing(place, began=True)
    with place.open("rb") as held_by_the_engine:
        fcntl.flock(held_by_the_engine, fcntl.LOCK_EX)
        assert not gave_nothing(place, began=True)
    assert not gave_nothing(_record(tmp_path / "b", "stop_sent", *end), began=True)
    assert not gave_nothing(_record(tmp_path / "c", *stop, "stop_sent", *end), began=True)
    assert not gave_nothing(_record(tmp_path / "d", *stop, "totals"), began=True)
    (tmp_path / "e").write_bytes(b"".join(recorded()))
    assert not gave_nothing(tmp_path / "e", began=True)
    place.write_bytes(place.read_bytes().replace(b'"stop_sent"', b'"armed"', 1))
    assert not gave_nothing(place, began=True)


@pytest.mark.parametrize("stimulator", [1, None])
def test_what_goes_wrong_after_a_session_is_told_and_what_it_gave_is_not_hidden(
    today: Clinic, monkeypatch: pytest.MonkeyPatch, stimulator: int | None
) -> None:
    def broken(*_: object) -> bool:
        raise OSError(5, "Input/output error")

    told: list[str] = []
    done: list[object] = []
    desk = Desk(str(today.home))
    with held(desk, stimulator, told.append, after=done.append):
        pass
    assert len(done) == 1
    with held(desk, stimulator, told.append, after=broken):
        pass
    desk.close()
    assert told == ["Input/output error."]
    if stimulator is not None:
        return
    monkeypatch.setattr("emscontrol.clinic.stations.outbox.remove", broken)  # of what was announced and did not come to be
    monkeypatch.setattr("emscontrol.cli.run_fast.run_fast", lambda *_: refused_run(["No stimulator."], simulated=True))
    said = today(*RUN)
    assert "What was held for the session could not be let go: Input/output error." in said.err
    assert (said.facts["result"], said.facts["reason"]) == ("refused", "No stimulator")


@pytest.mark.parametrize("how", [BookBusy("The book is in use."), OSError(5, "Input/output error")], ids=["book", "disk"])
def test_a_hold_that_cannot_be_renewed_is_told_once_and_so_is_that_it_can_again(
    today: Clinic, monkeypatch: pytest.MonkeyPatch, how: Exception
) -> None:
    monkeypatch.setattr("emscontrol.clinic.stations.holds.RENEW_S", 0.01)
    told: list[str] = []
    tried: list[int] = []
    failing = threading.Event()
    failing.set()

    def renewed(*_: object) -> None:
        tried.append(1)
        if failing.is_set():
            raise how

    monkeypatch.setattr("emscontrol.clinic.stations.holds.renew", renewed)
    desk = Desk(str(today.home))
    with held(desk, 1, told.append):
        _until(lambda: len(tried) > 3)
        failing.clear()
        _until(lambda: len(told) == 2)
    desk.close()
    assert "cannot be renewed" in told[0]
    assert ("in use" in told[0]) or ("Input/output error" in told[0])
    assert told[1] == "The hold of the stimulator is renewed again."


def test_an_appointment_of_today_needs_no_reason_and_is_not_moved_for_one(today: Clinic) -> None:
    said = today.ok(*RUN, "--not-today", "x")
    assert "not on its day" not in said.err
    assert today.ok("appointment", "show", 1, "--json").facts["moved"] == 1  # by the fixture


def test_a_session_that_was_stopped_early_says_so_and_the_next_one_is_a_first_one_again(today: Clinic) -> None:
    number, _ = booked_later(today)
    said = today("run", "--appointment", 1, "--patient", "P-001", "--speed", "max", "--fault", "electrode_off:1@30")
    assert "This session: 2 of 8 contractions given, fewer than three quarters: the next session is a first one" in said.err
    assert f"appointment {number}, session 2 of 18: 8 contractions; this time 8 were prescribed." in said.err
    assert "2 of 8 contractions given" in today.ok("appointment", "show", 1).out


def test_a_whole_first_session_is_followed_by_an_ordinary_one(today: Clinic) -> None:
    number, _ = booked_later(today)
    said = today.ok(*RUN)
    assert "This session: 8 of 8 contractions given.\n" in said.err
    assert f"appointment {number}, session 2 of 18: 16 contractions; this time 8 were prescribed." in said.err


def test_a_session_longer_than_the_idle_lock_is_handed_in(today: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    def long(spec: SessionSpec, plain: bool) -> Outcome:
        outcome = run_fast(spec, plain)
        today.wait(minutes=45)
        return outcome

    monkeypatch.setattr("emscontrol.cli.run_fast.run_fast", long)
    said = today.ok(*RUN)
    assert "Handed in: " in said.err
    today.now = datetime.now(UTC)
    assert today.ok("appointment", "show", 1, "--json").facts["status"] == "done"
    assert not list((today.home / "outbox").glob("*"))


@pytest.mark.parametrize("stimulator", [1, None])
def test_the_login_is_used_while_a_session_runs(today: Clinic, monkeypatch: pytest.MonkeyPatch, stimulator: int | None) -> None:
    monkeypatch.setattr("emscontrol.clinic.stations.holds.RENEW_S", 0.01)
    desk = Desk(str(today.home))
    with held(desk, stimulator):
        for _ in range(4):
            today.wait(minutes=10)
            _until(lambda: last_use(str(today.home), desk.book.about.uuid) == today.now)
    desk.actor(today.now)
    today.wait(minutes=16)
    with pytest.raises(NotAllowed, match="this login is locked"):
        desk.actor(today.now)
    desk.close()


def test_a_login_that_was_locked_meanwhile_is_not_taken_up_again(today: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("emscontrol.clinic.stations.holds.RENEW_S", 0.01)
    tried = threading.Event()
    desk = Desk(str(today.home))
    actor_now = desk.actor

    def tell(now: datetime) -> object:
        try:
            return actor_now(now)
        finally:
            tried.set()

    with held(desk, None):
        today.wait(minutes=16)  # the computer was asleep
        monkeypatch.setattr(desk, "actor", tell)
        assert tried.wait(10)
    with pytest.raises(NotAllowed, match="this login is locked"):
        actor_now(today.now)
    desk.close()


def test_what_was_run_and_is_not_in_the_book_is_not_run_again(today: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    booked_later(today)

    def gone(*_: object) -> None:
        raise BookBusy("The book is in use.", "Try again.")

    with monkeypatch.context() as patch:
        patch.setattr("emscontrol.clinic.stations.outbox._hand_in", gone)
        first = today.ok(*RUN)
        assert "Not handed in yet: " in first.err
        assert "Next: " not in first.err  # which would be the one that was just run
        again = today(*RUN)
        assert (again.code, "appointment 1 was run on this station" in again.facts["reason"]) == (REFUSED, True)
    desk, told, own = Desk(str(today.home)), list[str](), Path(first.facts["journal"])
    with own.open("rb") as not_let_go:
        fcntl.flock(not_let_go, fcntl.LOCK_EX)
        assert hand_in(desk, told.append)
        assert not hand_in(desk, told.append, own=own)
    desk.close()
    assert told == [
        f"Not handed in yet: {own.name}: its engine has not let go of it. It waits on this station: emscontrol book hand-in."
    ]
    done = today(*RUN)
    assert (done.code, "Handed in: " in done.err, "is done" in done.facts["reason"]) == (REFUSED, True, True)
    assert len(list((today.home / "sessions").glob("*.jsonl"))) == 1


def test_the_kept_day_has_an_appointment_until_its_session_has_begun(today: Clinic) -> None:
    desk = Desk(str(today.home))
    desk.actor(today.now)
    uuid, token = desk.book.about.uuid, kept_token(str(today.home), desk.book.about.uuid)
    day = replace(DAY, book=uuid, taken_at=today.now, entries=(DayEntry(1, {}, "{}"), DayEntry(2, {}, "{}")))
    file = today.home / "day.json"
    keep_day(file, day, token)
    assert today("run", "--appointment", 1, "--patient", "P-001", "--device", "p24@/dev/null-such").code != 0
    assert read_day(file, today.now, lambda _: token) == day
    today.ok(*RUN)
    assert [one.prescription for one in read_day(file, today.now, lambda _: token).entries] == ["", "{}"]
    desk.close()


def test_a_kept_day_gives_nobody_more_than_his_role(today: Clinic) -> None:
    desk = Desk(str(today.home))
    desk.actor(today.now)
    uuid = desk.book.about.uuid
    day = replace(DAY, book=uuid, place=desk.place().words, taken_at=today.now, role="reader")
    keep_day(today.home / "day.json", day, kept_token(str(today.home), uuid))
    assert kept_day(desk, "look") == day
    with pytest.raises(NotAllowed, match="anna is a reader and may not run a session"):
        kept_day(desk, "run")
    desk.close()


def _until(holds: Callable[[], bool]) -> None:
    """Within ten seconds."""
    pause = threading.Event()
    assert any(holds() or pause.wait(0.01) for _ in range(1_000))
