"""The list of sessions, one session's record, and what is told at the start: keys, and what is seen."""

import asyncio
import fcntl
import json
import threading
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from textual.pilot import Pilot

from emscontrol.cli.bench import workbench
from emscontrol.record.distrust import Distrust
from emscontrol.record.key_files import distrust, key_folder, known_keys, station_signer, trust
from emscontrol.record.keys import KeyRing, PublicKey
from emscontrol.record.signing import key_id
from emscontrol.tui.app import EmsApp
from emscontrol.tui.screens.door.welcome import WelcomePage
from emscontrol.tui.screens.records.happened import WhatHappened
from emscontrol.tui.screens.records.page import RecordsPage
from emscontrol.tui.screens.records.record import RecordScreen
from emscontrol.tui.screens.records.shelf import Glance, State, look
from emscontrol.tui.screens.records.story import story_of
from emscontrol.tui.screens.records.untold import mark_told, untold
from emscontrol.tui.screens.records.words import verdict
from tests.tui.house import make_house, press, settled, stay
from tests.tui.records.material import AT, broken_off, keep, of_patient, screen_gone, signed, whole
from tests.tui.stage import Act, picture, until
from tests.unit.record.stations import key, signer

WIDE = (120, 40)
SIZES = [(60, 16), (80, 24), WIDE]


def visit(home: Path, act: Act, size: tuple[int, int] = (80, 24), told: bool = True) -> None:
    """The program on this home, at the list of sessions when all has been `told`, else at its start."""
    app = EmsApp(str(home), workbench())

    async def run() -> None:
        async with app.run_test(size=size) as pilot:
            await settled(pilot)
            if told:
                await pilot.press("f7")
                await settled(pilot)
            await act(app, pilot)

    if told:
        mark_told(str(home), untold(str(home)))
    asyncio.run(run())


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    """Newest first: changed afterwards, interrupted, of a patient, whole."""
    lines = whole().splitlines(keepends=True)
    keep(tmp_path, whole("p24"), AT)
    keep(tmp_path, of_patient(lines, "P-001"), AT + timedelta(hours=1))
    keep(tmp_path, broken_off(), AT + timedelta(hours=2))
    keep(tmp_path, whole().replace(b'"amplitude_ua":16000', b'"amplitude_ua":15000'), AT + timedelta(hours=3))
    return tmp_path


@pytest.mark.parametrize("size", SIZES)
def test_each_session_has_a_row_with_whose_it_was_how_it_ended_and_what_its_record_is_worth(
    shelf: Path, size: tuple[int, int]
) -> None:
    async def act(app: EmsApp, pilot: "Pilot[None]") -> None:
        rows = [line for line in picture(app).splitlines() if line.startswith("2026-03-02 ")]
        for row, words in zip(
            rows,
            (
                ("no book", "not known", "! not intact"),
                ("no book", "interrupted", "! no end"),
                ("P-001", "completed", "! not signed"),
                ("no book", "completed", "! not signed"),
            ),
            strict=True,
        ):
            assert all(word in row for word in words), row
        assert "STOP" in picture(app)
        if size == WIDE:
            assert all(("?/4" if "not intact" in row else "4/4") in row and "simulated" in row for row in rows)

    visit(shelf, act, size)


def test_a_session_that_runs_is_told_as_running_and_not_as_interrupted(shelf: Path) -> None:
    path = keep(shelf, broken_off(), AT + timedelta(hours=4))

    async def act(app: EmsApp, pilot: "Pilot[None]") -> None:
        assert "running now" in picture(app)
        await pilot.press("enter")
        await settled(pilot)
        assert "RUNNING NOW" in picture(app)
        assert "has no end" not in picture(app)

    with path.open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        visit(shelf, act)


def test_an_empty_list_says_what_to_do(tmp_path: Path) -> None:
    async def act(app: EmsApp, pilot: "Pilot[None]") -> None:
        told = " ".join(picture(app).split())
        assert "those of a book are with each patient (F3). F8 has simulators." in told

    visit(tmp_path, act)


def test_checking_reads_from_the_disk_again_and_finds_what_was_changed_meanwhile(shelf: Path) -> None:
    path = sorted((shelf / "sessions").glob("*.jsonl"))[0]

    async def act(app: EmsApp, pilot: "Pilot[None]") -> None:
        await pilot.press("end", "v")
        await settled(pilot)
        assert "Intact and closed" in picture(app)
        await pilot.press("V")
        await settled(pilot)
        assert "Checked: 2 not signed, 1 not intact, 1 no end." in picture(app)
        path.write_bytes(path.read_bytes().replace(b"16000", b"61000"))
        await pilot.press("v")
        await settled(pilot)
        assert "Not intact: " in picture(app)

    visit(shelf, act)


