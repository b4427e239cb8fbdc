"""A patient of whom all is known, with a plan and its first appointment."""

import itertools
import shutil
from collections.abc import Iterator
from datetime import datetime, time
from pathlib import Path
from typing import NamedTuple

import pytest
from argon2 import PasswordHasher

from emscontrol.clinic.appointments.booking import book_plan
from emscontrol.clinic.appointments.hours import set_hours
from emscontrol.clinic.book.book import Book
from emscontrol.clinic.book.opening import Place, open_book
from emscontrol.clinic.patients.muscles import examine
from emscontrol.clinic.patients.patients import add_patient
from emscontrol.clinic.patients.thresholds import Measured, record_threshold
from emscontrol.clinic.screening.answering import due_questions, give_answer
from emscontrol.clinic.staff.keep import add_staff, first_supervisor
from emscontrol.clinic.tables.facts import Stimulator
from emscontrol.safety.screening import Answer
from tests.clinic.conftest import NOW, SPECIALIST, SUPERVISOR, THERAPIST
from tests.clinic.plans.material import plan_of
from tests.clinic.postgresql import Server

PIN = "482915"
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)

_numbers = itertools.count()


class Ready(NamedTuple):
    """Their numbers in the book."""

    patient: int
    plan: int
    appointment: int
    starts_at: datetime


def _make_ready(book: Book) -> Ready:
    """Everything that a first session of acl-high-rate needs."""
    with book.writing(SUPERVISOR, NOW) as session:
        first_supervisor(session, code="sofia", name="Sofia", secret=PIN, hasher=QUICK)
        for actor in (THERAPIST, SPECIALIST):
            add_staff(session, SUPERVISOR, code=actor.code, name=actor.code, role=actor.role, secret=PIN, hasher=QUICK)
        session.add(Stimulator(name="S-1", device="reference@sim", serial=""))
        for weekday in range(5):
            set_hours(session, SUPERVISOR, NOW, weekday, [(8 * 60, 18 * 60)])
    with book.writing(THERAPIST, NOW) as session:
        patient = add_patient(session, THERAPIST, NOW, code="P-1", birth_year=1970).id
        for question in due_questions(session, patient, NOW):
            give_answer(session, THERAPIST, NOW, patient, question.rule.id, Answer.NO)
        examine(
            session,
            THERAPIST,
            NOW,
            patient_id=patient,
            muscle="quad_all",
            side="left",
            lmn="intact",
            sensation="normal",
            how="1 ms",
            examined_at=NOW,
        )
        plan = plan_of(session, "acl-high-rate", THERAPIST).id
    with book.writing(THERAPIST, NOW) as session:
        first = book_plan(session, plan, [0, 2, 4], [time(11)], NOW, book.about)[0]
        appointment = first.appointment
        number, starts_at = appointment.id, appointment.starts_at
    return Ready(patient, plan, number, starts_at)


@pytest.fixture(scope="session")
def ready_file(sqlite_master: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Place, Ready]:
    """A book in a file that is made ready once and copied for each test."""
    folder = tmp_path_factory.mktemp("ready")
    shutil.copy(sqlite_master, folder / "book.sqlite")
    return _made_ready(Place(file=folder / "book.sqlite"))


@pytest.fixture(scope="session")
def ready_database(server: Server, server_master: str) -> tuple[Place, Ready]:
    """The same on the server."""
    server.copy("ready", server_master)
    return _made_ready(Place(url=server.url("ready")))


def _made_ready(place: Place) -> tuple[Place, Ready]:
    book = open_book(place)
    found = _make_ready(book)
    book.close()
    return place, found


@pytest.fixture
def sqlite_place(request: pytest.FixtureRequest, tmp_path: Path, sqlite_master: Path) -> Place:
    """A copy of the book that was made ready, where a test asks for that; else of the empty one."""
    made = request.getfixturevalue("ready_file")[0].file if "ready" in request.fixturenames else sqlite_master
    folder = tmp_path / "book"
    folder.mkdir(mode=0o700)
    shutil.copy(made, folder / "book.sqlite")
    return Place(file=folder / "book.sqlite")


@pytest.fixture
def server_place(request: pytest.FixtureRequest, server: Server, server_master: str) -> Iterator[Place]:
    """The same on the server."""
    if "ready" in request.fixturenames:
        request.getfixturevalue("ready_database")
    name = f"ready{next(_numbers)}"
    server.copy(name, "ready" if "ready" in request.fixturenames else server_master)
    yield Place(url=server.url(name))
    server.statement(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def ready(place: Place, request: pytest.FixtureRequest) -> Ready:
    """The numbers of what is ready in the book."""
    made: tuple[Place, Ready] = request.getfixturevalue("ready_file" if place.file else "ready_database")
    return made[1]


def measured(book: Book, patient: int, comfort_ua: int = 30_000, width_us: int = 400, at: datetime = NOW) -> None:
    """A comfort level of the left quadriceps under the pads of acl-high-rate."""
    from emscontrol.protocol.library import load_named

    area_mm2 = load_named("acl-high-rate").protocol.channels[1].electrode.area_mm2
    with book.writing(THERAPIST, at) as session:
        record_threshold(
            session,
            THERAPIST,
            at,
            patient,
            Measured("quad_all", "left", "comfort", area_mm2, width_us, comfort_ua, "by hand", at),
        )
