"""What is not passed over in silence, and what is told to nobody. On SQLite alone: `test_read` tries the SQL on both."""

import zlib
from dataclasses import replace
from hashlib import sha256

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from emscontrol.clinic.book.book import Book
from emscontrol.clinic.course.course import Standing
from emscontrol.clinic.course.read import AROUND, course_of_patient, course_of_plan
from emscontrol.clinic.course.report import course_report
from emscontrol.clinic.patients.outcomes import Entered, record_outcome
from emscontrol.clinic.plans.upkeep import turn
from emscontrol.clinic.sessions.index import hand_in
from emscontrol.clinic.tables.sessions import Journal, SessionChannel, SessionEntry
from emscontrol.core.errors import UsageError
from emscontrol.record.distrust import Distrust
from emscontrol.record.keys import KeyRing, PublicKey
from emscontrol.record.reports.blocks import Weight
from emscontrol.record.reports.text import text
from tests.clinic.conftest import NOW, THERAPIST
from tests.clinic.course.conftest import DAY, GIVEN, LATER, contents, course_in
from tests.clinic.sessions.material import Book as Told
from tests.clinic.sessions.material import booked, planned
from tests.unit.record.stations import key, signer


@pytest.fixture
def book(sqlite_book: Book) -> Book:
    """On SQLite."""
    return sqlite_book


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
        (Standing.DIFFERS, "contractions 4, in the index 400"),
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
    course = course_in(book)
    assert course.sessions[0].record.standing is standing
    alarms = [notice.text for notice in course_report(course).notices if notice.weight is Weight.ALARM]
    assert len(alarms) == 1
    assert words in alarms[0]
    assert "1 session (2026-03-02)" in alarms[0]
    assert "emscontrol book rebuild" in alarms[0]


CHANGED = {
    "appointment_id": 2,
    "result": "fault",
    "reason": "electrode off",
    "duration_us": 1_000_000_000,
    "simulated": True,
    "contractions": 3,
    "contractions_prescribed": 40,
    "pulses": 1,
    "charge_pc": 1,
}
CHANGED_OF_A_CHANNEL = {"peak_ua": 99_000, "comfort_ua": 99_000, "side": "right", "contractions": 1}


def test_whatever_the_index_says_otherwise_than_the_record_is_found(book: Book, history: list[bytes]) -> None:
    first_session = select(SessionEntry).order_by(SessionEntry.opened_at).limit(1)
    first_channel = select(SessionChannel).order_by(SessionChannel.session_id).limit(1)
    for what, changed in ((first_session, CHANGED), (first_channel, CHANGED_OF_A_CHANNEL)):
        for name, value in changed.items():
            with book.writing(THERAPIST, LATER) as session:
                [row] = session.scalars(what)
                before = getattr(row, name)
                setattr(row, name, value)
            found = [session.record.standing is Standing.DIFFERS for session in course_in(book).sessions]
            assert found == [True, False, False], name
            with book.writing(THERAPIST, LATER) as session:
                [row] = session.scalars(what)
                setattr(row, name, before)
    assert Standing.DIFFERS not in [session.record.standing for session in course_in(book).sessions]


def test_a_record_of_somebody_else_with_the_same_sums_bears_nothing_out(book: Book, history: list[bytes]) -> None:
    other = booked(Told(book.about.uuid, patient="P-2"), NOW + DAY, real=True)
    with book.writing(THERAPIST, LATER) as session:
        _replace(session, 0, other, known=True)
    record = course_in(book).sessions[0].record
    assert record.standing is Standing.DIFFERS
    assert "patient P-2, in the index P-1; session " in record.sentence


def test_what_was_simulated_and_is_counted_all_the_same_is_found(book: Book, history: list[bytes]) -> None:
    with book.writing(THERAPIST, LATER) as session:
        session.query(SessionEntry).filter_by(simulated=True).one().counts = True
    assert [session.record.standing is Standing.DIFFERS for session in course_in(book).sessions] == [False, False, True]


