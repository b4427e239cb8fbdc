"""Measuring on the screen with the simulator: what a person says there is what the engine finds and what the book keeps."""

from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from textual.pilot import Pilot
from textual.widgets import Input

from emscontrol.clinic.patients.muscles import state_of
from emscontrol.clinic.patients.thresholds import Measured, newest_thresholds, record_threshold
from emscontrol.clinic.tables.findings import Threshold
from emscontrol.clinic.tables.people import MuscleState
from emscontrol.measure.rebuild import rebuild
from emscontrol.record.line import link
from emscontrol.record.replay import read_events
from emscontrol.tui.app import EmsApp
from emscontrol.tui.house import MeasureWanted
from emscontrol.tui.screens.bedside.measure import MeasureScreen
from emscontrol.tui.screens.bedside.measure_live import MeasuringScreen
from emscontrol.tui.widgets.form import FormScreen
from tests.tui.house import ANNA, AREA_MM2, NOW, WIDTH_US, be, in_book, make_house, press, settled, stay
from tests.tui.measure.measuring import found, in_place_of_the_engine, journals, measured, opened, through
from tests.tui.stage import picture, until

SEARCH = {1_000: "n", 2_000: "f", 3_000: "c", 4_000: "l"}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    make_house(tmp_path / "home")
    return tmp_path / "home"


def kept(home: Path) -> list[tuple[str, int]]:
    """What the book has of this patient's thresholds, the first one of the house left out."""
    rows = in_book(
        home, lambda session: [(r.kind, r.amplitude_ua) for r in session.scalars(select(Threshold).order_by(Threshold.id))]
    )
    assert rows[0] == ("comfort", 23_000)
    return rows[1:]


def test_a_search_for_the_plan_finds_three_thresholds_and_the_book_keeps_what_the_engine_reported(home: Path) -> None:
    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        await opened(app, pilot)
        for words in ("P-001", "patient's LEFT", "blue  reference@sim"):
            assert words in picture(app)
        live = await measured(app, pilot, SEARCH)
        for words in ("SIMULATION", "sensory  felt 2.0 mA, not 1.0 mA", "limit at 4.0 mA", "no current"):
            assert words in picture(app)
        assert live.output_known
        await found(app, pilot)
        for words in ("sensory  2.0 mA, not at 1.0 mA: known to 1.0 mA", "motor    3.0 mA", "comfort  4.0 mA"):
            assert words in picture(app)
        assert kept(home) == []  # nothing is kept before a person says so
        await press(pilot, "enter")
        assert "Kept for P-001: sensory 2.0 mA, motor 3.0 mA, comfort 4.0 mA." in picture(app)
        await press(pilot, "enter", "f5")  # and nothing twice

    stay(home, act)
    [journal] = journals(home)
    events = rebuild(record.event for record in read_events(journal)).findings
    assert kept(home) == [(e.args["threshold"], e.args["amplitude_ua"]) for e in events]
    newest = in_book(home, lambda session: newest_thresholds(session, 1))
    first = link(journal.read_bytes().splitlines()[0])
    assert first is not None
    for row in newest:
        assert (row.muscle, row.side, row.area_mm2, row.width_us) == ("quad_all", "left", AREA_MM2, WIDTH_US)
        assert (row.how, row.journal_id, row.measured_by, row.measured_at) == ("threshold search", first.hash, "anna", NOW)


def test_what_was_left_by_stop_is_found_as_far_as_it_went_and_space_is_a_stop(home: Path) -> None:
    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        await opened(app, pilot)
        await pilot.press("f5")
        await until(pilot, lambda: isinstance(app.screen, MeasuringScreen) and app.screen.engine_state == "connected")
        live = app.screen
        assert isinstance(live, MeasuringScreen)
        await pilot.press("f5")
        await until(pilot, lambda: "No current yet" in picture(app) and "Without a word" in picture(app))
        await pilot.press("plus")
        await until(pilot, lambda: "CURRENT ON" in picture(app))
        await pilot.press("space")
        await until(pilot, lambda: live.engine_state == "closed")
        assert live.output_known
        assert "STOPPED" in picture(app)
        await found(app, pilot)
        assert "stopped" in picture(app)
        assert not app.screen.can("keep")  # type: ignore[attr-defined]
        await press(pilot, "enter")

    stay(home, act)
    assert kept(home) == []


