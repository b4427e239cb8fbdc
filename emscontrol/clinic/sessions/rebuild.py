"""The index of sessions thrown away and made again from the journals."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from emscontrol.clinic.appointments.status import DONE
from emscontrol.clinic.book.book import About
from emscontrol.clinic.sessions.index import content_of, hand_in, require_own, write_entry
from emscontrol.clinic.sessions.read_journal import INTERRUPTED, read_journal
from emscontrol.clinic.sessions.settling import settle
from emscontrol.clinic.tables.plans import Appointment
from emscontrol.clinic.tables.sessions import Journal, SessionChannel, SessionEntry
from emscontrol.core.errors import EmsError


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """How many sessions there are, the files of those without an end, and whatever could not be read, a sentence each."""

    sessions: int
    interrupted: tuple[str, ...]
    refused: tuple[str, ...]


def rebuild(session: Session, contents: Iterable[tuple[str, bytes]], station: str, now: datetime, about: About) -> Rebuilt:
    """Make the whole index again from the journals in the book, and from these files (name and bytes) besides.

    Every entry is written anew under the number it had, so that what refers to it still does; an entry without a journal
    goes, and appointments are done by what the journals say, or are not. A journal that cannot be read is left out and told.
    """
    refused: list[str] = []
    for name, content in contents:
        try:
            hand_in(session, name, content, station, now, about)
        except EmsError as problem:
            refused.append(f"{name}: {problem.what}")
    session.execute(delete(SessionChannel))
    session.expire_all()
    unread: list[str] = []
    for journal_id in session.scalars(select(Journal.journal_id).order_by(Journal.journal_id)).all():
        journal = session.get_one(Journal, journal_id)
        try:
            facts = read_journal(content_of(journal))
            require_own(facts, about)
            write_entry(session, facts, journal.handed_in_at, about)
        except EmsError as problem:
            refused.append(f"{journal.file}: {problem.what}")
            unread.append(journal_id)
        session.expunge(journal)
    _without_journal(session, unread)
    for appointment_id in _touched(session):
        settle(session, appointment_id, now)
    return Rebuilt(*_told(session), refused=tuple(refused))


def _without_journal(session: Session, unread: list[str]) -> None:
    """Entries that no journal stands behind, or one that cannot be read: nothing tells that they happened."""
    told = select(Journal.journal_id).where(Journal.journal_id.not_in(unread))
    orphans = session.scalars(select(SessionEntry.id).where(SessionEntry.journal_id.not_in(told))).all()
    for appointment in session.scalars(select(Appointment).where(Appointment.session_id.in_(orphans))):
        appointment.session_id = None
    session.flush()
    session.execute(delete(SessionEntry).where(SessionEntry.id.in_(orphans)))


def _touched(session: Session) -> list[int]:
    """The appointments that have a session, had one, or are said to."""
    told = select(SessionEntry.appointment_id).where(SessionEntry.appointment_id.is_not(None))
    said = select(Appointment.id).where(or_(Appointment.status == DONE, Appointment.session_id.is_not(None)))
    return sorted({number for number in session.scalars(told) if number is not None} | set(session.scalars(said)))


def _told(session: Session) -> tuple[int, tuple[str, ...]]:
    joined = select(Journal.file).join(SessionEntry, SessionEntry.journal_id == Journal.journal_id)
    files = session.scalars(joined.order_by(Journal.file)).all()
    interrupted = session.scalars(joined.where(SessionEntry.result == INTERRUPTED).order_by(Journal.file)).all()
    return len(files), tuple(interrupted)
