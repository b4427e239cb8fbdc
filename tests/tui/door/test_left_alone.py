"""Nobody is at the screen any more: it is covered, and no page of a patient opens without a PIN."""

from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.worker import WorkerFailed

from emscontrol.tui.app import EmsApp
from emscontrol.tui.screens.door.login import LoginScreen
from emscontrol.tui.screens.today.page import TodayPage
from tests.tui.house import PIN, Clock, make_house, press, settled, stay, type_in
from tests.tui.stage import picture, until


def test_what_a_page_looks_up_by_itself_keeps_nobody_logged_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("emscontrol.tui.screens.today.page.FRESH_S", 0.2)
    clock = Clock()

    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        assert "P-001" in picture(app)
        for _minute in range(16):  # nobody touches anything; only the page looks again
            clock.wait(minutes=1)
            await pilot.pause(0.25)
        await until(pilot, lambda: isinstance(app.screen, LoginScreen))
        assert "P-001" not in picture(app)
        await press(pilot, "escape", "f2")
        assert isinstance(app.screen, LoginScreen)
        assert "P-001" not in picture(app)

    make_house(tmp_path / "h")
    stay(tmp_path / "h", act, clock=clock)


def test_who_logs_in_again_is_where_he_was(tmp_path: Path) -> None:
    clock = Clock()

    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        await press(pilot, "f3")
        clock.wait(minutes=16)
        await until(pilot, lambda: isinstance(app.screen, LoginScreen) and app.focused is not None)
        await type_in(pilot, PIN)
        await pilot.press("enter")
        await until(pilot, lambda: not isinstance(app.screen, LoginScreen))
        await settled(pilot)
        assert not isinstance(app.screen, TodayPage)
        assert "P-002" in picture(app)

    make_house(tmp_path / "h")
    stay(tmp_path / "h", act, clock=clock)


@pytest.mark.parametrize("left", [True, False])
def test_work_that_finds_its_page_taken_apart_is_a_failure_only_while_nobody_leaves(tmp_path: Path, left: bool) -> None:
    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        page = app.screen
        assert isinstance(page, TodayPage)

        async def work() -> None:
            if left:
                app.exit()
            page.query_one("#not-there")

        page.work_on(work)
        await pilot.pause()

    make_house(tmp_path / "h")
    if left:
        stay(tmp_path / "h", act)
    else:
        with pytest.raises(WorkerFailed, match="not-there"):
            stay(tmp_path / "h", act)