def test_a_record_that_was_changed_before_it_was_handed_in_counts_for_nothing_and_is_told(book: Book) -> None:
    with book.writing(THERAPIST, NOW) as session:
        planned(session, 2)
        broken = contents(book)[0].replace(b'"amplitude_ua":16000', b'"amplitude_ua":18000', 1)
        hand_in(session, "0.jsonl", broken, "room 1", NOW, book.about)
    course = course_in(book)
    assert [session.delivers for session in course.sessions] == [False]
    assert [session.record.standing for session in course.sessions] == [Standing.BROKEN]
    report = course_report(course)
    assert any("1 session (2026-03-02) was not counted" in notice.text for notice in report.notices)
    assert "0 of 18 given" in text(report)


def test_nobody_is_named_but_by_his_code(book: Book, history: list[bytes]) -> None:
    told = text(course_report(course_in(book, None)))
    assert "P-1" in told
    for word in (*GIVEN, "030 1", "1958"):
        assert word not in told


def test_of_a_plan_that_is_over_what_came_long_after_it_is_not_its_own(book: Book, history: list[bytes]) -> None:
    last = NOW + 12 * DAY
    with book.writing(THERAPIST, NOW) as session:
        turn(session, THERAPIST, 1, 1, "finish")
    much_later = last + AROUND + 9 * DAY
    with book.writing(THERAPIST, much_later) as session:
        for moment in (last + DAY, much_later):
            record_outcome(session, THERAPIST, much_later, 1, Entered("tug", "12", moment))
    [points] = course_in(book).results.values()
    assert [point.taken_at for point in points] == [last + DAY]


def test_there_is_no_report_of_nobody(book: Book, history: list[bytes]) -> None:
    with book.reading() as session:
        with pytest.raises(UsageError, match="no patient 'P-9'"):
            course_of_patient(session, "P-9", LATER, book.about)
        with pytest.raises(UsageError, match="no plan 9"):
            course_of_plan(session, 9, LATER, book.about)


def test_in_a_practice_book_what_was_simulated_counts_and_it_says_what_it_is(book: Book, history: list[bytes]) -> None:
    course = course_in(book)
    assert not any(notice.headline for notice in course_report(course).notices)
    practice = replace(course, about=replace(course.about, kind="practice"))
    assert [notice.headline for notice in course_report(practice).notices if notice.headline] == ["PRACTICE"]


def test_a_record_whose_key_is_no_longer_trusted_is_told_and_so_is_how_many_are_signed(book: Book) -> None:
    mine, stolen, unknown = signer(1), signer(2), signer(3)
    with book.writing(THERAPIST, NOW) as session:
        planned(session, 4)
        for number, by in enumerate((mine, stolen, None, unknown), start=1):
            at = NOW + 2 * (number - 1) * DAY
            content = booked(Told(book.about.uuid, appointment=number, number=number), at, real=True, signer=by)
            hand_in(session, f"{number}.jsonl", content, "room 1", at + DAY, book.about)
    gone = Distrust(key(2)[0], "2026-03-09T08:00:00+00:00", "the computer was stolen")
    ring = KeyRing(tuple(PublicKey(key(number)[0], "room 1", "2026-01-01") for number in (1, 2)), (gone,))
    with book.reading() as session:
        course = course_of_plan(session, 1, LATER, book.about, ring)
    assert [each.record.standing for each in course.sessions] == [
        *(Standing.INTACT, Standing.DISTRUSTED, Standing.UNSIGNED, Standing.UNKNOWN_KEY)
    ]
    assert [each.record.signed for each in course.sessions] == [True, True, False, True]
    follows = replace(ring, keys=(*ring.keys, PublicKey(key(3)[0], "room 3", "2026-03-10", after=key(2)[0])))
    with book.reading() as session:
        assert course_of_plan(session, 1, LATER, book.about, follows).sessions[3].record.standing is Standing.UNKNOWN_KEY
    report = course_report(course)
    [told] = [notice.text for notice in report.notices if "is not trusted" in notice.text]
    assert told.startswith("1 session (2026-03-04) was signed with a key that is not trusted.")
    assert "since 2026-03-09 (the computer was stolen)" in told
    [unproven] = [notice.text for notice in report.notices if "without a signature of a station" in notice.text]
    assert unproven.startswith("2 sessions (2026-03-06 and 2026-03-08) were counted without a signature")
    for words in ("Chained, not signed.", "which is not known here", "emscontrol key trust"):
        assert words in unproven
    assert "signed: 3 of 4 records." in " ".join(text(report).split())
