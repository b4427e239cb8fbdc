"""A course as it is gathered: what took place and what is known of it, on both databases."""

import json
from datetime import timedelta

from emscontrol.clinic.book.book import Book
from emscontrol.clinic.course.course import Standing
from emscontrol.clinic.course.read import AROUND
from emscontrol.clinic.course.weeks import State, kept, weeks
from emscontrol.clinic.patients.outcomes import Entered, record_outcome
from emscontrol.clinic.patients.thresholds import Measured, record_threshold
from emscontrol.clinic.sessions.index import hand_in
from tests.clinic.conftest import NOW, THERAPIST
from tests.clinic.course.conftest import DAY, LATER, course_in
from tests.clinic.sessions.material import Book as Told
from tests.clinic.sessions.material import booked
from tests.clinic.statements import counted


def test_each_appointment_stands_as_it_came_to_pass_and_weeks_add_up_to_the_adherence(book: Book, history: list[bytes]) -> None:
    course = course_in(book)
    [plan] = course.plans
    appointments = kept(plan, course.sessions, LATER)
    assert [each.state for each in appointments] == [
        State.WHOLE,
        State.SHORT,
        State.UNKNOWN,
        State.CANCELLED,
        State.MISSED,
        State.UNKNOWN,
        State.AHEAD,
    ]
    found = weeks(plan, appointments, course.sessions, book.about.zone)
    assert [week.number for week in found] == [1, 2, 3, 4, 5, 6]
    given = plan.given
    assert sum(week.contractions for week in found) == given.contractions == 4 + 2
    assert sum(week.sessions for week in found) == given.sessions == 2
    assert sum(week.duration_us for week in found) == given.duration_us > 0
    assert sum(week.charge_pc for week in found) == given.charge_pc > 0
    states = [state for week in found for state in week.states]
    assert states.count(State.WHOLE) + states.count(State.SHORT) == given.done
    assert states.count(State.MISSED) + states.count(State.UNKNOWN) == given.missed


def test_the_record_of_each_session_is_looked_at_again_and_named_by_its_last_hash(book: Book, history: list[bytes]) -> None:
    found = course_in(book).sessions
    assert [session.record.standing for session in found] == [Standing.UNSIGNED, Standing.UNSIGNED, Standing.INTACT]
    assert [session.counts for session in found] == [True, True, False]
    for session, content in zip(found, history, strict=True):
        assert session.record.digest == json.loads(content.splitlines()[-1])["hash"]


def test_of_a_plan_levels_and_outcomes_are_those_around_it_and_of_a_patient_all(book: Book, history: list[bytes]) -> None:
    at = [NOW - AROUND - 2 * DAY, NOW - 3 * DAY, NOW + DAY]
    with book.writing(THERAPIST, NOW + DAY) as session:
        for number, moment in enumerate(at):
            record_outcome(session, THERAPIST, NOW + DAY, 1, Entered("tug", f"{20 - number}", moment))
            measured = Measured("quad_rf", "left", "comfort", 4500, 300, 20_000 + 1000 * number, "by hand", moment)
            record_threshold(session, THERAPIST, NOW + DAY, 1, measured)
        taken_back = record_outcome(session, THERAPIST, NOW + DAY, 1, Entered("tug", "7", NOW))
        taken_back.withdrawn_at, taken_back.withdrawn_by, taken_back.withdrawn_why = NOW, "anna", "mistyped"
    for plan, since in ((1, 1), (None, 0)):
        course = course_in(book, plan)
        [tug], [comfort] = course.results.values(), course.levels.values()
        assert [(point.taken_at, point.value_milli) for point in tug] == [(at[n], 20_000 - 1000 * n) for n in range(since, 3)]
        assert [point.value_milli for point in comfort] == [20_000 + 1000 * n for n in range(since, 3)]


def test_a_long_history_costs_no_more_statements_than_a_short_one(book: Book, history: list[bytes]) -> None:
    with counted(book) as short:
        course_in(book)
    with book.writing(THERAPIST, LATER) as session:
        for number in range(40):
            at = NOW + timedelta(hours=number)
            record_outcome(session, THERAPIST, LATER, 1, Entered("tug", "12", at))
            content = booked(Told(book.about.uuid, appointment=7, number=7), at)
            hand_in(session, f"more-{number}.jsonl", content, "room 1", LATER, book.about)
    with counted(book) as long:
        course = course_in(book)
    assert len(course.sessions) == 43
    assert len(long) == len(short)
