"""Booking, moving, calling off and missing appointments in a real book."""

from datetime import date, time, timedelta

import pytest

from emscontrol.clinic.appointments.booking import book as book_one
from emscontrol.clinic.appointments.booking import book_plan
from emscontrol.clinic.appointments.changing import (
    NOTHING_GIVEN,
    bring_back,
    bring_to_now,
    cancel,
    mark_missed,
    move,
    settle_missed,
)
from emscontrol.clinic.appointments.hours import set_holiday
from emscontrol.clinic.book.book import Book
from emscontrol.clinic.book.check import check
from emscontrol.clinic.book.rows import withdraw
from emscontrol.clinic.tables.facts import Stimulator
from emscontrol.clinic.tables.people import Patient, Staff
from emscontrol.clinic.tables.plans import Appointment, Plan
from emscontrol.core.errors import BookConflict, IllegalTransition, UsageError
from tests.clinic.appointments.material import at, minutes, of_plan, open_weekdays, people, plan, shown
from tests.clinic.conftest import NOW, SUPERVISOR, THERAPIST

TEN = time(10)
LATER = NOW + minutes(5)


@pytest.fixture
def clinic(book: Book) -> Book:
    """Open on weekdays from 8 to 18; patient P-1 has plan 1, P-2 plan 2, both with Anna on S-1."""
    with book.writing(SUPERVISOR, NOW) as session:
        people(session)
        open_weekdays(session)
        plan(session, 1)
        plan(session, 2, therapist="bert", stimulator="S-2")
    return book


def _numbers(book: Book, plan_id: int = 1) -> list[tuple[str, int | None]]:
    with book.reading() as session:
        return [(row.status, row.number) for row in of_plan(session, plan_id)]


def test_three_a_week_for_six_weeks_are_eighteen_appointments(clinic: Book) -> None:
    with clinic.writing(THERAPIST, NOW) as session:
        booked = book_plan(session, 1, [0, 2, 4], [time(11)], LATER, clinic.about)
        assert len(booked) == 18
        assert {each.note for each in booked} == {""}
    with clinic.reading() as session:
        rows = of_plan(session, 1)
        assert [row.number for row in rows] == list(range(1, 19))
        assert [row.version for row in rows] == [1] * 18
        days = shown([row.starts_at for row in rows])
        assert (days[0], days[1], days[-1]) == ("Mon 2026-03-02 11:00", "Wed 2026-03-04 11:00", "Fri 2026-04-10 11:00")
        assert {day[-5:] for day in days} == {"11:00"}
        assert {row.ends_at - row.starts_at for row in rows} == {minutes(45)}
        assert {(row.therapist, row.stimulator, row.status) for row in rows} == {("anna", "S-1", "booked")}
        assert list(check(session)) == []


def test_a_plan_whose_first_time_has_passed_begins_with_the_next(clinic: Book) -> None:
    with clinic.writing(THERAPIST, NOW) as session:
        booked = book_plan(session, 1, [0, 2, 4], [TEN], LATER, clinic.about)  # it is 10:05
        assert shown([booked[0].appointment.starts_at]) == ["Wed 2026-03-04 10:00"]
        assert len(booked) == 18


def test_a_plan_goes_around_a_holiday_and_says_so(clinic: Book) -> None:
    with clinic.writing(THERAPIST, NOW) as session:
        set_holiday(session, date(2026, 4, 6), "Easter Monday")
        booked = book_plan(session, 1, [0, 2, 4], [TEN], LATER, clinic.about)
        told = [(each.appointment.number, each.note) for each in booked if each.note]
        days = shown([each.appointment.starts_at for each in booked])
    assert told[0][0] == 15
    assert "Easter Monday" in told[0][1]
    assert days[14:] == ["Tue 2026-04-07 10:00", "Thu 2026-04-09 10:00", "Mon 2026-04-13 10:00", "Wed 2026-04-15 10:00"]


