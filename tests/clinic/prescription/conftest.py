"""A patient of whom all is known, with a plan and its first appointment."""

from datetime import datetime, time
from typing import NamedTuple

import pytest
from argon2 import PasswordHasher

from emscontrol.clinic.appointments.booking import book_plan
from emscontrol.clinic.appointments.hours import set_hours
from emscontrol.clinic.book.book import Book
from emscontrol.clinic.patients.muscles import examine
from emscontrol.clinic.patients.patients import add_patient
from emscontrol.clinic.patients.thresholds import Measured, record_threshold
from emscontrol.clinic.screening.answering import due_questions, give_answer
from emscontrol.clinic.staff.keep import add_staff, first_supervisor
from emscontrol.clinic.tables.facts import Stimulator
from emscontrol.safety.screening import Answer
from tests.clinic.conftest import NOW, SPECIALIST, SUPERVISOR, THERAPIST
from tests.clinic.plans.material import plan_of

PIN = "482915"
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


class Ready(NamedTuple):
    """Their numbers in the book."""

    patient: int
    plan: int
    appointment: int
    starts_at: datetime


@pytest.fixture
def ready(book: Book) -> Ready:
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
