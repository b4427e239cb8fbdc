"""The sum of a campaign: sessions and violations by model and by trouble, and the longest time to zero against its bound."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final

from emscontrol.trials.outcome import Outcome

CALM: Final = "nothing wrong"
SHOWN: Final = 20  # failures that are told one by one; all are counted


@dataclass(slots=True)
class Row:
    """Sessions of one model, or with one trouble."""

    sessions: int = 0
    violations: int = 0


@dataclass(slots=True)
class Summary:
    """Grows by one outcome after the other; its size does not depend on their number.

    `worst` is by cause and model: how many stops, the longest time to zero, the time allowed (µs), the row of the fault matrix.
    """

    sessions: int = 0
    simulated_us: int = 0
    longest_us: int = 0
    work_s: float = 0.0
    failed: int = 0
    by_model: dict[str, Row] = field(default_factory=dict)
    by_trouble: dict[str, Row] = field(default_factory=dict)
    results: Counter[str] = field(default_factory=Counter)
    checks: Counter[str] = field(default_factory=Counter)
    known: Counter[str] = field(default_factory=Counter)
    worst: dict[tuple[str, str], tuple[int, int, int, str]] = field(default_factory=dict)
    failures: list[Outcome] = field(default_factory=list)

    def add(self, outcome: Outcome) -> None:
        """Count one."""
        self.sessions += 1
        self.simulated_us += outcome.simulated_us
        self.longest_us = max(self.longest_us, outcome.simulated_us)
        self.work_s += outcome.took_s
        self.results[outcome.result] += 1
        self.known.update(outcome.known)
        self.checks.update({check for check, _ in outcome.violations})
        bad = bool(outcome.violations)
        self.failed += bad
        if bad and len(self.failures) < SHOWN:
            self.failures.append(outcome)
        troubles = sorted(set(outcome.troubles)) or [CALM]
        for table, keys in ((self.by_model, [outcome.model]), (self.by_trouble, troubles)):
            for key in keys:
                row = table.setdefault(key, Row())
                row.sessions += 1
                row.violations += bad
        for kept in outcome.kept:
            self._time(outcome, kept.why, kept.row, kept.took_us, kept.max_us)

    def _time(self, outcome: Outcome, why: str, row: str, took_us: int, max_us: int) -> None:
        key = (why, outcome.model)
        count, worst_us, bound_us, _ = self.worst.get(key, (0, -1, max_us, row))
        self.worst[key] = (count + 1, max(worst_us, took_us), max(bound_us, max_us), row)

    def as_json(self) -> dict[str, Any]:
        """Everything, as plain data."""
        return {
            "sessions": self.sessions,
            "simulated_s": round(self.simulated_us / 1e6, 3),
            "longest_s": round(self.longest_us / 1e6, 3),
            "work_s": round(self.work_s, 3),
            "sessions_with_violations": self.failed,
            "violations": dict(sorted(self.checks.items())),
            "known_limits": dict(sorted(self.known.items())),
            "results": dict(sorted(self.results.items())),
            "models": {name: _row(row) for name, row in sorted(self.by_model.items())},
            "troubles": {name: _row(row) for name, row in sorted(self.by_trouble.items())},
            "zero": [
                {"cause": why, "model": model, "row": row, "stops": count, "max_ms": took / 1e3, "bound_ms": bound / 1e3}
                for (why, model), (count, took, bound, row) in sorted(self.worst.items())
            ],
            "failures": [
                {"seed": f.seed, "model": f.model, "troubles": f.troubles, "violations": [list(v) for v in f.violations]}
                for f in self.failures
            ],
        }


def _row(row: Row) -> dict[str, int]:
    return {"sessions": row.sessions, "violations": row.violations}


def as_text(summary: Summary) -> str:
    """The tables for people."""
    lines = ["", f"{'model':<16}{'sessions':>10}{'violations':>12}"]
    lines += [f"{name:<16}{row.sessions:>10}{row.violations:>12}" for name, row in sorted(summary.by_model.items())]
    lines += ["", f"{'what went wrong':<24}{'sessions':>10}{'violations':>12}"]
    lines += [f"{name:<24}{row.sessions:>10}{row.violations:>12}" for name, row in sorted(summary.by_trouble.items())]
    lines += ["", f"{'zero after':<24}{'model':<12}{'row':<12}{'stops':>8}{'longest':>12}{'bound':>12}"]
    for (why, model), (count, took, bound, row) in sorted(summary.worst.items()):
        lines.append(f"{why:<24}{model:<12}{row:<12}{count:>8}{took / 1e3:>9.1f} ms{bound / 1e3:>9.0f} ms")
    if summary.known:
        lines += ["", "what nobody can promise: sessions, fault, model, and why"]
        lines += [f"{count:>8}  {name}" for name, count in sorted(summary.known.items())]
    mean_s = summary.simulated_us / 1e6 / max(1, summary.sessions)
    lengths = f"{mean_s:.0f} s on average, longest {summary.longest_us / 3.6e9:.2f} h"
    sessions = f"{summary.sessions} sessions, {summary.simulated_us / 3.6e9:.1f} simulated hours ({lengths})"
    lines += ["", f"{sessions}, {summary.work_s:.0f} s of work, {summary.failed} with violations."]
    return "\n".join(lines)