def test_a_plan_is_booked_whole_or_not_at_all_and_each_obstacle_is_named(clinic: Book) -> None:
    with clinic.writing(THERAPIST, NOW) as session:
        for day in ("2026-03-06 10:30", "2026-03-13 09:30"):
            book_one(session, 3, at(day), LATER, clinic.about, minutes=60, therapist="anna")
    with pytest.raises(BookConflict) as refused, clinic.writing(THERAPIST, NOW) as session:
        book_plan(session, 1, [0, 2, 4], [TEN], LATER, clinic.about)
    assert "2 of 18 sessions of plan 1 cannot be placed, so none was booked." in refused.value.what
    assert "anna has appointment 1 of P-3 on 2026-03-06 from 10:30 to 11:30 already." in refused.value.what
    assert "appointment 2 of P-3" in refused.value.what
    assert _numbers(clinic) == []


def test_what_is_booked_or_done_is_not_booked_again(clinic: Book) -> None:
    with clinic.writing(THERAPIST, NOW) as session:
        book_plan(session, 1, [0, 2, 4], [TEN], LATER, clinic.about)
    with pytest.raises(BookConflict, match="Every session of plan 1"), clinic.writing(THERAPIST, NOW) as session:
        book_plan(session, 1, [0, 2, 4], [time(15)], LATER, clinic.about)
    with clinic.writing(THERAPIST, NOW) as session:
        rows = of_plan(session, 1)
        for row in rows[:3]:
            row.status = "done"
        for row in rows[16:]:
            cancel(session, row.id, "ill")
        again = book_plan(session, 1, [0, 2, 4], [time(15)], LATER + timedelta(days=60), clinic.about)
        assert [each.appointment.number for each in again] == [17, 18]


def test_a_plan_that_cannot_be_booked_is_refused(clinic: Book) -> None:
    for name, value, words in (
        ("status", "paused", "Plan 1 is paused"),
        ("status", "finished", "Plan 1 is finished"),
        ("rest_min_h", 72, "Monday 10:00 and Wednesday 10:00 are too near"),
        ("therapist", "nobody", "no member of staff nobody"),
        ("stimulator", "S-9", "no stimulator S-9"),
    ):
        with clinic.writing(THERAPIST, NOW) as session:
            before = getattr(session.get_one(Plan, 1), name)
            setattr(session.get_one(Plan, 1), name, value)
        with pytest.raises((BookConflict, UsageError), match=words), clinic.writing(THERAPIST, NOW) as session:
            book_plan(session, 1, [0, 2, 4], [TEN], LATER, clinic.about)
        with clinic.writing(THERAPIST, NOW) as session:
            setattr(session.get_one(Plan, 1), name, before)


def test_nobody_books_with_what_was_withdrawn(clinic: Book) -> None:
    with clinic.writing(SUPERVISOR, NOW) as session:
        made = book_one(session, 1, at("2026-03-04 10:00"), LATER, clinic.about, plan_id=1).id
    for table, what in ((Stimulator, "stimulator"), (Staff, "member of staff"), (Patient, "patient")):
        with clinic.writing(SUPERVISOR, NOW) as session:
            withdraw(session.get_one(table, 1), SUPERVISOR, NOW, "left")
        with pytest.raises(UsageError, match=f"The {what} .* was withdrawn"), clinic.writing(THERAPIST, NOW) as session:
            book_one(session, 1, at("2026-03-06 10:00"), LATER, clinic.about, plan_id=1)
    with clinic.writing(SUPERVISOR, NOW) as session:
        assert cancel(session, made, "left").status == "cancelled"


def test_two_plans_that_share_a_muscle_keep_the_longer_rest_of_the_two(clinic: Book) -> None:
    with clinic.writing(SUPERVISOR, NOW) as session:
        other = plan(session, 1, (("ham", "left"), ("quad_vl", "left")), rest_h=72, therapist="bert", stimulator="S-2")
        apart = plan(session, 1, (("quad_all", "right"),), rest_h=72, therapist="bert", stimulator="S-2")
        book_one(session, 1, at("2026-03-04 10:00"), LATER, clinic.about, plan_id=1)
    for day in ("2026-03-02 15:00", "2026-03-06 10:00", "2026-03-07 09:59"):
        with pytest.raises(BookConflict, match="quad_vl left must rest 72 h"), clinic.writing(THERAPIST, NOW) as session:
            book_one(session, 1, at(day), LATER, clinic.about, plan_id=other)
    with clinic.writing(THERAPIST, NOW) as session:
        book_one(session, 1, at("2026-03-09 10:00"), LATER, clinic.about, plan_id=other)
        book_one(session, 1, at("2026-03-04 11:00"), LATER, clinic.about, plan_id=apart)
    with pytest.raises(BookConflict, match="must rest 72 h"), clinic.writing(THERAPIST, NOW) as session:
        move(session, 1, at("2026-03-11 15:00"), "holiday", LATER, clinic.about)  # 53 h on: enough for its own plan
    with clinic.writing(THERAPIST, NOW) as session:
        move(session, 1, at("2026-03-06 10:00"), "holiday", LATER, clinic.about)