def test_whose_key_a_record_is_signed_with_is_seen_at_a_glance(tmp_path: Path) -> None:
    """Own key: nothing to see. Another station's: marked, in the row, below it, and in the record, until it is trusted."""
    own, other = (station_signer(key_folder(str(tmp_path / each)), AT.isoformat()) for each in (".", "other"))
    for hours, by in enumerate((own, other)):
        keep(tmp_path, signed(whole().splitlines(keepends=True), by), AT + timedelta(hours=hours))

    async def strange(app: EmsApp, pilot: "Pilot[None]") -> None:
        await until(pilot, lambda: "reading" not in picture(app))
        newer, older = (line for line in picture(app).splitlines() if line.startswith("2026-03-02 "))
        assert "! unknown key" in newer
        assert ("intact" in older, "!" in older) == (True, False)
        assert "which is not known here" in " ".join(picture(app).split())
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, RecordScreen) and "! Record: Intact and closed" in picture(app))

    async def trusted(app: EmsApp, pilot: "Pilot[None]") -> None:
        await until(pilot, lambda: "reading" not in picture(app))
        assert "unknown key" not in picture(app)

    visit(tmp_path, strange, WIDE)
    exported = tmp_path / "keys.json"
    exported.write_text(known_keys(key_folder(str(tmp_path / "other"))).to_json())
    trust(key_folder(str(tmp_path)), exported)
    visit(tmp_path, trusted, WIDE)

    async def distrusted(app: EmsApp, pilot: "Pilot[None]") -> None:
        await until(pilot, lambda: "reading" not in picture(app))
        newer, older = (line for line in picture(app).splitlines() if line.startswith("2026-03-02 "))
        assert ("! not trusted" in newer, "intact" in newer, "intact" in older) == (True, False, True)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, RecordScreen) and "! Record: Intact and closed" in picture(app))
        assert "A record of before may be genuine" in " ".join(picture(app).split())

    distrust(key_folder(str(tmp_path)), key_id(other.public), AT.isoformat(), "stolen")
    visit(tmp_path, distrusted, WIDE)


def test_a_key_that_follows_a_stolen_one_is_marked_as_one_that_is_not_known(tmp_path: Path) -> None:
    stolen, theirs = key(1)[0], signer(2)
    path = keep(tmp_path, signed(whole().splitlines(keepends=True), theirs))
    ring = KeyRing((PublicKey(theirs.public, "room 2", "2026-03-01", after=stolen),))
    doubtful = replace(ring, distrusts=(Distrust(stolen, "2026-03-01", "stolen"),))
    assert [look(path, known).state for known in (ring, doubtful)] == [State.INTACT, State.UNKNOWN_KEY]
    said = verdict(story_of(path.read_bytes(), doubtful.names()), doubtful)
    assert said.startswith("! Record: Intact and closed")
    assert "whoever has that one could have made it" in said


