"""How far a record stands, who signed it, what to compare, and what must be said before anything else."""

from collections.abc import Iterator
from typing import Final

from emscontrol.core.units import counted
from emscontrol.record.report import VerifyReport
from emscontrol.record.reports.blocks import Block, Notice, Seal, Text, Weight
from emscontrol.record.reports.session_read import SessionRecord
from emscontrol.record.reports.words import short
from emscontrol.record.signing import key_id

PROBLEMS_MAX: Final = 3
SIMULATION: Final = "SIMULATION"
ANYBODY: Final = "anybody could have made it. Compare its last hash with a copy that was kept elsewhere."
PULL: Final = "If the stimulator has not been switched off since, pull its leads."
RESULTS: Final = {"fault": Weight.ALARM, "stopped": Weight.CAUTION, "refused": Weight.CAUTION}
"""What a session that was not completed ended as, and how loudly that is told."""


def notices(session: SessionRecord) -> Iterator[Notice]:
    """What stands above all else, the gravest that can be wrong with the report itself first."""
    if session.simulated:
        yield Notice("Nobody was stimulated: the stimulator is a program.", Weight.NOTE, SIMULATION)
    yield from _standing(session)
    yield from _signed(session.verified)
    yield from _unsigned_end(session)
    if not (session.zero_known or (session.running and session.verified.ok)):
        yield _unknown(session)
    yield from _ended(session)


def _standing(session: SessionRecord) -> Iterator[Notice]:
    """How far the record can be read, and that it goes on."""
    found = session.verified
    if not found.ok:
        of = f"This report is of these {found.last_good} records; what comes after them is not to be trusted and left out."
        lie = f"{found.totals_sentence()} This report is of the lines."
        yield Notice(f"{found.sentence()} {lie if session.whole else of}", Weight.ALARM, "RECORD NOT INTACT")
    if session.running:
        yield Notice("The session is running now; this is its record so far.", Weight.CAUTION, "RUNNING")
    elif found.ok and not session.closed:
        yield Notice(f"{found.sentence()} Its last record: {short(session.last.sentence())}", Weight.ALARM)


def _signed(found: VerifyReport) -> Iterator[Notice]:
    """What its signature is worth, where that is not all that it could be."""
    if found.distrusted:
        yield Notice(found.distrusted, Weight.ALARM, "KEY NOT TRUSTED")
    elif found.doubted:
        yield Notice(found.doubted, Weight.CAUTION, "KEY IN DOUBT")
    elif not found.key:
        yield Notice(f"This record is not signed: {ANYBODY}", Weight.CAUTION, "NOT SIGNED")
    elif not found.signer:
        told = f"This record is signed with a key that is not known here, {key_id(found.key)}: {ANYBODY}"
        yield Notice(told, Weight.CAUTION, "UNKNOWN KEY")


def _unsigned_end(session: SessionRecord) -> Iterator[Notice]:
    """What comes after the last signature. While the session runs it gets one within the minute."""
    found = session.verified
    unsigned = found.last_good - found.signed_to
    if found.key and unsigned and not (session.running and found.ok):
        yield Notice(
            f"The last signature is of record {found.signed_to}. What this report is of goes on for "
            f"{counted(unsigned, 'record')} that are chained and not signed: anybody could have made them.",
            Weight.CAUTION,
            "END NOT SIGNED",
        )


def proof(session: SessionRecord) -> list[Block]:
    """The finding in words, the digest to compare, and how to check again."""
    found = session.verified
    made: list[Block] = [Text(_sentences(session))]
    made += [Text(f"Line {each.line}: {each.kind}: {short(each.sentence)}") for each in found.problems[:PROBLEMS_MAX]]
    more = max(0, len(found.problems) - PROBLEMS_MAX) + found.more
    made += [Text(f"And {more} more.")] if more else []
    told = f"Hash of record {found.last_good}, the last that stands, and so of all before it. To check: emscontrol verify"
    return [*made, Seal(found.last_hash, f"{told} {session.name} --json, last_hash."), Text(found.limit)]


def _sentences(session: SessionRecord) -> str:
    found = session.verified
    so_far = session.running and found.ok
    standing = f"Intact so far: {found.last_good} records; the session is running now." if so_far else found.sentence()
    return " ".join(filter(None, (standing, found.signature_sentence(), found.totals_sentence())))


def _unknown(session: SessionRecord) -> Notice:
    """A record that ends, or stands no longer, while current may have flowed."""
    watchdog_us = session.opening["capabilities"].get("watchdog_us")
    by_itself = (
        f" Without its engine the stimulator's own watchdog ends the current after {watchdog_us / 1e6:.1f} s."
        if isinstance(watchdog_us, int) and watchdog_us > 0
        else ""
    )
    do = "" if session.simulated else f" {PULL}"
    return Notice(f"{_why_unknown(session)}{by_itself}{do}", Weight.ALARM, "OUTPUT NOT KNOWN")


def _why_unknown(session: SessionRecord) -> str:
    if session.verified.ok:
        return "No zero was confirmed after the last command."
    if session.whole:
        return "The record contradicts itself, so whether a zero was confirmed at its end is not known."
    return "What was commanded after the records that stand, and whether a zero was confirmed then, is not known."


def _ended(session: SessionRecord) -> Iterator[Notice]:
    for at in session.of("session_ended"):
        weight = RESULTS.get(str(at.event.args["result"]))
        if weight:
            yield Notice(short(at.event.sentence()), weight)
