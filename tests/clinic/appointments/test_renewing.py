"""What is still to come of a plan whose rhythm was changed is booked anew, whole or not at all."""

from datetime import time

import pytest

from emscontrol.clinic.appointments.booking import book_plan
from emscontrol.clinic.appointments.renewing import renew_plan, still_to_come
from emscontrol.clinic.book.book import Book
from emscontrol.clinic.book.check import check
from emscontrol.clinic.tables.plans import Appointment, Plan
from emscontrol.core.errors import BookConflict, UsageError
from tests.clinic.appointments.material import at, of_plan, open_weekdays, people, plan, shown
from tests.clinic.conftest import NOW, SUPERVISOR, THERAPIST

ELEVEN = [time(11)]
TUESDAY = at("2026-03-10 12:00")


@pytest.fixture
def clinic(book: Book) -> Book:
    """P-1 has 18 appointments, three a week; by the tenth of March three were done and one was missed."""
    with book.writing(SUPERVISOR, NOW) as session:
        people(session)
        open_weekdays(session)
        plan(session, 1)
    with book.writing(THERAPIST, NOW) as session:
        for number, booked in enumerate(book_plan(session, 1, [0, 2, 4], ELEVEN, NOW, book.about)[:4]):
            booked.appointment.status = "missed" if number == 1 else "done"
    return book


def _rhythm(clinic: Book, per_week: int, weeks: int) -> None:
    with clinic.writing(THERAPIST, TUESDAY) as session:
        row = session.get_one(Plan, 1)
        row.sessions_per_week, row.weeks = per_week, weeks


def test_what_is_still_to_come_is_called_off_and_booked_by_the_new_rhythm(clinic: Book) -> None:
    _rhythm(clinic, 2, 6)
    with clinic.writing(THERAPIST, TUESDAY) as session:
        assert len(still_to_come(session, 1, TUESDAY)) == 14
        called_off, booked = renew_plan(session, 1, [0, 3], [time(13)], "two a week", TUESDAY, clinic.about)
        assert {(row.status, row.reason) for row in called_off} == {("cancelled", "two a week")}
        assert (len(called_off), len(booked)) == (14, 9)  # of twelve three were done
        days = shown([each.appointment.starts_at for each in booked])
        assert days[:3] == ["Thu 2026-03-12 13:00", "Mon 2026-03-16 13:00", "Thu 2026-03-19 13:00"]
        assert [each.appointment.number for each in booked] == list(range(4, 13))
        assert [row.status for row in of_plan(session, 1)][:4] == ["done", "missed", "done", "done"]
        assert list(check(session)) == []


def test_a_plan_that_needs_no_more_has_what_is_left_called_off(clinic: Book) -> None:
    _rhythm(clinic, 3, 1)
    with clinic.writing(THERAPIST, TUESDAY) as session:
        called_off, booked = renew_plan(session, 1, [], ELEVEN, "shorter", TUESDAY, clinic.about)
        assert (len(called_off), booked) == (14, [])


@pytest.mark.parametrize(
    ("days", "reason", "problem"), [([0, 1, 2], "x", UsageError), ([5], "x", UsageError), ([0, 3], " ", UsageError)]
)
def test_what_cannot_be_booked_anew_leaves_everything_as_it_was(
    clinic: Book, days: list[int], reason: str, problem: type[Exception]
) -> None:
    _rhythm(clinic, 2, 6)
    with pytest.raises(problem), clinic.writing(THERAPIST, TUESDAY) as session:
        renew_plan(session, 1, days, ELEVEN, reason, TUESDAY, clinic.about)
    with clinic.reading() as session:
        assert len(still_to_come(session, 1, TUESDAY)) == 14


def test_a_plan_that_is_paused_is_not_booked_anew(clinic: Book) -> None:
    with clinic.writing(THERAPIST, TUESDAY) as session:
        session.get_one(Plan, 1).status = "paused"
    with pytest.raises(BookConflict), clinic.writing(THERAPIST, TUESDAY) as session:
        renew_plan(session, 1, [], ELEVEN, "x", TUESDAY, clinic.about)
    with clinic.reading() as session:
        assert {row.status for row in session.query(Appointment)} == {"done", "missed", "booked"}
