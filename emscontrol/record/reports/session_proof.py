"""How far a record stands, who signed it, what to compare, and what must be said before anything else."""

from collections.abc import Iterator
from typing import Final

from emscontrol.record.report import VerifyReport
from emscontrol.record.reports.blocks import Block, Notice, Seal, Text, Weight
from emscontrol.record.reports.session_read import SessionRecord
from emscontrol.record.reports.words import short

PROBLEMS_MAX: Final = 3
PULL: Final = "If the stimulator has not been switched off since, pull its leads."
RESULTS: Final = {"fault": Weight.ALARM, "stopped": Weight.CAUTION, "refused": Weight.CAUTION}
"""What a session that was not completed ended as, and how loudly that is told."""


def notices(session: SessionRecord) -> Iterator[Notice]:
    """What stands above all else, the gravest that can be wrong with the report itself first."""
    if session.opening["simulated"]:
        yield Notice("Nobody was stimulated: the stimulator is a program.", Weight.NOTE, "SIMULATION")
    if not session.verified.ok:
        yield Notice(
            f"{session.verified.sentence()} This report is of these {session.verified.last_good} records; what comes after "
            "them is not to be trusted and left out.",
            Weight.ALARM,
            "RECORD NOT INTACT",
        )
    elif not session.closed:
        yield Notice(f"{session.verified.sentence()} Its last record: {short(session.last.sentence())}", Weight.ALARM)
    if not session.zero_known:
        yield _unknown(session)
    yield from _ended(session)


def proof(session: SessionRecord) -> list[Block]:
    """The finding in words, the digest to compare, and how to check again."""
    found = session.verified
    made: list[Block] = [Text(_sentences(found))]
    made += [Text(f"Line {each.line}: {each.kind}: {short(each.sentence)}") for each in found.problems[:PROBLEMS_MAX]]
    more = max(0, len(found.problems) - PROBLEMS_MAX) + found.more
    made += [Text(f"And {more} more.")] if more else []
    told = f"Hash of record {found.last_good}, the last that stands, and so of all before it. To check: emscontrol verify"
    return [*made, Seal(found.last_hash, f"{told} {session.name} --json, last_hash."), Text(found.limit)]


def _sentences(found: VerifyReport) -> str:
    return " ".join(filter(None, (found.sentence(), found.signature_sentence(), found.totals_sentence())))


def _unknown(session: SessionRecord) -> Notice:
    """A record that ends while current may have flowed."""
    watchdog_us = session.opening["capabilities"].get("watchdog_us")
    by_itself = (
        f" Without its engine the stimulator's own watchdog ends the current after {watchdog_us / 1e6:.1f} s."
        if isinstance(watchdog_us, int) and watchdog_us > 0
        else ""
    )
    do = "" if session.opening["simulated"] else f" {PULL}"
    return Notice(f"No zero was confirmed after the last command.{by_itself}{do}", Weight.ALARM, "OUTPUT NOT KNOWN")


def _ended(session: SessionRecord) -> Iterator[Notice]:
    for at in session.of("session_ended"):
        weight = RESULTS.get(str(at.event.args["result"]))
        if weight:
            yield Notice(short(at.event.sentence()), weight)
