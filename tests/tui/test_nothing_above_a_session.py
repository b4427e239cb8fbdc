"""Nothing comes in front of a session unasked: not what happened before it, not the log-in, not over PULL THE LEADS either."""

import threading
from pathlib import Path

import pytest
from textual.pilot import Pilot

from emscontrol.desk.desk import StationDesk
from emscontrol.tui import app as the_app
from emscontrol.tui.app import EmsApp
from emscontrol.tui.house import Errand
from emscontrol.tui.idle import Follows
from emscontrol.tui.screens.door.login import LoginScreen
from emscontrol.tui.screens.records import happened
from emscontrol.tui.screens.records.happened import WhatHappened
from emscontrol.tui.screens.unknown import UnknownScreen
from tests.tui.engine_stub import EngineStub, view
from tests.tui.house import Clock, make_house, settled, stay
from tests.tui.stage import SPEC, picture, play, session_of, until

JOURNAL = Path("/x/2026-01-01T00-00-00.000Z_a.jsonl")
MAY_BE_LEFT_H = 24  # longer than any book lets a screen stand open


async def begin(app: EmsApp, pilot: Pilot[None], monkeypatch: pytest.MonkeyPatch) -> EngineStub:
    stub = EngineStub(monkeypatch)
    app.begin_session(Errand(SPEC, lambda _: None))
    stub.greet()
    stub.say(view("running"))
    await until(pilot, lambda: session_of(app).engine_state == "running")
    return stub


async def leave(app: EmsApp, pilot: Pilot[None], stub: EngineStub) -> None:
    stub.close_session()
    await until(pilot, lambda: session_of(app).link.over)
    await pilot.press("n")
    await until(pilot, lambda: app.session is None)


def test_what_happened_is_told_after_a_session_that_began_while_it_was_looked_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found, told = threading.Event(), list[Path]()

    def slow(_home: str) -> list[Path]:
        assert found.wait(10)
        return [JOURNAL]

    monkeypatch.setattr(happened, "untold", slow)
    monkeypatch.setattr(happened, "read_story", lambda _path: "nothing to tell")
    monkeypatch.setattr(happened, "mark_told", lambda _home, paths: told.extend(paths))

    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        stub = await begin(app, pilot, monkeypatch)
        found.set()
        await until(pilot, lambda: all(worker.is_finished for worker in app.workers if worker.group == "told"))
        assert app.screen is app.session
        await leave(app, pilot, stub)
        await until(pilot, lambda: isinstance(app.screen, WhatHappened))
        assert not told
        await pilot.press("enter")
        await until(pilot, lambda: told == [JOURNAL])

    play(tmp_path, act)


def test_pull_the_leads_is_not_covered_by_the_log_in_however_long_it_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()

    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        stub = await begin(app, pilot, monkeypatch)
        stub.die()
        await until(pilot, lambda: isinstance(app.screen, UnknownScreen))
        assert not app.stoppable
        app._watch_idle()
        clock.wait(hours=MAY_BE_LEFT_H)
        app._watch_idle()
        await settled(pilot)
        await app._lock()
        assert isinstance(app.screen, UnknownScreen)
        assert "PULL THE LEADS" in picture(app).upper()

    make_house(tmp_path / "h")
    stay(tmp_path / "h", act, (100, 30), clock)


def test_the_log_in_does_not_come_over_a_session_that_began_while_the_book_was_being_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = threading.Event()

    def slow(_desk: StationDesk) -> None:
        assert left.wait(10)

    monkeypatch.setattr(the_app, "leave", slow)

    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        app._work(app._lock, "lock")
        await pilot.pause()
        stub = await begin(app, pilot, monkeypatch)
        left.set()
        await until(pilot, lambda: all(worker.is_finished for worker in app.workers if worker.group == "lock"))
        assert app.screen is app.session
        assert app.idle.lock_after is not None  # it is covered later
        stub.close_session()

    make_house(tmp_path / "h")
    stay(tmp_path / "h", act)


def test_a_screen_is_in_use_while_a_session_is_looked_for_and_while_it_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        asked: list[bool] = []

        def look(in_use: bool) -> Follows:
            asked.append(in_use)
            return Follows.NOTHING

        monkeypatch.setattr(app.idle, "look", look)
        app.about_to_begin(True)
        app._watch_idle()
        app.about_to_begin(False)
        app._watch_idle()
        stub = await begin(app, pilot, monkeypatch)
        del asked[2:]
        app._watch_idle()
        assert asked == [True, False, True]
        stub.close_session()

    make_house(tmp_path / "h")
    stay(tmp_path / "h", act)


def test_left_alone_without_a_session_it_is_covered(tmp_path: Path) -> None:
    clock = Clock()

    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        app._watch_idle()
        clock.wait(hours=MAY_BE_LEFT_H)
        app._watch_idle()
        await until(pilot, lambda: isinstance(app.screen, LoginScreen))

    make_house(tmp_path / "h")
    stay(tmp_path / "h", act, clock=clock)
