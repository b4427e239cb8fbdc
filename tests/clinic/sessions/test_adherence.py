"""What was delivered of what was prescribed."""

from datetime import timedelta

from emscontrol.clinic.book.book import Book
from emscontrol.clinic.sessions.adherence import adherence, current_trends, tallies
from emscontrol.clinic.sessions.content import lines_of
from emscontrol.clinic.sessions.index import hand_in
from emscontrol.clinic.tables.plans import Appointment
from tests.clinic.conftest import NOW, THERAPIST
from tests.clinic.sessions.material import Book as Told
from tests.clinic.sessions.material import booked, planned, recorded
from tests.session.rig import SHORT


def _two_of_four(book: Book) -> None:
    """Four appointments every second day: the first done, the second interrupted, the third missed, the fourth to come."""
    with book.writing(THERAPIST, NOW) as session:
        planned(session, 4)
        whole = booked(Told(book.about.uuid), real=True)
        second = lines_of(booked(Told(book.about.uuid, appointment=2, number=2), NOW + timedelta(days=2), real=True))
        begun = next(at for at, line in enumerate(second) if b'"contraction_ended"' in line)
        simulated = booked(Told(book.about.uuid, appointment=3, number=3), NOW + timedelta(days=4))
        for number, content in enumerate((whole, b"".join(second[:begun]), simulated)):
            hand_in(session, f"{number}.jsonl", content, "room 1", NOW, book.about)


def test_missed_and_interrupted_sessions_lower_the_adherence_and_simulated_ones_do_not_count(book: Book) -> None:
    _two_of_four(book)
    with book.reading() as session:
        assert adherence(session, 1, NOW - timedelta(hours=1)).permille is None
        first = adherence(session, 1, NOW + timedelta(hours=1))
        assert (first.planned, first.done, first.sessions, first.contractions, first.permille) == (1, 1, 1, 4, 1000)
        found = adherence(session, 1, NOW + timedelta(days=5))
        assert (found.planned, found.done, found.missed) == (3, 2, 1)
        assert (found.sessions, found.interrupted) == (2, 1)
        assert (found.contractions, found.prescribed, found.permille) == (4 + 2, 4 + 4 + 4, 500)
        assert found.duration_us > first.duration_us > 0
        assert found.charge_pc > first.charge_pc > 0


def test_a_session_that_was_given_before_its_hour_is_done_and_what_is_to_come_is_ahead(book: Book) -> None:
    with book.writing(THERAPIST, NOW) as session:
        planned(session, 3)
        early = NOW - timedelta(hours=2)
        hand_in(session, "1.jsonl", booked(Told(book.about.uuid), early, real=True), "room 1", NOW, book.about)
    with book.reading() as session:
        found = adherence(session, 1, NOW - timedelta(hours=1))
        assert (found.done, found.missed, found.ahead, found.sessions, found.permille) == (1, 0, 2, 1, 1000)
        late = tallies(session, [1, 7], NOW + timedelta(days=3))
        assert late == {1: (1, 1, 1)}


def test_a_cancelled_appointment_was_not_missed(book: Book) -> None:
    _two_of_four(book)
    with book.writing(THERAPIST, NOW) as session:
        session.get_one(Appointment, 3).status = "cancelled"
    with book.reading() as session:
        assert adherence(session, 1, NOW + timedelta(days=5)).permille == 750


def test_a_plan_of_which_everything_was_missed_has_none(book: Book) -> None:
    with book.writing(THERAPIST, NOW) as session:
        planned(session, 2)
    with book.reading() as session:
        assert adherence(session, 1, NOW + timedelta(days=9)).permille == 0


def test_the_current_of_each_channel_is_told_from_session_to_session(book: Book) -> None:
    with book.writing(THERAPIST, NOW) as session:
        planned(session, 2)
        weaker = recorded("reference", SHORT.replace("fraction: 0.8", "fraction: 0.6"))
        for number, lines in enumerate((weaker, recorded()), start=1):
            told = Told(book.about.uuid, appointment=number, number=number)
            at = NOW + timedelta(days=2 * number)
            content = booked(told, at, real=True, lines=lines)
            hand_in(session, f"{number}.jsonl", content, "room 1", at + timedelta(minutes=10), book.about)
    with book.reading() as session:
        one, two = current_trends(session, 1)
        assert [(given.opened_at, given.peak_ua) for given in one.given] == [
            (NOW + timedelta(days=2), 12_000),
            (NOW + timedelta(days=4), 16_000),
        ]
        assert (two.channel, two.muscle, two.side, [given.peak_ua for given in two.given]) == (
            2,
            "quad_vm",
            "left",
            [15_000, 20_000],
        )
