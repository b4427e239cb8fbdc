"""From the last Enter to the session: what may still call it off, and what nobody has shown is not begun."""

import asyncio
import errno
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from textual.pilot import Pilot

from emscontrol.clinic.book.actor import Actor
from emscontrol.clinic.screening.acknowledging import acknowledge
from emscontrol.clinic.screening.answering import give_answer
from emscontrol.clinic.screening.overrides import give_override
from emscontrol.clinic.tables.facts import Hold, Stimulator
from emscontrol.clinic.tables.findings import Threshold
from emscontrol.clinic.tables.plans import Appointment
from emscontrol.core.errors import UsageError
from emscontrol.safety.screening import Answer
from emscontrol.tui.app import EmsApp
from emscontrol.tui.house import Errand
from tests.tui.bedside.returning import make_returning
from tests.tui.bedside.test_checks import ALL, ALL_OF_THEM, checks, tick_all
from tests.tui.engine_stub import EngineStub, view
from tests.tui.house import ANNA, STATION, Clock, in_book, press, stay, this_moment
from tests.tui.stage import SPEC, picture, session_of, until


@pytest.fixture(autouse=True)
def _quick_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    """The keys of a test come faster than a person's, and are no held key."""
    monkeypatch.setattr("emscontrol.tui.screens.bedside.checks.READ_S", 0.0)


def _other_stimulator(session: Any) -> None:
    session.scalars(select(Stimulator)).one().device = "p24@sim"


def _later_session(session: Any) -> None:
    session.get_one(Appointment, 1).number = 2


def _other_pulses(session: Any) -> None:
    session.scalars(select(Threshold).where(Threshold.kind == "comfort")).one().width_us = 300


def _tolerates_more(session: Any) -> None:
    session.scalars(select(Threshold).where(Threshold.kind == "comfort")).one().amplitude_ua += 5_000


def _allergy_is_acknowledged(session: Any) -> None:
    given = give_answer(session, ANNA, this_moment(), 1, "GEL_ALLERGY", Answer.YES)
    acknowledge(session, ANNA, this_moment(), 1, "GEL_ALLERGY", given.id)


def _epilepsy(session: Any) -> None:
    give_answer(session, ANNA, this_moment(), 1, "EPILEPSY", Answer.YES)


def _epilepsy_is_overridden(session: Any) -> None:
    give_override(session, Actor("sven", "specialist", STATION), this_moment(), 1, "EPILEPSY", "the neurologist agrees")


FIRST, NONE = {"PC1"}, set[str]()
CHANGES = (
    (_other_stimulator, ALL_OF_THEM, "has changed"),
    (_later_session, ALL_OF_THEM, "has changed"),
    (_other_pulses, ALL_OF_THEM, "The levels have changed since they were shown."),
    (_tolerates_more, ALL_OF_THEM, "!! A level is an estimate"),  # though the one before it was accepted
    (_allergy_is_acknowledged, FIRST, "MIND GEL_ALLERGY (acknowledged)"),
    (_epilepsy, NONE, "!! "),
    (_epilepsy_is_overridden, FIRST, "MIND EPILEPSY (overridden)"),
)
"""Each with the ticks that are void after it, and what is told."""


def test_what_has_changed_since_it_was_ticked_is_not_begun_and_is_shown_anew(tmp_path: Path) -> None:
    home = tmp_path / "h"

    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        await press(pilot, "enter")
        for change, void, told in CHANGES:
            tick_all(checks(app))
            if checks(app).can("estimated"):
                await press(pilot, "e")
            assert "!! A level is an estimate" not in picture(app)
            assert checks(app).current is None
            in_book(home, change, now=this_moment())
            await press(pilot, "enter")
            assert app.session is None, change
            assert not app.beginning
            assert set(checks(app)._ticked.figures) == ALL_OF_THEM - void, change
            assert told in picture(app)

    make_returning(home)
    stay(home, act, (120, 40), Clock(this_moment()))


def test_a_session_that_is_refused_at_last_holds_no_stimulator(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "h"
    held: list[int] = []
    kept: list[Errand] = []  # else what it holds would be given back when Python throws it away

    def holds() -> int:
        return len(in_book(home, lambda s: list(s.scalars(select(Hold))), now=this_moment()))

    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        def refuse(errand: Errand) -> None:
            kept.append(errand)
            held.append(holds())
            raise UsageError("Not now.", "Later.")

        await press(pilot, "enter", *ALL)
        monkeypatch.setattr(app, "begin_session", refuse)
        await press(pilot, "enter")
        assert "Not now." in picture(app)
        held.append(holds())
        await _while_the_disk_is_full(app, pilot, monkeypatch)

    make_returning(home)
    stay(home, act, (100, 30), Clock(this_moment()))
    assert held == [1, 0, 1]


async def _while_the_disk_is_full(app: EmsApp, pilot: Pilot[None], monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is being begun after that either, and what could not be looked up is looked up at the next key."""

    async def full(*_about: Any) -> Any:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as change:
        change.setattr(app.station, "write", full)
        change.setattr(app.station, "call", full)
        await press(pilot, "enter")
        assert "No space left on device" in picture(app)
        assert not app.beginning
    await press(pilot, "enter")
    assert "One moment" in picture(app)
    await press(pilot, "enter")
    assert "Not now." in picture(app)  # it is asked to begin again


@pytest.mark.parametrize("key", ["f12", "space", ""])
def test_a_stop_while_the_answers_are_being_kept_calls_the_session_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    home = tmp_path / "h"

    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        await press(pilot, "enter", *ALL)
        kept, write = asyncio.Event(), app.station.write

        async def slow(*about: Any) -> Any:
            await kept.wait()
            return await write(*about)

        monkeypatch.setattr(app.station, "write", slow)
        await pilot.press("enter")
        await until(pilot, lambda: app.beginning)
        if key:
            await pilot.press(key)
            await pilot.pause()
            assert "called off" in picture(app)
        else:
            app.road.note("Ctrl+\u0441")  # as the thread that reads the terminal does; the screen library knows no such key
        kept.set()
        await until(pilot, lambda: not app.beginning)
        assert app.session is None
        assert "nothing was begun" in picture(app)

    make_returning(home)
    stay(home, act, (100, 30), Clock(this_moment()))


def test_a_stop_that_called_one_beginning_off_does_not_call_off_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def act(app: EmsApp, pilot: Pilot[None]) -> None:
        for stop in (app.stop, app.road.note):
            app.about_to_begin(True)
            stop("Space")
            assert app.stop_while_beginning == "Space"
            with pytest.raises(UsageError, match="Space"):
                app.begin_session(Errand(SPEC, lambda _: None))
            assert not app.road.expecting
            app.about_to_begin(False)
        app.road.note("Space")  # while nothing is begun
        app.about_to_begin(True)
        assert app.stop_while_beginning == ""
        app.about_to_begin(False)
        stub = EngineStub(monkeypatch)
        app.begin_session(Errand(SPEC, lambda _: None))  # as a free session, one of practice or a measurement begins
        stub.greet()
        stub.say(view("running"))
        await until(pilot, lambda: session_of(app).engine_state == "running")
        stub.close_session()

    make_returning(tmp_path / "h")
    stay(tmp_path / "h", act, clock=Clock(this_moment()))
