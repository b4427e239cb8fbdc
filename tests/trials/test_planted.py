"""Every deliberate bug is caught, or the campaign proves nothing."""

import os
import tomllib
from pathlib import Path

import pytest

from emscontrol.trials.planted.bugs import BUGS
from emscontrol.trials.planted.hunt import hunt
from emscontrol.trials.planted.patch import planted

HAZARDS = tomllib.loads((Path(__file__).parents[1] / "data" / "hazards.toml").read_text(encoding="utf-8"))
CONTROLS = {control["id"] for control in HAZARDS["control"]}

# where the rare ones are looked for first; `emscontrol campaign --planted` looks from the beginning, and so does EMS_EXPLORE=1
FROM = {
    "gate off by one step": 55,
    "acknowledgement ignored": 1_100,
    "stop not repeated": 3_200,
    "stop not confirmed": 500,
    "another device accepted": 900,
}


@pytest.mark.parametrize("number", range(len(BUGS)), ids=[bug.name.replace(" ", "_") for bug in BUGS])
def test_the_bug_is_caught(number: int) -> None:
    caught = hunt(number, first=1 if os.environ.get("EMS_EXPLORE") else FROM.get(BUGS[number].name, 1))
    assert caught.seed, f"{caught.bug}: {caught.breaks} ({caught.tried} trials)"


def test_there_are_twenty_and_each_names_its_control() -> None:
    assert len({bug.name for bug in BUGS}) == len(BUGS) >= 20
    assert {bug.control for bug in BUGS} <= CONTROLS


@pytest.mark.parametrize("bug", BUGS, ids=[bug.name.replace(" ", "_") for bug in BUGS])
def test_a_bug_is_taken_out_again(bug: object) -> None:
    targets = [patch.target for patch in bug.patches]  # type: ignore[attr-defined]
    before = [_standing(target) for target in targets]
    with planted(bug.patches):  # type: ignore[attr-defined]
        assert all(_standing(target) is not was for target, was in zip(targets, before, strict=True))
    assert [_standing(target) for target in targets] == before


def _standing(target: str) -> object:
    from importlib import import_module

    module, _, path = target.partition(":")
    found: object = import_module(module)
    for part in path.split("."):
        found = getattr(found, part)
    return found
