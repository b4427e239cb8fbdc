"""What happened is in the record: each trouble that ends a session is named there, so that nobody has to guess."""

from collections.abc import Iterator, Mapping
from typing import Final

from emscontrol.trials.oracle.facts import MS
from emscontrol.trials.oracle.read import Case
from emscontrol.trials.oracle.violation import Violation
from emscontrol.trials.trial import Struck
from firmware_sim.fault_kinds import FaultKind
from firmware_sim.host_faults import HostKind

CHECK = "told"
OF_A_CHANNEL: Final = frozenset({FaultKind.ELECTRODE_OFF})

TOLD: Final[Mapping[str, tuple[int, int, frozenset[str]]]] = {
    HostKind.CLIENT_GONE: (0, 100 * MS, frozenset({"client_gone"})),
    HostKind.LEASE_LOST: (0, 100 * MS, frozenset({"lease_lost"})),
    HostKind.STANDSTILL: (300 * MS + 1, 0, frozenset({"tick_gap"})),
    HostKind.JOURNAL_FAILS: (0, 1_000 * MS, frozenset({"journal_failed"})),
    FaultKind.DEAD_LINK: (450 * MS, 450 * MS, frozenset({"link_lost", "uncertain"})),
    FaultKind.DEAD_UPLINK: (450 * MS, 450 * MS, frozenset({"link_lost", "uncertain"})),
    FaultKind.DEAD_DOWNLINK: (450 * MS, 450 * MS, frozenset({"link_lost", "uncertain"})),
    FaultKind.UNPLUG: (450 * MS, 450 * MS, frozenset({"link_lost"})),
    FaultKind.ELECTRODE_OFF: (400 * MS, 350 * MS, frozenset({"electrode_fault"})),
    FaultKind.MODULE_FAULT: (0, 350 * MS, frozenset({"device_fault"})),
    FaultKind.FALSE_OFF: (700 * MS, 700 * MS, frozenset({"device_fault"})),
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
    if span_us < lasts_us or not _running(case, struck, struck.from_us + within_us):
        return
    late_us = struck.from_us + within_us + (span_us if struck.kind == HostKind.STANDSTILL else 0)
    if not any(struck.from_us <= record.t_us <= late_us for record in case.of(*sorted(events))):
        yield Violation(CHECK, struck.from_us, f"{struck.kind}: none of {', '.join(sorted(events))} by {late_us} µs")


def _running(case: Case, struck: Struck, until_us: int) -> bool:
    """Whether current flowed when it came (on its channel), and nobody did anything before it had to be told."""
    if any(struck.from_us <= deed.at_us <= until_us and not deed.refusal for deed in case.evidence.deeds):
        return False
    if struck.kind in OF_A_CHANNEL:
        own = case.lines.get(int(struck.argument or 0), ())
        return any(line.amplitude_ua and line.t_us <= struck.from_us - 1 < end_us for line, end_us, _ in own) and _asked(
            case, struck
        )
    flows_us = until_us if struck.kind == FaultKind.FALSE_OFF else struck.from_us + 1  # it does not end the current itself
    return any(flow.from_us <= struck.from_us and flows_us <= flow.to_us for flow in case.flows)


def _asked(case: Case, struck: Struck) -> bool:
    """Whether the channel's current was still asked for two pulses later, so that the device had to notice."""
    channel = int(struck.argument or 0)
    place = case.places.get(channel)
    if place is None:
        return False
    later_us = struck.from_us + 2 * place.slowest_us
    asked = [record for record in case.of("set_point") if record.t_us <= later_us]
    return (
        bool(asked)
        and any(output["channel"] == channel for output in asked[-1].args["outputs"])
        and later_us < struck.from_us + 150 * MS
    )
