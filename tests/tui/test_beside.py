"""Work beside the screens that the system refuses ends nothing; the keys that leave work wherever one is."""

import asyncio
import threading
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from emscontrol.core.errors import StorageError
from emscontrol.desk.desk import StationDesk
from emscontrol.tui.app import EmsApp
from emscontrol.tui.house import Errand
from emscontrol.tui.screens.door.login import LoginScreen
from emscontrol.tui.screens.help import HelpScreen
from emscontrol.tui.screens.unknown import UnknownScreen
from emscontrol.tui.station import Station
from tests.tui.engine_stub import EngineStub, view
from tests.tui.house import be, make_house, press, settled, stay
from tests.tui.stage import SPEC, picture, play, session_of, until

DISK: Any = OSError(5, "Input/output error", "/somewhere/token")


def broken(*_: object) -> None:
    raise DISK


def test_what_the_system_refuses_at_the_book_is_an_error_with_words(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="/somewhere/token cannot be used: Input/output error") as refused:
        asyncio.run(Station(str(tmp_path)).call(broken))
    assert refused.value.remedy


def test_a_disk_that_is_gone_ends_neither_a_page_nor_the_renewal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        await press(pilot, "f3")
        with monkeypatch.context() as patch:
            patch.setattr(StationDesk, "actor", broken)
            for work in (app._renew, app._logged_in):
                app._work(work, "tried")
                await settled(pilot)
            assert app.is_running
            await press(pilot, "f2", "f3")
            assert app.is_running
            assert "Input/output error" in picture(app)
        await press(pilot, "f3")
        assert "P-001" in picture(app)

    make_house(tmp_path / "h")
    app = stay(tmp_path / "h", act)
    assert not app.return_code


def test_work_of_a_page_that_the_system_refuses_is_said_on_it(tmp_path: Path) -> None:
    async def refused() -> None:
        broken()

    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        app.screen.work_on(refused)  # type: ignore[attr-defined]
        await settled(pilot)
        assert "/somewhere/token cannot be used" in picture(app)

    make_house(tmp_path / "h")
    stay(tmp_path / "h", act)


@pytest.mark.parametrize("where", ["log-in", "help"])
def test_ctrl_q_leaves_from_the_log_in_and_from_the_help(tmp_path: Path, where: str) -> None:
    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        if where == "help":
            await press(pilot, "question_mark")
        assert isinstance(app.screen, HelpScreen if where == "help" else LoginScreen)
        await pilot.press("ctrl+q")
        await until(pilot, lambda: not app.is_running)

    make_house(tmp_path / "h")
    if where == "log-in":
        be(tmp_path / "h", "")
    stay(tmp_path / "h", act)


def test_ctrl_q_is_a_stop_while_a_session_is_looked_for_and_while_it_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        for key, words in (("ctrl+q", "Ctrl+Q"), ("escape", "Esc")):
            app.about_to_begin(True)
            await pilot.press(key)
            assert app.stop_while_beginning == words
            assert app.is_running
        app.about_to_begin(True)
        app.about_to_begin(False)
        stub = EngineStub(monkeypatch)
        app.begin_session(Errand(SPEC, lambda _: None))
        stub.greet()
        stub.say(view())
        await until(pilot, lambda: session_of(app).engine_state == "running")
        await pilot.press("question_mark", "ctrl+q")
        await until(pilot, lambda: "stop" in stub.verbs())
        assert isinstance(app.screen, HelpScreen)
        stub.close_session()
        await until(pilot, lambda: session_of(app).link.over)
        await pilot.press("ctrl+q")  # of the session that is over, to what comes after it
        await until(pilot, lambda: app.session is None)
        assert app.is_running

    play(tmp_path, act)


def test_ctrl_q_leaves_nothing_that_says_to_pull_the_leads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("emscontrol.tui.screens.unknown.READ_S", 60.0)

    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        stub = EngineStub(monkeypatch)
        app.begin_session(Errand(SPEC, lambda _: None))
        stub.greet()
        stub.say(view())
        await until(pilot, lambda: session_of(app).engine_state == "running")
        stub.die()
        await until(pilot, lambda: isinstance(app.screen, UnknownScreen) and "PULL THE LEADS" in picture(app))
        await pilot.press("ctrl+q")
        assert isinstance(app.screen, UnknownScreen)
        assert "Read this first" in picture(app)
        await pilot.press("enter")  # too early for somebody who was leaving
        assert isinstance(app.screen, UnknownScreen)
        assert "Too quick" in picture(app)

    play(tmp_path, act)


def test_what_is_told_from_another_thread_stands_on_the_screen_in_front(tmp_path: Path) -> None:
    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        threading.Thread(target=app.told, args=("The hold cannot be renewed.",)).start()
        await until(pilot, lambda: "The hold cannot be renewed." in picture(app))

    make_house(tmp_path / "h")
    stay(tmp_path / "h", act)
