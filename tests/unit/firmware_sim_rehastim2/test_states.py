"""Modes: every command in every mode, against the sheet's drawing."""

from typing import Any

import pytest

from firmware_sim.rehastim2.states import TRANSITIONS, Mode
from tests.unit.firmware_sim_rehastim2.host import Host, connected
from tests.unit.firmware_sim_rehastim2.test_connection import CHANNEL, SETUP

PARAMS: dict[str, dict[str, Any]] = {
    "InitChannelListMode": SETUP,
    "StartChannelListMode": {"channels": [CHANNEL]},
    "StopChannelListMode": {},
    "SinglePulse": {"channel": 1, "pulse_width_us": 250, "current_ma": 10},
}

# (command, mode) -> (result, mode after), drawn off the state machine of the sheet.
DRAWING = {
    ("InitChannelListMode", 0): (0, 1),
    ("InitChannelListMode", 1): (-3, 1),
    ("InitChannelListMode", 2): (-3, 2),
    ("StartChannelListMode", 0): (-3, 0),
    ("StartChannelListMode", 1): (0, 2),
    ("StartChannelListMode", 2): (0, 2),
    ("StopChannelListMode", 0): (0, 0),
    ("StopChannelListMode", 1): (0, 0),
    ("StopChannelListMode", 2): (0, 0),
    ("SinglePulse", 0): (0, 0),
    ("SinglePulse", 1): (-3, 1),
    ("SinglePulse", 2): (-3, 2),
}


def in_mode(mode: int) -> Host:
    host = connected()
    for command in ("InitChannelListMode", "StartChannelListMode")[:mode]:
        assert host.result(command, **PARAMS[command]) == 0
    assert host.mode() == mode
    return host


def test_the_table_covers_every_command_and_the_drawing_every_pair() -> None:
    assert set(TRANSITIONS) == set(PARAMS)
    assert set(DRAWING) == {(command, int(mode)) for command in TRANSITIONS for mode in Mode}


@pytest.mark.parametrize(("command", "mode"), DRAWING)
def test_command_in_mode(command: str, mode: int) -> None:
    host = in_mode(mode)
    pulses_off = host.device.stage.is_zero
    assert (host.result(command, **PARAMS[command]), host.mode()) == DRAWING[command, mode]
    if DRAWING[command, mode][0] == -3:
        assert host.device.stage.is_zero == pulses_off, "a refused command changes nothing"


@pytest.mark.parametrize("mode", Mode)
def test_a_stop_with_bytes_too_many_is_still_a_stop(mode: Mode) -> None:
    host = in_mode(mode)
    (frame,) = host.frame(34, b"\x01\x02")
    assert (frame.command, frame.params["result"]) == ("StopChannelListModeAck", 0)
    assert host.device.mode is Mode.START
    assert host.stage_is_silent()


@pytest.mark.parametrize(
    ("t1_ms", "t2_ms", "active", "result"),
    [
        (8, 8, [1], 0),
        (7.5, 8, [1], -2),
        (8, 7.5, [1], -2),
        (20, 20, [1, 8], 0),
        (20, 20.5, [1], -2),
        (None, 8, [1], 0),
        (None, 7.5, [1], -2),
        (20, 8, [], -2),
        (8, 8, [1, 2, 3, 4, 5, 6, 7, 8], 0),
    ],
)
def test_interval_minima(t1_ms: float | None, t2_ms: float, active: list[int], result: int) -> None:
    host = connected()
    assert host.set_up(active, t1_ms, t2_ms) == result
    assert host.mode() == (1 if result == 0 else 0)


@pytest.mark.parametrize(
    ("mode", "t1_ms", "result"),
    [("single", 8, 0), ("doublet", 16, 0), ("doublet", 15.5, -2), ("triplet", 24, 0), ("triplet", 23.5, -2)],
)
def test_the_largest_group_must_fit_into_the_main_interval(mode: str, t1_ms: float, result: int) -> None:
    host = connected()
    host.set_up([1], t1_ms, 8)
    assert host.start({1: 10}, mode=mode) == result
    assert host.mode() == (2 if result == 0 else 1)


@pytest.mark.parametrize("groups", [1, 3, 8])
def test_one_group_for_each_active_channel(groups: int) -> None:
    host = connected()
    host.set_up([2, 5])
    assert host.start(dict.fromkeys(range(1, groups + 1), 10)) == -2
    assert host.start({1: 0, 2: 0}) == 0


@pytest.mark.parametrize("data", ["00 01 f5 0a", "00 00 fa 83", "03 00 fa 0a", "00 00 fa"])
def test_values_out_of_range_change_nothing(data: str) -> None:
    host = connected()
    host.set_up([1])
    host.start({1: 10})
    before = list(host.lines)
    (frame,) = host.frame(32, bytes.fromhex(data))
    assert (frame.command, frame.params["result"]) == ("StartChannelListModeAck", -2)
    host.later(10)
    assert host.lines == before
    assert host.mode() == 2