def test_a_move_keeps_its_reason_its_old_time_in_the_audit_and_the_order_of_numbers(clinic: Book) -> None:
    with clinic.writing(THERAPIST, NOW) as session:
        for day in ("2026-03-04", "2026-03-06", "2026-03-09"):
            book_one(session, 1, at(f"{day} 10:00"), LATER, clinic.about, plan_id=1)
    with clinic.writing(THERAPIST, LATER) as session:
        row = move(
            session, 1, at("2026-03-11 12:00"), "he is on a journey", LATER, clinic.about, therapist="bert", stimulator=""
        )
        assert (row.moved, row.reason, row.therapist, row.stimulator) == (1, "he is on a journey", "bert", "")
        assert [each.id for each in of_plan(session, 1)] == [2, 3, 1]
        assert [each.number for each in of_plan(session, 1)] == [1, 2, 3]
        assert list(check(session)) == []


def test_a_move_is_not_in_its_own_way_but_in_that_of_others(clinic: Book) -> None:
    with clinic.writing(THERAPIST, NOW) as session:
        for day in ("2026-03-04", "2026-03-06"):
            book_one(session, 1, at(f"{day} 10:00"), LATER, clinic.about, plan_id=1)
        move(session, 1, at("2026-03-04 09:45"), "a quarter of an hour earlier", LATER, clinic.about)
    for day, words in (
        ("2026-03-05 10:00", "quad_all left must rest 48 h"),
        ("2026-03-06 10:15", "The patient P-1 has appointment 2"),
        ("2026-03-02 09:00", "is in the past"),
        ("2026-03-09 17:30", "is outside opening hours"),
    ):
        with pytest.raises(BookConflict, match=words), clinic.writing(THERAPIST, NOW) as session:
            move(session, 1, at(day), "whatever", LATER, clinic.about)
    with pytest.raises(UsageError, match="needs a reason"), clinic.writing(THERAPIST, NOW) as session:
        move(session, 1, at("2026-03-09 10:00"), " ", LATER, clinic.about)


def test_what_is_brought_to_now_takes_its_place_in_the_order_whatever_else_is_booked_now(clinic: Book) -> None:
    """The patient is here: opening hours and another's booking are in nobody's way. What is over is not brought back."""
    now = at("2026-03-03 19:30")
    with clinic.writing(THERAPIST, NOW) as session:
        for day in ("2026-03-04", "2026-03-06", "2026-03-09"):
            book_one(session, 1, at(f"{day} 10:00"), LATER, clinic.about, plan_id=1)
        book_one(session, 3, now, LATER, clinic.about, minutes=45, therapist="anna", overrule="late")
        cancel(session, 2, "ill")
    with clinic.writing(THERAPIST, now) as session:
        row = bring_to_now(session, 3, " he is here ", now + timedelta(seconds=12))
        assert (row.starts_at, row.ends_at) == (now, now + minutes(45))
        assert (row.reason, row.moved, row.number) == ("he is here", 1, 1)
        assert session.get_one(Appointment, 1).number == 2
        assert list(check(session)) == []
    for number, reason, problem in ((2, "x", IllegalTransition), (1, " ", UsageError)):
        with pytest.raises(problem), clinic.writing(THERAPIST, now) as session:
            bring_to_now(session, number, reason, now)


