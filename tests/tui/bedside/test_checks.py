"""The checks before a session: in order, each by hand, and nothing begins before all of them are ticked."""

import time
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from textual.color import Color
from textual.geometry import Region
from textual.pilot import Pilot
from textual.widgets import Static

from emscontrol.clinic.screening.acknowledging import acknowledge
from emscontrol.clinic.screening.answering import give_answer, newest_answers
from emscontrol.clinic.tables.findings import ScreeningAnswer
from emscontrol.clinic.tables.plans import Appointment
from emscontrol.core.errors import UsageError
from emscontrol.desk.visit import Due, Visit
from emscontrol.safety.screening import Answer
from emscontrol.tui.app import EmsApp
from emscontrol.tui.house import Errand, PatientWanted
from emscontrol.tui.screens.bedside.checklist import How, Ticked, checks_of, void_after
from emscontrol.tui.screens.bedside.checks import ChecksScreen
from emscontrol.tui.screens.patients.patient import PatientScreen
from emscontrol.tui.screens.session import SessionScreen
from emscontrol.tui.screens.today.page import TodayPage
from tests.tui.bedside.returning import make_returning
from tests.tui.engine_stub import EngineStub, view
from tests.tui.house import ANNA, NOW, Clock, in_book, make_house, press, settled, stay, this_moment, type_in
from tests.tui.stage import SPEC, picture, until

ALL = ("enter", "enter", "0", "enter", "enter", "enter", "f12", "0")
ALL_OF_THEM = frozenset({"PC1", "PC2", "PC3", "PC4", "PC5", "PC6", "PC7", "PC9"})


@pytest.fixture(autouse=True)
def _quick_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    """The keys of a test come faster than a person's, and are no held key."""
    monkeypatch.setattr("emscontrol.tui.screens.bedside.checks.READ_S", 0.0)


def checks(app: EmsApp) -> ChecksScreen:
    assert isinstance(app.screen, ChecksScreen)
    return app.screen


def tick_all(page: ChecksScreen) -> None:
    """As by hand, which would take a second each time."""
    page._ticked.figures |= dict.fromkeys(ALL_OF_THEM, 0)
    page._ticked_s = time.monotonic()


def test_the_checks_are_those_of_the_list_in_its_order(tmp_path: Path) -> None:
    from emscontrol.clinic.screening.checks import shipped_checks

    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        await press(pilot, "enter")
        shown = [check.id for check in checks_of(_visit(app))]
        listed = [check.id for check in shipped_checks().before]
        measured_when_connected, told_between = "PC8", "PC10"
        assert sorted(shown) == sorted(id_ for id_ in listed if id_ != measured_when_connected)
        order = [id_ for id_ in shown if id_ != told_between]
        assert order == [id_ for id_ in listed if id_ in order]

    make_house(tmp_path / "h", this_moment())
    stay(tmp_path / "h", act, clock=Clock(this_moment()))


def _visit(app: EmsApp) -> Visit:
    visit = checks(app)._visit
    assert visit is not None
    return visit


def test_nothing_begins_while_a_check_is_open_and_enter_ticks_only_what_needs_no_figure(tmp_path: Path) -> None:
    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        await press(pilot, "enter", "enter", "enter", "enter")
        assert checks(app).current is not None
        assert checks(app).current.id == "PC3"  # type: ignore[union-attr] -- the skin wants a figure
        assert "Give a figure" in picture(app)
        await press(pilot, "2")
        assert "no session today" in picture(app)
        assert checks(app).current.id == "PC3"  # type: ignore[union-attr]
        await press(pilot, "0", "enter", "enter", "enter", "enter", "enter")
        assert checks(app).current.how is How.STOP  # type: ignore[union-attr] -- only a STOP key ticks it
        assert app.session is None
        await press(pilot, "space")
        assert "STOP has arrived" in picture(app)

    make_returning(tmp_path / "h")
    stay(tmp_path / "h", act, (100, 30), Clock(this_moment()))


def test_what_is_asked_each_session_is_kept_as_no_when_nothing_is_new(tmp_path: Path) -> None:
    later = NOW + timedelta(hours=5)  # answers of each session hold for four

    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        await press(pilot, "enter", "enter")
        assert "all of these answered no" in " ".join(picture(app).split())
        asked = {due.rule for due in _visit(app).due if due.each_session}
        assert asked
        await press(pilot, *ALL[1:-1], "enter", ALL[-1], "enter")  # the first session on this site has one check more
        rows = in_book(
            tmp_path / "h",
            lambda s: [(r.rule, r.answer, r.asked_by) for r in s.scalars(select(ScreeningAnswer)) if r.asked_at == later],
            now=later,
        )
        assert {(rule, "no", "anna") for rule in asked} == set(rows)

    make_house(tmp_path / "h")
    _stay_logged_in(tmp_path / "h", later)
    stay(tmp_path / "h", act, (90, 40), Clock(later))


