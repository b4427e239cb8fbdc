"""The calendar: what stands there, going about, moving by keys and by mouse, calling off, who waits."""

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from emscontrol.clinic.appointments.booking import book
from emscontrol.clinic.appointments.hours import set_holiday
from emscontrol.clinic.appointments.waiting import wait
from emscontrol.clinic.tables.plans import Appointment, Plan
from emscontrol.tui.screens.calendar.plan import PlanScreen
from tests.tui.house import NOW, SOFIA, book_of, in_book, make_house, press, settled, stay
from tests.tui.stage import picture

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """P-001 has eighteen appointments at eleven on Mondays, Wednesdays and Fridays, the first of them today."""
    made = tmp_path / "home"
    make_house(made)
    return made


def at(number: int, home: Path) -> str:
    """When an appointment is, on the clinic's clock, and how it stands."""

    def look(session: Any) -> str:
        row = session.get_one(Appointment, number)
        return f"{row.starts_at.astimezone(BERLIN):%m-%d %H:%M} {row.status} {row.reason}".strip()

    return str(in_book(home, look))


def other_patient(home: Path, moment: datetime, therapist: str = "sofia") -> int:
    """P-002 with an appointment of half an hour then; its number."""
    found = book_of(home)
    try:
        with found.writing(SOFIA, NOW) as session:
            return book(session, 2, moment, NOW, found.about, minutes=30, therapist=therapist).id
    finally:
        found.close()


async def typed(pilot: Any, text: str) -> None:
    """Key by key."""
    for letter in text:
        await pilot.press("space" if letter == " " else letter)
    await settled(pilot)


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (60, 16), (200, 60)])
def test_the_week_has_its_days_today_by_word_and_stop_whatever_the_size(home: Path, size: tuple[int, int]) -> None:
    other_patient(home, NOW + timedelta(hours=3))

    async def act(app: Any, pilot: Any) -> None:
        await press(pilot, "f4")
        seen = picture(app)
        for words in ("[today 2]", "Wed 4", "[P-001]", "P-002", "session 1 of 18", "STOP", "11:00"):
            assert words in seen, seen
        assert all(len(line) <= size[0] for line in seen.splitlines())
        await press(pilot, "w")
        seen = picture(app)
        for words in ("March 2026", "today]", " 4 1x", "░", "STOP", *(["closed"] if size[0] >= 80 else [])):
            assert words in " ".join(seen.split()), seen

    stay(home, act, size)


def test_the_cursor_goes_by_days_weeks_and_appointments_and_says_what_it_is_on(home: Path) -> None:
    other_patient(home, NOW + timedelta(hours=3))
    in_book(home, lambda session: set_holiday(session, date(2026, 3, 10), "Founders"), SOFIA)

    async def act(app: Any, pilot: Any) -> None:
        await press(pilot, "f4", "down")
        assert "13:00-13:30 2/2  P-002 小明 العربي  booked" in picture(app)
        await press(pilot, "right")
        assert "Tue 2026-03-03: open 08:00-18:00. No appointment." in picture(app)
        await press(pilot, "pagedown")
        seen = picture(app)
        assert "Tue 2026-03-10: Founders" in seen
        assert "Founders ▒" in seen
        await press(pilot, "w", "pagedown")
        assert "April 2026" in picture(app)
        await press(pilot, "t", "w")
        assert "[today 2]" in picture(app)
        await press(pilot, "enter")
        assert isinstance(app.screen, PlanScreen)

    stay(home, act)


def test_only_one_therapist_s_appointments_are_shown(home: Path) -> None:
    other_patient(home, NOW + timedelta(hours=3))

    async def act(app: Any, pilot: Any) -> None:
        await press(pilot, "f4", "f")
        assert "of anna" in picture(app)
        assert "P-002" not in picture(app)
        await press(pilot, "f")
        assert "of sofia" in picture(app)
        assert "P-001" not in picture(app)
        await press(pilot, "f")
        assert "everybody" in picture(app)

    stay(home, act)


def test_an_appointment_is_moved_by_keys_and_what_is_in_the_way_is_said_before(home: Path) -> None:
    async def act(app: Any, pilot: Any) -> None:
        await press(pilot, "f4", "m", "right")
        seen = picture(app)
        assert ">11:00" in seen
        assert "quadriceps as group left must rest 48 h" in " ".join(seen.split())
        await press(pilot, "enter")
        assert at(1, home) == "03-02 11:00 booked"
        await press(pilot, "left", "up", "up")
        assert "Moving P-001 to Mon 2026-03-02 10:30-11:15: free." in picture(app)
        await press(pilot, "enter")
        await typed(pilot, "late bus")
        await press(pilot, "enter")
        assert "It is moved." in picture(app)

    stay(home, act)
    assert at(1, home) == "03-02 10:30 booked late bus"


