"""Which command is answered how in which level: the table of the sheet, walked in full, and the answers to anything else."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_sim.p24 import wire
from firmware_sim.p24.framing import pack
from firmware_sim.p24.states import TRANSITIONS, Level
from tests.unit.firmware_sim.p24_host import Host, train

POINTS = [[200, 20], [100, 0], [200, -20]]
COMMANDS = {
    "ll_init": {"high_voltage": 0},
    "ll_channel_config": {"execute": True, "channel": 0, "connector": 0, "points": POINTS},
    "ll_stop": {},
    "ml_init": {"stop_all_on_error": False},
    "ml_update": {"channels": [train(0, 20)]},
    "ml_get_current_data": {"selection": 4},
    "ml_stop": {},
}
# what the sheet's state machine says, written down a second time: command -> {level before: level after}
ALLOWED = {
    "ll_init": {0: 1, 1: 1},
    "ll_channel_config": {1: 1},
    "ll_stop": {0: 0, 1: 0},
    "ml_init": {0: 2, 2: 2, 3: 2},
    "ml_update": {2: 3, 3: 3},
    "ml_get_current_data": {2: 2, 3: 3},
    "ml_stop": {0: 0, 2: 0, 3: 0},
}
WAY_TO = {
    Level.NONE: [],
    Level.LOW: ["ll_init"],
    Level.MID: ["ml_init"],
    Level.RUNNING: ["ml_init", "ml_update"],
}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("level", Level)
def test_each_command_in_each_level(command: str, level: Level) -> None:
    host = Host()
    for step in WAY_TO[level]:
        assert host.result(step, **COMMANDS[step]) == 0
    before = host.ask("get_stim_status")
    assert before["stim_status"] == level
    frames = host.send(command, packet_number=41, **COMMANDS[command])
    host.now_us += 1_000
    (answer,) = frames + host.heard()
    assert answer.command == f"{command}_ack"
    assert answer.params["packet_number"] == 41
    allowed = level in ALLOWED[command]
    assert answer.params["result"] == (0 if allowed else 7)
    assert host.ask("get_stim_status")["stim_status"] == (ALLOWED[command][level] if allowed else level)
    if not allowed:
        assert host.port.stage.is_zero == (level is not Level.RUNNING)


def test_the_tests_walk_the_whole_table() -> None:
    assert TRANSITIONS.keys() == COMMANDS.keys() == ALLOWED.keys()


@pytest.mark.parametrize(("level", "supply"), [(Level.NONE, 1), (Level.LOW, 6), (Level.MID, 6), (Level.RUNNING, 6)])
def test_the_high_voltage_is_on_in_every_level_but_none(level: Level, supply: int) -> None:
    host = Host()
    for step in WAY_TO[level]:
        host.send(step, **COMMANDS[step])
    assert host.ask("get_stim_status")["high_voltage"] == supply


def test_it_names_itself() -> None:
    host = Host()
    assert host.ask("get_device_id")["device_id"] == "P24-SIM001"
    version = host.ask("get_extended_version")
    assert version["sciencemode"][0] == 4
    assert version["hash_type"] in range(4)


@pytest.mark.parametrize("number", [6, 29, 38, 49, 56, 70, 100, 1023])
def test_a_command_it_does_not_have_is_told_so(number: int) -> None:
    (answer,) = Host().send_bytes(pack(9, number, b"\x01" * 8))
    assert (answer.command, answer.params) == ("unknown_cmd", {"packet_number": 9, "result": 11})


@pytest.mark.parametrize("number", [50, 52, 54, 58, 60, 62, 64, 68])
def test_a_question_with_data_it_should_not_have_is_refused(number: int) -> None:
    (answer,) = Host().send_bytes(pack(5, number, b"\x01"))
    assert (answer.command, answer.params) == ("general_error", {"packet_number": 5, "result": 2})


@pytest.mark.parametrize("number", [1, 33, 37, 66])
@pytest.mark.parametrize("data", [b"", b"\x00", b"\x00" * 7])
def test_what_only_a_device_says_is_no_command(number: int, data: bytes) -> None:
    (answer,) = Host().send_bytes(pack(9, number, data))
    assert (answer.command, answer.params["result"]) == ("unknown_cmd", 11)


def test_a_damaged_frame_is_answered_as_a_transfer_error_and_does_nothing() -> None:
    host = Host()
    good = wire.encode("ml_init", {"stop_all_on_error": False})
    (answer,) = host.send_bytes(good[:-2] + b"\x01\x0f")
    assert (answer.command, answer.params["result"]) == ("general_error", 1)
    assert host.ask("get_stim_status")["stim_status"] == 0


@pytest.mark.parametrize(
    ("command", "number", "data"),
    [
        ("ml_update", 32, b"\x01\x20"),
        ("ml_init", 30, b"\x02"),
        ("ml_get_current_data", 36, b""),
        ("ml_get_current_data", 36, b"\x02\x02"),
        ("ll_init", 0, b"\x01"),
        ("ll_channel_config", 2, b"\x82"),
        ("ml_stop", 34, b"\x00"),
    ],
)
def test_data_of_the_wrong_form_are_a_parameter_error(command: str, number: int, data: bytes) -> None:
    (answer,) = Host().send_bytes(pack(5, number, data))
    assert (answer.error, answer.command) == (None, f"{command}_ack")
    assert (answer.params["packet_number"], answer.params["result"]) == (5, 2)


def test_reset_is_answered_and_leaves_nothing_on() -> None:
    host = Host()
    host.start(train(0, 20))
    assert host.result("reset") == 0
    assert host.port.stage.is_zero
    assert host.ask("get_stim_status")["stim_status"] == 0


def test_a_power_cycle_comes_back_at_zero() -> None:
    host = Host()
    host.start(train(0, 20))
    host.port.write(wire.encode("get_stim_status", {})[:5], 1_000)
    host.port.power_cycle(1_000)
    host.now_us = 2_000
    assert host.port.stage.is_zero
    assert host.ask("get_stim_status") == {"packet_number": 0, "result": 0, "stim_status": 0, "high_voltage": 1}


_noise = st.one_of(
    st.binary(max_size=60),
    st.sampled_from([wire.encode(command, params) for command, params in COMMANDS.items()]),
    st.builds(pack, st.integers(0, 63), st.integers(0, 1023), st.binary(max_size=20)),
)


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(_noise, st.integers(0, 3_000_000)), max_size=12))
def test_whatever_arrives_it_answers_in_sound_frames_and_can_still_be_stopped(arrivals: list[tuple[bytes, int]]) -> None:
    host = Host()
    for data, pause_us in arrivals:
        host.now_us += pause_us
        assert all(frame.error is None for frame in host.send_bytes(data))
    stop = wire.encode("ll_stop", {}) + wire.encode("ml_stop", {})
    host.send_bytes(stop + stop)  # an escape byte at the end of the noise may swallow the first start byte
    assert host.port.stage.is_zero
    assert host.ask("get_stim_status")["stim_status"] == 0
