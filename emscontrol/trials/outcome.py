"""What a campaign keeps of each trial: a few plain values, so that millions of them stay small and travel between processes."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from emscontrol.trials.draw import draw
from emscontrol.trials.known import met
from emscontrol.trials.oracle.judge import judge
from emscontrol.trials.oracle.read import read
from emscontrol.trials.stage import Stage


@dataclass(frozen=True, slots=True)
class Kept:
    """How one stop was kept: why, its row of the fault matrix, the time it took and the time it was allowed (µs)."""

    why: str
    row: str
    took_us: int
    max_us: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """One trial, judged. `violations` are (check, sentence); `known` the limits that it ran into (`known.py`)."""

    seed: int
    model: str
    troubles: tuple[str, ...]
    result: str
    simulated_us: int
    took_s: float
    violations: tuple[tuple[str, str], ...]
    known: tuple[str, ...]
    kept: tuple[Kept, ...]


def run_seed(seed: int, only: Sequence[str] = ()) -> Outcome:
    """Draw, play and judge the trial of this seed."""
    began = time.perf_counter()
    trial, assembly = draw(seed, only)
    evidence = Stage(trial, assembly).play()
    case = read(evidence)
    verdict = judge(case)
    return Outcome(
        seed=seed,
        model=trial.model,
        troubles=trial.troubles,
        result=evidence.result or "none",
        simulated_us=evidence.ended_us,
        took_s=time.perf_counter() - began,
        violations=tuple((v.check, f"at {v.at_us / 1e6:.6f} s: {v.sentence}") for v in verdict.violations),
        known=met(case),
        kept=tuple(Kept(timed.why, timed.row, timed.took_us, timed.max_us) for timed in verdict.timed if timed.strict),
    )
