"""Zero within the bound: after every stop, pause and fault, and nothing again before the operator's next start."""

from collections.abc import Iterator
from dataclasses import dataclass

from emscontrol.trials.oracle import facts
from emscontrol.trials.oracle.bounds import BOUNDS, Bound
from emscontrol.trials.oracle.read import Case, Flow
from emscontrol.trials.oracle.spoils import Spoils, clear_of, spoiled
from emscontrol.trials.oracle.violation import Violation
from emscontrol.trials.trial import Mishap, Struck

CHECK = "zero in time"


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
    """How a duty was kept: the time it took and the time it was allowed."""

    why: str
    row: str
    took_us: int
    max_us: int
    strict: bool


def timed(case: Case) -> list[Timed]:
    """Every duty that current was flowing for, with its times."""
    return [measured for duty in _duties(case) if (measured := _measured(case, duty)) is not None]


def in_time(case: Case) -> Iterator[Violation]:
    """The duties that were not kept."""
    for duty in _duties(case):
        measured = _measured(case, duty)
        if measured is not None and measured.took_us > measured.max_us:
            took, most = measured.took_us / 1e3, measured.max_us / 1e3
            yield Violation(
                CHECK, duty.at_us, f"{duty.why}: current for {took:.1f} ms, {most:.1f} ms are allowed ({duty.bound.row})"
            )


def _duties(case: Case) -> Iterator[Duty]:
    evidence = case.evidence
    for deed in evidence.deeds:
        if deed.name in BOUNDS and not deed.refusal:
            yield _duty(case, deed.name, deed.at_us)
    for struck in evidence.struck:
        bound = BOUNDS.get(struck.kind)
        if bound is None or struck.kind == Mishap.EXCEPTION or (struck.argument or 0) < bound.argument_from:
            continue
        lasts_us = bound.lasts_us if struck.until_us is None else struck.until_us - struck.from_us
        if struck.kind == Mishap.STANDSTILL:
            if lasts_us > facts.T_TICK_GAP_US:
                yield _duty(case, struck.kind, struck.from_us, min(lasts_us + facts.T_STOP_DEV_US, _watchdog_us(case)), struck)
        elif lasts_us >= bound.lasts_us:
            yield _duty(case, struck.kind, struck.from_us, None, struck)
    if evidence.engine_gone and not any(struck.kind == Mishap.KILLED for struck in evidence.struck):
        yield _duty(case, "crash" if evidence.crash else Mishap.EXCEPTION, evidence.ended_us)


def _duty(case: Case, why: str, at_us: int, max_us: int | None = None, cause: Struck | None = None) -> Duty:
    bound = BOUNDS[why]
    starts = (deed.at_us for deed in case.evidence.deeds if deed.name in ("start", "resume") and not deed.refusal)
    until_us = next((start_us for start_us in starts if start_us > at_us), None)
    if max_us is None:
        max_us = _watchdog_us(case) if bound.max_us is None else bound.max_us
    return Duty(why, bound, at_us, until_us, max_us, cause)


def _watchdog_us(case: Case) -> int:
    return case.device.watchdog_us + facts.DEADMAN_SLACK_US


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
    spoilt = _others(case, duty, begun_us + duty.max_us)
    if spoilt & Spoils.FALSE:
        return None
    max_us = duty.max_us if not spoilt else duty.max_us + _watchdog_us(case) + facts.T_STOP_CONFIRM_US
    return Timed(duty.why, duty.bound.row, ended_us - begun_us, max_us, not spoilt)


def _end_us(flows: list[Flow], duty: Duty) -> int:
    last_us = flows[-1].to_us
    return last_us if duty.until_us is None else min(last_us, duty.until_us)


def _others(case: Case, duty: Duty, to_us: int) -> Spoils:
    """What other troubles spoil of that which this bound needs."""
    spoilt = Spoils.NOTHING
    if clear_of(case, duty.at_us, duty.bound.needs, to_us):
        return spoilt
    for flag in (Spoils.ANSWERS, Spoils.COMMANDS, Spoils.FALSE, Spoils.ENGINE):
        if flag & duty.bound.needs and _another(case, duty, flag, to_us):
            spoilt |= flag
    return spoilt


def _another(case: Case, duty: Duty, flag: Spoils, to_us: int) -> bool:
    others = (struck for struck in case.evidence.struck if struck is not duty.cause and spoiled(struck, flag))
    return any(o.from_us <= to_us and (o.until_us is None or duty.at_us < o.until_us + 4_000_000) for o in others)
