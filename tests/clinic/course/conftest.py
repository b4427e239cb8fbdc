"""A plan in a book, of which everything has become that can."""

from datetime import timedelta

import pytest

from emscontrol.clinic.book.book import Book
from emscontrol.clinic.course.course import Course
from emscontrol.clinic.course.read import course_of_patient, course_of_plan
from emscontrol.clinic.patients.patients import set_name
from emscontrol.clinic.sessions.content import lines_of
from emscontrol.clinic.sessions.index import hand_in
from emscontrol.clinic.tables.plans import Appointment
from tests.clinic.conftest import NOW, THERAPIST
from tests.clinic.plans.conftest import sqlite_book
from tests.clinic.sessions.material import Book as Told
from tests.clinic.sessions.material import booked, planned

__all__ = ["sqlite_book"]

DAY = timedelta(days=1)
LATER = NOW + 9 * DAY
"""Between the fifth appointment, which is missed, and the seventh, which is to come."""

GIVEN = ("Hildegard", "Muster")


def contents(book: Book) -> list[bytes]:
    """A whole session, one that breaks off in its second contraction, and one that was simulated."""
    whole = booked(Told(book.about.uuid), real=True)
    second = lines_of(booked(Told(book.about.uuid, appointment=2, number=2), NOW + 2 * DAY, real=True))
    begun = next(at for at, line in enumerate(second) if b'"contraction_ended"' in line)
    return [whole, b"".join(second[:begun]), booked(Told(book.about.uuid, appointment=3, number=3), NOW + 4 * DAY)]


@pytest.fixture
def history(book: Book) -> list[bytes]:
    """Seven appointments every second day: done, interrupted, simulated, called off, missed, not known, to come."""
    handed_in = contents(book)
    with book.writing(THERAPIST, NOW) as session:
        planned(session, 7)
        set_name(session, THERAPIST, 1, given=GIVEN[0], family=GIVEN[1], contact="030 1")
        for number, content in enumerate(handed_in):
            hand_in(session, f"{number}.jsonl", content, "room 1", NOW + 5 * DAY, book.about)
        for number, status, reason in ((4, "cancelled", "holiday"), (5, "missed", "did not come")):
            row = session.get_one(Appointment, number)
            row.status, row.reason = status, reason
        session.get_one(Appointment, 6).ends_at = LATER - timedelta(hours=1)
        session.get_one(Appointment, 6).starts_at = LATER - timedelta(hours=2)
    return handed_in


def course_in(book: Book, plan: int | None = 1) -> Course:
    with book.reading() as session:
        if plan is None:
            return course_of_patient(session, "P-1", LATER, book.about)
        return course_of_plan(session, plan, LATER, book.about)
