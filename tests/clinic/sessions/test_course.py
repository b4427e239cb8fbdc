"""The sessions of one patient, one after the other."""

from datetime import timedelta

from emscontrol.clinic.book.book import Book
from emscontrol.clinic.sessions.course import course_of
from emscontrol.clinic.sessions.index import hand_in
from tests.clinic.conftest import NOW, THERAPIST
from tests.clinic.sessions.material import Book as Told
from tests.clinic.sessions.material import booked, planned


def test_sessions_come_newest_first_with_their_peak_and_the_file_of_their_journal(book: Book) -> None:
    with book.writing(THERAPIST, NOW) as session:
        planned(session, 3)
        for number in range(2):
            told = Told(book.about.uuid, appointment=number + 1, number=number + 1)
            content = booked(told, NOW + timedelta(days=2 * number), real=number == 0)
            hand_in(session, f"{number}.jsonl", content, "room 1", NOW, book.about)
    with book.reading() as session:
        found = course_of(session, 1)
        assert [given.file for given in found] == ["1.jsonl", "0.jsonl"]
        assert [given.counts for given in found] == [False, True]
        assert found[1].contractions == found[1].prescribed == 4
        assert found[1].peak_ua > 0
        assert found[1].charge_pc > 0
        assert [given.file for given in course_of(session, 1, limit=1)] == ["1.jsonl"]
        assert course_of(session, 2) == []
