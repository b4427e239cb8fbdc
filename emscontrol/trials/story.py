"""Everything about one trial in a folder: the protocol, the journal, the oscilloscope, and what happened in words."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from emscontrol.core.errors import UsageError
from emscontrol.record.replay import read_records
from emscontrol.trials.draw import draw
from emscontrol.trials.oracle.judge import judge
from emscontrol.trials.oracle.read import read
from emscontrol.trials.protocols import as_yaml
from emscontrol.trials.stage import Stage
from emscontrol.trials.trial import Evidence


def keep(seed: int, only: Sequence[str], folder: Path) -> Path:
    """Play the trial of this seed once more and write it down; returns its folder. Raises UsageError when it cannot."""
    trial, assembly = draw(seed, only)
    evidence = Stage(trial, assembly).play()
    place = folder / f"seed-{seed}"
    files = {
        "protocol.yaml": as_yaml(trial.protocol),
        "journal.jsonl": b"".join(evidence.journal).decode(),
        "scope.jsonl": "".join(json.dumps(asdict(seen.line)) + "\n" for seen in evidence.scope),
        "story.txt": "\n".join(_story(evidence)) + "\n",
    }
    try:
        place.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            (place / name).write_text(text, encoding="utf-8")
    except OSError as problem:
        raise UsageError(f"{place} cannot be written: {problem.strerror}.", "Choose another folder with --keep.") from problem
    return place


def _story(evidence: Evidence) -> list[str]:
    """What happened, in order of time: the operator, the troubles, the record; then what the judge says."""
    trial = evidence.trial
    told: list[tuple[int, str]] = []
    for deed in evidence.deeds:
        told.append((deed.at_us, f"operator  {deed.name}{f' (refused: {deed.refusal})' if deed.refusal else ''}"))
    for struck in evidence.struck:
        numbers = "/".join(f"{n:g}" for n in (struck.argument, struck.second) if n is not None)
        until = "" if struck.until_us is None else f" until {struck.until_us / 1e6:.6f} s"
        told.append((struck.from_us, f"trouble   {struck.kind}{':' if numbers else ''}{numbers}{until}"))
    told += [(record.t_us, f"journal   {record.event.sentence()}") for record in read_records(evidence.journal)]
    verdict = judge(read(evidence))
    found = [f"VIOLATION {v.check} at {v.at_us / 1e6:.6f} s: {v.sentence}" for v in verdict.violations]
    head = f"Seed {trial.seed} on {trial.model}: {evidence.result or 'no result'}. {evidence.reason} {evidence.crash}".strip()
    return [
        head,
        "",
        *(f"{at_us / 1e6:>14.6f} s  {text}" for at_us, text in sorted(told)),
        "",
        *(found or ["Nothing was wrong."]),
    ]
