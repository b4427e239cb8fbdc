"""What the session's screen says where it knows nothing yet, where nothing happens, and after the end; and where it says it."""

from pathlib import Path
from typing import Any

import pytest
from textual.geometry import Region
from textual.pilot import Pilot
from textual.widgets._toast import Toast

from emscontrol.tui.app import EmsApp
from emscontrol.tui.commands.table import Where
from emscontrol.tui.house import Errand
from emscontrol.tui.screens.bedside.patient_view import PatientView, said
from emscontrol.tui.screens.help import help_text
from emscontrol.tui.widgets.channel_strip import ChannelStrip
from emscontrol.tui.widgets.envelope_bar import Ceiling, EnvelopeBar
from tests.tui.engine_stub import EngineStub, view
from tests.tui.stage import SPEC, picture, play, session_of, until

SIZES = pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=str)


async def begin(app: EmsApp, pilot: Pilot[None], stub: EngineStub, **changes: Any) -> None:
    app.begin_session(Errand(SPEC, lambda _: None))
    stub.greet()
    stub.say(view(**changes))
    await until(pilot, lambda: session_of(app).engine_state == changes.get("state", "running"))
    await until(pilot, lambda: len(app.screen.query(ChannelStrip)) == 2)


def shown(app: EmsApp, selector: str) -> Region:
    """Where a part of the screen is seen."""
    return app.screen.query_one(selector).region


@SIZES
def test_no_message_lies_over_stop_or_over_the_current(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
) -> None:
    words = "A long message of the library or of the program, which takes more than one line of the screen. " * 3

    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        stub = EngineStub(monkeypatch)
        await begin(app, pilot, stub)
        before = shown(app, "#stop")
        app.notify(words, title="Saved", severity="error", timeout=60)
        await until(pilot, lambda: app.screen.query_one("#message").has_class("on"))
        await pilot.pause()
        assert not app.screen.query(Toast)
        assert shown(app, "#stop") == before
        assert before.width == size[0]
        for part in ("#stop", "#state", "#channel-1", "#channel-2"):
            assert not shown(app, "#message").overlaps(shown(app, part)), part
        assert "A long message" in picture(app)
        assert "STOP" in picture(app)
        assert " mA" in picture(app)
        stub.close_session()

    play(tmp_path, act, size=size)


def test_before_the_stimulator_has_answered_nothing_is_known_of_its_current(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        stub = EngineStub(monkeypatch)
        app.begin_session(Errand(SPEC, lambda _: None))
        await until(pilot, lambda: "STARTING" in picture(app))
        assert "current not known yet" in picture(app)
        await begin_again(app, pilot, stub, "idle")
        assert "current not known yet" in picture(app)
        assert "no current" not in picture(app)
        assert "0.0" not in session_of(app).query_one("#channel-1", ChannelStrip).words.split("target")[0]
        await begin_again(app, pilot, stub, "connected")
        assert "no current" in picture(app)
        await begin_again(app, pilot, stub, "idle")  # a fault was cleared: the stimulator has answered before
        assert "no current" in picture(app)
        assert "Press o" in picture(app)
        stub.close_session()

    play(tmp_path, act)


async def begin_again(app: EmsApp, pilot: Pilot[None], stub: EngineStub, state: str) -> None:
    stub.say(view(state))
    await until(pilot, lambda: session_of(app).engine_state == state)
    await until(pilot, lambda: len(app.screen.query(ChannelStrip)) == 2)
    await pilot.pause()


def test_a_pause_says_relax_and_not_what_the_program_would_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        stub = EngineStub(monkeypatch)
        await begin(app, pilot, stub, state="paused")
        assert "PAUSED: relax" in picture(app)
        assert "CONTRACT" not in picture(app)
        stub.close_session()

    play(tmp_path, act)


def test_the_end_is_shown_in_place_of_the_last_current(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        stub = EngineStub(monkeypatch)
        await begin(app, pilot, stub)
        bar = app.screen.query_one(EnvelopeBar)
        bar.limits({1: Ceiling(37_000, "charge")})
        await pilot.pause()
        assert bar.words.startswith(" 50 %")
        await pilot.press("v")
        await until(pilot, lambda: "C O N T R A C T" in picture(app))
        stub.close_session()
        await until(pilot, lambda: "F I N I S H E D" in picture(app))
        await pilot.press("v")
        await until(pilot, lambda: not isinstance(app.screen, PatientView))
        assert bar.words == "ended   limit 37.0 mA: charge"
        assert "18.5" not in picture(app)

    play(tmp_path, act)


def test_a_stop_that_is_not_confirmed_yet_is_no_end_for_the_patient() -> None:
    assert said(view("stopping"), True) == ("PLEASE WAIT", "")
    assert said(view("stopping"), False, over=True) == ("PLEASE WAIT", "")
    assert said(view("running"), True, over=True) == ("FINISHED", "")


@SIZES
def test_locked_says_why_and_which_key_unlocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]) -> None:
    monkeypatch.setattr("emscontrol.tui.screens.bedside.control_lock.LOCK_AFTER_S", 0.3)

    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        stub = EngineStub(monkeypatch)
        await begin(app, pilot, stub)
        await until(
            pilot, lambda: "LOCKED: 30 s without a key. + unlocks and does nothing more; press it twice." in picture(app)
        )
        stub.say(view("paused"))
        await until(pilot, lambda: "30 s without a key. r unlocks" in picture(app))
        stub.say(view("stopping"))
        await until(pilot, lambda: session_of(app).engine_state == "stopping" and "LOCKED" not in picture(app))
        stub.close_session()

    play(tmp_path, act, size=size)