def test_escape_leaves_it_where_it_was(home: Path) -> None:
    async def act(app: Any, pilot: Any) -> None:
        await press(pilot, "f4", "m", "up", "escape")
        assert "Moving" not in picture(app)
        await press(pilot, "m", "up", "enter", "escape", "escape")
        assert "[P-001]" in picture(app)

    stay(home, act)
    assert at(1, home) == "03-02 11:00 booked"


def test_a_time_outside_opening_hours_takes_a_reason(home: Path) -> None:
    number = other_patient(home, NOW + timedelta(hours=7))

    async def act(app: Any, pilot: Any) -> None:
        await press(pilot, "f4", "down", "m", *["down"] * 4)
        assert "is outside opening hours" in " ".join(picture(app).split())
        await press(pilot, "enter", "f5")
        assert "This needs a reason" in picture(app)
        await typed(pilot, "works late")
        await press(pilot, "enter")

    stay(home, act)
    assert at(number, home).startswith("03-02 18:00 booked works late")


def test_an_appointment_is_dragged_with_the_mouse_and_put_with_the_same_question(home: Path) -> None:
    number = other_patient(home, NOW + timedelta(hours=3))

    async def act(app: Any, pilot: Any) -> None:
        await press(pilot, "f4")
        lines = picture(app).splitlines()
        row = next(number for number, line in enumerate(lines) if "P-002" in line)
        column = lines[row].index("P-002") + 2
        await pilot.mouse_down(offset=(column, row))
        await pilot.mouse_up(offset=(column + 14, row + 2))
        await settled(pilot)
        assert "Moving P-002 to Tue 2026-03-03 15:00-15:30: free." in picture(app)
        await press(pilot, "enter", "x", "enter")
        line = next(line for line in picture(app).splitlines() if line.strip().startswith("15:00"))
        assert "[P-002" in line
        await pilot.click(offset=(column + 28, row - 2))
        await settled(pilot)
        assert "Wed 2026-03-04 11:00-11:45  P-001" in picture(app)

    stay(home, act)
    assert at(number, home) == "03-03 15:00 booked x"


def test_what_somebody_else_has_changed_meanwhile_is_not_moved(home: Path) -> None:
    def elsewhere(session: Any) -> None:
        session.get_one(Appointment, 1).reason = "another station"

    async def act(app: Any, pilot: Any) -> None:
        await press(pilot, "f4", "m", "up")
        in_book(home, elsewhere, SOFIA)
        await press(pilot, "enter", "x", "enter")
        assert "not what you looked at any more" in picture(app)

    stay(home, act)
    assert at(1, home) == "03-02 11:00 booked another station"


def test_a_slot_that_became_free_goes_to_who_waits_for_it(home: Path) -> None:
    def waits(session: Any) -> None:
        plan = session.get_one(Plan, 1)
        wait(session, plan.id, NOW, NOW + timedelta(days=1), "mornings", NOW)

    in_book(home, waits)

    async def act(app: Any, pilot: Any) -> None:
        await press(pilot, "f4")
        assert "1 waiting (l)" in picture(app)
        await press(pilot, "x")
        await typed(pilot, "ill")
        await press(pilot, "enter")
        seen = picture(app)
        assert "1 on the waiting list would fit" in seen
        assert "FITS P-001" in seen
        await press(pilot, "g")
        assert "The slot is given." in picture(app)
        assert "Nobody waits for a slot." in picture(app)

    stay(home, act)
    assert at(1, home) == "03-02 11:00 cancelled ill"
    again = in_book(
        home,
        lambda session: [
            row.id for row in session.scalars(select(Appointment).where(Appointment.starts_at == NOW + timedelta(hours=1)))
        ],
    )
    assert len(again) == 2


def test_a_reader_looks_and_moves_nothing(home: Path) -> None:
    def demote(session: Any) -> None:
        from emscontrol.clinic.tables.people import Staff

        session.scalars(select(Staff).where(Staff.code == "anna")).one().role = "reader"

    in_book(home, demote, SOFIA)

    async def act(app: Any, pilot: Any) -> None:
        await press(pilot, "f4", "m", "up", "enter", "x", "enter")
        assert "may not book, move and cancel appointments" in picture(app)

    stay(home, act)
    assert at(1, home) == "03-02 11:00 booked"
