"""What is asked of the device is never more than the plan has at that moment, and never for longer than the plan lasts."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from operator import itemgetter
from typing import Final

from emscontrol.trials.oracle import facts
from emscontrol.trials.oracle.asked import Place, planned_ua
from emscontrol.trials.oracle.read import Case
from emscontrol.trials.oracle.spoils import Spoils, clear_of
from emscontrol.trials.oracle.violation import Violation

CHECK = "plan"
ON_TIME = "on-time"
LATE_US: Final = 4 * facts.T_ACK_US + facts.RAMP_STEP_US  # a step waits for the answer to the one before: three transmissions
EARLY_US: Final = facts.RAMP_STEP_US + 2_000
STANDSTILL_US: Final = facts.T_TICK_GAP_US  # a loop that stood still for less than that goes on


def as_planned(case: Case) -> Iterator[Violation]:
    """Each set point against the trapezoids of the protocol, raised by what the operator's hand has added."""
    clock = _clock(case)
    targets = {channel: place.peak_ua for channel, place in case.places.items()}
    for record in case.of("set_point", "adjusted"):
        if record.event == "adjusted":
            targets[record.args["channel"]] = max(targets[record.args["channel"]], record.args["to_ua"])
            continue
        at_us = _program_us(clock, record.t_us)
        for output in record.args["outputs"]:
            place = case.places.get(output["channel"])
            if place is None:
                yield Violation(
                    CHECK, record.t_us, f"a set point for channel {output['channel']}, which is not in the protocol"
                )
                continue
            if "rise_us" in output:
                planned = _swell_ua(place, at_us, output)
            else:
                planned = planned_ua(place.contractions, at_us, EARLY_US, LATE_US + STANDSTILL_US)
            allowed_ua = planned * targets[place.channel] // place.peak_ua + 1
            if output["amplitude_ua"] > allowed_ua:
                text = f"channel {place.channel}: {output['amplitude_ua']} µA where the plan has {allowed_ua} µA"
                yield Violation(CHECK, record.t_us, f"{text}, {at_us / 1e6:.3f} s into it")


def _swell_ua(place: Place, at_us: int, output: Mapping[str, int]) -> int:
    """The plateau of the contraction that this may be: it rises no faster, lasts no longer, and is due about now."""
    lasts_us = output["rise_us"] + output["hold_us"] + output["fall_us"]
    fits = (
        contraction.pulses.plateau_ua
        for contraction in place.contractions
        if contraction.start_us <= at_us + EARLY_US
        and contraction.end_us >= at_us - LATE_US - STANDSTILL_US
        and contraction.up_us <= output["rise_us"]
        and lasts_us <= contraction.end_us - contraction.start_us
    )
    return max(fits, default=0)


def _clock(case: Case) -> list[tuple[int, int, bool]]:
    """(time, program time then, whether it runs from then on), from the states in the journal."""
    marks: list[tuple[int, int, bool]] = [(0, 0, False)]
    for record in case.of("state_changed"):
        since_us, passed_us, runs = marks[-1]
        now_runs = record.args["to_state"] == "running"
        if runs != now_runs:
            marks.append((record.t_us, passed_us + (record.t_us - since_us if runs else 0), now_runs))
    return marks


def _program_us(clock: list[tuple[int, int, bool]], at_us: int) -> int:
    since_us, passed_us, runs = clock[bisect_right(clock, at_us, key=itemgetter(0)) - 1]
    return passed_us + (at_us - since_us if runs else 0)


def not_too_long(case: Case) -> Iterator[Violation]:
    """Current on each channel, summed up, stays within the plan's time on and its spare."""
    for channel, place in case.places.items():
        spans = [(line.t_us, until_us) for line, until_us, _ in case.lines.get(channel, ()) if line.amplitude_ua]
        total_us = sum(until_us - from_us for from_us, until_us in spans)
        spare_us = place.on_us * (facts.SPARE_PERCENT - 100) // 100
        ends = 1 + len(place.contractions) + len(case.evidence.deeds)
        slack_us = spare_us + case.device.watchdog_us + ends * place.slowest_us
        if total_us > place.on_us + slack_us and clear_of(case, 0, Spoils.FALSE, case.evidence.watched_us):
            yield Violation(ON_TIME, case.evidence.ended_us, f"channel {channel}: {total_us / 1e6:.3f} s of current")
