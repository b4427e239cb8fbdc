"""Where a program stands at a time of its own clock: phase, contraction, what happens now and for how long, what is left.

A function of the schedule alone, so a session tells the same as what is read from its record later.
"""

from bisect import bisect_right
from collections.abc import Sequence

from emscontrol.core.units import format_s
from emscontrol.program.program import Contraction, PhaseSpan


def standing(phases: Sequence[PhaseSpan], contractions: Sequence[Contraction], end_us: int, at_us: int) -> dict[str, object]:
    """For screens, `at_us` after START with pauses left out; the program is over at `end_us`. All times in µs."""
    index = max(0, bisect_right(phases, at_us, key=lambda phase: phase.start_us) - 1)
    contraction = _contraction_at(contractions, at_us)
    doing, until_us = _doing(contraction, at_us, end_us)
    return {
        "phase": phases[index].name,
        "phase_index": index + 1,
        "phases": len(phases),
        "contraction": contraction.number if contraction else 0,
        "contractions": contraction.of if contraction else 0,
        "doing": doing,
        "doing_left_us": until_us - at_us,
        "next": _doing(_contraction_at(contractions, until_us), until_us, end_us)[0],
        "at_us": at_us,
        "left_us": max(0, end_us - at_us),
        "text": f"{phases[index].name}: {doing} for {format_s(until_us - at_us)}",
    }


def _contraction_at(contractions: Sequence[Contraction], at_us: int) -> Contraction | None:
    """In progress, or the next one; None after the last."""
    return next((c for c in contractions if c.end_us > at_us), None)


def _doing(contraction: Contraction | None, at_us: int, end_us: int) -> tuple[str, int]:
    if contraction is None:
        return "finished", max(at_us, end_us)
    if at_us < contraction.start_us:
        return "rest", contraction.start_us
    if at_us < contraction.start_us + contraction.ramp_up_us:
        return "ramp up", contraction.start_us + contraction.ramp_up_us
    if at_us < contraction.end_us - contraction.ramp_down_us:
        return "hold", contraction.end_us - contraction.ramp_down_us
    return "ramp down", contraction.end_us
