"""What is asked after a session of the book: also after one that nobody ended on purpose, when the program starts again."""

from pathlib import Path

import pytest
from sqlalchemy import select
from textual.pilot import Pilot

from emscontrol.clinic.tables.findings import Outcome
from emscontrol.tui.app import EmsApp
from emscontrol.tui.screens.bedside.after import AfterScreen
from emscontrol.tui.screens.today.page import TodayPage
from tests.tui.house import in_book, make_house, press, settled, stay
from tests.tui.records.material import broken_off, keep, of_patient
from tests.tui.stage import picture, until

TITLE = "nobody ended on purpose"


def interrupted(home: Path) -> None:
    """The engine of a session of P-001 was killed in the middle of a contraction; nobody has been told yet."""
    make_house(home)
    keep(home, of_patient(broken_off().splitlines(keepends=True), "P-001"))


def outcomes(home: Path) -> set[tuple[str, int]]:
    """What the book has."""
    return set(in_book(home, lambda s: {(row.measure, row.value_milli // 1000) for row in s.scalars(select(Outcome))}))


@pytest.mark.parametrize("how", ["kept", "left"])
def test_after_an_interrupted_session_skin_and_pain_are_asked_at_the_next_start(tmp_path: Path, how: str) -> None:
    home = tmp_path / "h"

    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        await until(pilot, lambda: TITLE in picture(app))
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, AfterScreen))
        await settled(pilot)
        assert "P-001: a session ended that nobody ended on purpose." in " ".join(picture(app).split())
        assert "Not now" in picture(app)
        if how == "kept":
            await press(pilot, "1", "tab", "4", "f5")
        else:
            await press(pilot, "escape")
        await until(pilot, lambda: isinstance(app.screen, TodayPage))
        await press(pilot, "f2")
        assert isinstance(app.screen, TodayPage)  # it is not asked again

    interrupted(home)
    stay(home, act)
    assert outcomes(home) == ({("skin", 1), ("nrs", 4)} if how == "kept" else set())
