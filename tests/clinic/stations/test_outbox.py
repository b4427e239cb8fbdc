"""Journals wait in the outbox until the book has confirmed them, and one that is refused is in no other's way."""

import json
import stat
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from emscontrol.clinic.book.book import Book
from emscontrol.clinic.stations.outbox import announce, hand_in_all, require_not_waiting, take_back, waiting
from emscontrol.clinic.tables.plans import Appointment
from emscontrol.clinic.tables.sessions import Journal, SessionEntry
from emscontrol.core.errors import BookConflict, BookError, JournalBroken, StorageError, UsageError
from emscontrol.core.events import make
from emscontrol.record.journal import Journal as OpenJournal
from tests.clinic.conftest import NOW, THERAPIST
from tests.clinic.sessions import material


@pytest.fixture
def outbox(tmp_path: Path, book: Book) -> Path:
    """The outbox of a station whose book has a plan with three appointments."""
    with book.writing(THERAPIST, NOW) as session:
        material.planned(session)
    return tmp_path / "outbox"


def _ended(book: Book, outbox: Path, appointment: int, uuid: str = "") -> Path:
    """A session has ended: its journal."""
    journal = outbox.parent / "sessions" / f"2026-03-0{appointment}.jsonl"
    journal.parent.mkdir(exist_ok=True)
    announce(outbox, journal, "room 1", NOW)
    about = material.Book(uuid or book.about.uuid, appointment=appointment)
    journal.write_bytes(material.booked(about, NOW + timedelta(days=appointment), real=True))
    return journal


def test_what_waits_is_handed_in_and_waits_no_longer(book: Book, outbox: Path) -> None:
    journals = [_ended(book, outbox, number) for number in (2, 1, 3)]
    assert [one.journal for one in waiting(outbox)] == sorted(journals)
    assert {stat.S_IMODE(marker.stat().st_mode) for marker in outbox.iterdir()} == {0o600}
    assert stat.S_IMODE(outbox.stat().st_mode) == 0o700
    outcome = hand_in_all(book, outbox, THERAPIST, NOW)
    assert (sorted(outcome.handed_in), outcome.left, outcome.unreachable) == (sorted(journals), [], None)
    assert waiting(outbox) == []
    with book.reading() as session:
        assert {row.status for row in session.scalars(select(Appointment))} == {"done"}
        assert {row.station for row in session.scalars(select(Journal))} == {"room 1"}
    assert hand_in_all(book, outbox, THERAPIST, NOW).handed_in == []


def test_two_stations_that_hand_in_copies_of_one_journal_make_one_session(book: Book, outbox: Path) -> None:
    journal = _ended(book, outbox, 1)
    copy = outbox.parent / "copy" / journal.name
    copy.parent.mkdir()
    copy.write_bytes(journal.read_bytes())
    announce(outbox, copy, "room 2", NOW)
    assert len(hand_in_all(book, outbox, THERAPIST, NOW).handed_in) == 2
    with book.reading() as session:
        assert len(session.scalars(select(SessionEntry)).all()) == 1


def test_a_session_that_is_still_running_is_left_alone(book: Book, outbox: Path) -> None:
    path = outbox.parent / "running.jsonl"
    announce(outbox, path, "room 1", NOW)
    journal = OpenJournal.create(path, lambda: NOW.isoformat(timespec="milliseconds"), threaded=False)
    journal.append(make("wall_clock_jump", direction="forward", by_us=1), 0)
    outcome = hand_in_all(book, outbox, THERAPIST, NOW)
    assert (outcome.running, outcome.handed_in, outcome.left) == ([path], [], [])
    assert len(waiting(outbox)) == 1
    journal.close()


def test_a_journal_that_is_refused_waits_with_the_reason_and_the_others_go_on(book: Book, outbox: Path) -> None:
    foreign = _ended(book, outbox, 1, uuid="another book")
    broken = _ended(book, outbox, 2)
    broken.write_bytes(b"no journal at all\n")
    good = _ended(book, outbox, 3)
    never = outbox.parent / "never.jsonl"
    announce(outbox, never, "room 1", NOW)
    spoilt = outbox / "0000000000000000.waiting"
    spoilt.write_text("{")
    outcome = hand_in_all(book, outbox, THERAPIST, NOW)
    assert outcome.handed_in == [good]
    reasons = dict(outcome.left)
    assert set(reasons) == {foreign, broken, never, spoilt}
    assert isinstance(reasons[foreign], BookError)
    assert isinstance(reasons[broken], JournalBroken | UsageError)
    assert "No such file" in str(reasons[never])
    assert isinstance(reasons[spoilt], StorageError)
    spoilt.unlink()
    assert {one.journal for one in waiting(outbox)} == {foreign, broken, never}


