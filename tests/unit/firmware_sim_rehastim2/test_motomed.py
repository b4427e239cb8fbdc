"""The trainer behind the stimulator, as the sheet sketches it."""

import itertools
from typing import Any

import pytest

from firmware_sim.rehastim2.commands import MOTOMED
from firmware_sim.rehastim2.motomed import TRANSITIONS, TrainerMode
from tests.unit.firmware_sim_rehastim2.host import Host, connected

PHASE = {
    "variant": 1,
    "speed_rpm": 30,
    "gear": 5,
    "direction": 1,
    "fly_wheel": 50,
    "spasm_detection": 2,
    "training_side": 0,
    "crank_orientation": 0,
}
PARAMS: dict[str, dict[str, Any]] = {
    "InitPhaseTraining": {"trainer": 0},
    "StartPhase": PHASE,
    "PausePhase": {},
    "StopPhaseTraining": {},
    "SetRotationDirection": {"direction": 0},
    "SetSpeed": {"speed_rpm": 20},
    "SetGear": {"gear": 3},
    "SetKeyboardLock": {"keyboard_lock": 1},
    "StartBasicTraining": {"trainer": 1},
    "PauseBasicTraining": {},
    "ContinueBasicTraining": {},
    "StopBasicTraining": {},
}
WAY_TO = {
    0: [],
    1: ["InitPhaseTraining"],
    2: ["InitPhaseTraining", "StartPhase"],
    3: ["InitPhaseTraining", "StartPhase", "PausePhase"],
    4: ["StartBasicTraining"],
    5: ["StartBasicTraining", "PauseBasicTraining"],
}
# Mode after each command that the sheet's flow allows; everything else is a wrong mode.
FLOW = {
    ("InitPhaseTraining", 0): 1,
    ("StartPhase", 1): 2,
    ("StartPhase", 2): 2,
    ("StartPhase", 3): 2,
    ("PausePhase", 2): 3,
    ("StopPhaseTraining", 1): 0,
    ("StopPhaseTraining", 2): 0,
    ("StopPhaseTraining", 3): 0,
    ("StartBasicTraining", 0): 4,
    ("PauseBasicTraining", 4): 5,
    ("ContinueBasicTraining", 5): 4,
    ("StopBasicTraining", 4): 0,
    ("StopBasicTraining", 5): 0,
    **{("SetKeyboardLock", mode): mode for mode in range(6)},
    **{(setting, mode): mode for setting in ("SetRotationDirection", "SetSpeed", "SetGear") for mode in (2, 3, 4, 5)},
}


def mode(host: Host) -> int:
    return int(host.ask("GetMotomedMode")[0].params["mode"])


def do(host: Host, command: str) -> None:
    assert host.result(command, **PARAMS[command]) == 0
    assert "MotomedCommandDone" in [frame.command for frame in host.later(150)]


def in_mode(wanted: int) -> Host:
    host = connected()
    for command in WAY_TO[wanted]:
        do(host, command)
    assert mode(host) == wanted
    return host


def test_every_trainer_command_has_its_place_in_the_flow() -> None:
    commands = {command.name for command in MOTOMED if command.sender == "host"}
    assert set(TRANSITIONS) == commands == set(PARAMS) == {command for command, _ in FLOW}


@pytest.mark.parametrize("before", WAY_TO)
@pytest.mark.parametrize("command", PARAMS)
def test_command_in_mode(command: str, before: int) -> None:
    host = in_mode(before)
    after = FLOW.get((command, before))
    if after is None:
        assert host.result(command, **PARAMS[command]) == -3
        assert mode(host) == before
    else:
        do(host, command)
        assert mode(host) == after


def test_it_is_busy_until_it_says_done() -> None:
    host = connected()
    assert host.result("InitPhaseTraining", trainer=0) == 0
    assert mode(host) == TrainerMode.BUSY == 6
    assert host.result("StartPhase", **PHASE) == -7
    assert [frame.command for frame in host.later(150)] == ["MotomedCommandDone"]
    assert host.result("StartPhase", **PHASE) == 0


def test_actual_values_come_each_20_ms_while_it_turns() -> None:
    host = in_mode(2)
    said = [frame for frame in host.later(1000) if frame.command == "ActualValues"]
    assert len(said) == 50
    assert {frame.params["speed_rpm"] for frame in said} == {30}
    assert all(frame.params["torque_dnm"] < 0 for frame in said), "passive training"
    steps = {(b.params["angle_deg"] - a.params["angle_deg"]) % 360 for a, b in itertools.pairwise(said)}
    assert steps <= {3, 4}, "30 turns a minute are 3.6 ° in 20 ms"
    numbers = [frame.packet_number for frame in said]
    assert numbers == [(numbers[0] + at) % 256 for at in range(50)]
    do(host, "PausePhase")
    assert host.later(200) == []


def test_backwards_and_slower() -> None:
    host = in_mode(4)
    do(host, "SetRotationDirection")
    do(host, "SetSpeed")
    assert host.later(20)[-1].params["speed_rpm"] == -20


def test_a_phase_that_ends_has_a_result() -> None:
    host = in_mode(2)
    host.run_alive(host.now_us + 60_000_000)
    host.result("StopPhaseTraining")
    result, done = [frame for frame in host.later(150) if frame.command != "ActualValues"]
    assert (result.command, done.command) == ("PhaseResult", "MotomedCommandDone")
    assert result.params["duration_s"] == 60
    assert result.params["passive_distance_10m"] == 3, "30 turns of a metre"
    assert result.params["active_duration_s"] == 0


@pytest.mark.parametrize(("command", "params"), [("SetSpeed", {"speed_rpm": 61}), ("StartPhase", {**PHASE, "speed_rpm": 90})])
def test_speeds_of_other_models_are_parameter_errors(command: str, params: dict[str, Any]) -> None:
    host = in_mode(2)
    assert host.result(command, **params) == -2


def test_no_trainer_at_all() -> None:
    host = connected(trainers=frozenset())
    assert host.ask("GetMotomedMode")[0].params == {"packet_number": host.number, "result": 0, "mode": -1}
    assert host.result("InitPhaseTraining", trainer=0) == -4


def test_the_other_trainer_is_attached() -> None:
    host = connected(trainers=frozenset({1}))
    assert host.result("InitPhaseTraining", trainer=0) == 0
    assert [(frame.command, frame.params["error"]) for frame in host.later(150)] == [("MotomedError", -6)]
    assert mode(host) == 0


def test_the_watchdog_stops_the_training_too() -> None:
    host = in_mode(2)
    host.later(1300)
    assert not host.device.connected
    assert {frame.command for frame in host.later(2000)} == {"Init"}
    assert mode(host.connect()) == 0


def test_a_power_cycle_ends_the_training() -> None:
    host = in_mode(2)
    host.device.power_cycle(host.now_us)
    assert {frame.command for frame in host.later(1000)} == {"Init"}
