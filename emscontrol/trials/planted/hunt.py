"""Looking for a planted bug: short trials with the bug in place, one after the other, until one is found wrong."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Final

from emscontrol.trials.draw import draw
from emscontrol.trials.oracle.judge import judge
from emscontrol.trials.oracle.read import read
from emscontrol.trials.planted.bugs import BUGS
from emscontrol.trials.planted.patch import Bug, planted
from emscontrol.trials.stage import Stage
from emscontrol.trials.troubles import kinds_of
from emscontrol.trials.workers import in_processes

SEEDS: Final = 400  # of trials that can show the bug
LOOKED_AT: Final = 20_000  # seeds that are drawn for that at most
LONGEST_S: Final = 12.0


@dataclass(frozen=True, slots=True)
class Caught:
    """How a bug was found: the first seed, the check and what it says; seed 0 when it was not."""

    bug: str
    breaks: str
    control: str
    seed: int
    tried: int
    check: str
    sentence: str


def hunt(number: int, seeds: int = SEEDS, first: int = 1) -> Caught:
    """Plant the bug of this place in `BUGS` and try trials, from the seed `first` on, until one is found wrong."""
    bug = BUGS[number]
    with planted(bug.patches):
        return _hunted(bug, seeds, first)


def _hunted(bug: Bug, seeds: int, first: int) -> Caught:
    tried = 0
    for seed in range(first, LOOKED_AT):
        if tried >= seeds:
            break
        if bug.shown_by and not set(bug.shown_by) & set(kinds_of(seed)):
            continue
        trial, assembly = draw(seed, bug.models, LONGEST_S)
        tried += 1
        evidence = Stage(trial, assembly).play()
        for violation in judge(read(evidence)).violations[:1]:
            return Caught(bug.name, bug.breaks, bug.control, seed, tried, violation.check, violation.sentence)
    return Caught(bug.name, bug.breaks, bug.control, 0, tried, "", "")


def hunt_all(jobs: int, names: Sequence[str] = ()) -> Generator[Caught]:
    """All bugs (or those of these names), each in a fresh process, in the order of the table."""
    wanted = [number for number, bug in enumerate(BUGS) if not names or bug.name in names]
    yield from in_processes(hunt, wanted, jobs, renew=1)
