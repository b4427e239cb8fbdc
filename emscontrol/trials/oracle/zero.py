"""Zero within the bound: after every stop, pause and fault, and nothing again before the operator's next start."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from emscontrol.trials.oracle import facts
from emscontrol.trials.oracle.bounds import BOUNDS, Bound
from emscontrol.trials.oracle.read import Case, Flow, Record
from emscontrol.trials.oracle.spoils import LINGERS_US, Spoils, spoiled
from emscontrol.trials.oracle.violation import Violation
from emscontrol.trials.trial import Struck
from firmware_sim.fault_kinds import FaultKind
from firmware_sim.host_faults import HostKind

CHECK = "zero in time"
SHORT_SILENCES: Final = frozenset({FaultKind.DEAD_LINK, FaultKind.DEAD_DOWNLINK})
REPEATED_FOR_US: Final = 780_000  # a stop is sent again every 200 ms at least, five times, before the watchdog gets its time
SURELY_REPEATED: Final = 4  # so many lost commands, and one of the repeats arrives


def _names_channel(record: Record, struck: Struck) -> bool:
    """A set point with current on the channel that the fault is about."""
    return any(output["channel"] == int(struck.argument or 0) for output in record.args["outputs"])


BITES: Final[Mapping[str, Callable[[Record, Struck], bool]]] = {
    FaultKind.NAK: lambda record, struck: True,
    FaultKind.IGNORE_SET: lambda record, struck: not record.args["outputs"],
}
"""Faults that are felt only with a later set point: the refused one; the one that should have ended the current."""


@dataclass(frozen=True, slots=True)
class Duty:
    """Why current must end, from when, until when nothing may come again (None: for ever), and how soon."""

    why: str
    bound: Bound
    at_us: int
    until_us: int | None
    max_us: int
    cause: Struck | None = None


@dataclass(frozen=True, slots=True)
class Timed:
    """How a duty was kept: the time it took and the time it was allowed. `strict` where nothing else was wrong."""

    why: str
    row: str
    at_us: int
    took_us: int
    max_us: int
    strict: bool


def timed(case: Case) -> list[Timed]:
    """Every duty that current was flowing for, with its times."""
    return [measured for duty in _duties(case) if (measured := _measured(case, duty)) is not None]


def in_time(case: Case) -> Iterator[Violation]:
    """The duties that were not kept."""
    for kept in timed(case):
        if kept.took_us > kept.max_us:
            text = f"{kept.why}: current for {kept.took_us / 1e3:.1f} ms, {kept.max_us / 1e3:.1f} ms are allowed ({kept.row})"
            yield Violation(CHECK, kept.at_us, text)


# -- what has to be kept ---------------------------------------------------------------------------------------------------


def _duties(case: Case) -> Iterator[Duty]:
    evidence = case.evidence
    for deed in evidence.deeds:
        if deed.name in BOUNDS and not deed.refusal:
            yield _duty(case, deed.name, deed.at_us)
    for struck in evidence.struck:
        yield from _duties_of(case, struck)
    if evidence.raised_us is not None:
        yield _duty(case, "crash" if evidence.crash else HostKind.EXCEPTION, evidence.raised_us)


def _duties_of(case: Case, struck: Struck) -> Iterator[Duty]:
    bound = BOUNDS.get(struck.kind)
    if bound is None or case.trial.model in bound.unseen or (struck.argument or 0) < bound.argument_from:
        return
    if struck.kind == HostKind.EXCEPTION:
        return  # it counts from the call that raises, not from when it was planted
    lasts_us = case.evidence.watched_us if struck.until_us is None else struck.until_us - struck.from_us
    if struck.kind == HostKind.STANDSTILL:
        if lasts_us > facts.T_TICK_GAP_US:
            yield _duty(case, struck.kind, struck.from_us, struck, min(lasts_us + facts.T_STOP_DEV_US, _watchdog_us(case)))
    elif struck.kind in BITES:
        yield from _bitten(case, struck, bound)
    elif lasts_us >= bound.lasts_us:
        yield _duty(case, struck.kind, struck.from_us, struck)


def _bitten(case: Case, struck: Struck, bound: Bound) -> Iterator[Duty]:
    end_us = case.evidence.watched_us if struck.until_us is None else struck.until_us
    later = (record for record in case.of("set_point") if struck.from_us <= record.t_us)
    first = next((record for record in later if BITES[struck.kind](record, struck)), None)
    if first is not None and end_us - first.t_us >= bound.lasts_us:
        yield _duty(case, struck.kind, first.t_us, struck)


def _duty(case: Case, why: str, at_us: int, cause: Struck | None = None, max_us: int | None = None) -> Duty:
    bound = BOUNDS[why]
    starts = (deed.at_us for deed in case.evidence.deeds if deed.name in ("start", "resume") and not deed.refusal)
    until_us = next((start_us for start_us in starts if start_us > at_us), None)
    if max_us is None:
        max_us = _watchdog_us(case) if bound.max_us is None else bound.max_us
    return Duty(why, bound, at_us, until_us, max_us, cause)


def _watchdog_us(case: Case) -> int:
    return case.device.watchdog_us + facts.DEADMAN_SLACK_US


# -- how it was kept -------------------------------------------------------------------------------------------------------


def _measured(case: Case, duty: Duty) -> Timed | None:
    """The time from the cause, or the first current after it, to the last current before the next start; None without current.

    What nobody promises while something makes the output false is not measured.
    """
    flows = [
        flow for flow in case.flows if flow.to_us >= duty.at_us and (duty.until_us is None or flow.from_us < duty.until_us)
    ]
    if not flows:
        return None
    begun_us = max(duty.at_us, flows[0].from_us)
    ended_us = _end_us(flows, duty)
    others = _others(case, duty, begun_us + duty.max_us)
    if any(spoiled(struck, duty.bound.needs & Spoils.FALSE) for struck in others):
        return None
    max_us = _allowed_us(case, duty, others)
    return Timed(duty.why, duty.bound.row, duty.at_us, ended_us - begun_us, max_us, not others)


def _end_us(flows: list[Flow], duty: Duty) -> int:
    last_us = flows[-1].to_us
    return last_us if duty.until_us is None else min(last_us, duty.until_us)


def _others(case: Case, duty: Duty, to_us: int) -> list[Struck]:
    """Other troubles that spoil what this bound needs."""
    return [
        struck
        for struck in case.evidence.struck
        if struck is not duty.cause
        and spoiled(struck, duty.bound.needs)
        and struck.from_us <= to_us
        and (struck.until_us is None or duty.at_us < struck.until_us + LINGERS_US)
    ]


def _allowed_us(case: Case, duty: Duty, others: list[Struck]) -> int:
    """The bound; beside other troubles the watchdog's time is added, unless a repeat of the stop is sure to come through."""
    if not others:
        return duty.max_us
    at_last_us = duty.max_us + _watchdog_us(case) + facts.T_STOP_CONFIRM_US
    repeats_us = [_repeat_us(struck, duty) for struck in others]
    if any(repeat_us is None for repeat_us in repeats_us):
        return at_last_us
    return min(at_last_us, duty.max_us + max(repeat_us or 0 for repeat_us in repeats_us))


def _repeat_us(struck: Struck, duty: Duty) -> int | None:
    """How much later than the first stop one comes through: the silence is over soon, or only so many commands are lost."""
    if struck.kind in SHORT_SILENCES and struck.until_us is not None:
        left_us = max(0, struck.until_us - duty.at_us)
        return left_us + facts.T_STOP_CONFIRM_US if left_us <= REPEATED_FOR_US else None
    if struck.kind == FaultKind.DROP_COMMAND and (struck.argument or 1) <= SURELY_REPEATED:
        return int(struck.argument or 1) * facts.T_STOP_CONFIRM_US
    return None
