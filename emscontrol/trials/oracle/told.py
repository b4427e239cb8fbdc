"""What happened is in the record: each trouble that ends a session is named there, so that nobody has to guess."""

from collections.abc import Iterator, Mapping
from typing import Final

from emscontrol.trials.oracle.facts import MS
from emscontrol.trials.oracle.read import Case
from emscontrol.trials.oracle.spoils import Spoils, clear_of
from emscontrol.trials.oracle.violation import Violation
from emscontrol.trials.trial import Mishap
from firmware_sim.fault_kinds import FaultKind

CHECK = "told"

TOLD: Final[Mapping[str, tuple[int, int, frozenset[str]]]] = {
    Mishap.CLIENT_GONE: (0, 100 * MS, frozenset({"client_gone"})),
    Mishap.LEASE_LOST: (0, 100 * MS, frozenset({"lease_lost"})),
    Mishap.STANDSTILL: (300 * MS + 1, 0, frozenset({"tick_gap"})),
    Mishap.JOURNAL_FAILS: (0, 1_000 * MS, frozenset({"journal_failed"})),
    FaultKind.DEAD_LINK: (450 * MS, 450 * MS, frozenset({"link_lost", "uncertain"})),
    FaultKind.DEAD_UPLINK: (450 * MS, 450 * MS, frozenset({"link_lost", "uncertain"})),
    FaultKind.DEAD_DOWNLINK: (450 * MS, 450 * MS, frozenset({"link_lost", "uncertain"})),
    FaultKind.UNPLUG: (450 * MS, 450 * MS, frozenset({"link_lost"})),
    FaultKind.REBOOT: (0, 600 * MS, frozenset({"device_fault", "uncertain", "link_lost", "refused_by_device"})),
}
"""Kind: how long it must last at least, how soon it is told, and by which of these records. Where a session was running."""


def said(case: Case) -> Iterator[Violation]:
    """One of its records stands in the journal in time, when the session was running with nothing else wrong."""
    if len(case.evidence.struck) != 1:
        return
    (struck,) = case.evidence.struck
    row = TOLD.get(struck.kind)
    if row is None or case.evidence.engine_gone:
        return
    lasts_us, within_us, events = row
    span_us = lasts_us if struck.until_us is None else struck.until_us - struck.from_us
    if span_us < lasts_us or not _running(case, struck.from_us, struck.from_us + within_us):
        return
    late_us = struck.from_us + within_us + (span_us if struck.kind == Mishap.STANDSTILL else 0)
    if not any(struck.from_us <= record.t_us <= late_us for record in case.of(*sorted(events))):
        yield Violation(CHECK, struck.from_us, f"{struck.kind}: none of {', '.join(sorted(events))} by {late_us} µs")


def _running(case: Case, from_us: int, until_us: int) -> bool:
    """Whether current flowed when it came, and nobody ended the session before it had to be told."""
    if any(from_us <= deed.at_us <= until_us and not deed.refusal for deed in case.evidence.deeds):
        return False
    flowing = any(flow.from_us <= from_us < flow.to_us for flow in case.flows)
    return flowing and clear_of(case, from_us, Spoils.FALSE)
