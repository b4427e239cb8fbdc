"""STOP: every key on every screen, in every modal, with every focus; by both roads; never a question, never a toggle."""

import threading
import time
from pathlib import Path

import pytest
from textual.app import ComposeResult
from textual.pilot import Pilot
from textual.screen import ModalScreen
from textual.widgets import Button, Input, OptionList

from emscontrol.tui.app import EmsApp
from emscontrol.tui.house import Errand
from emscontrol.tui.keyboard import STOP_KEYS
from emscontrol.tui.screens.help import HelpScreen
from emscontrol.tui.stop_road import StopRoad
from tests.tui.engine_stub import EngineStub, view
from tests.tui.stage import SPEC, picture, play, session_of, until

WORDS = {key.name: key.words for key in STOP_KEYS}


class Foreign(ModalScreen[None]):
    """A modal as a later screen might bring along: focus on something that has keys of its own, and an Esc of its own."""

    BINDINGS = [("escape", "dismiss", "Back"), ("space", "dismiss", "Back"), ("f12", "dismiss", "Back")]  # noqa: RUF012

    def compose(self) -> ComposeResult:
        yield Button("OK")
        yield OptionList("one", "two")


async def running(app: EmsApp, pilot: Pilot[None], stub: EngineStub) -> None:
    app.begin_session(Errand(SPEC, lambda _: None))
    stub.greet()
    stub.say(view("running"))
    await until(pilot, lambda: session_of(app).engine_state == "running")
    stub.listen()


def test_every_stop_key_on_every_screen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        stub = EngineStub(monkeypatch)
        await running(app, pilot, stub)
        await every_key(app, pilot, stub)
        await pilot.press("question_mark")
        assert isinstance(app.screen, HelpScreen)
        await every_key(app, pilot, stub)
        await app.push_screen(Foreign())
        await every_key(app, pilot, stub)
        stub.say(view("fault", output_unknown=True))
        await until(pilot, lambda: "OUTPUT UNKNOWN" in picture(app))
        await every_key(app, pilot, stub)
        stub.close_session()

    play(tmp_path, act)


async def every_key(app: EmsApp, pilot: Pilot[None], stub: EngineStub) -> None:
    """Each key asks for one stop, does nothing else, and does not leave."""
    shown = app.screen
    before = stub.verbs().count("stop")
    for number, key in enumerate(WORDS, start=1):
        await pilot.press(key)
        await until(pilot, lambda number=number: stub.verbs().count("stop") == before + number)
        assert app.screen is shown, f"{key} did something else as well"
    assert [line["cause"] for line in stub.asked if line["do"] == "stop"][before:] == list(WORDS.values())
    assert app.is_running


def test_the_button_stops_when_the_mouse_goes_down_and_is_as_wide_as_the_screen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        stub = EngineStub(monkeypatch)
        await running(app, pilot, stub)
        assert app.screen.query_one("#stop").size.width == 80
        for offset in ((0, 0), (79, 2)):
            before = stub.verbs().count("stop")
            await pilot.mouse_down("#stop", offset=offset)
            await until(pilot, lambda before=before: stub.verbs().count("stop") == before + 1)
        stub.close_session()

    play(tmp_path, act)


def test_a_stop_pressed_while_the_engine_starts_is_obeyed_before_anything_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stub = EngineStub(monkeypatch)
    gate = threading.Event()
    from emscontrol.tui import link

    ready = link.start_engine

    def slow(spec: object, name: str) -> object:
        gate.wait(5)
        return ready(spec, name)  # type: ignore[arg-type]

    monkeypatch.setattr(link, "start_engine", slow)

    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        app.begin_session(Errand(SPEC, lambda _: None))
        await pilot.press("space")
        gate.set()
        await until(pilot, lambda: "stop" in stub.verbs())
        assert stub.verbs()[0] == "stop"
        stub.close_session()
        await until(pilot, lambda: session_of(app).engine_state == "closed")

    play(tmp_path, act)


def test_stop_again_after_the_end_starts_nothing_and_says_that_it_is_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        stub = EngineStub(monkeypatch)
        await running(app, pilot, stub)
        session = session_of(app)
        stub.close_session()
        await until(pilot, lambda: session.engine_state == "closed")
        for key in ("space", "f12", "escape", "ctrl+c", "ctrl+z"):
            await pilot.press(key)
            await pilot.pause()
            assert app.screen is session
            assert app.is_running
        assert "The session is over" in picture(app)

    play(tmp_path, act)


def test_leaving_is_a_stop_while_the_engine_lives_and_leaves_afterwards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        stub = EngineStub(monkeypatch)
        await running(app, pilot, stub)
        await pilot.press("ctrl+q")
        await until(pilot, lambda: "stop" in stub.verbs())
        assert app.is_running
        stub.close_session()
        await until(pilot, lambda: session_of(app).engine_state == "closed")
        await pilot.press("ctrl+q")

    app = play(tmp_path, act)
    assert not app.ended_unknown


def test_pasted_text_neither_raises_nor_starts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from textual import events

    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        stub = EngineStub(monkeypatch)
        await running(app, pilot, stub)
        asked = stub.verbs()
        app.post_message(events.Paste("a s r + + + start"))
        await pilot.pause(0.1)
        assert stub.verbs() == asked
        stub.close_session()

    play(tmp_path, act)


def test_no_text_can_be_typed_while_a_session_is_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        stub = EngineStub(monkeypatch)
        await running(app, pilot, stub)
        await pilot.press("tab", "tab")
        assert app.focused is None
        assert not app.screen.query(Input)
        stub.close_session()

    play(tmp_path, act)


# -- the direct road -----------------------------------------------------------------------------------------------------


def test_the_direct_road_has_a_connection_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        stub = EngineStub(monkeypatch)
        await running(app, pilot, stub)
        assert app.road.press("F12")
        await until(pilot, lambda: (stub.listen(), any(line["do"] == "stop" for line in stub.direct))[1])
        assert "stop" not in stub.verbs()
        assert stub.direct[0]["do"] == "hello"
        assert stub.direct[0]["role"] == "watcher"
        stub.close_session()

    play(tmp_path, act)


def test_it_works_while_the_event_loop_hangs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The input thread presses while the loop is busy; the stop is on the wire before the loop goes on."""
    seen: list[bool] = []

    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        stub = EngineStub(monkeypatch)
        await running(app, pilot, stub)
        threading.Timer(0.05, app.road.press, ("Space",)).start()
        time.sleep(0.3)  # the loop hangs here
        stub.listen()
        seen.append(any(line["do"] == "stop" for line in stub.direct))
        stub.close_session()

    play(tmp_path, act)
    assert seen == [True]


def test_without_the_second_connection_the_direct_road_takes_the_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        stub = EngineStub(monkeypatch, second=False)
        await running(app, pilot, stub)
        assert not app.road.press("F12")
        await until(pilot, lambda: "stop" in stub.verbs())
        assert "direct road could not be opened" in picture(app)
        stub.close_session()

    play(tmp_path, act, size=(120, 40))


def test_a_road_without_a_session_sends_nothing_and_keeps_nothing() -> None:
    road = StopRoad()
    assert not road.press("F12")
    assert road.pressed == ""
    road.expect()
    assert not road.press("F12")
    assert road.pressed == "F12"
    road.expect()
    assert road.pressed == "F12"  # pressed before the screen was there, and not forgotten when it came
    road.close()
    road.expect()
    assert road.pressed == ""
