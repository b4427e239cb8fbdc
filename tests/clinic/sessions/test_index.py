"""Journals are handed in exactly once, and the index is what they say and nothing else."""

import hashlib
import zlib
from datetime import timedelta
from pathlib import Path
from threading import Barrier, Thread

import pytest
from sqlalchemy import delete, func, insert, select, text, update

from emscontrol.clinic.book.book import About, Book
from emscontrol.clinic.book.check import check
from emscontrol.clinic.book.opening import create_book
from emscontrol.clinic.sessions.content import lines_of
from emscontrol.clinic.sessions.index import hand_in
from emscontrol.clinic.sessions.read_journal import read_journal
from emscontrol.clinic.sessions.rebuild import Rebuilt, rebuild
from emscontrol.clinic.tables.facts import Audit
from emscontrol.clinic.tables.plans import Appointment
from emscontrol.clinic.tables.sessions import Journal, SessionChannel, SessionEntry
from emscontrol.core.errors import BookConflict, BookError
from tests.clinic.conftest import NOW, THERAPIST, Place
from tests.clinic.sessions.material import Book as Told
from tests.clinic.sessions.material import booked, planned, unbooked

LATER = NOW + timedelta(hours=1)


def _planned(book: Book, appointments: int = 3) -> list[int]:
    with book.writing(THERAPIST, NOW) as session:
        return planned(session, appointments)[1]


def _hand_in(book: Book, content: bytes, name: str = "a.jsonl", about: About | None = None) -> SessionEntry:
    with book.writing(THERAPIST, LATER) as session:
        return hand_in(session, name, content, "room 1", LATER, about or book.about)


def _content(book: Book, appointment: int = 1, **told: object) -> bytes:
    at = told.pop("at", NOW + timedelta(days=2 * (appointment - 1)))
    return booked(Told(book.about.uuid, appointment=appointment, number=appointment), at, **told)  # type: ignore[arg-type]


def _appointment(book: Book, number: int) -> tuple[str, int | None]:
    with book.reading() as session:
        row = session.get_one(Appointment, number)
        return row.status, row.session_id


def _index(book: Book) -> list[tuple[object, ...]]:
    """Every row of the index, without the numbers of its sessions."""
    sessions = [column for column in SessionEntry.__table__.columns if column.name != "id"]
    channels = [column for column in SessionChannel.__table__.columns if column.name != "session_id"]
    with book.reading() as session:
        rows = session.execute(select(*sessions).order_by(SessionEntry.journal_id)).all()
        joined = select(SessionEntry.journal_id, *channels).join(SessionEntry, SessionEntry.id == SessionChannel.session_id)
        of_channels = session.execute(joined.order_by(SessionEntry.journal_id, SessionChannel.channel)).all()
        done = select(Appointment.id, Appointment.status, SessionEntry.journal_id).join(
            SessionEntry, SessionEntry.id == Appointment.session_id
        )
        return [tuple(row) for row in [*rows, *of_channels, *session.execute(done.order_by(Appointment.id)).all()]]


def test_a_session_with_a_person_counts_and_its_appointment_is_done(book: Book) -> None:
    _planned(book)
    entry = _hand_in(book, _content(book, real=True))
    assert (entry.counts, entry.result, entry.contractions, entry.contractions_prescribed) == (True, "completed", 4, 4)
    assert (entry.patient_id, entry.plan_id, entry.appointment_id, entry.staff) == (1, 1, 1, "anna")
    assert _appointment(book, 1) == ("done", entry.id)
    assert _appointment(book, 2) == ("booked", None)
    with book.reading() as session:
        rows = session.scalars(select(SessionChannel).order_by(SessionChannel.channel)).all()
        assert [(row.muscle, row.side, row.comfort_ua, row.contractions) for row in rows] == [
            ("quad_rf", "left", 20_000, 2),
            ("quad_vm", "left", 25_000, 2),
        ]
        assert sum(row.charge_pc for row in rows) == entry.charge_pc > 0
        assert list(check(session)) == []


def test_a_simulated_session_never_counts_in_a_clinics_book(book: Book) -> None:
    _planned(book)
    entry = _hand_in(book, _content(book))
    assert (entry.simulated, entry.counts) == (True, False)
    assert _appointment(book, 1) == ("booked", None)


