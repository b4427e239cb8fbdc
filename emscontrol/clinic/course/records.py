"""Each kept journal looked at once more, one after the other, and held against what the index says of it."""

import hashlib
import zlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from emscontrol.clinic.book.book import About
from emscontrol.clinic.course.against import differences
from emscontrol.clinic.course.course import Entry, Got, Record, Standing
from emscontrol.clinic.sessions.read_journal import JournalFacts, read_journal
from emscontrol.clinic.tables.sessions import Journal
from emscontrol.core.errors import JournalBroken, UsageError
from emscontrol.record.keys import KeyRing

GONE: Final = Record(Standing.GONE, "", "The book has no record of it.")


def records(
    session: Session, entries: Sequence[Entry], got: Mapping[int, Sequence[Got]], patient: str, ring: KeyRing, about: About
) -> dict[str, Record]:
    """By journal what was found of it, in one statement; one that is not in the book is left out.

    `got` is what the index says of the channels by the number of the session, `patient` the code of whom all of them are.
    """
    found: dict[str, Record] = {}
    names = ring.names()
    by_journal = {entry.journal_id: entry for entry in entries}
    for journal, kept, sha256 in _kept(session, by_journal):
        facts, entry = _facts(kept, sha256, names), by_journal[journal]
        if isinstance(facts, Record):
            found[journal] = facts
        else:
            found[journal] = _judged(facts, differences(entry, got.get(entry.id, ()), patient, facts, about), ring)
    return found


def _kept(session: Session, journals: Collection[str]) -> Iterator[tuple[str, bytes, str]]:
    """One after the other, so that no more than one is held."""
    if not journals:
        return
    columns = (Journal.journal_id, Journal.content, Journal.sha256)
    query = select(*columns).where(Journal.journal_id.in_(list(journals))).execution_options(yield_per=1)
    for row in session.execute(query):
        yield row.journal_id, row.content, row.sha256


def _facts(kept: bytes, sha256: str, names: Mapping[str, str]) -> JournalFacts | Record:
    """What it tells, or why nothing that it tells can be believed."""
    try:
        content = zlib.decompress(kept)
    except zlib.error:
        return Record(Standing.BROKEN, "", "The kept record is damaged.")
    if hashlib.sha256(content).hexdigest() != sha256:
        return Record(Standing.BROKEN, "", "The kept record is not what was handed in.")
    try:
        facts = read_journal(content, names)
    except (JournalBroken, UsageError) as problem:
        return Record(Standing.BROKEN, "", problem.what)
    return facts if facts.intact else Record(Standing.BROKEN, facts.last_hash, facts.finding)


def _judged(facts: JournalFacts, unlike: Sequence[str], ring: KeyRing) -> Record:
    """An intact one: not as the index says, else by whom it is signed, else whether it has an end.

    What was simulated needs no signature: practice books and demonstrations have none.
    """
    digest, signed, distrusted = facts.last_hash, bool(facts.key), ring.distrusted()
    if unlike:
        return Record(Standing.DIFFERS, digest, f"Its record says {'; '.join(unlike)}.", signed)
    if facts.key in distrusted:
        return Record(Standing.DISTRUSTED, digest, distrusted[facts.key].meaning(), signed)
    if signed and (not facts.signer or facts.key in ring.mistrusted()):
        return Record(Standing.UNKNOWN_KEY, digest, facts.signature, signed)
    if not signed and not facts.simulated:
        return Record(Standing.UNSIGNED, digest, facts.signature, signed)
    return Record(Standing.INTACT if facts.closed else Standing.OPEN, digest, facts.finding, signed)
