"""Looking before booking: the same answers as booking gives, and nothing in the book."""

from datetime import date, time

import pytest
from sqlalchemy import func, select

from emscontrol.clinic.appointments.between import between, of_plan, one, therapists, waits
from emscontrol.clinic.appointments.booking import book as book_one
from emscontrol.clinic.appointments.booking import book_plan
from emscontrol.clinic.appointments.changing import cancel
from emscontrol.clinic.appointments.hours import set_holiday
from emscontrol.clinic.appointments.placing import NotPlaced, Placed
from emscontrol.clinic.appointments.preview import Draft, draft_wish, in_the_way, lay_out
from emscontrol.clinic.appointments.waiting import wait
from emscontrol.clinic.book.book import Book
from emscontrol.clinic.tables.people import PatientName
from emscontrol.clinic.tables.plans import Appointment
from emscontrol.core.errors import UsageError
from tests.clinic.appointments.material import at, open_weekdays, people, plan
from tests.clinic.conftest import NOW, SUPERVISOR, THERAPIST

TEN = time(10)


@pytest.fixture
def clinic(book: Book) -> Book:
    """Open on weekdays from 8 to 18; P-1 has plan 1 with Anna on S-1, and Easter Monday is a holiday."""
    with book.writing(SUPERVISOR, NOW) as session:
        people(session)
        open_weekdays(session)
        plan(session, 1)
        set_holiday(session, date(2026, 4, 6), "Easter Monday")
        session.add(PatientName(patient_id=1, given="小明", family="王", contact=""))
    return book


def test_what_is_shown_before_is_what_is_booked_after(clinic: Book) -> None:
    with clinic.reading() as session:
        wish = draft_wish(session, "P-1", [("quad_all", "left")], 48, "anna", "S-1")
        before = lay_out(session, Draft(wish, 3, 18, 45, date(2026, 3, 2)), (0, 2, 4), [TEN], NOW, clinic.about)
        assert session.scalar(select(func.count()).select_from(Appointment)) == 0
    with clinic.writing(THERAPIST, NOW) as session:
        after = book_plan(session, 1, (0, 2, 4), [TEN], NOW, clinic.about)
        assert [(each.appointment.starts_at, each.note) for each in after] == [
            (each.span.starts_at, each.note) for each in before if isinstance(each, Placed)
        ]
    assert "Easter Monday" in "".join(each.note for each in before if isinstance(each, Placed))


def test_what_is_in_the_way_is_told_for_each_session_before_anything_is_written(clinic: Book) -> None:
    with clinic.writing(THERAPIST, NOW) as session:
        book_one(session, 3, at("2026-03-06 10:30"), NOW, clinic.about, minutes=60, therapist="anna")
    with clinic.reading() as session:
        wish = draft_wish(session, "P-1", [("quad_all", "left")], 48, "anna", "S-1")
        found = lay_out(session, Draft(wish, 3, 6, 45, date(2026, 3, 2)), (0, 2, 4), [TEN], NOW, clinic.about)
        failed = [each for each in found if isinstance(each, NotPlaced)]
        assert [f"{each.wanted:%m-%d}" for each in failed] == ["03-06"]
        assert "anna has appointment 1 of P-3" in failed[0].why[0]
        with pytest.raises(UsageError, match="too near"):
            lay_out(session, Draft(wish, 3, 6, 45, date(2026, 3, 2)), (0, 1, 2), [TEN], NOW, clinic.about)
        with pytest.raises(UsageError, match="no patient"):
            draft_wish(session, "P-9", [], 0, "", "")


def test_a_move_is_looked_at_without_moving(clinic: Book) -> None:
    with clinic.writing(THERAPIST, NOW) as session:
        book_plan(session, 1, (0, 2, 4), [TEN], NOW, clinic.about)
    with clinic.reading() as session:
        first = of_plan(session, 1)[0]
        for when, kinds in (
            ("2026-03-02 12:00", set()),
            ("2026-03-05 10:00", {"rest"}),
            ("2026-03-06 10:15", {"patient", "therapist", "stimulator"}),
            ("2026-03-08 10:00", {"closed"}),
            ("2026-04-06 10:00", {"holiday"}),
            ("2026-03-01 10:00", {"past", "closed"}),
        ):
            found = {each.kind for each in in_the_way(session, first.appointment, at(when), NOW, clinic.about)}
            assert found - {"rest"} == kinds - {"rest"}, when
            assert not ("rest" in kinds and "rest" not in found), when
        assert one(session, first.appointment) == first


def test_a_calendar_has_everything_of_its_days_with_names_and_places_in_the_plan(clinic: Book) -> None:
    with clinic.writing(THERAPIST, NOW) as session:
        made = book_plan(session, 1, (0, 2, 4), [TEN], NOW, clinic.about)
        cancel(session, made[1].appointment.id, "ill")
        book_one(session, 2, at("2026-03-03 08:00"), NOW, clinic.about, minutes=30, therapist="bert")
        wait(session, 1, NOW, at("2026-05-01 10:00"), "mornings", NOW)
    with clinic.reading() as session:
        week = between(session, at("2026-03-02 00:00"), at("2026-03-09 00:00"))
        assert [(row.called, row.number, row.whole, row.status, row.title) for row in week] == [
            ("P-2", None, None, "booked", ""),
            ("小明 王", 1, 18, "booked", "Strength"),
            ("小明 王", 2, 18, "cancelled", "Strength"),
        ]
        assert [row.patient for row in between(session, at("2026-03-02 00:00"), at("2026-03-09 00:00"), "bert")] == ["P-2"]
        assert therapists(session) == ["anna", "bert"]
        assert [(row.patient, row.plan, row.note) for row in waits(session, NOW)] == [("P-1", 1, "mornings")]
        assert one(session, 999) is None
