"""The day's agenda: what a therapist sees and does with keys, against the book."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from emscontrol.clinic.appointments.booking import book
from emscontrol.clinic.patients.called import called
from emscontrol.clinic.patients.patients import set_name, withdraw_patient
from emscontrol.clinic.screening.answering import give_answer
from emscontrol.clinic.stations.holds import take
from emscontrol.clinic.tables.plans import Appointment
from emscontrol.safety.screening import Answer, Place
from emscontrol.tui.app import EmsApp
from emscontrol.tui.screens.bedside.checks import ChecksScreen
from emscontrol.tui.screens.calendar.plan import PlanScreen
from emscontrol.tui.screens.patients.patient import PatientScreen
from emscontrol.tui.screens.today.page import TodayPage
from tests.tui.house import ANNA, FAMILY, GIVEN, NOW, Clock, be, book_of, in_book, make_house, press, settled, stay
from tests.tui.stage import picture, until


@pytest.fixture
def home(tmp_path: Path) -> Path:
    make_house(tmp_path / "home")
    return tmp_path / "home"


def appointment(home: Path, number: int = 1) -> Any:
    return in_book(home, lambda s: (s.get(Appointment, number).status, s.get(Appointment, number).reason))


def test_the_day_is_shown_with_who_comes_and_which_session_it_is(home: Path) -> None:
    async def act(app: EmsApp, pilot: "Pilot[None]") -> None:
        shown = picture(app)
        assert "Today, Monday 2026-03-02" in shown
        assert "11:00 P-001" in shown
        assert "1 / 18" in shown
        assert "Nothing is due: Enter begins." in shown
        assert "blue" in shown
        assert "free" in shown

    stay(home, act)


@pytest.mark.parametrize("size", [(80, 24), (60, 16), (120, 40), (200, 60)])
def test_appointment_stimulator_stop_and_keys_are_seen_at_every_size(home: Path, size: tuple[int, int]) -> None:
    async def act(app: EmsApp, pilot: "Pilot[None]") -> None:
        words = ("11:00", "P-001", "booked", "Nothing is due", "free", "STOP", "Begin")
        await until(pilot, lambda: all(each in picture(app) for each in words))

    stay(home, act, size)


def test_the_cursor_begins_at_the_next_appointment_that_is_booked_and_enter_begins_it(home: Path) -> None:
    def add(session: Any) -> None:
        opened = book_of(home)
        for booked_h, hours in ((3, -1), (4, 4)):
            row = book(session, 2, NOW + timedelta(hours=booked_h), NOW, opened.about, minutes=20, therapist="anna")
            session.flush()
            row.starts_at = NOW + timedelta(hours=hours)
            row.ends_at = row.starts_at + timedelta(minutes=20)
        opened.close()

    in_book(home, add)

    async def act(app: EmsApp, pilot: "Pilot[None]") -> None:
        assert "11:00-11:45" in picture(app)
        await press(pilot, "enter")
        assert isinstance(app.screen, ChecksScreen)
        assert (app.screen._appointment, app.screen._code) == (1, "P-001")

    stay(home, act)


def test_a_session_of_another_day_is_not_begun(home: Path) -> None:
    async def act(app: EmsApp, pilot: "Pilot[None]") -> None:
        await press(pilot, "right", "right")
        assert "Wednesday 2026-03-04" in picture(app)
        assert "11 questions of the screening to be asked." in picture(app)
        await press(pilot, "enter")
        assert "Sessions are begun on their day." in picture(app)
        await press(pilot, "left")
        assert "To book: F3, the patient, Enter on the plan, then b." in " ".join(picture(app).split())
        await press(pilot, "t", "enter")
        assert isinstance(app.screen, ChecksScreen)

    stay(home, act)


def test_p_opens_the_patient_and_m_the_plan(home: Path) -> None:
    async def act(app: EmsApp, pilot: "Pilot[None]") -> None:
        await press(pilot, "p")
        assert isinstance(app.screen, PatientScreen)
        await press(pilot, "f2")
        await until(pilot, lambda: isinstance(app.screen, TodayPage) and "P-001" in picture(app))
        await press(pilot, "m")
        await until(pilot, lambda: isinstance(app.screen, PlanScreen))

    stay(home, act)


def test_an_appointment_that_has_not_begun_can_only_be_called_off_and_not_without_a_reason(home: Path) -> None:
    async def act(app: EmsApp, pilot: "Pilot[None]") -> None:
        await press(pilot, "x", "f5")
        assert "needs a reason" in picture(app)
        assert "did not come" not in picture(app)
        await press(pilot, "tab", *"ill")
        await press(pilot, "enter")
        assert "cancelled" in picture(app)
        assert "CANCELLED: ill" in picture(app)
        await press(pilot, "enter")
        assert "not booked any more" in picture(app)

    stay(home, act)
    assert appointment(home) == ("cancelled", "ill")


def test_one_that_has_begun_can_be_missed(home: Path) -> None:
    async def act(app: EmsApp, pilot: "Pilot[None]") -> None:
        await press(pilot, "x")
        assert "The patient did not come" in picture(app)
        await press(pilot, "tab", *"flu", "enter")
        assert "missed" in picture(app)

    be(home, "anna")
    clock = Clock(NOW + timedelta(minutes=14))
    in_book(home, lambda s: setattr(s.get(Appointment, 1), "starts_at", NOW + timedelta(minutes=1)))
    stay(home, act, clock=clock)
    assert appointment(home) == ("missed", "flu")


def test_leaving_the_question_changes_nothing(home: Path) -> None:
    async def act(app: EmsApp, pilot: "Pilot[None]") -> None:
        await press(pilot, "x", "tab", *"no", "escape")
        assert "booked" in picture(app)

    stay(home, act)
    assert appointment(home) == ("booked", "")


@pytest.mark.parametrize(
    ("status", "words"), [("booked", "Moved: holiday"), ("done", "Moved: holiday"), ("cancelled", "CANCELLED: holiday")]
)
def test_a_reason_is_told_as_that_of_the_move_or_of_the_status(home: Path, status: str, words: str) -> None:
    def move(session: Any) -> None:
        row = session.get(Appointment, 1)
        row.status, row.moved, row.reason = status, 1, "holiday"

    in_book(home, move)

    async def act(app: EmsApp, pilot: "Pilot[None]") -> None:
        await until(pilot, lambda: words in picture(app))
        assert picture(app).count("holiday") == 1

    stay(home, act)


def test_a_yes_elsewhere_than_under_the_pads_does_not_stand_in_the_way(home: Path) -> None:
    def say(place: str) -> None:
        in_book(home, lambda s: give_answer(s, ANNA, NOW, 1, "SKIN", Answer.YES, [Place(region=place, side="left")]))

    async def clear(app: EmsApp, pilot: "Pilot[None]") -> None:
        await until(pilot, lambda: "Nothing is due: Enter begins." in picture(app))

    async def stands(app: EmsApp, pilot: "Pilot[None]") -> None:
        await until(pilot, lambda: "overridden or acknowledged: SKIN" in " ".join(picture(app).split()))

    say("arm")
    stay(home, clear)
    say("thigh")
    stay(home, stands)


def test_it_says_who_has_a_stimulator(home: Path) -> None:
    in_book(home, lambda s: take(s, 1, "holder", ANNA, NOW))

    async def act(app: EmsApp, pilot: "Pilot[None]") -> None:
        assert "in use: anna at room 1 since 10:00" in picture(app)

    stay(home, act, (120, 30))


def test_what_another_station_changes_is_seen_when_the_page_is_fetched_anew(home: Path) -> None:
    async def act(app: EmsApp, pilot: "Pilot[None]") -> None:
        assert "Nothing is due" in picture(app)
        in_book(home, lambda s: setattr(s.get(Appointment, 1), "therapist", "sofia"))
        app.screen._again()  # type: ignore[attr-defined]
        await settled(pilot)
        assert "sofia" in picture(app)

    stay(home, act)


def test_wide_and_right_to_left_names_keep_the_columns(home: Path) -> None:
    in_book(home, lambda s: set_name(s, ANNA, 1, given=GIVEN * 6, family=FAMILY))

    async def act(app: EmsApp, pilot: "Pilot[None]") -> None:
        from rich.cells import cell_len

        lines = picture(app).splitlines()
        head = next(line for line in lines if "TIME" in line)
        row = next(line for line in lines if "booked" in line and "11:00 " in line)
        assert cell_len(row[: row.index("booked")]) == cell_len(head[: head.index("STATUS")])
        assert {cell_len(line) for line in lines} == {80}

    stay(home, act)


def test_an_empty_book_says_what_to_do_first(home: Path) -> None:
    def empty(session: Any) -> None:
        for row in session.query(Appointment):
            row.status = "cancelled"
            row.withdrawn_at, row.withdrawn_by, row.withdrawn_why = NOW, "anna", "test"
        from emscontrol.clinic.tables.plans import Plan

        session.get(Plan, 1).status = "finished"
        session.flush()
        for number in (1, 2):
            withdraw_patient(session, ANNA, NOW, number, 1, "test")

    in_book(home, empty)

    async def act(app: EmsApp, pilot: "Pilot[None]") -> None:
        assert "Nobody is in this book yet. F3, then Ctrl+N" in picture(app)

    stay(home, act)


def test_names_of_many_come_at_once_and_only_of_those_who_have_one(home: Path) -> None:
    assert in_book(home, lambda s: called(s, {1, 2})) == {2: f"{GIVEN} {FAMILY}"}
    assert in_book(home, lambda s: called(s, ())) == {}
