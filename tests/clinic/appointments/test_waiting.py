"""The waiting list: who would take a slot that becomes free."""

from datetime import time, timedelta

import pytest

from emscontrol.clinic.appointments.booking import book as book_one
from emscontrol.clinic.appointments.booking import book_plan
from emscontrol.clinic.appointments.changing import cancel
from emscontrol.clinic.appointments.waiting import slot_of, stop_waiting, take, wait, waiting, who_fits, who_waits
from emscontrol.clinic.book.book import Book
from emscontrol.clinic.tables.plans import Plan
from emscontrol.core.errors import BookConflict, UsageError
from tests.clinic.appointments.material import at, of_plan, people, plan, shown
from tests.clinic.conftest import NOW, THERAPIST

FREED = "2026-03-04 10:00"
END = "2026-03-20 18:00"


@pytest.fixture
def clinic(book: Book) -> Book:
    """P-1 has an appointment with Anna on S-1 that can be called off; P-2 to P-7 have plans that settle nothing."""
    with book.writing(THERAPIST, NOW) as session:
        people(session, 7)
        plan(session, 1)
        for patient in range(2, 8):
            plan(session, patient, therapist="", stimulator="")
        book_one(session, 1, at(FREED), NOW, book.about, plan_id=1)
    return book


def test_those_fit_who_wait_for_such_a_time_and_have_nothing_in_the_way_the_longest_waiting_first(clinic: Book) -> None:
    with clinic.writing(THERAPIST, NOW) as session:
        slot = slot_of(cancel(session, 1, "ill"))
        wait(session, 2, NOW, at(END), "", NOW + timedelta(hours=2))
        wait(session, 3, NOW, at(END), "", NOW + timedelta(hours=1))
        wait(session, 4, at("2026-03-05 08:00"), at(END), "only later", NOW)
        wait(session, 5, NOW, at("2026-03-04 10:30"), "only until half past", NOW)
        wait(session, 6, NOW, at(END), "has one the day before", NOW)
        wait(session, 7, NOW, at(END), "needs an hour", NOW)
        book_one(session, 6, at("2026-03-03 10:00"), NOW, clinic.about, plan_id=6)
        session.get_one(Plan, 7).slot_min = 60
        assert [row.patient_id for row in waiting(session, NOW)] == [4, 5, 6, 7, 3, 2]
        assert [row.patient_id for row in who_fits(session, slot, NOW, clinic.about)] == [3, 2]
        session.get_one(Plan, 3).status = "paused"
        assert [row.patient_id for row in who_fits(session, slot, NOW, clinic.about)] == [2]
        told = {row.patient_id: why for row, why in who_waits(session, slot, NOW, clinic.about)}
        assert told == {
            4: "It is not within the time that is waited for.",
            5: "It ends after the time that is waited for.",
            6: told[6],
            7: "Plan 7 needs 60 min, and the slot has 45.",
            3: "Plan 3 is paused.",
            2: "",
        }
        assert told[6].startswith("quad_all left must rest 48 h between two sessions")


def test_nobody_fits_a_slot_that_is_not_free(clinic: Book) -> None:
    with clinic.writing(THERAPIST, NOW) as session:
        slot = slot_of(cancel(session, 1, "ill"))
        entry = wait(session, 2, NOW, at(END), "", NOW)
        book_one(session, 3, at(FREED), NOW, clinic.about, plan_id=3, therapist="anna")
        assert who_fits(session, slot, NOW, clinic.about) == []
        number = entry.id
    with pytest.raises(BookConflict, match="anna has appointment 2"), clinic.writing(THERAPIST, NOW) as session:
        take(session, number, slot, NOW, clinic.about)
    with clinic.reading() as session:
        assert [row.id for row in waiting(session, NOW)] == [number]


def test_who_takes_a_slot_has_it_with_its_therapist_and_stimulator_and_waits_no_more(clinic: Book) -> None:
    with clinic.writing(THERAPIST, NOW) as session:
        slot = slot_of(cancel(session, 1, "ill"))
        entry = wait(session, 2, NOW, at(END), "", NOW)
        made = take(session, entry.id, slot, NOW, clinic.about)
        assert shown([made.starts_at]) == ["Wed 2026-03-04 10:00"]
        assert (made.patient_id, made.therapist, made.stimulator, made.number) == (2, "anna", "S-1", 1)
        assert entry.appointment_id == made.id
        assert waiting(session, NOW) == []
        number = entry.id
    with pytest.raises(BookConflict, match="settled already"), clinic.writing(THERAPIST, NOW) as session:
        take(session, number, slot, NOW, clinic.about)


def test_a_plan_that_is_booked_whole_has_its_next_session_come_forward(clinic: Book) -> None:
    with clinic.writing(THERAPIST, NOW) as session:
        slot = slot_of(cancel(session, 1, "ill"))
        session.get_one(Plan, 2).starts_on = "2026-03-05"
        book_plan(session, 2, [0, 2, 4], [time(10)], NOW, clinic.about)
        entry = wait(session, 2, NOW, at(END), "", NOW)
        assert [row.id for row in who_fits(session, slot, NOW, clinic.about)] == [entry.id]
        take(session, entry.id, slot, NOW, clinic.about)
        rows = of_plan(session, 2)
        assert len(rows) == 18
        assert shown([row.starts_at for row in rows[:2]]) == ["Wed 2026-03-04 10:00", "Mon 2026-03-09 10:00"]
        assert (rows[0].moved, rows[0].reason, rows[0].number) == (1, "took a slot that became free", 1)


def test_nobody_waits_for_what_is_past_and_who_is_taken_off_the_list_waits_no_more(clinic: Book) -> None:
    with clinic.writing(THERAPIST, NOW) as session:
        with pytest.raises(UsageError, match="past"):
            wait(session, 2, NOW - timedelta(days=2), NOW, "", NOW)
        entry = wait(session, 2, NOW, NOW + timedelta(days=1), "", NOW)
        assert waiting(session, NOW + timedelta(days=1)) == []
        stop_waiting(session, THERAPIST, NOW, entry.id, "found another clinic")
        assert waiting(session, NOW) == []
