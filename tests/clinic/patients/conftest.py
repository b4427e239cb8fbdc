"""One patient in a book."""

import pytest

from emscontrol.clinic.book.book import Book
from emscontrol.clinic.patients.patients import add_patient
from tests.clinic.conftest import NOW, THERAPIST


@pytest.fixture
def patient(book: Book) -> int:
    """The number of P-1, born 1958."""
    with book.writing(THERAPIST, NOW) as session:
        return add_patient(session, THERAPIST, NOW, code="P-1", birth_year=1958, notes="left knee").id
