"""Handing a journal in, exactly once, and the index of sessions that is made of them.

A journal is known by the hash of its first record, which holds the time, the protocol and the station's own figures. Handed in
twice it is there once; handed in while it was still being written, the longer one takes the place of its own beginning, and
counts as handed in when that was.
"""

import hashlib
import zlib
from datetime import date, datetime, time

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from emscontrol.clinic.book.book import About
from emscontrol.clinic.sessions.clocks import counted_at, is_possible, sentence
from emscontrol.clinic.sessions.read_journal import JournalFacts, read_journal
from emscontrol.clinic.sessions.settling import FINDING_MAX, settle
from emscontrol.clinic.tables.base import CODE, LINE
from emscontrol.clinic.tables.people import ElectrodeSet, Patient
from emscontrol.clinic.tables.plans import Appointment, Plan
from emscontrol.clinic.tables.sessions import Journal, SessionChannel, SessionEntry
from emscontrol.core.errors import BookConflict, BookError


def hand_in(session: Session, name: str, content: bytes, station: str, now: datetime, about: About) -> SessionEntry:
    """Keep a journal and index it; one that is there already is left as it is, and its entry returned.

    `name` is what its file was called. The appointment is done when the session counts and gave something. Raises BookError
    for a journal of another book, BookConflict for one that differs from what was handed in before, JournalBroken and
    UsageError for what is no journal.
    """
    facts = read_journal(content)
    require_own(facts, about)
    kept = session.get(Journal, facts.journal_id, with_for_update=True)
    if kept is None:
        made = Journal(journal_id=facts.journal_id, file=name[:LINE], station=station[:CODE], handed_in_at=now)
        _fill(made, content)
        try:
            with session.begin_nested():
                session.add(made)
                session.flush()
        except IntegrityError:  # another station has handed in the same one in this very moment
            kept = session.get_one(Journal, facts.journal_id, with_for_update=True, populate_existing=True)
    if kept is not None and not _takes_place(kept, content):
        entry = entry_of(session, facts.journal_id)
        if entry is not None:
            return entry
    elif kept is not None:
        _fill(kept, content)
    entry = write_entry(session, facts, kept.handed_in_at if kept is not None else now, about)
    if entry.appointment_id is not None:
        settle(session, entry.appointment_id, now)
    return entry


def write_entry(session: Session, facts: JournalFacts, handed_in_at: datetime, about: About) -> SessionEntry:
    """Write, or write anew, what one journal tells. What becomes of its appointment is `settle`'s to say.

    A dose whose clock was wrong counts when it can have been at the latest, and its finding says so.
    """
    entry = entry_of(session, facts.journal_id) or SessionEntry(journal_id=facts.journal_id)
    booked = facts.booked
    patient_id = session.scalar(select(Patient.id).where(Patient.code == booked.patient)) if booked else None
    of_patient = Plan.patient_id == patient_id
    entry.plan_id = session.scalar(select(Plan.id).where(Plan.id == booked.plan, of_patient)) if booked else None
    entry.patient_id, entry.appointment_id = patient_id, booked.appointment if booked else None
    entry.opened_at, entry.finding = _when(session, entry, facts, handed_in_at, about)
    entry.duration_us = facts.duration_us
    entry.result, entry.reason = facts.result[:CODE], facts.reason[:LINE]
    entry.counts, entry.simulated = counts(facts, about), facts.simulated
    entry.device, entry.staff = facts.device[:LINE], booked.staff[:CODE] if booked else ""
    entry.protocol_sha256 = facts.protocol_sha256[:64]
    entry.contractions_prescribed, entry.contractions = facts.contractions_prescribed, facts.contractions
    entry.pulses = sum(channel.pulses for channel in facts.channels)
    entry.charge_pc = sum(channel.charge_pc for channel in facts.channels)
    session.add(entry)
    session.flush()
    session.execute(delete(SessionChannel).where(SessionChannel.session_id == entry.id))
    session.add_all(_channels(session, entry.id, facts))
    session.flush()
    return entry


