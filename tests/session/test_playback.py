"""A record played again shows what the engine showed: every view of real sessions, figure by figure, at the same times."""

from collections.abc import Callable
from itertools import product
from typing import Any

import pytest

from emscontrol.record.line import parse
from emscontrol.record.playback import Playback
from emscontrol.session.inputs import Adjust, Clear, Pause, Resume, Stop
from emscontrol.session.states import State
from tests.session.rig import SHORT, Rig

STEP_US = 37_000  # of no relation to any ramp, period or contraction
TWO_PHASES = SHORT.replace("contractions: 2", "contractions: 1") + SHORT.partition("phases:\n")[2].replace(
    "name: work", "name: more work"
).replace("fraction: 0.8", "fraction: 0.6").replace("contractions: 2", "contractions: 1")
TAKES_TURNS = SHORT.replace("channels: [1, 2]", "channels: [1]").replace("together", "alternately")
TAKES_TURNS = TAKES_TURNS.replace("on_s: 3", "on_s: 2").replace("off_s: 2", "off_s: 3")
TAKES_TURNS += TAKES_TURNS.partition("    groups:\n")[2].replace("channels: [1]", "channels: [2]")


def paused(rig: Rig, turn: int) -> None:
    if turn == 40:
        rig.run.give(Pause("tester"))
    if turn == 70:
        rig.run.give(Resume("tester"))


def moved(rig: Rig, turn: int) -> None:
    if turn in (30, 45, 60):
        rig.run.give(Adjust(1, 500))
        rig.run.give(Adjust(2, -1000))


def stopped(rig: Rig, turn: int) -> None:
    if turn == 50:
        rig.run.give(Stop("operator", "asked"))


def left_alone(rig: Rig, turn: int) -> None:
    """Nothing."""


CASES: dict[str, tuple[dict[str, Any], Callable[[Rig, int], None]]] = {
    "as planned": ({"comfort_ua": {"1": 19_300, "2": 17_700}}, left_alone),  # between the steps of every stimulator
    "two phases": ({"text": TWO_PHASES}, left_alone),
    "one muscle after the other": ({"text": TAKES_TURNS}, left_alone),
    "paused and resumed": ({}, paused),
    "moved by hand": ({}, moved),
    "stopped": ({}, stopped),
    "a fault": ({"faults": ["electrode_off:1@2"]}, left_alone),
    "a stop that is not confirmed": ({"faults": ["dead_link@2"]}, left_alone),
    "by the motor threshold": (
        {
            "text": SHORT.replace("of: comfort, fraction: 0.8", "of: motor, fraction: 1.2"),
            "motor_ua": {"1": 10_000, "2": 9_000},
        },
        left_alone,
    ),
}
NOT_TOLD: dict[str, set[str]] = {"by the motor threshold": {"target_ua"}}


def same(shown: dict[str, Any], played: dict[str, Any], but: set[str]) -> None:
    """The two views, but for what a record cannot say before the end, and for a cap, which is here the limit in force."""
    assert shown.keys() == played.keys()
    before_the_end = {"result", "reason"} if not played["result"] else set()
    for key in shown.keys() - {"channels"} - before_the_end:
        assert shown[key] == played[key], key
    assert shown["channels"].keys() == played["channels"].keys()
    for channel, row in shown["channels"].items():
        for key in row.keys() - but:
            assert row[key] == played["channels"][channel][key], (channel, key)


ON_EVERY_MODEL = ("as planned", "paused and resumed", "moved by hand")


@pytest.mark.parametrize(
    ("case", "model"), [*((case, "p24") for case in CASES), *product(ON_EVERY_MODEL, ("rehastim2", "reference"))]
)
def test_a_record_shows_what_the_engine_showed(case: str, model: str) -> None:
    how, act = CASES[case]
    rig, playback, read = Rig(model, **how), Playback(), 0
    rig.to_armed().start()
    for turn in range(400):
        if not rig.engine.closed:
            act(rig, turn)
        lines = list(rig.journal.lines)
        for line in lines[read:]:
            playback.take(parse(line))
        read = len(lines)
        shown: dict[str, Any] = rig.engine.view(rig.now_us)
        same(shown, playback.view(rig.now_us), NOT_TOLD.get(case, set()))
        if rig.engine.closed:
            break
        if rig.engine.state is State.FAULT and rig.engine.off_confirmed:
            rig.run.give(Clear())
        rig.run.advance(rig.now_us + STEP_US)
    assert turn > 40