def test_times_are_those_of_the_clinic_wherever_the_computer_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Eight in London is nine in Berlin: in the list, in the record, and in what is told at the start."""
    home = tmp_path / "home"
    make_house(home)
    keep(home, whole(), AT)
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()

    async def act(app: EmsApp, pilot: "Pilot[None]") -> None:
        await press(pilot, "f7")
        assert "2026-03-02 09:00" in picture(app)
        await press(pilot, "enter")
        await until(pilot, lambda: isinstance(app.screen, RecordScreen) and "2026-03-02 09:00" in picture(app))

    async def told(app: EmsApp, pilot: "Pilot[None]") -> None:
        await until(pilot, lambda: "2026-03-02 09:00" in picture(app) and isinstance(app.screen, WhatHappened))
        await press(pilot, "enter")

    try:
        stay(home, act)
        keep(home, screen_gone(), AT, "gone")
        stay(home, told)
    finally:
        monkeypatch.undo()
        time.tzset()


def test_a_report_is_written_where_it_is_said_and_again_in_the_same_place(shelf: Path) -> None:
    """Of the record of a patient: for this user alone, and it names the protocol, not only the file."""

    async def act(app: EmsApp, pilot: "Pilot[None]") -> None:
        await press(pilot, "down", "down", "r")
        await until(pilot, lambda: "The report is in" in picture(app))
        [file] = (shelf / "reports").iterdir()
        assert str(file).replace("-", "") in "".join(picture(app).split()).replace("-", "")
        assert "Two muscles, two short contractions" in file.read_text("utf-8")
        assert file.stat().st_mode & 0o077 == 0
        file.write_text("old")
        await press(pilot, "enter", "r")
        await until(pilot, lambda: isinstance(app.screen, RecordScreen) and "The report is in" in picture(app))
        assert [each.read_text("utf-8") == "old" for each in (shelf / "reports").iterdir()] == [False]

    visit(shelf, act, WIDE)


def test_a_report_of_what_is_no_record_is_refused_in_words(tmp_path: Path) -> None:
    keep(tmp_path, b"no journal\n")

    async def act(app: EmsApp, pilot: "Pilot[None]") -> None:
        await press(pilot, "r")
        await until(pilot, lambda: "being written" not in picture(app))
        assert "report is in" not in picture(app)
        assert not (tmp_path / "reports").exists()

    visit(tmp_path, act)


def test_reading_hundreds_of_records_does_not_hold_up_the_screen_and_can_be_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = whole()
    for number in range(300):
        keep(tmp_path, data, AT + timedelta(minutes=number))
    slow_disk, read = threading.Event(), []

    def look_slowly(path: Path, known: KeyRing) -> Glance:
        read.append(path)
        if len(read) > 100:
            slow_disk.wait(10)
        return look(path, known)

    monkeypatch.setattr("emscontrol.tui.screens.records.shelf.look", look_slowly)

    async def act(app: EmsApp, pilot: "Pilot[None]") -> None:
        await pilot.press("f7")
        await until(pilot, lambda: isinstance(app.screen, RecordsPage) and "(Esc: enough)" in picture(app))
        assert "300 sessions, newest first" in picture(app)
        await until(pilot, lambda: len(read) > 100)
        await pilot.press("down", "escape")
        await until(pilot, lambda: "Given up; 100 of 300 have been read." in picture(app))
        slow_disk.set()
        await pilot.press("f8", "f7")
        await until(pilot, lambda: "300 sessions" in picture(app) and "(Esc: enough)" not in picture(app))
        assert len(set(read)) == 300
        assert len(read) <= 302

    visit(tmp_path, act, told=False)


# -- one record --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", SIZES)
def test_a_record_shows_what_was_given_of_what_was_prescribed_and_its_events(shelf: Path, size: tuple[int, int]) -> None:
    async def act(app: EmsApp, pilot: "Pilot[None]") -> None:
        await pilot.press("down", "down", "enter")
        await settled(pilot)
        shown = " ".join(whole_text(app).split())
        for words in (
            "Patient P-001: session 3 of plan 1, appointment 5, for anna.",
            "COMPLETED: the program is over. After 0:09 min.",
            "2 of 2",
            "16.0 mA",
            "Record: Intact and closed",
            "Contraction 2 of 2 on channels 1, 2.",
        ):
            assert words in shown
        assert "STOP" in picture(app)
        await pilot.press("escape")
        await settled(pilot)
        assert isinstance(app.screen, RecordsPage)

    visit(shelf, act, size)


def test_an_interrupted_record_is_explained_and_its_course_is_drawn(shelf: Path) -> None:
    async def act(app: EmsApp, pilot: "Pilot[None]") -> None:
        await pilot.press("down", "enter")
        await settled(pilot)
        shown = " ".join(picture(app).split())
        for words in ("! The record has no end", "watchdog ends the current 0.5 s after", "OUTPUT NOT KNOWN", "mA asked for"):
            assert words in shown

    visit(shelf, act, WIDE)


def test_an_alarm_has_a_mark_among_the_events(tmp_path: Path) -> None:
    keep(tmp_path, screen_gone())

    async def act(app: EmsApp, pilot: "Pilot[None]") -> None:
        await pilot.press("enter")
        await settled(pilot)
        assert "0:07 **  Client emscontrol screen, process 7 is gone." in whole_text(app)

    visit(tmp_path, act)


def test_checking_an_open_record_names_what_does_not_fit(shelf: Path) -> None:
    async def act(app: EmsApp, pilot: "Pilot[None]") -> None:
        await pilot.press("enter")
        await settled(pilot)
        await pilot.press("v")
        await settled(pilot)
        assert "was changed: its hash does not match its content" in " ".join(picture(app).split())

    visit(shelf, act)


def whole_text(app: EmsApp) -> str:
    """Everything that stands in the record, also what is scrolled out of sight."""
    assert isinstance(app.screen, RecordScreen)
    record = app.screen.query_one("#record")
    lines = [widget.render_lines(widget.region.reset_offset) for widget in record.children]
    return "\n".join("".join(segment.text for segment in strip) for strips in lines for strip in strips)


# -- at the start ------------------------------------------------------------------------------------------------------


def test_what_happened_stands_before_everything_else_until_it_has_been_seen(shelf: Path) -> None:
    async def act(app: EmsApp, pilot: "Pilot[None]") -> None:
        assert isinstance(app.screen, WhatHappened)
        assert "OUTPUT NOT KNOWN" in picture(app)
        assert not (shelf / "told.json").exists()
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, WelcomePage))
        assert json.loads((shelf / "told.json").read_text())["told"] == ["2026-03-02T10-00-00.000Z_short.jsonl"]
        await pilot.press("f2")
        await settled(pilot)
        assert isinstance(app.screen, WelcomePage)

    visit(shelf, act, told=False)


def test_a_session_that_is_lost_while_the_program_is_open_is_told_on_the_way_to_today(tmp_path: Path) -> None:
    async def act(app: EmsApp, pilot: "Pilot[None]") -> None:
        keep(tmp_path, broken_off())
        await pilot.press("f2")
        await until(pilot, lambda: isinstance(app.screen, WhatHappened))

    visit(tmp_path, act, told=False)
