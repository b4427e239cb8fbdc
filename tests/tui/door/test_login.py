"""Logging in: wrong tries are said, a PIN that somebody else set opens nothing, and another person begins with his own day."""

from pathlib import Path

import pytest
from argon2 import PasswordHasher
from textual.pilot import Pilot

from emscontrol.clinic.staff.keep import set_secret
from emscontrol.tui.app import EmsApp
from emscontrol.tui.screens.door.login import LoginScreen
from emscontrol.tui.screens.today.page import TodayPage
from tests.tui.house import PIN, SOFIA, Clock, be, in_book, make_house, press, settled, stay, type_in
from tests.tui.stage import picture, until

OWN = "837264"
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.fixture(autouse=True)
def _cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("staff.secrets", "staff.keep", "staff.entry"):
        monkeypatch.setattr(f"emscontrol.clinic.{name}.HASHER", CHEAP, raising=False)


async def come_in(pilot: Pilot[None], code: str, pin: str) -> None:
    await type_in(pilot, code)
    await press(pilot, "enter")
    await type_in(pilot, pin)
    await press(pilot, "enter")


def test_a_wrong_pin_is_said_and_the_right_one_opens_the_day(tmp_path: Path) -> None:
    make_house(tmp_path / "h")
    be(tmp_path / "h", "")

    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        assert isinstance(app.screen, LoginScreen)
        await come_in(pilot, "anna", "000000")
        await until(pilot, lambda: "The code or the PIN is wrong" in picture(app))
        assert PIN not in picture(app)
        await type_in(pilot, PIN)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, TodayPage))

    stay(tmp_path / "h", act)


def test_a_pin_that_somebody_else_has_set_opens_only_the_choice_of_another(tmp_path: Path) -> None:
    make_house(tmp_path / "h")
    be(tmp_path / "h", "")
    clinical(tmp_path / "h")
    in_book(tmp_path / "h", lambda session: set_secret(session, SOFIA, "anna", "615243", Clock().now, CHEAP), SOFIA)

    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        await come_in(pilot, "anna", "615243")
        await until(pilot, lambda: "Choose one that only you know" in picture(app))
        await type_in(pilot, OWN)
        await press(pilot, "enter")
        await type_in(pilot, OWN)
        await pilot.press("f5")
        await until(pilot, lambda: isinstance(app.screen, TodayPage))
        await settled(pilot)
        actor = await app.station.who()
        assert actor is not None
        assert actor.code == "anna"

    stay(tmp_path / "h", act)


def clinical(home: Path) -> None:
    """The same book as one of a clinic: in a practice book everybody's PIN is for all."""
    from emscontrol.clinic.tables.facts import BookFacts

    def turn(session: object) -> None:
        session.query(BookFacts).one().kind = "clinic"  # type: ignore[attr-defined]

    in_book(home, turn, SOFIA)


def test_somebody_else_does_not_land_in_the_middle_of_anothers_work(tmp_path: Path) -> None:
    clock = Clock()
    make_house(tmp_path / "h")

    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        await press(pilot, "f3")
        clock.wait(minutes=16)
        await until(pilot, lambda: isinstance(app.screen, LoginScreen) and app.focused is not None)
        assert "P-001" not in picture(app)
        app.screen.query_one("#staff-code").value = "sofia"  # type: ignore[attr-defined]
        await type_in(pilot, PIN)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, TodayPage))

    stay(tmp_path / "h", act, clock=clock)