def test_in_a_practice_book_it_does(tmp_path: Path) -> None:
    place = Place(file=tmp_path / "b" / "practice.sqlite")
    book = create_book(place, name="Practice", kind="practice", time_zone="Europe/Berlin", now=NOW)
    _planned(book)
    entry = _hand_in(book, _content(book))
    assert (entry.simulated, entry.counts) == (True, True)
    assert _appointment(book, 1) == ("done", entry.id)
    book.close()


def test_the_same_journal_twice_is_there_once(book: Book) -> None:
    _planned(book)
    content = _content(book, real=True)
    first, again = _hand_in(book, content), _hand_in(book, content, "copy of a.jsonl")
    assert first.id == again.id
    with book.reading() as session:
        assert session.scalars(select(Journal.file)).all() == ["a.jsonl"]
        trail = select(func.count()).select_from(Audit).where(Audit.entity == "appointments", Audit.entity_id == 1)
        assert session.scalar(trail) == 2  # booked, done: nothing the second time


def test_many_who_hand_in_the_same_at_once_get_the_same_entry(book: Book) -> None:
    _planned(book)
    content, barrier, got = _content(book, real=True), Barrier(6), []

    def station() -> None:
        barrier.wait()
        got.append(_hand_in(book, content).id)

    threads = [Thread(target=station) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 6
    assert len(set(got)) == 1
    with book.reading() as session:
        assert session.scalar(select(func.count()).select_from(SessionEntry)) == 1


def test_what_was_still_being_written_gives_way_to_its_whole(book: Book) -> None:
    _planned(book)
    whole = _content(book, real=True)
    begun = next(at for at, line in enumerate(lines_of(whole)) if b'"contraction_ended"' in line)
    early, later = b"".join(lines_of(whole)[:4]), b"".join(lines_of(whole)[:begun])
    entry = _hand_in(book, early)
    assert (entry.result, entry.contractions) == ("interrupted", 0)
    assert _appointment(book, 1) == ("booked", None)  # nothing was given yet
    entry = _hand_in(book, later + b'{"n":')
    assert (entry.result, entry.contractions, entry.counts) == ("interrupted", 2, True)
    assert _appointment(book, 1) == ("done", entry.id)
    older = _hand_in(book, early)  # a copy that comes late changes nothing
    assert (older.id, older.contractions) == (entry.id, 2)
    closed = _hand_in(book, whole)
    assert (closed.id, closed.result, closed.contractions) == (entry.id, "completed", 4)
    with book.reading() as session:
        assert session.scalar(select(func.count()).select_from(SessionEntry)) == 1


def test_another_record_of_the_same_session_is_refused_and_changes_nothing(book: Book) -> None:
    _planned(book)
    whole = _content(book, real=True)
    _hand_in(book, whole)
    before = _index(book)
    lines = lines_of(whole)
    other = b"".join([*lines[:5], *lines[6:]])
    with pytest.raises(BookConflict, match="another record of the same session"):
        _hand_in(book, other)
    assert _index(book) == before


def test_a_tampered_journal_is_told_and_counts_for_nothing(book: Book) -> None:
    _planned(book)
    whole = _content(book, real=True)
    entry = _hand_in(
        book, whole.replace(b'"event":"totals","channels":{"1":{"pulses":', b'"event":"totals","channels":{"1":{"pulses":9')
    )
    assert entry.finding.startswith("Not intact")
    assert entry.counts is False
    assert _appointment(book, 1) == ("booked", None)


def test_a_journal_of_another_book_is_refused(book: Book) -> None:
    _planned(book)
    with pytest.raises(BookError, match="booked in another book"):
        _hand_in(book, booked(Told("somebody else's"), real=True))
    with book.reading() as session:
        assert session.scalar(select(func.count()).select_from(Journal)) == 0


def test_a_session_without_a_booking_is_indexed_as_nobodys(book: Book) -> None:
    entry = _hand_in(book, unbooked())
    assert (entry.patient_id, entry.plan_id, entry.appointment_id, entry.contractions) == (None, None, None, 4)


def test_a_booking_of_somebody_elses_plan_is_not_believed(book: Book) -> None:
    _planned(book)
    entry = _hand_in(book, booked(Told(book.about.uuid, patient="P-9"), real=True))
    assert (entry.patient_id, entry.plan_id) == (None, None)
    assert _appointment(book, 1) == ("booked", None)


def test_of_two_sessions_of_one_appointment_the_first_one_does_it_in_whatever_order_they_come(book: Book) -> None:
    _planned(book)
    late = _hand_in(book, _content(book, real=True, at=NOW + timedelta(minutes=20)))
    assert _appointment(book, 1) == ("done", late.id)
    early = _hand_in(book, _content(book, real=True))
    assert _appointment(book, 1) == ("done", early.id)


def _filled(book: Book) -> tuple[bytes, ...]:
    """Three appointments: one done, one interrupted with something given, one simulated; and a session of nobody."""
    _planned(book)
    cut = _content(book, 2, real=True)
    begun = next(at for at, line in enumerate(lines_of(cut)) if b'"contraction_ended"' in line)
    contents = _content(book, 1, real=True), b"".join(lines_of(cut)[:begun]), _content(book, 3), unbooked()
    for number, content in enumerate(contents):
        _hand_in(book, content, f"{number}.jsonl")
    return contents


def _rebuild(book: Book, *contents: tuple[str, bytes]) -> Rebuilt:
    with book.writing(THERAPIST, LATER) as session:
        return rebuild(session, contents, "office", LATER, book.about)


def test_the_index_can_be_thrown_away_and_made_again(book: Book) -> None:
    contents = _filled(book)
    before = _index(book)
    with book.writing(THERAPIST, LATER) as session:
        for row in session.scalars(select(Appointment)):
            row.session_id = None
        session.flush()
        session.execute(delete(SessionEntry))
        session.execute(delete(Journal).where(Journal.file == "0.jsonl"))
    told = _rebuild(book, ("0.jsonl", contents[0]), ("x.jsonl", b"no journal"))
    assert _index(book) == before
    assert (told.sessions, told.interrupted) == (4, ("1.jsonl",))
    assert [sentence.split(":")[0] for sentence in told.refused] == ["x.jsonl"]
    with book.reading() as session:
        assert list(check(session)) == []


def test_what_was_changed_in_the_index_is_made_right_and_appointments_keep_their_session(book: Book) -> None:
    _filled(book)
    before, sessions = _index(book), [_appointment(book, number) for number in (1, 2, 3)]
    with book.engine.connect() as connection:
        connection.execute(update(SessionEntry).values(contractions=1000, counts=True, patient_id=None))
        connection.execute(delete(SessionChannel))
        connection.commit()
    _rebuild(book)
    assert _index(book) == before
    assert [_appointment(book, number) for number in (1, 2, 3)] == sessions


def test_an_entry_without_a_journal_goes_and_a_damaged_one_is_told(book: Book) -> None:
    _filled(book)
    with book.engine.connect() as connection:
        connection.execute(text("DELETE FROM journals WHERE file = '0.jsonl'"))
        connection.execute(update(Journal).where(Journal.file == "1.jsonl").values(content=b"rubbish"))
        connection.commit()
    told = _rebuild(book)
    assert told.sessions == 2
    assert told.refused[0].startswith("1.jsonl: The kept journal 1.jsonl is damaged")
    assert _appointment(book, 1) == ("missed", None)  # it is over
    assert _appointment(book, 2) == ("booked", None)  # it is still to come
    with book.reading() as session:
        assert session.get_one(Appointment, 1).reason == "the record of its session is no longer in the book"
        assert [session.get_one(Appointment, number).number for number in (2, 3)] == [1, 2]  # nothing was given before
        assert list(check(session)) == []


def test_a_kept_journal_of_another_book_is_left_out_of_the_index_and_told(book: Book) -> None:
    _planned(book)
    content = booked(Told("somebody else's"), real=True)
    with book.engine.connect() as connection:
        connection.execute(
            insert(Journal).values(
                journal_id=read_journal(content).journal_id,
                file="strange.jsonl",
                station="room 9",
                handed_in_at=NOW,
                sha256=hashlib.sha256(content).hexdigest(),
                content=zlib.compress(content),
            )
        )
        connection.commit()
    told = _rebuild(book)
    assert told.sessions == 0
    assert [sentence.split(" (")[0] for sentence in told.refused] == ["strange.jsonl: This journal was booked in another book"]
    assert _appointment(book, 1) == ("booked", None)
