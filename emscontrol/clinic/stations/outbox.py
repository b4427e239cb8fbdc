"""Journals that the book has not confirmed yet, and handing them in exactly once.

A journal stays where it was written. The outbox has one small file for each that is still to be handed in, put there before the
session begins, so that a crash leaves it; it is taken away only after the book has confirmed. An answer that was lost is no
confirmation: the journal is handed in again, and the book, which knows it by the hash of its first record, counts it once.
"""

import hashlib
import json
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

from emscontrol.clinic.book.actor import Actor
from emscontrol.clinic.book.book import Book
from emscontrol.clinic.sessions.content import journal_bytes
from emscontrol.clinic.sessions.index import hand_in
from emscontrol.core.errors import BookBusy, BookConflict, BookUnreachable, EmsError, StorageError
from emscontrol.record.sink import is_being_written
from emscontrol.record.whole_files import remove, write_whole

FOLDER: Final = "outbox"  # below the folder of state
SUFFIX: Final = ".waiting"
TRIES: Final = 3  # when others change the same appointment in the same moment


@dataclass(frozen=True, slots=True)
class Waiting:
    """One journal that is still to be handed in, and the marker that says so.

    `appointment` is whose session it is, in the book of the uuid `book`; 0 where nobody said.
    """

    marker: Path
    journal: Path
    station: str
    book: str = ""
    appointment: int = 0


@dataclass(slots=True)
class Outcome:
    """What came of it: journals that the book has confirmed, those that still wait with the reason, and whether it is in reach.

    `running` are those of sessions that are not over.
    """

    handed_in: list[Path] = field(default_factory=list)
    left: list[tuple[Path, EmsError]] = field(default_factory=list)
    running: list[Path] = field(default_factory=list)
    unreachable: BookUnreachable | None = None


def announce(outbox: Path, journal: Path, station: str, now: datetime, *, book: str = "", appointment: int = 0) -> Path:
    """Say that this journal is to be handed in, before it is begun. Raises StorageError.

    `appointment` of the book with the uuid `book` is whose session it is. Said twice it is one marker, as it was said first.
    """
    marker = _marker(outbox, journal)
    with suppress(StorageError):  # one that cannot be read says nothing, and is written anew
        if marker.exists():
            return _read(marker).marker
    told = {"journal": str(journal.absolute()), "station": station, "since": now.isoformat()}
    write_whole(marker, json.dumps(told | {"book": book, "appointment": appointment}) + "\n")
    return marker


def require_not_waiting(outbox: Path, book: str, appointment: int) -> None:
    """Nothing, when no journal of this appointment waits here: what it gave is not in the book, and would be given again.

    Raises BookConflict, and StorageError when one of the markers cannot be read.
    """
    for one in waiting(outbox):
        if (one.book, one.appointment) == (book, appointment) and one.journal.exists():
            running = is_being_written(one.journal)
            raise BookConflict(
                f"A session of appointment {appointment} {'is running' if running else 'was run'} on this station, and the "
                f"book does not have its journal {one.journal.name} yet.",
                "Let it end." if running else "Hand it in first: emscontrol book hand-in.",
            )


def take_back(outbox: Path, journal: Path) -> None:
    """There will be no such journal: the session was refused before it began. One that is there stays announced."""
    if not journal.exists():
        remove(_marker(outbox, journal))


def waiting(outbox: Path) -> list[Waiting]:
    """What is still to be handed in, in the order of the journals' names, which is that of time.

    Raises StorageError when one of the markers cannot be read.
    """
    return sorted((_read(marker) for marker in _markers(outbox)), key=lambda one: (one.journal.name, str(one.journal)))


def hand_in_all(book: Book, outbox: Path, actor: Actor, now: datetime) -> Outcome:
    """Hand in everything that waits, each journal in one change of its own; stops when the book is out of reach.

    What one journal is refused for is no reason against the next.
    """
    outcome = Outcome()
    for marker in _markers(outbox):
        journal = marker
        try:
            one = _read(marker)
            journal = one.journal
            if is_being_written(journal):
                outcome.running.append(journal)
                continue
            _hand_in(book, one, actor, now)
            outcome.handed_in.append(journal)
        except BookUnreachable as problem:
            outcome.left.append((journal, problem))
            outcome.unreachable = problem
            break
        except EmsError as problem:
            outcome.left.append((journal, problem))
    return outcome


def _hand_in(book: Book, one: Waiting, actor: Actor, now: datetime) -> None:
    """The marker goes only when `writing` has ended without an error: then the book has said that it has it.

    Where nobody can tell whether a session is still running (Windows), a journal that has grown meanwhile keeps its marker.
    """
    content, about = journal_bytes(one.journal), book.about
    for left in range(TRIES - 1, -1, -1):
        try:
            with book.writing(actor, now) as session:
                hand_in(session, one.journal.name, content, one.station, now, about)
            break
        except (BookConflict, BookBusy):
            if not left:
                raise
    if journal_bytes(one.journal) == content:
        remove(one.marker)


def _marker(outbox: Path, journal: Path) -> Path:
    """One for each place of a journal, whatever it is called."""
    return outbox / (hashlib.sha256(str(journal.absolute()).encode()).hexdigest()[:16] + SUFFIX)


def _markers(outbox: Path) -> list[Path]:
    return sorted(outbox.glob(f"*{SUFFIX}"))


def _read(marker: Path) -> Waiting:
    try:
        told = json.loads(marker.read_text(encoding="utf-8"))
        whose = str(told.get("book", "")), int(told.get("appointment", 0))
        return Waiting(marker, Path(told["journal"]), str(told["station"]), *whose)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as problem:
        raise StorageError(
            f"{marker}, which names a journal that waits, cannot be read: {problem}.",
            "Find the journal of that time in the folder of journals, hand it in by its name, and remove that file.",
        ) from problem
