"""Each kept journal looked at once more, one after the other, and held against what the index says of it."""

import hashlib
import zlib
from collections.abc import Collection, Iterator, Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from emscontrol.clinic.course.course import Entry, Record, Standing
from emscontrol.clinic.sessions.content import lines_of
from emscontrol.clinic.tables.sessions import Journal
from emscontrol.record.distrust import Distrust
from emscontrol.record.verify import verify_lines

GONE = Record(Standing.GONE, "", "The book has no record of it.")
_FIGURES = ("contractions", "pulses", "charge_pc")


def records(session: Session, entries: Sequence[Entry], distrusted: Mapping[str, Distrust]) -> dict[str, Record]:
    """By journal what was found of it, in one statement; one that is not in the book is left out.

    `distrusted` are the keys, by public key, that are no longer trusted.
    """
    by_journal = {entry.journal_id: entry for entry in entries}
    return {
        journal: _looked_at(by_journal[journal], kept, sha256, distrusted)
        for journal, kept, sha256 in _kept(session, by_journal)
    }


def _kept(session: Session, journals: Collection[str]) -> Iterator[tuple[str, bytes, str]]:
    """One after the other, so that no more than one is held."""
    if not journals:
        return
    columns = (Journal.journal_id, Journal.content, Journal.sha256)
    query = select(*columns).where(Journal.journal_id.in_(list(journals))).execution_options(yield_per=1)
    for row in session.execute(query):
        yield row.journal_id, row.content, row.sha256


def _looked_at(entry: Entry, kept: bytes, sha256: str, distrusted: Mapping[str, Distrust]) -> Record:
    try:
        content = zlib.decompress(kept)
    except zlib.error:
        return Record(Standing.BROKEN, "", "The kept record is damaged.")
    if hashlib.sha256(content).hexdigest() != sha256:
        return Record(Standing.BROKEN, "", "The kept record is not what was handed in.")
    found = verify_lines(lines_of(content))
    if not found.ok:
        return Record(Standing.BROKEN, found.last_hash, found.sentence())
    told = {figure: sum(row.get(figure, 0) for row in found.totals.values()) for figure in _FIGURES}
    if told != {figure: getattr(entry, figure) for figure in _FIGURES}:
        words = f"Its record tells of {told['contractions']} contractions, the index of {entry.contractions}."
        return Record(Standing.DIFFERS, found.last_hash, words)
    signed = found.signed_to > 0
    if found.key in distrusted:
        return Record(Standing.DISTRUSTED, found.last_hash, distrusted[found.key].meaning(), signed)
    return Record(Standing.INTACT if found.ended else Standing.OPEN, found.last_hash, found.sentence(), signed)
