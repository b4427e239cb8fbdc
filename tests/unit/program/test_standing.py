"""Where a program stands: each moment of a short one worked out by hand."""

import pytest

from emscontrol.program.program import Contraction, PhaseSpan
from emscontrol.program.standing import standing

S = 1_000_000
END_US = 20 * S + 40_000
PHASES = (PhaseSpan("warm-up", 0, 8 * S), PhaseSpan("work", 8 * S, END_US))


def contraction(phase: int, number: int, of: int, start_s: int) -> Contraction:
    """Five seconds with 1 s up and 2 s down inside."""
    start_us = start_s * S
    return Contraction(phase, 0, number, of, (1,), start_us, start_us + 5 * S, 1 * S, 2 * S)


CONTRACTIONS = (contraction(0, 1, 1, 1), contraction(1, 1, 2, 8), contraction(1, 2, 2, 15))

MOMENTS = {
    "before the first": (0, "warm-up", 1, 1, "rest", 1.0, "ramp up"),
    "the first begins": (1.0, "warm-up", 1, 1, "ramp up", 1.0, "hold"),
    "the end of its ramp": (2.0, "warm-up", 1, 1, "hold", 2.0, "ramp down"),
    "the end of its hold": (4.0, "warm-up", 1, 1, "ramp down", 2.0, "rest"),
    "the rest after it counts for the next": (6.0, "warm-up", 1, 2, "rest", 2.0, "ramp up"),
    "the next phase begins with a contraction": (8.0, "work", 1, 2, "ramp up", 1.0, "hold"),
    "in the last one": (16.5, "work", 2, 2, "hold", 1.5, "ramp down"),
    "after the last one": (20.0, "work", 0, 0, "finished", 0.04, "finished"),
}


@pytest.mark.parametrize(("at_s", "phase", "number", "of", "doing", "left_s", "then"), MOMENTS.values(), ids=MOMENTS)
def test_each_moment(at_s: float, phase: str, number: int, of: int, doing: str, left_s: float, then: str) -> None:
    told = standing(PHASES, CONTRACTIONS, END_US, round(at_s * S))
    assert (told["phase"], told["contraction"], told["contractions"]) == (phase, number, of)
    assert (told["doing"], told["doing_left_us"], told["next"]) == (doing, round(left_s * S), then)
    assert (told["phase_index"], told["phases"]) == (1 + (phase == "work"), 2)
    assert told["left_us"] == END_US - round(at_s * S)
    assert told["text"] == f"{phase}: {doing} for {f'{left_s:g}' if left_s % 1 else f'{left_s:.1f}'} s"


def test_beyond_the_end_nothing_is_left() -> None:
    told = standing(PHASES, CONTRACTIONS, END_US, END_US + S)
    assert (told["doing"], told["doing_left_us"], told["left_us"]) == ("finished", 0, 0)
