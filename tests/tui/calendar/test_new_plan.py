"""A new plan on one screen: what comes first, what is warned of, the calendar ahead, all or nothing."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from textual.widgets import Static

from emscontrol.clinic.appointments.hours import set_holiday
from emscontrol.clinic.patients.conditions import add_condition
from emscontrol.clinic.patients.muscles import examine
from emscontrol.clinic.stations.stimulators import list_stimulators, withdraw_stimulator
from emscontrol.clinic.tables.plans import Appointment, Plan, PlanChannel
from emscontrol.tui.house import NewPlanWanted
from emscontrol.tui.screens.calendar.plan import PlanScreen
from tests.tui.calendar.test_calendar import typed
from tests.tui.house import ANNA, NOW, SOFIA, be, in_book, make_house, press, settled, stay
from tests.tui.stage import picture, until


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """P-001 has a plan already, P-002 has nothing but a name."""
    made = tmp_path / "home"
    make_house(made)
    return made


def counts(home: Path) -> tuple[int, int]:
    """Plans and appointments in the book."""
    return tuple(
        in_book(
            home, lambda session: [session.scalar(select(func.count()).select_from(table)) for table in (Plan, Appointment)]
        )
    )


async def begin(app: Any, pilot: Any, code: str, protocol: str = "") -> None:
    """To the screen, as another one asks for it."""
    await press(pilot, "f4")
    app.screen.post_message(NewPlanWanted(code, protocol))
    await settled(pilot)
    await until(pilot, lambda: "uggested:" in picture(app))


async def says(app: Any, pilot: Any, words: str) -> None:
    """Until the pane beside the form says it, which follows what is typed a little later."""
    await until(pilot, lambda: words in str(app.screen.query_one("#about", Static).content))


def test_without_a_stimulator_it_says_who_enters_one_and_where_and_there_it_is_entered(home: Path) -> None:
    in_book(home, lambda session: withdraw_stimulator(session, SOFIA, NOW, "blue", "sold"), SOFIA)

    async def therapist(app: Any, pilot: Any) -> None:
        await begin(app, pilot, "P-002", "acl-high-rate")
        await press(pilot, "tab", "right")
        await says(app, pilot, "The clinic has no stimulator yet. A supervisor (sofia) logs in at F9 and enters one: F8")
        await press(pilot, "f8", "n")
        await typed(pilot, "green")
        await press(pilot, "f5")
        assert "anna is a therapist and may not" in " ".join(picture(app).split())

    async def supervisor(app: Any, pilot: Any) -> None:
        await begin(app, pilot, "P-002", "acl-high-rate")
        await press(pilot, "tab", "right")
        await says(app, pilot, "Enter one first: F8")
        await press(pilot, "f8", "n")
        await typed(pilot, "green")
        await press(pilot, "f5")
        await until(pilot, lambda: "green is one of the clinic's stimulators now" in picture(app))
        await begin(app, pilot, "P-002", "acl-high-rate")
        await press(pilot, "tab", "right")
        await says(app, pilot, "18 sessions")

    stay(home, therapist)
    be(home, "sofia")
    stay(home, supervisor)
    assert [row.name for row in in_book(home, list_stimulators)] == ["green"]


def test_a_plan_and_all_of_its_appointments_are_made_in_one_go(home: Path) -> None:
    async def act(app: Any, pilot: Any) -> None:
        await begin(app, pilot, "P-002", "acl-high-rate")
        await press(pilot, "tab", "right")
        await says(app, pilot, "18 sessions: 2026-03-04 to 2026-04-13, 45 min each, 48 h of rest")
        await says(app, pilot, "nerve not examined")
        await says(app, pilot, "Mar   2   3 [ 4]  5 [ 6]░ 7░░ 8░")
        await press(pilot, "tab")
        await typed(pilot, "climb stairs")
        await press(pilot, "f5")
        assert isinstance(app.screen, PlanScreen)
        assert "18 ahead" in picture(app)

    stay(home, act, (120, 40))
    assert counts(home) == (2, 36)
    plan, sides = in_book(
        home,
        lambda session: (
            [(p.goal, p.therapist, p.stimulator, p.progression) for p in session.scalars(select(Plan).where(Plan.id == 2))],
            list(session.scalars(select(PlanChannel.side).where(PlanChannel.plan_id == 2))),
        ),
    )
    assert plan == [("climb stairs", "anna", "blue", "strength")]
    assert sides == ["left"]


def test_what_is_in_the_way_is_said_while_it_is_typed_and_nothing_is_written(home: Path) -> None:
    in_book(home, lambda session: set_holiday(session, date(2026, 3, 9), "Founders"), SOFIA)

    async def act(app: Any, pilot: Any) -> None:
        await begin(app, pilot, "P-002", "acl-high-rate")
        await press(pilot, "tab", "right", "tab")
        await typed(pilot, "stairs")
        times = app.screen.query_one("#times")
        for value, words in (
            ("11:00", "anna has appointment"),
            ("11:00", "The stimulator blue is needed for"),
            ("11:00", "CANNOT be placed"),
            ("17:30", "is outside opening hours"),
            ("25:00", "NOT SO: '25:00' is no time of day."),
            ("14:00", "Founders"),
        ):
            times.value = value
            await says(app, pilot, words)
        times.value = "11:00"
        await press(pilot, "f5")
        assert "none was booked" in picture(app)
        app.screen.query_one("#days").value = "mon tue wed"
        await says(app, pilot, "Monday 11:00 and Tuesday 11:00 are too near")
        await press(pilot, "escape")

    stay(home, act, (120, 40))
    assert counts(home) == (1, 18)


def test_the_side_is_asked_and_one_answer_is_that_of_all_channels_until_they_are_turned(home: Path) -> None:
    async def act(app: Any, pilot: Any) -> None:
        await begin(app, pilot, "P-002", "acl-quadriceps")
        await press(pilot, "tab")
        await says(app, pilot, "The side of channel 1 is not chosen.")
        await press(pilot, "f5")
        await says(app, pilot, "The side of channel 1 is not chosen.")
        await press(pilot, "right", "tab", "right", "tab")
        await typed(pilot, "x")
        await press(pilot, "f5")

    stay(home, act)
    found = in_book(home, lambda s: list(s.scalars(select(PlanChannel.side).where(PlanChannel.plan_id == 2))))
    assert found == ["left", "right"]


def test_what_fits_the_condition_comes_first_and_a_muscle_without_its_nerve_before_all(home: Path) -> None:
    def bare(session: Any) -> None:
        add_condition(session, ANNA, NOW, patient_id=2, condition="stroke")
        examine(
            session,
            ANNA,
            NOW,
            patient_id=2,
            muscle="ta",
            side="right",
            lmn="absent",
            sensation="reduced",
            how="pinprick",
            examined_at=NOW,
        )

    in_book(home, bare)

    async def act(app: Any, pilot: Any) -> None:
        await begin(app, pilot, "P-002")
        lines = [
            line for line in picture(app).splitlines() if "suggested" in line or "made for it" in line or "not fit" in line
        ]
        assert "made for it" in lines[0]
        assert "specialist" in lines[0]
        await says(app, pilot, "Without its nerve: tibialis anterior right")
        await press(pilot, "tab", "right", "right")
        await says(app, pilot, "feeling is reduced")
        await says(app, pilot, "may not prescribe protocols that are for specialists only")
        await press(pilot, "f5")
        assert "Ask a specialist" in picture(app)

    stay(home, act, (120, 40))
    assert counts(home) == (1, 18)


@pytest.mark.parametrize("size", [(80, 24), (60, 16), (200, 60)])
def test_stop_and_the_main_key_stand_there_whatever_the_size(home: Path, size: tuple[int, int]) -> None:
    async def act(app: Any, pilot: Any) -> None:
        await begin(app, pilot, "P-001")
        seen = picture(app)
        assert "New plan for P-001: Immobility" in seen
        assert "STOP" in seen
        assert "F5" in seen

    stay(home, act, size)