def test_what_is_announced_twice_waits_once_and_what_never_began_is_taken_back(book: Book, outbox: Path) -> None:
    journal = outbox.parent / "a.jsonl"
    assert announce(outbox, journal, "room 1", NOW) == announce(outbox, journal, "room 1", NOW)
    assert [(one.journal, one.station) for one in waiting(outbox)] == [(journal, "room 1")]
    take_back(outbox, journal)
    assert waiting(outbox) == []
    take_back(outbox, journal)
    there = _ended(book, outbox, 1)
    take_back(outbox, there)
    assert [one.journal for one in waiting(outbox)] == [there]


def test_a_journal_that_was_cut_off_and_has_grown_is_handed_in_whole_the_next_time(book: Book, outbox: Path) -> None:
    journal = _ended(book, outbox, 1)
    whole = journal.read_bytes()
    lines = whole.splitlines(keepends=True)
    journal.write_bytes(b"".join(lines[: len(lines) // 2]))
    hand_in_all(book, outbox, THERAPIST, NOW)
    journal.write_bytes(whole)
    announce(outbox, journal, "room 1", NOW)
    hand_in_all(book, outbox, THERAPIST, NOW)
    with book.reading() as session:
        (entry,) = session.scalars(select(SessionEntry)).all()
        assert entry.result == "completed"


def test_an_outbox_that_cannot_be_written_is_told_before_the_session_begins(tmp_path: Path) -> None:
    (tmp_path / "outbox").write_text("a file where a folder should be")
    with pytest.raises(StorageError, match="cannot be written"):
        announce(tmp_path / "outbox", tmp_path / "a.jsonl", "room 1", NOW)


def test_a_marker_says_what_it_is_for(tmp_path: Path) -> None:
    marker = announce(tmp_path, tmp_path / "ä b.jsonl", "room 1", NOW)
    assert json.loads(marker.read_text()) == {
        "journal": str(tmp_path / "ä b.jsonl"),
        "station": "room 1",
        "since": "2026-03-02T09:00:00+00:00",
        "book": "",
        "appointment": 0,
    }


def test_an_appointment_whose_journal_waits_here_is_not_run_again(book: Book, outbox: Path) -> None:
    uuid, journal = book.about.uuid, outbox.parent / "sessions" / "2026-03-01.jsonl"
    announce(outbox, journal, "room 1", NOW, book=uuid, appointment=1)
    require_not_waiting(outbox, uuid, 1)  # announced, and never begun: nothing was given
    assert _ended(book, outbox, 1) == journal
    with pytest.raises(BookConflict, match=r"appointment 1 was run on this station.*2026-03-01\.jsonl yet.*book hand-in"):
        require_not_waiting(outbox, uuid, 1)
    announce(outbox, journal, "room 1", NOW)  # as `book hand-in FILE` does
    with pytest.raises(BookConflict):
        require_not_waiting(outbox, uuid, 1)
    require_not_waiting(outbox, uuid, 2)
    require_not_waiting(outbox, "another book", 1)
    assert hand_in_all(book, outbox, THERAPIST, NOW).handed_in == [journal]
    require_not_waiting(outbox, uuid, 1)


def test_an_appointment_that_is_running_here_is_not_run_beside(tmp_path: Path) -> None:
    path = tmp_path / "running.jsonl"
    announce(tmp_path, path, "room 1", NOW, book="u-1", appointment=1)
    journal = OpenJournal.create(path, lambda: NOW.isoformat(timespec="milliseconds"), threaded=False)
    with pytest.raises(BookConflict, match="appointment 1 is running"):
        require_not_waiting(tmp_path, "u-1", 1)
    journal.close()


def test_a_marker_of_an_earlier_edition_is_still_read(tmp_path: Path) -> None:
    marker = announce(tmp_path, tmp_path / "a.jsonl", "room 1", NOW)
    marker.write_text(json.dumps({"journal": str(tmp_path / "a.jsonl"), "station": "room 1", "since": NOW.isoformat()}))
    assert [(one.station, one.book, one.appointment) for one in waiting(tmp_path)] == [("room 1", "", 0)]
