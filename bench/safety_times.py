"""From a fault to zero current on the oscilloscope: real processes, a real pseudo-terminal, the real clock.

    .venv/bin/python bench/safety_times.py [--runs N] [NAME...]

Runs the scenarios of tests/pty/scenarios.py several times on each model, both models side by side, each fault at another moment
of the contraction, and prints one table. Limits are those of the fault matrix (tests/data/faults.toml); where the stimulator's
own watchdog is what saves, the limit is that watchdog and 50 ms. Exit code 1 when anything took longer.
"""

import argparse
import random
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parent.parent))

from tests.pty.models import MODELS, P24, Model
from tests.pty.scenarios import SCENARIOS, STUCK, Scenario, alarm_after_ms, staged, zero_after_ms

RUNS = 3
ROW = "{:28} {:5} {:10} {:25} {:>8} {:>8} {:>8}  {}"


@dataclass(frozen=True)
class Measured:
    """One scenario on one model; `times_ms` has None for a run in which the current did not end at all."""

    scenario: Scenario
    model: Model
    times_ms: list[float | None]

    @property
    def within(self) -> bool:
        """Whether every run kept the limit."""
        limit_ms = self.scenario.limit_ms(self.model)
        return all(time_ms is not None and 0 <= time_ms <= limit_ms for time_ms in self.times_ms)

    def row(self) -> str:
        """A line of the table."""
        known = sorted(time_ms for time_ms in self.times_ms if time_ms is not None)
        middle, worst = (f"{median(known):.1f}", f"{known[-1]:.1f}") if known else ("-", "-")
        scenario = self.scenario
        verdict = "yes" if self.within else "NO"
        return ROW.format(
            scenario.what, scenario.row, self.model.name, scenario.saves, scenario.limit_ms(self.model), middle, worst, verdict
        )


def main() -> int:
    """Measure, print, judge."""
    parser = argparse.ArgumentParser(description="From a fault to zero current, measured.")
    parser.add_argument("--runs", type=int, default=RUNS, help="how often each fault strikes each model")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of {', '.join(SCENARIOS)}; all when none is given")
    options = parser.parse_args()
    unknown = sorted(set(options.names) - set(SCENARIOS))
    if unknown:
        parser.error(f"no such scenario: {', '.join(unknown)}")
    print(
        ROW.format("what happens", "row", "model", "what ends the current", "limit ms", "median", "worst", "within"), flush=True
    )
    rows: list[Measured] = []
    for name in options.names or SCENARIOS:
        rows += _measured(SCENARIOS[name], list(MODELS.values()), options.runs)
    if not options.names:
        rows += _measured(STUCK, [P24], options.runs)
        print("Output stuck on: the time to the alarm that says so; a RehaStim 2 reports no current, so that nobody can tell.")
    print(f"{options.runs} runs each; the time is that of the oscilloscope's last current. RehaStim 2 and P24 are simulated.")
    return int(not all(row.within for row in rows))


def _measured(scenario: Scenario, models: list[Model], runs: int) -> list[Measured]:
    with ThreadPoolExecutor(len(models)) as pool:
        rows = list(pool.map(lambda model: Measured(scenario, model, [_once(scenario, model) for _ in range(runs)]), models))
    for row in rows:
        print(row.row(), flush=True)
    return rows


def _once(scenario: Scenario, model: Model) -> float | None:
    """The time of one run; the fault strikes at a moment of its own within the plateau."""
    later_s = random.uniform(0.0, 0.3)  # the phase of keep-alives and updates in which it strikes
    with staged(scenario, model, 0.8 + later_s) as scene:
        time.sleep(later_s)
        try:
            return alarm_after_ms(scene) if scenario is STUCK else zero_after_ms(scenario, scene, scenario.strike(scene))
        except (TimeoutError, AssertionError) as problem:
            print(f"{scenario.what} on {model.name}: {problem}", file=sys.stderr)
            return None


if __name__ == "__main__":
    sys.exit(main())
