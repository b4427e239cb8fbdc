"""A screen dies or freezes while current flows: the current ends, and the next start tells it.

What dies is a program in a real terminal with its engine; what starts next is the same program without a terminal.
"""

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from textual.pilot import Pilot

from emscontrol.core import budget
from emscontrol.record.place import SUFFIX, journal_folder
from emscontrol.record.sink import is_being_written
from emscontrol.tui.app import EmsApp
from tests.tui.stage import picture, play, until
from tests.tui.test_terminal import Desk, now_us

TITLE = "A session ended that nobody ended on purpose"
MARGIN_MS = 150


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)


def freeze(pid: int) -> None:
    os.kill(pid, signal.SIGSTOP)


@pytest.mark.parametrize(
    ("strike", "limit_ms", "why"),
    [(kill, 150, "ended suddenly"), (freeze, budget.T_UI_LEASE + MARGIN_MS, "its lease ran out")],
    ids=["kill -9", "SIGSTOP"],
)
def test_current_ends_and_the_next_start_tells_once_what_happened(
    tmp_path: Path, strike: Callable[[int], None], limit_ms: float, why: str
) -> None:
    desk = Desk(tmp_path)
    desk.run_session()
    struck_us = now_us()
    strike(desk.terminal.pid)
    assert desk.zero_after_ms(struck_us) < limit_ms
    [journal] = journal_folder(tmp_path).glob(f"*{SUFFIX}")
    desk.terminal.wait(lambda: not is_being_written(journal))
    desk.terminal.close()

    def is_told(app: EmsApp) -> bool:
        return "OUTPUT" in picture(app) and "Delivered: channel 1: 1 of 20 contractions" in " ".join(picture(app).split())

    async def after(app: EmsApp, pilot: "Pilot[None]") -> None:
        await until(pilot, lambda: is_told(app))
        shown = " ".join(picture(app).split())
        assert TITLE in shown
        assert why in shown
        assert "OUTPUT KNOWN" in shown
        assert "SIMULATION" in shown
        await pilot.press("enter")
        await until(pilot, lambda: TITLE not in picture(app) and "Open the session" in picture(app))
        await until(pilot, (tmp_path / "told.json").exists)

    async def again(app: EmsApp, pilot: "Pilot[None]") -> None:
        await until(pilot, lambda: "Open the session" in picture(app))
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert TITLE not in picture(app)

    play(tmp_path, after)
    play(tmp_path, again)


def test_an_engine_that_is_killed_is_told_with_what_is_not_known(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.run_session()
    [announced] = (tmp_path / "run").glob("engine-*.json")
    kill(int(announced.stem.partition("-")[2]))
    desk.terminal.wait_for("The engine is gone")
    desk.terminal.close()

    async def after(app: EmsApp, pilot: "Pilot[None]") -> None:
        await until(pilot, lambda: TITLE in picture(app) and "OUTPUT" in picture(app))
        shown = " ".join(picture(app).split())
        assert "The record has no end: the engine that ran this session was killed" in shown
        assert "watchdog ends the current" in shown
        assert "OUTPUT NOT KNOWN" in shown

    play(tmp_path, after)
