"""An appointment is of the day that it is at the clinic, whatever the day is elsewhere."""

from datetime import UTC, datetime, timedelta

import pytest

from emscontrol.clinic.book.book import Book
from emscontrol.clinic.prescription.on_its_day import is_today, require_today, words_for
from emscontrol.clinic.prescription.prescribe import prescription_for
from emscontrol.core.errors import BookConflict
from tests.clinic.conftest import NOW
from tests.clinic.prescription.conftest import Ready, measured

ELEVEN = datetime(2026, 3, 4, 10, tzinfo=UTC)  # in Berlin


@pytest.mark.parametrize(
    ("now", "zone", "today"),
    [
        (datetime(2026, 3, 4, 10, tzinfo=UTC), "Europe/Berlin", True),
        (datetime(2026, 3, 3, 23, tzinfo=UTC), "Europe/Berlin", True),  # midnight: the whole day is its own
        (datetime(2026, 3, 3, 22, 59, tzinfo=UTC), "Europe/Berlin", False),
        (datetime(2026, 3, 4, 22, 59, tzinfo=UTC), "Europe/Berlin", True),
        (datetime(2026, 3, 4, 23, tzinfo=UTC), "Europe/Berlin", False),
        (datetime(2026, 3, 3, 23, tzinfo=UTC), "UTC", False),
        (datetime(2026, 3, 4, 9, tzinfo=UTC), "Pacific/Auckland", True),
        (datetime(2026, 3, 4, 11, tzinfo=UTC), "Pacific/Auckland", False),  # there it is the 5th
    ],
)
def test_today_is_a_day_of_the_clinics_clock(now: datetime, zone: str, today: bool) -> None:
    assert is_today(ELEVEN, zone, now) is today
    if today:
        require_today(7, ELEVEN, zone, now)
        return
    with pytest.raises(BookConflict, match="and today is") as caught:
        require_today(7, ELEVEN, zone, now)
    assert "appointment move 7" in caught.value.remedy
    assert "--not-today" in caught.value.remedy


def test_the_record_has_the_day_that_was_planned_in_the_clinics_words() -> None:
    assert words_for(ELEVEN, "Europe/Berlin", "ill") == "not on its day, which was Wed 2026-03-04 11:00: ill"


def test_nothing_is_prescribed_for_an_appointment_of_another_day(book: Book, ready: Ready) -> None:
    measured(book, ready.patient)
    for days in (-1, 1):
        with book.reading() as session, pytest.raises(BookConflict, match="and today is"):
            prescription_for(session, ready.appointment, NOW + timedelta(days=days), book.about)
