"""A practice clinic on SQLite for the screens: made once in a run, copied for each test, with a clock that stands still."""

import asyncio
import shutil
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import pytest
from argon2 import PasswordHasher
from textual.events import Paste
from textual.pilot import Pilot
from textual.screen import ModalScreen
from textual.widgets import Input

from emscontrol.cli.bench import workbench
from emscontrol.clinic.appointments.booking import book_plan
from emscontrol.clinic.appointments.hours import set_hours
from emscontrol.clinic.book.actor import Actor
from emscontrol.clinic.book.book import Book
from emscontrol.clinic.book.opening import FIRST_START, Place, create_book, open_book
from emscontrol.clinic.patients.conditions import add_condition
from emscontrol.clinic.patients.electrode_sets import open_set
from emscontrol.clinic.patients.muscles import examine
from emscontrol.clinic.patients.patients import add_patient, set_name
from emscontrol.clinic.patients.thresholds import Measured, record_threshold
from emscontrol.clinic.plans.prescribe import Order, prescribe
from emscontrol.clinic.screening.answering import due_questions, give_answer
from emscontrol.clinic.staff.entry import log_in
from emscontrol.clinic.staff.keep import add_staff, first_supervisor
from emscontrol.clinic.stations.stimulators import add_stimulator
from emscontrol.desk.token import keep_token
from emscontrol.protocol.library import load_named
from emscontrol.safety.screening import Answer
from emscontrol.tui.app import EmsApp
from tests.tui.stage import picture

NOW: Final = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
"""A Monday, 10:00 in Berlin; the appointment of this day is at 11:00."""

PIN: Final = "294715"
STATION: Final = "room 1"
SOFIA: Final = Actor("sofia", "supervisor", STATION)
ANNA: Final = Actor("anna", "therapist", STATION)
AREA_MM2: Final = 8890
WIDTH_US: Final = 400
GIVEN: Final = "小明"
FAMILY: Final = "العربي"
_CHEAP: Final = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
_SETTINGS: Final = f'[station]\nname = "{STATION}"\n'

Act = Callable[[EmsApp, "Pilot[None]"], Awaitable[None]]


@dataclass
class Clock:
    """What the desk's clock says while somebody is at the screens."""

    now: datetime = NOW

    def wait(self, **span: float) -> None:
        """Time passes."""
        self.now += timedelta(**span)


def make_house(home: Path, now: datetime = NOW) -> None:
    """Make a clinic in `home`, which is not there yet: see `_fill` for who is in it. The therapist anna is logged in.

    An engine looks at the true clock, so whoever runs a session makes it `this_moment()`; that clinic is always open.
    """
    shutil.copytree(_master(now), home)


@cache
def this_moment() -> datetime:
    """The true time when it was first asked for."""
    return datetime.now(UTC)


def be(home: Path, who: str) -> None:
    """From now on it is anna or sofia who is logged in at this station; "" for nobody."""
    for kept in (home / "run").glob("login-*"):
        kept.unlink()
    for kept in home.glob(f"{who}.login-*") if who else ():
        shutil.copy(kept, home / "run" / kept.name.removeprefix(f"{who}."))


def book_of(home: Path) -> Book:
    """The book of this home, for looking at what became of it; close it."""
    return open_book(Place(file=home / "book.sqlite"))


def in_book(home: Path, work: Callable[[Any], Any], who: Actor = ANNA, now: datetime = NOW) -> Any:
    """What `work` finds or does in the book, in one transaction."""
    book = book_of(home)
    try:
        with book.writing(who, now) as session:
            return work(session)
    finally:
        book.close()


def stay(home: Path, act: Act, size: tuple[int, int] = (80, 24), clock: Clock | None = None) -> EmsApp:
    """Open the program on this home, act, leave. Returns the app for a last look."""
    standing = clock or Clock()
    app = EmsApp(str(home), workbench())

    async def run() -> None:
        async with app.run_test(size=size) as pilot:
            await settled(pilot)
            await act(app, pilot)
        if app.session is not None:
            app.session.link.wait()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("emscontrol.desk.desk.clock", lambda: standing.now)
        asyncio.run(run())
    return app