def test_what_is_not_known_is_said_in_place_of_the_course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("emscontrol.tui.screens.engine_screen.SILENT_S", 0.3)
    monkeypatch.setattr("emscontrol.tui.screens.engine_screen.SILENT_ALARM_S", 60.0)

    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        stub = EngineStub(monkeypatch)
        await begin(app, pilot, stub)
        assert "NOW CONTRACT" in picture(app)
        stub.hush()
        await until(pilot, lambda: "NOT KNOWN what the stimulator does now" in picture(app))
        assert "NOW CONTRACT" not in picture(app)
        stub.close_session()

    play(tmp_path, act)


def test_one_stop_is_told_once_in_the_log_and_the_newest_lines_are_those_that_are_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def happened(stub: EngineStub, kind: str, sentence: str, **args: str) -> None:
        line = {"type": "event", "t_us": 1_000_000, "event": kind, "severity": "notice", "sentence": sentence, "args": args}
        stub.say(line)

    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        stub = EngineStub(monkeypatch)
        await begin(app, pilot, stub)
        for number in range(20):
            happened(stub, "started", f"Number {number}.")
        await until(pilot, lambda: "Number 19." in picture(app))
        await pilot.resize_terminal(60, 16)
        await until(pilot, lambda: "Number 19." in picture(app) and app.screen.size.height == 16)
        assert "Number 0." not in picture(app)
        await pilot.resize_terminal(120, 40)
        for _road in range(4):
            happened(stub, "stop_requested", "Stop asked for by operator.", who="operator", how="at once", cause="Space")
        happened(stub, "state_changed", "From running to stopping: stop.", from_state="running", to_state="stopping", cause="x")
        happened(stub, "stop_confirmed", "The stimulator confirms.", after_us="1")
        await until(pilot, lambda: "confirm" in picture(app))
        assert picture(app).count("Stop asked for") == 1
        assert "From running" not in picture(app)
        happened(stub, "state_changed", "From armed to connected.", from_state="armed", to_state="connected", cause="too long")
        await until(pilot, lambda: "From armed to connected" in picture(app))
        stub.close_session()

    play(tmp_path, act, size=(80, 24))


@pytest.mark.parametrize("where", [Where.SESSION, Where.STEPS, Where.TODAY])
def test_the_help_begins_with_stop_and_what_holds_here(where: Where) -> None:
    lines = help_text(where).splitlines()
    heads = [line.lower() for line in lines if line and not line.startswith(" ")]
    assert heads[0].startswith("stop: f12")
    assert heads[2:4] == [where.value, "everywhere"]
    states_first = heads.index("states") < heads.index("on other screens")
    assert states_first is (where is not Where.TODAY)
    assert {place.value for place in Where} <= set(heads)


@SIZES
def test_the_help_of_a_session_shows_its_keys_without_scrolling(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
) -> None:
    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        stub = EngineStub(monkeypatch)
        await begin(app, pilot, stub)
        await pilot.press("question_mark")
        await until(pilot, lambda: "Prepare the stimulator at zero." in picture(app))
        assert picture(app).index("STOP: F12") < picture(app).index("Session")
        assert "The chosen channel 1 mA higher." in picture(app)
        stub.close_session()

    play(tmp_path, act, size=size)
