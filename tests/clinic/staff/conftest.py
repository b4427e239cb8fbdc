"""Staff of a book with cheap hashes."""

import pytest
from argon2 import PasswordHasher

from emscontrol.clinic.book.book import Book
from emscontrol.clinic.book.opening import FIRST_START
from emscontrol.clinic.staff import attempts
from emscontrol.clinic.staff.keep import add_staff, first_supervisor
from tests.clinic.conftest import NOW, SUPERVISOR, THERAPIST

CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
PIN = "480293"
CLOCK = attempts.moment
"""By which waits go: the server's clock, where there is one."""


@pytest.fixture(autouse=True)
def by_the_callers_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits pass without waiting on a server too."""
    monkeypatch.setattr(attempts, "moment", lambda _, now: now)


@pytest.fixture
def staffed(book: Book) -> Book:
    """A book with one supervisor (sofia) and one therapist (anna), both with the same PIN, which each has chosen."""
    with book.writing(FIRST_START, NOW) as session:
        first_supervisor(session, code="sofia", name="Sofia", secret=PIN, hasher=CHEAP)
    with book.writing(THERAPIST, NOW) as session:  # so that the trace has her as who set it
        add_staff(session, SUPERVISOR, code="anna", name="Anna", role="therapist", secret=PIN, hasher=CHEAP)
    return book