async def settled(pilot: "Pilot[None]", within_s: float = 10.0) -> None:
    """Until nothing is fetched from the book any more and what came of it is shown. Fails with the picture of the screen."""

    def working() -> bool:
        screen = pilot.app.screen
        asks = isinstance(screen, ModalScreen)  # then whatever is below waits for a person, and only its own work counts
        return any(not worker.is_finished and (not asks or worker.node is screen) for worker in pilot.app.workers)

    for _ in range(round(within_s / 0.01)):
        worked = working()  # what a worker has handed over while it was waited for may not be drawn yet
        await pilot.pause()
        if len(pilot.app.screen_stack) > 1 and not worked and not working():
            return
        await pilot.pause(0.01)
    raise AssertionError(f"not within {within_s} s:\n{picture(pilot.app)}")


async def press(pilot: "Pilot[None]", *keys: str) -> None:
    """Key by key, each with everything that comes of it."""
    for key in keys:
        await pilot.press(key)
        await settled(pilot)


async def type_in(pilot: "Pilot[None]", text: str) -> None:
    """A text into the field that has the focus, pasted, for each key takes its time here; then everything that comes of it."""
    assert isinstance(pilot.app.focused, Input), picture(pilot.app)
    pilot.app.focused.post_message(Paste(text))
    await settled(pilot)


@cache
def _master(now: datetime) -> Path:
    """The clinic that all others are copied from."""
    home = Path(tempfile.mkdtemp(prefix="ems-house-")) / "home"
    home.mkdir(mode=0o700)
    (home / "settings.toml").write_text(_SETTINGS, "utf-8")
    place = Place(file=home / "book.sqlite")
    book = create_book(place, name="Test clinic", kind="practice", time_zone="Europe/Berlin", now=now)
    _fill(book, now)
    for who in ("sofia", "anna"):
        keep_token(str(home), book.about.uuid, log_in(book, who, PIN, STATION, now, _CHEAP), now)
        [kept] = (home / "run").glob("login-*")
        shutil.copy(kept, home / f"{who}.{kept.name}")
    book.close()
    return home


def _fill(book: Book, now: datetime) -> None:
    """Sofia supervises, anna treats; a stimulator called blue; P-001 is ready for 11:00; of P-002 only a name is known."""
    with book.writing(FIRST_START, now) as session:
        first_supervisor(session, code="sofia", name="Sofia S", secret=PIN, hasher=_CHEAP)
    with book.writing(SOFIA, now) as session:
        add_staff(session, SOFIA, code="anna", name="Anna A", role="therapist", secret=PIN, hasher=_CHEAP)
        add_stimulator(session, SOFIA, name="blue", device="reference@sim")
        for weekday in range(5 if now == NOW else 7):
            set_hours(session, SOFIA, now, weekday, [(8 * 60, 18 * 60) if now == NOW else (0, 24 * 60)])
    with book.writing(ANNA, now) as session:
        _ready(session, now)
        bare = add_patient(session, ANNA, now, code="P-002", birth_year=1990)
        set_name(session, ANNA, bare.id, given=GIVEN, family=FAMILY)
    with book.writing(ANNA, now) as session:
        today = now.astimezone(book.about.zone)
        days = (0, 2, 4) if now == NOW else sorted((today.weekday() + n) % 7 for n in (0, 2, 4))
        midnight = today.replace(hour=0, minute=0, second=0, microsecond=0)
        book_plan(session, 1, days, [time(11)], midnight, book.about)


def _ready(session: Any, now: datetime) -> None:
    patient = add_patient(session, ANNA, now, code="P-001", birth_year=1985).id
    add_condition(session, ANNA, now, patient_id=patient, condition="disuse", since="2026-01")
    examine(
        session,
        ANNA,
        now,
        patient_id=patient,
        muscle="quad_all",
        side="left",
        lmn="intact",
        sensation="normal",
        how="pinprick",
        examined_at=now,
    )
    open_set(session, ANNA, now, patient, label="quad_all left", area_mm2=AREA_MM2, opened_on=f"{now:%Y-%m-%d}")
    for question in due_questions(session, patient, now):
        give_answer(session, ANNA, now, patient, question.rule.id, Answer.NO)
    level = Measured("quad_all", "left", "comfort", AREA_MM2, WIDTH_US, 23_000, "by hand", now)
    record_threshold(session, ANNA, now, patient, level)
    order = Order(
        patient="P-001",
        goal="climb stairs",
        sessions_per_week=3,
        weeks=6,
        starts_on=now.astimezone(ZoneInfo("Europe/Berlin")).date(),
        therapist="anna",
        stimulator="blue",
        sides={1: "left"},
        progression="strength",
    )
    prescribe(session, ANNA, load_named("acl-high-rate"), order)
