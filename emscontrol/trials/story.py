"""Everything about one trial in a folder: the protocol, the journal, the oscilloscope, and what happened in words."""

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from itertools import count
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
    """Play the trial of this seed once more and write it down; returns its folder, which is always a new one.

    Raises UsageError when it cannot be written.
    """
    trial, assembly = draw(seed, only)
    evidence = Stage(trial, assembly).play()
    files = {
        "protocol.yaml": as_yaml(trial.protocol),
        "journal.jsonl": b"".join(evidence.journal).decode(),
        "scope.jsonl": "".join(json.dumps(asdict(seen.line)) + "\n" for seen in evidence.scope),
        "story.txt": "\n".join(_story(evidence)) + "\n",
    }
    try:
        place = _new_folder(folder, seed)
        for name, text in files.items():
            (place / name).write_text(text, encoding="utf-8")
    except OSError as problem:
        raise UsageError(
            f"{problem.filename} cannot be written: {problem.strerror}.", "Choose another folder with --keep."
        ) from problem
    return place


def _new_folder(folder: Path, seed: int) -> Path:
    """`seed-7`, or `seed-7-2` and so on where that is taken: what was kept of another version of the program stays."""
    for number in count(1):
        place = folder / (f"seed-{seed}" if number == 1 else f"seed-{seed}-{number}")
        with suppress(FileExistsError):
            place.mkdir(parents=True)
            break
    return place


@dataclass(frozen=True, slots=True)
class _Told:
    """One line of the story: when, the journal's line it is, or with `beside` the last line before it, and its words."""

    at_us: int
    journalled: int
    beside: bool
    text: str


def _when(told: _Told) -> tuple[int, int, bool]:
    """The order in which things happened; the text has no say in it."""
    return told.at_us, told.journalled, told.beside


def _story(evidence: Evidence) -> list[str]:
    """What happened, in order of time: the operator, the troubles, the record; then what the judge says."""
    trial = evidence.trial
    records = read_records(evidence.journal)
    told = [
        _Told(record.t_us, number, False, f"journal   {record.event.sentence()}") for number, record in enumerate(records, 1)
    ]
    for deed in evidence.deeds:
        refusal = f" (refused: {deed.refusal})" if deed.refusal else ""
        told.append(_Told(deed.at_us, deed.journalled, True, f"operator  {deed.name}{refusal}"))
    for struck in evidence.struck:
        numbers = "/".join(f"{n:g}" for n in (struck.argument, struck.second) if n is not None)
        until = "" if struck.until_us is None else f" until {struck.until_us / 1e6:.6f} s"
        text = f"trouble   {struck.kind}{':' if numbers else ''}{numbers}{until}"
        told.append(_Told(struck.from_us, struck.journalled or 0, True, text))
    verdict = judge(read(evidence))
    found = [f"VIOLATION {v.check} at {v.at_us / 1e6:.6f} s: {v.sentence}" for v in verdict.violations]
    head = f"Seed {trial.seed} on {trial.model}: {evidence.result or 'no result'}. {evidence.reason} {evidence.crash}".strip()
    return [
        head,
        "",
        *(f"{each.at_us / 1e6:>14.6f} s  {each.text}" for each in sorted(told, key=_when)),
        "",
        *(found or ["Nothing was wrong."]),
    ]