def test_what_is_brought_back_is_as_it_was_unless_somebody_changed_it_or_took_its_place(clinic: Book) -> None:
    """Opening hours were looked at when it was booked, and so was whether it is in the past."""
    own, now = at("2026-03-04 19:00"), at("2026-03-06 10:00")

    def back(moved: int) -> tuple[object, ...]:
        with clinic.writing(THERAPIST, now) as session:
            bring_back(session, 1, moved, own, clinic.about)
            row = session.get_one(Appointment, 1)
            return row.starts_at, row.ends_at, row.reason, row.moved

    with clinic.writing(THERAPIST, NOW) as session:
        book_one(session, 1, own, LATER, clinic.about, plan_id=1, overrule="works in shifts")
        bring_to_now(session, 1, "he is here", now)
    as_moved = (now, now + minutes(45), "he is here", 1)
    assert back(moved=0) == as_moved  # it was moved again since
    with clinic.writing(THERAPIST, NOW) as session:
        other = book_one(session, 3, own, LATER, clinic.about, minutes=45, therapist="anna", overrule="late").id
    with pytest.raises(BookConflict, match=f"anna has appointment {other} of P-3"):
        back(moved=1)
    with clinic.writing(THERAPIST, NOW) as session:
        cancel(session, other, "ill")
        session.get_one(Appointment, 1).status = "done"
    assert back(moved=1) == as_moved
    with clinic.writing(THERAPIST, NOW) as session:
        row = session.get_one(Appointment, 1)
        row.status, row.withdrawn_at = "booked", now
    assert back(moved=1) == as_moved
    with clinic.writing(THERAPIST, NOW) as session:
        session.get_one(Appointment, 1).withdrawn_at = None
    assert back(moved=1) == (own, own + minutes(45), NOTHING_GIVEN, 2)


def test_who_looked_at_an_older_version_gets_a_conflict(clinic: Book) -> None:
    with clinic.writing(THERAPIST, NOW) as session:
        seen = book_one(session, 1, at("2026-03-04 10:00"), LATER, clinic.about, plan_id=1).version
    with clinic.writing(SUPERVISOR, NOW) as session:
        move(session, 1, at("2026-03-04 11:00"), "first", LATER, clinic.about, seen=seen)
    with pytest.raises(BookConflict, match="sofia changed it"), clinic.writing(THERAPIST, NOW) as session:
        move(session, 1, at("2026-03-04 12:00"), "second", LATER, clinic.about, seen=seen)
    with pytest.raises(BookConflict, match="sofia changed it"), clinic.writing(THERAPIST, NOW) as session:
        cancel(session, 1, "second", seen=seen)


def test_opening_hours_are_overruled_with_a_reason_that_is_kept(clinic: Book) -> None:
    with pytest.raises(BookConflict, match="outside opening hours"), clinic.writing(THERAPIST, NOW) as session:
        book_one(session, 1, at("2026-03-04 19:00"), LATER, clinic.about, plan_id=1)
    with clinic.writing(THERAPIST, NOW) as session:
        made = book_one(session, 1, at("2026-03-04 19:00"), LATER, clinic.about, plan_id=1, overrule="works in shifts")
        assert made.reason == "works in shifts"
        moved = move(session, made.id, at("2026-03-04 20:00"), "later", LATER, clinic.about, overrule="works in shifts")
        assert moved.reason == "later; works in shifts"


def test_an_appointment_without_a_plan_has_no_muscle_and_needs_its_minutes(clinic: Book) -> None:
    with pytest.raises(UsageError, match="how long"), clinic.writing(THERAPIST, NOW) as session:
        book_one(session, 1, at("2026-03-04 10:00"), LATER, clinic.about)
    with pytest.raises(UsageError, match="Plan 2 is not one of P-1"), clinic.writing(THERAPIST, NOW) as session:
        book_one(session, 1, at("2026-03-04 10:00"), LATER, clinic.about, plan_id=2)
    with clinic.writing(THERAPIST, NOW) as session:
        made = book_one(session, 1, at("2026-03-04 10:00"), LATER, clinic.about, minutes=30)
        assert (made.number, made.therapist, made.stimulator) == (None, "", "")


