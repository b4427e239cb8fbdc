"""A course as it is gathered: what took place and what is known of it, on both databases."""

import json
import zlib
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

import pytest
from sqlalchemy.orm import Session

from emscontrol.clinic.book.book import Book
from emscontrol.clinic.course.course import Course, Standing
from emscontrol.clinic.course.read import AROUND, course_of_patient, course_of_plan
from emscontrol.clinic.course.report import course_report
from emscontrol.clinic.course.weeks import State, kept, weeks
from emscontrol.clinic.patients.outcomes import Entered, record_outcome
from emscontrol.clinic.patients.patients import set_name
from emscontrol.clinic.patients.thresholds import Measured, record_threshold
from emscontrol.clinic.plans.upkeep import turn
from emscontrol.clinic.sessions.content import lines_of
from emscontrol.clinic.sessions.index import hand_in
from emscontrol.clinic.tables.plans import Appointment
from emscontrol.clinic.tables.sessions import Journal, SessionEntry
from emscontrol.core.errors import UsageError
from emscontrol.record.distrust import Distrust
from emscontrol.record.reports.blocks import Weight
from emscontrol.record.reports.text import text
from tests.clinic.conftest import NOW, THERAPIST
from tests.clinic.sessions.material import Book as Told
from tests.clinic.sessions.material import booked, planned
from tests.clinic.statements import counted
from tests.unit.record.stations import key, signer

DAY = timedelta(days=1)
LATER = NOW + 9 * DAY
"""Between the fifth appointment, which is missed, and the seventh, which is to come."""

GIVEN = ("Hildegard", "Muster")


def _contents(book: Book) -> list[bytes]:
    """A whole session, one that breaks off in its second contraction, and one that was simulated."""
    whole = booked(Told(book.about.uuid), real=True)
    second = lines_of(booked(Told(book.about.uuid, appointment=2, number=2), NOW + 2 * DAY, real=True))
    begun = next(at for at, line in enumerate(second) if b'"contraction_ended"' in line)
    return [whole, b"".join(second[:begun]), booked(Told(book.about.uuid, appointment=3, number=3), NOW + 4 * DAY)]


@pytest.fixture
def history(book: Book) -> list[bytes]:
    """Seven appointments every second day: done, interrupted, simulated, called off, missed, not known, to come."""
    contents = _contents(book)
    with book.writing(THERAPIST, NOW) as session:
        planned(session, 7)
        set_name(session, THERAPIST, 1, given=GIVEN[0], family=GIVEN[1], contact="030 1")
        for number, content in enumerate(contents):
            hand_in(session, f"{number}.jsonl", content, "room 1", NOW + 5 * DAY, book.about)
        for number, status, reason in ((4, "cancelled", "holiday"), (5, "missed", "did not come")):
            row = session.get_one(Appointment, number)
            row.status, row.reason = status, reason
        session.get_one(Appointment, 6).ends_at = LATER - timedelta(hours=1)
        session.get_one(Appointment, 6).starts_at = LATER - timedelta(hours=2)
    return contents


def _course(book: Book, plan: int | None = 1) -> Course:
    with book.reading() as session:
        if plan is None:
            return course_of_patient(session, "P-1", LATER, book.about)
        return course_of_plan(session, plan, LATER, book.about)


def test_each_appointment_stands_as_it_came_to_pass_and_weeks_add_up_to_the_adherence(book: Book, history: list[bytes]) -> None:
    course = _course(book)
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
    found = _course(book).sessions
    assert [session.record.standing for session in found] == [Standing.INTACT, Standing.OPEN, Standing.INTACT]
    assert [session.counts for session in found] == [True, True, False]
    for session, content in zip(found, history, strict=True):
        assert session.record.digest == json.loads(content.splitlines()[-1])["hash"]


def _replace(session: Session, number: int, content: bytes, known: bool) -> None:
    row = session.query(Journal).filter_by(file=f"{number}.jsonl").one()
    row.content = zlib.compress(content)
    if known:
        row.sha256 = sha256(content).hexdigest()


@pytest.mark.parametrize(
    ("standing", "words"),
    [
        (Standing.GONE, "no record of it"),
        (Standing.BROKEN, "not what was handed in"),
        (Standing.DIFFERS, "tells of 4 contractions, the index of 400"),
    ],
)
def test_a_session_that_counts_without_a_record_that_bears_it_out_is_told_above_all_else(
    book: Book, history: list[bytes], standing: Standing, words: str
) -> None:
    with book.writing(THERAPIST, LATER) as session:
        if standing is Standing.GONE:
            session.delete(session.query(Journal).filter_by(file="0.jsonl").one())
        elif standing is Standing.BROKEN:
            _replace(session, 0, history[0].replace(b'"contractions"', b'"contractionz"', 1), known=False)
        else:
            session.query(SessionEntry).order_by(SessionEntry.opened_at).first().contractions = 400  # type: ignore[union-attr]
    course = _course(book)
    assert course.sessions[0].record.standing is standing
    alarms = [notice.text for notice in course_report(course).notices if notice.weight is Weight.ALARM]
    assert len(alarms) == 1
    assert words in alarms[0]
    assert "1 session (2026-03-02)" in alarms[0]
    assert "emscontrol book rebuild" in alarms[0]


