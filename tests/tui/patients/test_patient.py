"""One patient's page: what is seen first, the parts, and what is entered there, against the book."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import OptionList

from emscontrol.clinic.patients.measures import MEASURES
from emscontrol.clinic.patients.outcomes import Entered, list_outcomes, record_outcome
from emscontrol.clinic.tables.findings import Threshold
from emscontrol.clinic.tables.people import Condition, ElectrodeSet, Implant, MuscleState
from emscontrol.clinic.tables.sessions import Journal, SessionChannel, SessionEntry
from emscontrol.tui.app import EmsApp
from emscontrol.tui.screens.bedside.measure import MeasureScreen
from emscontrol.tui.screens.calendar.new_plan import NewPlanScreen
from emscontrol.tui.screens.calendar.plan import PlanScreen
from emscontrol.tui.screens.patients.patient import PatientScreen
from emscontrol.tui.screens.records.record import RecordScreen
from tests.tui.house import ANNA, NOW, Clock, in_book, make_house, press, settled, stay, type_in
from tests.tui.stage import picture


@pytest.fixture
def home(tmp_path: Path) -> Path:
    make_house(tmp_path / "home")
    return tmp_path / "home"


async def to(pilot: "Pilot[None]", code: str = "P-001", part: int = 0) -> None:
    """The page of a patient, and a part of it."""
    pilot.app.push_screen(PatientScreen(code))
    await settled(pilot)
    await press(pilot, *["right"] * part)


def add_sessions(session: Any) -> None:
    """Three sessions, each stronger than the one before; the last one was interrupted."""
    for number in range(3):
        at = NOW - timedelta(days=7 - 2 * number)
        journal = Journal(
            journal_id=f"{number}" * 64,
            file=f"{number}.jsonl",
            station="room 1",
            handed_in_at=at,
            sha256="",
            content=b"",
        )
        entry = SessionEntry(
            journal_id=f"{number}" * 64,
            patient_id=1,
            plan_id=1,
            appointment_id=None,
            opened_at=at,
            duration_us=20 * 60_000_000,
            result="completed" if number < 2 else "interrupted",
            reason="",
            counts=True,
            simulated=True,
            device="reference@sim",
            staff="anna",
            protocol_sha256="",
            contractions_prescribed=10,
            contractions=10 - number,
            pulses=1000,
            charge_pc=5 * 10**9,
            finding="",
        )
        session.add_all((journal, entry))
        session.flush()
        session.add(
            SessionChannel(
                session_id=entry.id,
                channel=1,
                muscle="quad_all",
                side="left",
                comfort_ua=23_000,
                peak_ua=(20 + number) * 1000,
                contractions=10,
                pulses=1000,
                charge_pc=1,
                on_us=1,
            )
        )


@pytest.mark.parametrize("size", [(80, 24), (60, 16), (120, 40)])
def test_who_it_is_how_far_the_plan_is_and_stop_are_seen_at_every_size(home: Path, size: tuple[int, int]) -> None:
    async def act(app: EmsApp, pilot: "Pilot[None]") -> None:
        await to(pilot)
        shown = picture(app)
        assert all(words in shown for words in ("P-001", "born 1985", "[Plans]", "0 / 18", "Next: 2026-03-02 11:00", "STOP"))
        for part in (
            "comfort  23.0 mA",
            "Every question is answered",
            "Nothing was measured yet",
            "No session was given",
        ):
            await press(pilot, "right")
            assert part in " ".join(picture(app).split("\n"))

    stay(home, act, size)


def test_alerts_stand_above_everything_else(home: Path) -> None:
    async def act(app: EmsApp, pilot: "Pilot[None]") -> None:
        await to(pilot)
        lines = picture(app).splitlines()
        alert = next(
            number for number, line in enumerate(lines) if "! Thresholds of quadriceps as group left are 8 days old" in line
        )
        assert alert < next(number for number, line in enumerate(lines) if "[Plans]" in line)
        await press(pilot, "right")
        assert "8 d  OLD" in picture(app)

    def age(session: Any) -> None:
        session.get(Threshold, 1).measured_at = NOW - timedelta(days=8)

    in_book(home, age)
    stay(home, act)


def test_enter_opens_the_plan_n_a_new_one_and_t_measures_for_the_plan(home: Path) -> None:
    async def act(app: EmsApp, pilot: "Pilot[None]") -> None:
        await to(pilot)
        for key, screen in (("enter", PlanScreen), ("n", NewPlanScreen), ("t", MeasureScreen)):
            await press(pilot, key)
            assert isinstance(app.screen, screen)
            app.pop_screen()
            await settled(pilot)

    stay(home, act, (120, 40))


def test_sessions_are_listed_and_drawn_and_enter_opens_the_record(home: Path) -> None:
    in_book(home, add_sessions)

    async def act(app: EmsApp, pilot: "Pilot[None]") -> None:
        await to(pilot, part=4)
        shown = picture(app)
        assert "2026-02-27 10:00 interrupted" in shown
        assert "22 mA" in shown
        assert "8 / 10" in shown
        assert "Strongest current (mA)" in shown
        await press(pilot, "down", "enter")
        assert isinstance(app.screen, RecordScreen)

    stay(home, act)


def test_outcomes_are_listed_with_their_change_and_the_chosen_one_is_drawn(home: Path) -> None:
    def add(session: Any) -> None:
        for days, text in ((20, "2"), (10, "3"), (1, "4-")):
            entered = Entered("mrc", text, NOW - timedelta(days=days), muscle="quad_all", side="left")
            record_outcome(session, ANNA, NOW, 1, entered)
        for days, text in ((20, "40"), (1, "40.5")):
            entered = Entered("girth", text, NOW - timedelta(days=days), side="left", landmark="10 cm above the patella")
            record_outcome(session, ANNA, NOW, 1, entered)

    in_book(home, add)

    async def act(app: EmsApp, pilot: "Pilot[None]") -> None:
        await to(pilot, part=3)
        shown = picture(app)
        assert "(+0.5)" in shown
        assert "(may be measuring error)" in shown
        assert "Limb girth (cm)" in shown
        await press(pilot, "down")
        assert "MRC muscle grade" in picture(app)
        assert "+1.67" in picture(app)
        assert "02-10" in picture(app)

    stay(home, act)


def test_an_outcome_is_entered_with_its_range_in_view(home: Path) -> None:
    async def act(app: EmsApp, pilot: "Pilot[None]") -> None:
        await to(pilot)
        await press(pilot, "o")
        assert "From 0 to 5 in steps of 1, or 4-, 4+." in picture(app)
        await press(pilot, "enter")
        await type_in(pilot, "6")
        await press(pilot, "f5")
        assert "6 is no value of mrc: out of range." in picture(app)
        await pilot.press("backspace", "4", "+")
        await press(pilot, "f5")
        assert "Kept: mrc quadriceps as group left 4+." in picture(app)

    stay(home, act)
    [kept] = in_book(home, lambda s: [(row.value_milli, row.muscle, row.side) for row in list_outcomes(s, 1)])
    assert kept == (4330, "quad_all", "left")


def test_a_mark_of_the_skin_stands_before_everything_else_from_then_on(home: Path) -> None:
    async def act(app: EmsApp, pilot: "Pilot[None]") -> None:
        await to(pilot)
        await press(pilot, "o")
        app.screen.query_one("#measures", OptionList).highlighted = list(MEASURES).index("skin")
        await press(pilot, "enter")
        await type_in(pilot, "3")
        await press(pilot, "f5")
        assert "Kept: skin quadriceps as group left 3." in picture(app)
        await settled(pilot)
        await press(pilot, "right", "right")
        assert "BLOCK:" in picture(app)
        assert "A specialist looks at the skin" in picture(app)

    stay(home, act, (120, 40))
    assert in_book(home, lambda s: [row.measure for row in list_outcomes(s, 1)]) == ["skin"]


def test_new_pads_are_kept_with_their_size_and_day(home: Path) -> None:
    async def act(app: EmsApp, pilot: "Pilot[None]") -> None:
        await to(pilot)
        await press(pilot, "a", "tab", "ctrl+u")
        await type_in(pilot, "5x9")
        await press(pilot, "f5")
        assert "A new set of pads is kept for quadriceps as group left." in picture(app)

    stay(home, act)
    kept = in_book(home, lambda s: [(row.area_mm2, row.opened_on, row.uses_before) for row in s.query(ElectrodeSet)])
    assert kept[1:] == [(4500, "2026-03-02", 0)]


def test_muscle_condition_and_implant_are_entered_here_too(home: Path) -> None:
    async def act(app: EmsApp, pilot: "Pilot[None]") -> None:
        await to(pilot, "P-002")
        await press(pilot, "e", "f5")
        assert "muscle" in picture(app).split("How examined")[1]  # nothing is taken for granted
        await press(pilot, "escape", "c", "f5")
        assert "Nothing was chosen to be treated for." in picture(app)
        await press(pilot, "enter", "down", "enter", "f5")
        assert "The condition is kept." in picture(app)
        await press(pilot, "i", "f5")
        assert "The implant is kept" in picture(app)

    stay(home, act)
    assert in_book(home, lambda s: s.query(Condition).filter_by(patient_id=2).count()) == 1
    assert in_book(home, lambda s: [row.kind for row in s.query(Implant)]) == ["pacemaker"]
    assert in_book(home, lambda s: s.query(MuscleState).filter_by(patient_id=2).count()) == 0


def test_a_login_that_is_locked_meanwhile_asks_for_it_and_keeps_what_was_typed(home: Path) -> None:
    clock = Clock()

    async def act(app: EmsApp, pilot: "Pilot[None]") -> None:
        await to(pilot)
        await press(pilot, "o", "enter")
        await type_in(pilot, "3")
        clock.wait(minutes=20)
        await press(pilot, "f5")
        await type_in(pilot, "anna")
        await pilot.press("tab")
        await type_in(pilot, "294715")
        await press(pilot, "enter", "f5")
        assert "Kept: mrc quadriceps as group left 3." in picture(app)

    stay(home, act, clock=clock)
    assert in_book(home, lambda s: [row.value_milli for row in list_outcomes(s, 1)], now=NOW + timedelta(minutes=21)) == [3000]


def test_the_mouse_chooses_a_part_and_opens_the_plan_under_it(home: Path) -> None:
    async def act(app: EmsApp, pilot: "Pilot[None]") -> None:
        await to(pilot)
        row = next(line for line in picture(app).splitlines() if "[Plans]" in line)
        await pilot.click("#parts", offset=(row.index("Screening"), 0))
        assert "[Screening]" in picture(app)
        await pilot.click("#parts", offset=(2, 0))
        await pilot.click("#plans", offset=(2, 1))
        await settled(pilot)
        assert isinstance(app.screen, PlanScreen)

    stay(home, act)
