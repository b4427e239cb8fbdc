"""One plan: in words, decided on, paused and finished, its appointments moved and called off."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from emscontrol.clinic.tables.plans import Appointment, Plan, PlanStep
from emscontrol.clinic.tables.sessions import SessionEntry
from emscontrol.tui.house import PlanWanted
from emscontrol.tui.screens.calendar.plan import PlanScreen
from tests.clinic.plans.material import given
from tests.tui.calendar.test_calendar import at, typed
from tests.tui.house import ANNA, in_book, make_house, press, settled, stay
from tests.tui.stage import picture


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """P-001 has a plan of eighteen sessions, all booked."""
    made = tmp_path / "home"
    make_house(made)
    return made


def statuses(home: Path) -> dict[str, int]:
    """How many appointments stand how."""
    query = select(Appointment.status, func.count()).group_by(Appointment.status)
    return dict(tuple(row) for row in in_book(home, lambda session: session.execute(query).all()))


def went_well(session: Any) -> None:
    """Three sessions with every contraction, so that the rules propose more."""
    given(session, session.get_one(Plan, 1), [-8, -6, -4, -1])


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (60, 16)])
def test_a_plan_says_what_is_prescribed_and_how_far_it_is(home: Path, size: tuple[int, int]) -> None:
    async def act(app: Any, pilot: Any) -> None:
        await press(pilot, "f4", "enter")
        seen = picture(app)
        for words in ("Plan 1 of P-001", "ACTIVE", "0 of 18 done, 0 missed, 18 ahead", "Mon 2026-03-02 11:00 booked", "STOP"):
            assert words in seen, seen
        if size[1] >= 24:
            assert "3 a week for 6 weeks from 2026-03-02" in seen
            assert "pads of 7 × 12.7 cm" in seen, seen
        await press(pilot, "escape")
        assert not isinstance(app.screen, PlanScreen)

    stay(home, act, size)


def test_what_was_given_is_told_with_what_it_is_a_share_of(home: Path) -> None:
    """A session before its hour counts as done at once, in both counts."""

    def early(session: Any) -> None:
        given(session, session.get_one(Plan, 1), [-0.05], contractions=5)
        row = session.get_one(Appointment, 1)
        row.status, row.session_id = "done", session.scalars(select(SessionEntry.id)).one()

    in_book(home, early)

    async def act(app: Any, pilot: Any) -> None:
        await press(pilot, "f4", "enter")
        seen = " ".join(picture(app).split())
        assert "1 of 18 done, 0 missed, 17 ahead" in seen, seen
        assert "20 % (5 of 25 contractions due so far)" in seen, seen

    stay(home, act, (120, 40))


def test_what_is_proposed_is_accepted_with_its_reason_seen(home: Path) -> None:
    in_book(home, went_well)

    async def act(app: Any, pilot: Any) -> None:
        await press(pilot, "f4", "enter")
        seen = picture(app)
        assert "PROPOSED:" in seen, seen
        await press(pilot, "a")
        assert "Accepted" in picture(app)

    stay(home, act)
    [decided] = in_book(home, lambda session: [(s.decision, s.decided_by) for s in session.scalars(select(PlanStep))])
    assert decided == ("accepted", "anna")


def test_what_is_proposed_is_refused_with_a_reason_and_never_without(home: Path) -> None:
    in_book(home, went_well)

    async def act(app: Any, pilot: Any) -> None:
        await press(pilot, "f4", "enter", "r")
        await press(pilot, "enter")
        assert "needs a reason" in picture(app)
        await typed(pilot, "sore")
        await press(pilot, "enter")
        assert "Refused." in picture(app)

    stay(home, act)
    [decided] = in_book(home, lambda session: [(s.decision, s.decided_why) for s in session.scalars(select(PlanStep))])
    assert decided == ("refused", "sore")


def test_a_plan_is_paused_and_goes_on_and_keeps_its_appointments(home: Path) -> None:
    async def act(app: Any, pilot: Any) -> None:
        await press(pilot, "f4", "enter", "h", "f5")
        assert "PAUSED" in picture(app)
        await press(pilot, "u")
        assert "ACTIVE" in picture(app)

    stay(home, act)
    assert statuses(home) == {"booked": 18}


def test_finishing_calls_off_what_is_to_come_with_a_reason(home: Path) -> None:
    async def act(app: Any, pilot: Any) -> None:
        await press(pilot, "f4", "enter", "f", "enter", "down", "enter", "f5")
        assert "This needs a reason" in picture(app)
        await press(pilot, "tab")
        await typed(pilot, "goal met")
        await press(pilot, "f5")
        assert "FINISHED" in picture(app)
        assert "goal met" in picture(app)

    stay(home, act)
    assert statuses(home) == {"cancelled": 18}


def test_the_chosen_appointment_is_called_off_booked_again_and_moved_on_the_calendar(home: Path) -> None:
    async def act(app: Any, pilot: Any) -> None:
        await press(pilot, "f4", "enter", "x")
        await typed(pilot, "ill")
        await press(pilot, "enter")
        assert "1 not booked (b)" in picture(app)
        await press(pilot, "down", "m", "up")
        assert "Moving P-001 to Wed 2026-03-04 10:45-11:30: free." in picture(app)
        await press(pilot, "enter", "y", "enter")
        assert isinstance(app.screen, PlanScreen)
        assert "Wed 2026-03-04 10:45 booked" in picture(app)
        assert "moved: y" in picture(app)
        await press(pilot, "m", "escape")
        assert isinstance(app.screen, PlanScreen)

    stay(home, act)
    assert at(2, home) == "03-04 10:45 booked y"


def test_what_is_not_booked_is_booked_by_days_and_times(home: Path) -> None:
    def all_off(session: Any) -> None:
        for row in session.scalars(select(Appointment)):
            row.status, row.reason = "cancelled", "x"

    in_book(home, all_off, ANNA)

    async def act(app: Any, pilot: Any) -> None:
        await press(pilot, "f3", "f4")
        app.screen.post_message(PlanWanted(1))
        await settled(pilot)
        await press(pilot, "b")
        await typed(pilot, "mon wod")
        await press(pilot, "f5")
        assert "'wod' is no weekday. Write mon wed fri." in picture(app)
        await press(pilot, "ctrl+u")
        await typed(pilot, "mon wed fri")
        await press(pilot, "f5")
        assert "18 ahead" in picture(app)

    stay(home, act)
    assert statuses(home) == {"cancelled": 18, "booked": 18}