def test_what_is_missed_or_called_off_is_not_counted_and_what_is_done_keeps_its_number(clinic: Book) -> None:
    with clinic.writing(THERAPIST, NOW) as session:
        for day in ("2026-03-04", "2026-03-06", "2026-03-09", "2026-03-11"):
            book_one(session, 1, at(f"{day} 10:00"), LATER, clinic.about, plan_id=1)
        of_plan(session, 1)[1].status = "done"
        mark_missed(session, 1, "did not come", at("2026-03-09 08:00"))
    # the first was missed, the second done: in its record it stands as number 2, and one session has been done
    assert _numbers(clinic) == [("missed", 1), ("done", 2), ("booked", 2), ("booked", 3)]
    with clinic.writing(THERAPIST, NOW) as session:
        cancel(session, 3, "ill")
    assert _numbers(clinic) == [("missed", 1), ("done", 2), ("cancelled", 2), ("booked", 2)]


def test_a_first_session_that_was_missed_leaves_the_next_one_the_first(clinic: Book) -> None:
    with clinic.writing(THERAPIST, NOW) as session:
        for day in ("2026-03-04", "2026-03-06"):
            book_one(session, 1, at(f"{day} 10:00"), LATER, clinic.about, plan_id=1)
        mark_missed(session, 1, "did not come", at("2026-03-04 10:00"))
    assert _numbers(clinic) == [("missed", 1), ("booked", 1)]


def test_nobody_misses_what_has_not_begun_and_nothing_ends_twice(clinic: Book) -> None:
    with clinic.writing(THERAPIST, NOW) as session:
        book_one(session, 1, at("2026-03-04 10:00"), LATER, clinic.about, plan_id=1)
    with pytest.raises(IllegalTransition, match="has not begun"), clinic.writing(THERAPIST, NOW) as session:
        mark_missed(session, 1, "did not come", at("2026-03-04 09:59"))
    with clinic.writing(THERAPIST, NOW) as session:
        cancel(session, 1, "ill")
    for again in (
        lambda session: cancel(session, 1, "ill"),
        lambda session: move(session, 1, at("2026-03-05 10:00"), "well", LATER, clinic.about),
        lambda session: mark_missed(session, 1, "ill", at("2026-03-04 11:00")),
    ):
        with pytest.raises(IllegalTransition, match="Appointment 1 is cancelled"), clinic.writing(THERAPIST, NOW) as session:
            again(session)


def test_time_that_was_called_off_or_missed_can_be_booked_again(clinic: Book) -> None:
    with clinic.writing(THERAPIST, NOW) as session:
        book_one(session, 1, at("2026-03-04 10:00"), LATER, clinic.about, plan_id=1)
    with pytest.raises(BookConflict, match="S-1 is needed for appointment 1"), clinic.writing(THERAPIST, NOW) as session:
        book_one(session, 2, at("2026-03-04 10:30"), LATER, clinic.about, plan_id=2, stimulator="S-1")
    with clinic.writing(THERAPIST, NOW) as session:
        cancel(session, 1, "ill")
        book_one(session, 2, at("2026-03-04 10:30"), LATER, clinic.about, plan_id=2, stimulator="S-1", therapist="anna")


def test_what_passed_without_a_session_is_missed_after_a_day_of_grace(clinic: Book) -> None:
    with clinic.writing(THERAPIST, NOW) as session:
        for day in ("2026-03-04", "2026-03-06", "2026-03-09"):
            book_one(session, 1, at(f"{day} 10:00"), LATER, clinic.about, plan_id=1)
        book_one(session, 2, at("2026-03-04 10:00"), LATER, clinic.about, plan_id=2)
        session.get_one(Appointment, 4).status = "done"
    for moment, settled in (
        ("2026-03-05 10:45", []),
        ("2026-03-05 10:46", [1]),
        ("2026-03-07 11:00", [2]),
        ("2026-03-08 11:00", []),
    ):
        with clinic.writing(THERAPIST, at(moment)) as session:
            assert settle_missed(session, at(moment)) == settled
    with clinic.reading() as session:
        assert session.get_one(Appointment, 1).reason == "no session of it was handed in within a day"
        assert list(check(session)) == []
    assert _numbers(clinic) == [("missed", 1), ("missed", 1), ("booked", 1)]
    assert _numbers(clinic, 2) == [("done", 1)]