def _stay_logged_in(home: Path, now: object) -> None:
    """Anna logs in again: her login of five hours ago is locked."""
    from emscontrol.clinic.staff.entry import log_in
    from emscontrol.desk.token import keep_token
    from tests.tui.house import _CHEAP, PIN, STATION, book_of

    book = book_of(home)
    keep_token(str(home), book.about.uuid, log_in(book, "anna", PIN, STATION, now, _CHEAP), now)  # type: ignore[arg-type]
    book.close()


def ground(app: EmsApp, name: str) -> Any:
    return Color.parse(app.get_css_variables()[name]).rich_color


def test_what_was_acknowledged_is_said_with_the_first_check(tmp_path: Path) -> None:
    home = tmp_path / "h"

    def read_by_anna(session: Any) -> None:
        given = give_answer(session, ANNA, this_moment(), 1, "GEL_ALLERGY", Answer.YES)
        acknowledge(session, ANNA, this_moment(), 1, "GEL_ALLERGY", given.id)

    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        await press(pilot, "enter")
        shown = " ".join(picture(app).split())
        assert "!! MIND GEL_ALLERGY (acknowledged): " in shown
        assert "stop on rash" in shown
        row = app.screen.query_one("#check-PC1", Static)
        drawn = [part for strip in row.render_lines(Region(0, 0, *row.size)) for part in strip]
        loud = [part for part in drawn if part.style and part.style.bold and part.style.bgcolor == ground(app, "alarm-medium")]
        told = " ".join("".join(part.text for part in loud).split())
        assert told.startswith("!! MIND GEL_ALLERGY")
        assert told.endswith("stop on rash.")  # and its neighbours are not

    make_returning(home)
    in_book(home, read_by_anna, now=this_moment())
    stay(home, act, (120, 40), Clock(this_moment()))


def test_an_appointment_of_another_day_wants_a_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        from emscontrol.tui.house import RunWanted

        app.wants(RunWanted(2, "P-001"))
        await settled(pilot)
        assert "of another day" in picture(app)
        assert "comfort of quadriceps as group, left, 23.0 mA" in " ".join(picture(app).split())
        assert not _visit(app).estimated
        tick_all(checks(app))
        await press(pilot, "enter")
        await until(pilot, lambda: "not-today" in picture(app) or "another day" in picture(app))
        assert app.session is None
        # given now it comes before that of later today, and is the first of its plan: what was ticked was the second
        assert _visit(app).number == 2
        await press(pilot, "d")
        await type_in(pilot, "a cast comes on")
        await press(pilot, "enter")
        assert (_visit(app).number, checks(app)._ticked.figures) == (1, {})
        assert "Something has changed meanwhile" in picture(app)
        assert "It is given today: a cast comes on" in picture(app)
        begun: list[Errand] = []

        def begin(errand: Errand) -> None:
            begun.append(errand)
            raise UsageError("Not now.", "Later.")

        monkeypatch.setattr(app, "begin_session", begin)
        tick_all(checks(app))
        await press(pilot, "enter")
        assert len(begun) == 1
        assert in_book(home, _of_second, now=now) == (own, "booked", 2)  # it was moved, and is back
        in_book(home, lambda s: _put(s, 2, own + timedelta(days=1)), now=now)
        await press(pilot, "enter")
        assert "of another day. d gives it today" in " ".join(picture(app).split())
        assert not checks(app)._ticked.figures  # the reason was one for the day that it was booked for then

    def _of_second(session: Any) -> tuple[object, ...]:
        row = session.get_one(Appointment, 2)
        return row.starts_at, row.status, row.moved

    home, now = tmp_path / "h", this_moment()
    make_returning(home)
    in_book(home, lambda s: _put(s, 1, now + timedelta(minutes=5)), now=now)
    own = now + timedelta(days=60)  # long after all others, so that every muscle has its rest when it is brought back
    in_book(home, lambda s: _put(s, 2, own), now=now)
    stay(home, act, (100, 30), Clock(now))


def _put(session: Any, number: int, starts_at: datetime) -> None:
    row = session.get_one(Appointment, number)
    row.starts_at, row.ends_at = starts_at, starts_at + timedelta(minutes=45)


