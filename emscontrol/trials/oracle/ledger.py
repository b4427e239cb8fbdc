"""Nothing flows that the journal does not know of: the oscilloscope against the set points written down before it.

A set point may be in force from the moment it is in the journal until one after it has been acknowledged, or a stop has been
confirmed. Where no confirmation came, the journal must say so.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from emscontrol.trials.oracle import facts
from emscontrol.trials.oracle.read import Case, Record
from emscontrol.trials.oracle.spoils import Spoils, clear_of, spoiled
from emscontrol.trials.oracle.violation import Violation
from firmware_sim.scope import ScopeLine

CHECK = "journal knows"
PULSE_END_US: Final = (
    15_000  # a device with one clock changes a channel at its place in the round (8 × 1.5 ms), after its pulse
)
WEAKER: Final = frozenset({"electrode_half", "electrode_dry", "short", "low_battery", "battery_drain"})
"""Troubles through which less current flows than is set."""

MARKS: Final = ("uncertain", "link_lost", "stop_unconfirmed", "engine_fault")
"""Records that say that the output is not known."""


@dataclass(slots=True)
class _Run:
    """One channel at one value from a record on; `until_us` None = may be in force to the end.

    `swell` is (rise, hold, fall) where the device makes the contraction by itself.
    """

    amplitude_ua: int
    width_us: int
    period_us: int
    swell: tuple[int, int, int] | None
    line: int
    from_us: int
    until_us: int | None = None

    def explains(self, line: ScopeLine, exact: bool) -> bool:
        """Whether this set point makes what is seen; not `exact` where less may flow than is set, or later."""
        if (self.width_us, self.period_us) != (line.width_us, line.period_us):
            return False
        highest_ua = self.amplitude_ua if self.swell is None else self._swelled_ua(self.swell, line.t_us - self.from_us)
        if exact and self.swell is None:
            return line.amplitude_ua == highest_ua
        return line.amplitude_ua <= (highest_ua if exact else self.amplitude_ua)

    def _swelled_ua(self, swell: tuple[int, int, int], at_us: int) -> int:
        """The highest amplitude between the pulse before this time and this time."""
        rise_us, hold_us, fall_us = swell
        left_us = rise_us + hold_us + fall_us - (at_us - self.period_us)
        if left_us <= 0:
            return 0
        falling_ua = self.amplitude_ua * left_us // fall_us if left_us < fall_us else self.amplitude_ua
        rising_ua = self.amplitude_ua * at_us // rise_us if at_us < rise_us else self.amplitude_ua
        return min(rising_ua, falling_ua)


def known(case: Case) -> Iterator[Violation]:
    """All current is explained, and unconfirmed current is marked."""
    runs = _runs(case)
    troubles = case.evidence.struck
    exact = case.trial.body is None and not any(s.kind in WEAKER or spoiled(s, Spoils.COMMANDS) for s in troubles)
    for channel, lines in case.lines.items():
        own = runs.get(channel, [])
        begin = 0
        for line, until_us, journalled in lines:
            if not line.amplitude_ua:
                continue
            while begin < len(own) and own[begin].until_us is not None and (own[begin].until_us or 0) < line.t_us:
                begin += 1
            if _explained(own[begin:], line, until_us, journalled, exact):
                continue
            if clear_of(case, line.t_us, Spoils.FALSE | Spoils.RECORD, until_us):
                span = f"from {line.t_us} to {until_us} µs"
                yield Violation(CHECK, line.t_us, f"channel {channel}: {line.amplitude_ua} µA {span} is no set point's")
    yield from _unmarked(case)


def _explained(own: list[_Run], line: ScopeLine, until_us: int, journalled: int, exact: bool) -> bool:
    """Whether set points of this value, the first written down before the line, cover all of its time."""
    reached_us = line.t_us
    for run in own:
        if run.from_us > reached_us:
            break
        if run.explains(line, exact) and (run.line <= journalled or reached_us > line.t_us):
            if run.until_us is None or run.until_us >= until_us:
                return True
            reached_us = max(reached_us, run.until_us)
    return False


def _runs(case: Case) -> dict[int, list[_Run]]:
    """By channel, the values that may be in force, in the order of the journal."""
    found: dict[int, list[_Run]] = {}
    open_: list[tuple[int, dict[int, _Run]]] = []  # set points that may be in force, with their runs
    grace_us = _grace_us(case)
    for record in case.of("set_point", "acked", "stop_confirmed"):
        if record.event == "set_point":
            open_.append((record.args["number"], _opened(record, open_, found)))
        elif record.event == "stop_confirmed":
            _close(open_, {}, record.t_us)
            open_ = []
        else:
            later = [(number, runs) for number, runs in open_ if number >= record.args["number"]]
            kept = {id(run): run for _, runs in later for run in runs.values()}
            _close([entry for entry in open_ if entry[0] < record.args["number"]], kept, record.t_us + grace_us)
            open_ = later
    return found


def _grace_us(case: Case) -> int:
    """How long after its acknowledgement a set point takes effect: at the next round of a common clock."""
    if not case.device.at_next_pulse:
        return 0
    return PULSE_END_US + max(place.slowest_us for place in case.places.values()) + case.device.clock_us


def _opened(record: Record, open_: list[tuple[int, dict[int, _Run]]], found: dict[int, list[_Run]]) -> dict[int, _Run]:
    """The runs of a set point; a channel that stays as it was keeps its run."""
    before = open_[-1][1] if open_ else {}
    runs = {}
    for output in record.args["outputs"]:
        channel = output["channel"]
        swell = (output["rise_us"], output["hold_us"], output["fall_us"]) if "rise_us" in output else None
        value = (output["amplitude_ua"], output["width_us"], output["period_us"], swell)
        run = before.get(channel)
        if run is None or (run.amplitude_ua, run.width_us, run.period_us, run.swell) != value or _is_over(run, record.t_us):
            run = _Run(*value, line=record.line, from_us=record.t_us)
            found.setdefault(channel, []).append(run)
        runs[channel] = run
    return runs


def _is_over(run: _Run, at_us: int) -> bool:
    """Whether a contraction has run its time, so that the same words mean the next one."""
    return run.swell is not None and at_us >= run.from_us + sum(run.swell)


def _close(entries: list[tuple[int, dict[int, _Run]]], kept: dict[int, _Run], at_us: int) -> None:
    for _, runs in entries:
        for run in runs.values():
            if id(run) not in kept and run.until_us is None:
                run.until_us = at_us


def _unmarked(case: Case) -> Iterator[Violation]:
    """Current long after a stop was sent, in a journal that is closed and does not say that the output is unknown."""
    stops = case.of("stop_sent")
    if not stops or not case.of("session_ended") or case.evidence.engine_gone:
        return
    last = stops[-1]
    late_us = last.t_us + facts.T_STOP_CONFIRM_US
    marked = any(record.line > last.line - 4 for record in case.of(*MARKS))
    for flow in case.flows:
        if flow.to_us > late_us and not marked and clear_of(case, last.t_us, Spoils.FALSE, flow.to_us):
            yield Violation(CHECK, flow.to_us, "current after a closed record that says nothing of it")
            return