def test_what_a_curve_suggests_is_kept_by_a_persons_key_alone(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stub = in_place_of_the_engine(
        monkeypatch, "strength-duration", "--muscle", "quad_all", "--side", "left", "--pads", "7x12.7"
    )

    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        screen = await opened(app, pilot, kind="strength-duration")
        await through(app, pilot, stub)
        for words in ("Suggestion, no diagnosis: INNERVATED.", "0.3 ms:", "fitted", "chronaxie of"):
            assert words in picture(app)
        assert not screen.can("keep")
        await press(pilot, "enter", "f5")
        assert state().how == "pinprick"
        await press(pilot, "n")
        assert "nerve of quadriceps as group, left: intact" in " ".join(picture(app).split())

    def state() -> MuscleState:
        found: MuscleState = in_book(home, lambda session: state_of(session, 1, "quad_all", "left"))
        return found

    stay(home, act, size=(120, 40))
    assert (state().lmn, state().how, state().sensation) == ("intact", "strength-duration curve", "normal")
    assert kept(home) == []


def test_without_a_plan_the_form_asks_for_everything_and_a_comma_is_refused_by_its_field(home: Path) -> None:
    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        screen = await opened(app, pilot, plan=None, muscle="ta", side="right")
        assert "patient's RIGHT" in picture(app)
        assert "tibialis" in picture(app)
        for name, value, says in (
            ("pads", "5 by 9", "Pads: '5 by 9' is no size"),
            ("up_to", "4,5", "Up to: '4,5' has a comma"),
            ("widths", "300 400", "one pulse width"),
            ("rate", "fast", "Rate: 'fast'"),
            ("channel", "x", "Channel: 'x'"),
            ("port", "nothing", "is no stimulator"),
            ("step", "3", "One step is at most 1.0 mA. Give a smaller Step."),
        ):
            asked = screen.query_one(f"#asked-{name}", Input)
            right, asked.value = ("5x5" if name == "pads" else asked.value), value
            await press(pilot, "f5")
            await until(pilot, lambda says=says: says in " ".join(picture(app).split()))
            assert app.session is None
            asked.value = right
            await pilot.pause()

    stay(home, act)
    assert kept(home) == []


def test_a_real_stimulator_is_no_business_of_a_practice_book(home: Path) -> None:
    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        await opened(app, pilot, port="p24@/dev/ttyACM0")
        await press(pilot, "f5")
        assert "simulated stimulators only" in " ".join(picture(app).split())
        assert app.session is None

    stay(home, act)


def test_a_comfort_level_far_above_the_last_one_is_kept_with_a_reason_only(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stub = in_place_of_the_engine(monkeypatch, "threshold", "--protocol", "acl-high-rate")

    def lower(session: Session) -> None:
        session.get_one(Threshold, 1).amplitude_ua = 3_000

    in_book(home, lower)

    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        await opened(app, pilot)
        await through(app, pilot, stub)
        await press(pilot, "enter")
        assert isinstance(app.screen, FormScreen)
        assert "far above the last comfort level" in " ".join(picture(app).split())
        await press(pilot, "f5")
        assert "The reason is missing." in picture(app)
        await pilot.press(*"new")
        await press(pilot, "f5")
        assert "Kept for P-001" in picture(app)

    stay(home, act)
    how = in_book(home, lambda session: [row.how for row in newest_thresholds(session, 1) if row.kind == "comfort"])
    assert how == ["threshold search; far above 3.0 mA before: new"]


@pytest.mark.parametrize(("motor", "comfort"), [(3_000, 4_000), (60_000, 90_000)])
def test_a_second_measurement_of_the_day_replaces_the_first_whether_it_is_lower_or_higher(
    home: Path, monkeypatch: pytest.MonkeyPatch, motor: int, comfort: int
) -> None:
    """The house has a comfort level of today already; the new motor threshold may be above it, the new comfort level below."""
    stub = in_place_of_the_engine(monkeypatch, "threshold", "--protocol", "acl-high-rate")

    def before(session: Session) -> None:
        session.get_one(Threshold, 1).amplitude_ua = comfort
        level = Measured("quad_all", "left", "motor", AREA_MM2, WIDTH_US, motor, "by hand", NOW)
        record_threshold(session, ANNA, NOW, 1, level)

    in_book(home, before)

    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        await opened(app, pilot)
        await through(app, pilot, stub)
        await press(pilot, "enter")
        if isinstance(app.screen, FormScreen):
            await pilot.press(*"new")
            await press(pilot, "f5")
        assert "Kept for P-001" in picture(app)

    stay(home, act)
    newest = in_book(home, lambda session: {row.kind: row.amplitude_ua for row in newest_thresholds(session, 1)})
    assert newest == {"sensory": 6_500, "motor": 16_500, "comfort": 23_000}


def test_whoever_is_not_logged_in_sees_no_place_of_a_patient(home: Path) -> None:
    be(home, "")

    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        app.wants(MeasureWanted("P-001", 1, 1))
        await settled(pilot)
        assert not app.screen.query("#asked-up_to")

    stay(home, act)


def test_without_a_patient_nothing_can_be_kept_and_the_book_is_not_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stub = in_place_of_the_engine(monkeypatch, "threshold", "--protocol", "acl-high-rate")

    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        await opened(app, pilot, code="", plan=None, pads="5x9")
        assert "Nobody's" in picture(app)
        await through(app, pilot, stub)
        assert "Without a patient nothing is kept" in " ".join(picture(app).split())
        screen = app.screen
        assert isinstance(screen, MeasureScreen)
        assert not screen.can("keep")
        await press(pilot, "m")
        assert screen.query_one("#asked-up_to", Input).value == "4"

    stay(tmp_path / "empty", act)