def test_at_80_by_24_the_checks_stop_and_the_current_one_are_seen(tmp_path: Path) -> None:
    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        await press(pilot, "enter")
        page = checks(app)
        page._visit = replace(_visit(app), levels=tuple(f"level {number}" for number in range(14)))
        page._show()
        for lines in (6, 12):  # what stands above the checks has no room for more, and nothing is ticked unread
            await settled(pilot)
            assert f"level {lines - 1}" in picture(app)
            assert f"level {lines}" not in picture(app)
            await press(pilot, "enter")
            assert not page._ticked.figures
            assert "There is more of it" in picture(app)
        assert "level 13" in picture(app)
        page._visit = replace(_visit(app), levels=tuple(f"other {number}" for number in range(8)))
        page._show()
        await settled(pilot)
        assert "other 0" in picture(app)  # what has changed is read from its beginning
        await press(pilot, "enter")
        assert not page._ticked.figures
        for key in ALL[:-1]:
            current = checks(app).current
            assert current is not None
            shown = picture(app)
            assert current.words.split(",")[0][:30] in " ".join(shown.split())
            assert "STOP" in shown
            await press(pilot, key)

    make_returning(tmp_path / "h")
    stay(tmp_path / "h", act, (80, 24), Clock(this_moment()))


def test_ticks_are_void_when_what_they_were_about_has_changed(tmp_path: Path) -> None:
    seen: list[Visit] = []

    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        await press(pilot, "enter")
        seen.append(_visit(app))

    make_returning(tmp_path / "h")
    stay(tmp_path / "h", act, clock=Clock(this_moment()))
    [visit] = seen
    ticked = Ticked({"PC1": None, "PC2": None, "PC3": 0})
    more = Due("FEVER", "Fever today?", True, "")
    assert void_after(None, visit, ticked) == []
    assert void_after(visit, visit, ticked) == []
    assert void_after(visit, replace(visit, due=()), ticked) == []
    assert void_after(visit, replace(visit, due=(more,)), ticked) == ["PC2"]
    lifted = replace(visit, lifted=("PREGNANCY (overridden): yes.",))
    assert void_after(visit, lifted, ticked) == ["PC1"]
    assert void_after(lifted, visit, ticked) == []
    for changed in (
        replace(visit, device="p24@sim"),
        replace(visit, title="another protocol"),
        replace(visit, places=(replace(visit.places[0], side="right"),)),
        replace(visit, patient="P-002"),
    ):
        assert void_after(visit, changed, ticked) == ["PC1", "PC2", "PC3"]


def test_a_yes_that_a_colleague_has_kept_meanwhile_is_not_overwritten_and_nothing_begins(tmp_path: Path) -> None:
    later = NOW + timedelta(hours=5)
    home = tmp_path / "h"

    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        await press(pilot, "enter", "enter")
        rule = next(due.rule for due in _visit(app).due if due.each_session)
        await press(pilot, *ALL[1:-1], "enter", ALL[-1])
        assert checks(app).current is None
        in_book(home, lambda s: give_answer(s, ANNA, later, 1, rule, Answer.YES), now=later)
        await press(pilot, "enter")
        assert app.session is None
        newest = in_book(home, lambda s: newest_answers(s, 1)[rule].answer, now=later)
        assert newest == "yes"

    make_house(home)
    _stay_logged_in(home, later)
    stay(home, act, (90, 40), Clock(later))


@pytest.mark.parametrize("keys", [("enter", "f2"), ("f2", "enter")])
def test_a_page_key_in_the_same_moment_as_the_last_enter_never_takes_a_session_away(
    tmp_path: Path, keys: tuple[str, str]
) -> None:
    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        await press(pilot, "enter", *ALL)
        for key in keys:
            app.simulate_key(key)
        await until(pilot, lambda: app.session is not None or isinstance(app.screen, TodayPage))
        await pilot.pause(1.0)
        if app.session is None:
            assert isinstance(app.screen, TodayPage)
            return
        await until(pilot, lambda: isinstance(app.session, SessionScreen) and app.session.engine_state == "connected")
        assert app.session in app.screen_stack
        await pilot.press("f12")
        await until(pilot, lambda: app.session is not None and app.session.link.over)
        await pilot.press("n")
        await until(pilot, lambda: app.session is None)

    make_returning(tmp_path / "h")
    stay(tmp_path / "h", act, (100, 30), Clock(this_moment()))


