"""The tour: STOP is tried before anything else, and the end of it is a practice session."""

import json
from pathlib import Path

import pytest
from textual.pilot import Pilot

from emscontrol.core.errors import StorageError
from emscontrol.tui.app import EmsApp
from emscontrol.tui.screens.practice import PracticeScreen
from tests.tui.house import press, settled, stay
from tests.tui.stage import picture, until
from tests.tui.terminal import Terminal

PROGRAM = """
import json, sys
from emscontrol.cli.bench import workbench
from emscontrol.tui.app import EmsApp
EmsApp(json.loads(sys.argv[1]), workbench()).run()
"""


def test_right_and_left_turn_the_panes_and_the_last_one_leads_to_practice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none(home: str, speed: float) -> object:
        raise StorageError("Not in this test.")

    monkeypatch.setattr("emscontrol.tui.screens.practice.practice_spec", none)

    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        await press(pilot, "down", "enter")
        assert "1/5  STOP" in picture(app)
        await press(pilot, "f12")
        assert "STOP has arrived" in picture(app)
        await press(pilot, "right", "right", "left")
        assert "2/5" in picture(app)
        await press(pilot, "right", "right", "enter")
        assert "5/5" in picture(app)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, PracticeScreen))
        await settled(pilot)
        assert "Not in this test" in picture(app)

    stay(tmp_path, act)


def test_a_terminal_that_hands_f12_on_is_told_in_how_many_milliseconds(tmp_path: Path) -> None:
    terminal = Terminal(["-c", PROGRAM, json.dumps(str(tmp_path))])
    try:
        terminal.wait_for("A short tour")
        terminal.type(b"\x1b[B\r")
        terminal.wait_for("Press F12 now")
        terminal.type(b"\x1b[24~")
        terminal.wait_for("F12 has arrived:")
        terminal.wait_for("ms after it was read from this")
    finally:
        terminal.close()