def counts(facts: JournalFacts, about: About) -> bool:
    """Whether it counts as dose: an intact record of a person, or of a simulated one in a practice book."""
    return facts.intact and (about.practice or not facts.simulated)


def entry_of(session: Session, journal_id: str) -> SessionEntry | None:
    """The entry of a journal, if it has one."""
    return session.scalars(select(SessionEntry).where(SessionEntry.journal_id == journal_id)).one_or_none()


def content_of(journal: Journal) -> bytes:
    """What was handed in. Raises BookError when it is not what it was."""
    try:
        content = zlib.decompress(journal.content)
    except zlib.error as problem:
        raise BookError(f"The kept journal {journal.file} is damaged: {problem}.", "Restore a backup.") from problem
    if hashlib.sha256(content).hexdigest() != journal.sha256:
        raise BookError(f"The kept journal {journal.file} is not what was handed in.", "Restore a backup.")
    return content


def require_own(facts: JournalFacts, about: About) -> None:
    """Nothing, when the journal is of this book or of none. Raises BookError."""
    if facts.booked is not None and facts.booked.book != about.uuid:
        raise BookError(
            f"This journal was booked in another book ({facts.booked.book}), not in {about.name} ({about.uuid}).",
            "Hand it in there.",
        )


def _when(
    session: Session, entry: SessionEntry, facts: JournalFacts, handed_in_at: datetime, about: About
) -> tuple[datetime, str]:
    """When it counts, and what is found of it. On the time of what is no dose nothing rests."""
    planned = _planned(session, entry, about)
    if not facts.contractions or not counts(facts, about) or is_possible(facts.opened_at, handed_in_at, planned):
        return facts.opened_at, facts.finding[:FINDING_MAX]
    told = sentence(facts.opened_at, handed_in_at, planned)
    return counted_at(facts.opened_at, handed_in_at, planned), f"{facts.finding} {told}"[:FINDING_MAX]


def _planned(session: Session, entry: SessionEntry, about: About) -> datetime | None:
    """When its appointment begins, or its plan where that appointment is not here."""
    mine = (Appointment.id == entry.appointment_id, Appointment.patient_id == entry.patient_id)
    starts_at = session.scalar(select(Appointment.starts_at).where(*mine))
    if starts_at is not None:
        return starts_at
    starts_on = session.scalar(select(Plan.starts_on).where(Plan.id == entry.plan_id))
    return None if starts_on is None else datetime.combine(date.fromisoformat(starts_on), time(), about.zone)


def _takes_place(kept: Journal, content: bytes) -> bool:
    """Whether this content takes the place of what is kept: it goes on where that breaks off. Raises BookConflict."""
    before = content_of(kept)
    if before.startswith(content):
        return False
    if content.startswith(before):
        return True
    raise BookConflict(
        f"The journal {kept.file} was handed in by {kept.station} already, and this is another record of the same session.",
        "Keep both files and compare them: emscontrol verify. Nothing was changed.",
    )


def _fill(journal: Journal, content: bytes) -> None:
    journal.sha256 = hashlib.sha256(content).hexdigest()
    journal.content = zlib.compress(content)


def _channels(session: Session, session_id: int, facts: JournalFacts) -> list[SessionChannel]:
    used = {channel.electrode_set for channel in facts.channels} - {None}
    known = set(session.scalars(select(ElectrodeSet.id).where(ElectrodeSet.id.in_(used)))) if used else set()
    return [
        SessionChannel(
            session_id=session_id,
            channel=channel.channel,
            muscle=channel.muscle[:CODE],
            side=channel.side[:CODE],
            comfort_ua=channel.comfort_ua,
            peak_ua=channel.peak_ua,
            contractions=channel.contractions,
            pulses=channel.pulses,
            charge_pc=channel.charge_pc,
            on_us=channel.on_us,
            electrode_set_id=channel.electrode_set if channel.electrode_set in known else None,
        )
        for channel in facts.channels
    ]