def test_a_screen_that_is_wanted_while_a_session_is_open_comes_after_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        stub = EngineStub(monkeypatch)
        app.begin_session(Errand(SPEC, lambda _: None))
        stub.greet()
        stub.say(view())
        await until(pilot, lambda: app.session is not None and app.session.engine_state == "running")
        app.wants(PatientWanted("P-001"))
        await pilot.pause(0.3)
        assert app.screen is app.session
        stub.close_session()
        await until(pilot, lambda: app.session is not None and app.session.link.over)
        await pilot.press("n")
        await until(pilot, lambda: app.session is None and isinstance(app.screen, PatientScreen))

    make_house(tmp_path / "h")
    stay(tmp_path / "h", act)


def test_a_page_that_comes_late_is_not_shown_in_place_of_a_session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        stub = EngineStub(monkeypatch)
        app.begin_session(Errand(SPEC, lambda _: None))
        stub.greet()
        stub.say(view())
        await until(pilot, lambda: app.session is not None and app.session.engine_state == "running")
        app.run_worker(app._walk_in("patients"), group="late")  # as one that was asked for before, and found its book slow
        await until(pilot, lambda: all(worker.is_finished for worker in app.workers if worker.group == "late"))
        assert app.session is not None
        assert app.screen is app.session
        stub.close_session()

    make_house(tmp_path / "h")
    stay(tmp_path / "h", act)


def test_a_stop_ticks_its_check_in_its_turn_and_not_before_by_key_or_by_mouse(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        await press(pilot, "enter")
        await pilot.mouse_down("#stop")
        await press(pilot, "f12")
        assert "PC7" not in checks(app)._ticked.figures
        assert "No session is open" in picture(app)
        await press(pilot, *ALL[:6])
        assert checks(app).current.id == "PC7"  # type: ignore[union-attr]
        monkeypatch.setattr("emscontrol.tui.screens.bedside.checks.READ_S", 60.0)
        await pilot.mouse_down("#stop")
        await press(pilot, "space")
        assert "PC7" not in checks(app)._ticked.figures
        assert "Read the check first" in picture(app)
        monkeypatch.setattr("emscontrol.tui.screens.bedside.checks.READ_S", 0.0)
        await pilot.mouse_down("#stop")
        await settled(pilot)
        assert "PC7" in checks(app)._ticked.figures

    make_returning(tmp_path / "h")
    stay(tmp_path / "h", act, (100, 30), Clock(this_moment()))


def test_each_key_of_the_checks_does_something_or_says_why_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        await press(pilot, "enter")
        assert "Esc Back" in " ".join(picture(app).splitlines()[-1].split())
        await press(pilot, "backspace")
        assert "Nothing is ticked yet." in picture(app)
        await press(pilot, "7")
        assert "No figure is asked for now." in picture(app)
        page = checks(app)
        looked = {"emscontrol.tui.screens.bedside.checks.READ_S": 60.0, "emscontrol.tui.seen_state.SEEN_S": 90.0}
        for name, long_s in looked.items():
            monkeypatch.setattr(name, long_s)
        await press(pilot, "enter")
        assert "Too quick" in picture(app)
        page._check_seen._since_s, page._visit_seen._since_s = (time.monotonic() - long_s for long_s in looked.values())
        await press(pilot, "enter")
        assert set(page._ticked.figures) == {"PC1"}
        await press(pilot, "enter")
        assert set(page._ticked.figures) == {"PC1"}  # the next one has not been drawn so long
        monkeypatch.setattr("emscontrol.tui.screens.bedside.checks.READ_S", 0.0)
        page._visit_seen._since_s = time.monotonic() - 90.0
        page.work_on(page.load, "load")
        await settled(pilot)
        await press(pilot, "enter")
        page.do_estimated()
        assert (set(page._ticked.figures), page._estimated) == ({"PC1"}, False)  # nor what was fetched anew
        monkeypatch.setattr("emscontrol.tui.seen_state.SEEN_S", 0.0)
        await page.query("#checklist .check").remove()
        await press(pilot, "enter")
        assert set(page._ticked.figures) == {"PC1"}  # nor what is not there
        checks(app)._begun = True
        for key in ("enter", "backspace", "escape"):
            checks(app).say("")
            await press(pilot, key)
            assert "The session is being begun" in picture(app), key
        checks(app)._begun = False
        await press(pilot, "escape")
        assert isinstance(app.screen, TodayPage)

    make_returning(tmp_path / "h")
    stay(tmp_path / "h", act, clock=Clock(this_moment()))


def test_the_places_have_the_names_of_the_muscles_and_the_size_of_the_pads(tmp_path: Path) -> None:
    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        await press(pilot, "enter", "enter", "enter")
        assert "pads of 7 × 12.7 cm" in picture(app)
        assert "quad_all" not in picture(app)

    make_returning(tmp_path / "h")
    stay(tmp_path / "h", act, clock=Clock(this_moment()))
