"""Staff of a book with cheap hashes."""

import pytest
from argon2 import PasswordHasher

from emscontrol.clinic.book.book import Book
from emscontrol.clinic.book.opening import FIRST_START
from emscontrol.clinic.staff.keep import add_staff, first_supervisor
from tests.clinic.conftest import NOW, SUPERVISOR, THERAPIST

CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
PIN = "480293"


@pytest.fixture
def staffed(book: Book) -> Book:
    """A book with one supervisor (sofia) and one therapist (anna), both with the same PIN, which each has chosen."""
    with book.writing(FIRST_START, NOW) as session:
        first_supervisor(session, code="sofia", name="Sofia", secret=PIN, hasher=CHEAP)
    with book.writing(THERAPIST, NOW) as session:  # so that the trace has her as who set it
        add_staff(session, SUPERVISOR, code="anna", name="Anna", role="therapist", secret=PIN, hasher=CHEAP)
    return book