def test_a_record_that_was_changed_before_it_was_handed_in_counts_for_nothing_and_is_told(book: Book) -> None:
    with book.writing(THERAPIST, NOW) as session:
        planned(session, 2)
        broken = _contents(book)[0].replace(b'"amplitude_ua":16000', b'"amplitude_ua":18000', 1)
        hand_in(session, "0.jsonl", broken, "room 1", NOW, book.about)
    course = _course(book)
    assert [session.delivers for session in course.sessions] == [False]
    assert [session.record.standing for session in course.sessions] == [Standing.BROKEN]
    report = course_report(course)
    assert any("1 session (2026-03-02) was not counted" in notice.text for notice in report.notices)
    assert "0 of 18 given" in text(report)


def test_nobody_is_named_but_by_his_code(book: Book, history: list[bytes]) -> None:
    told = text(course_report(_course(book, None)))
    assert "P-1" in told
    for word in (*GIVEN, "030 1", "1958"):
        assert word not in told


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
        course = _course(book, plan)
        [tug], [comfort] = course.results.values(), course.levels.values()
        assert [(point.taken_at, point.value_milli) for point in tug] == [(at[n], 20_000 - 1000 * n) for n in range(since, 3)]
        assert [point.value_milli for point in comfort] == [20_000 + 1000 * n for n in range(since, 3)]


def test_of_a_plan_that_is_over_what_came_long_after_it_is_not_its_own(book: Book, history: list[bytes]) -> None:
    last = NOW + 12 * DAY
    with book.writing(THERAPIST, NOW) as session:
        turn(session, THERAPIST, 1, 1, "finish")
    much_later = last + AROUND + 9 * DAY
    with book.writing(THERAPIST, much_later) as session:
        for moment in (last + DAY, much_later):
            record_outcome(session, THERAPIST, much_later, 1, Entered("tug", "12", moment))
    [points] = _course(book).results.values()
    assert [point.taken_at for point in points] == [last + DAY]


def test_a_long_history_costs_no_more_statements_than_a_short_one(book: Book, history: list[bytes]) -> None:
    with counted(book) as short:
        _course(book)
    with book.writing(THERAPIST, LATER) as session:
        for number in range(40):
            at = NOW + timedelta(hours=number)
            record_outcome(session, THERAPIST, LATER, 1, Entered("tug", "12", at))
            content = booked(Told(book.about.uuid, appointment=7, number=7), at)
            hand_in(session, f"more-{number}.jsonl", content, "room 1", LATER, book.about)
    with counted(book) as long:
        course = _course(book)
    assert len(course.sessions) == 43
    assert len(long) == len(short)


def test_there_is_no_report_of_nobody(book: Book, history: list[bytes]) -> None:
    with book.reading() as session:
        with pytest.raises(UsageError, match="no patient 'P-9'"):
            course_of_patient(session, "P-9", LATER, book.about)
        with pytest.raises(UsageError, match="no plan 9"):
            course_of_plan(session, 9, LATER, book.about)


def test_in_a_practice_book_what_was_simulated_counts_and_it_says_what_it_is(book: Book, history: list[bytes]) -> None:
    course = _course(book)
    assert not any(notice.headline for notice in course_report(course).notices)
    practice = replace(course, about=replace(course.about, kind="practice"))
    assert [notice.headline for notice in course_report(practice).notices if notice.headline] == ["PRACTICE"]


def test_a_record_whose_key_is_no_longer_trusted_is_told_and_so_is_how_many_are_signed(book: Book) -> None:
    mine, stolen = signer(1), signer(2)
    with book.writing(THERAPIST, NOW) as session:
        planned(session, 3)
        for number, by in enumerate((mine, stolen, None), start=1):
            at = NOW + 2 * (number - 1) * DAY
            content = booked(Told(book.about.uuid, appointment=number, number=number), at, real=True, signer=by)
            hand_in(session, f"{number}.jsonl", content, "room 1", at + DAY, book.about)
    distrusted = {key(2)[0]: Distrust(key(2)[0], "2026-03-09T08:00:00+00:00", "the computer was stolen")}
    with book.reading() as session:
        course = course_of_plan(session, 1, LATER, book.about, distrusted)
    assert [each.record.standing for each in course.sessions] == [Standing.INTACT, Standing.DISTRUSTED, Standing.INTACT]
    assert [each.record.signed for each in course.sessions] == [True, True, False]
    report = course_report(course)
    [told] = [notice.text for notice in report.notices if "is not trusted" in notice.text]
    assert told.startswith("1 session (2026-03-04) was signed with a key that is not trusted.")
    assert "since 2026-03-09 (the computer was stolen)" in told
    assert "signed: 2 of 3 records." in " ".join(text(report).split())
