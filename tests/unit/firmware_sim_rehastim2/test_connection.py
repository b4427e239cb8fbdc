"""Handshake, watchdog and what is answered when."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_sim.rehastim2.device import MAX_OUT_BYTES, RehaStim2
from firmware_sim.rehastim2.framing import build
from firmware_sim.rehastim2.states import Mode
from firmware_sim.rehastim2.wire import decode, encode
from tests.unit.firmware_sim_rehastim2.host import Host, connected


def numbers(host: Host) -> list[int]:
    return [frame.packet_number for frame in host.unasked if frame.command == "Init"]


def test_init_is_repeated_each_half_second_with_a_number_that_counts_up() -> None:
    host = Host(start_us=7_000_000)
    assert [frame.params for frame in host.unasked] == [{"packet_number": 0, "protocol_version": 1}]
    host.at(7_499_999)
    assert numbers(host) == [0]
    host.at(7_500_000)
    assert numbers(host) == [0, 1]
    host.at(9_000_000)
    assert numbers(host) == [0, 1, 2, 3, 4]


def test_the_packet_number_wraps() -> None:
    host = Host()
    for _ in range(257):
        host.later(500)
    assert numbers(host)[253:] == [253, 254, 255, 0, 1]


def test_a_long_silence_of_the_world_is_bounded_and_keeps_the_rhythm() -> None:
    host = Host(start_us=0)
    said = host.at(10**15)
    assert 0 < len(said) * 9 <= MAX_OUT_BYTES
    assert host.device.due_us() == 10**15 + 500_000
    assert said[-1].packet_number == (10**15 // 500_000) % 256


@pytest.mark.parametrize(("result", "accepted"), [(0, True), (1, True), (-5, False), (-1, False)])
def test_init_ack_connects_or_not(result: int, accepted: bool) -> None:
    host = Host()
    assert host.ask("InitAck", result=result) == []
    assert host.device.connected == accepted
    assert bool(host.later(500)) != accepted, "Init goes on exactly as long as nobody accepts it"


def test_another_packet_number_in_init_ack_is_accepted_and_noted() -> None:
    host = Host()
    host.send(encode("InitAck", {"packet_number": 77, "result": 0}))
    assert host.device.connected
    assert any("77" in line for line in host.device.screen)


def test_commands_before_the_handshake_are_not_answered_and_change_nothing() -> None:
    host = Host()
    assert host.ask("GetStimulationMode") == []
    assert host.ask("StopChannelListMode") == []
    assert host.ask("SinglePulse", channel=1, pulse_width_us=250, current_ma=10) == []
    assert host.frame(95) == []
    assert host.send(bytes.fromhex("f0 81 c6 81 56 12 22 0f")) == []  # a stop of the wrong length
    assert host.stage_is_silent()
    assert [frame.command for frame in host.later(500)] == ["Init"]


def test_watchdog_has_no_answer_and_keeps_the_connection() -> None:
    host = connected()
    for _ in range(20):
        assert host.later(1199) == []
        assert host.ask("Watchdog") == []
    assert host.device.connected


@pytest.mark.parametrize("watchdog_ms", [None, 2000])
def test_silence_stops_everything_and_brings_init_back(watchdog_ms: int | None) -> None:
    limit_us = (watchdog_ms or 1200) * 1000
    host = connected(watchdog_ms=watchdog_ms)
    assert host.set_up([1, 2]) == 0
    assert host.start({1: 20, 2: 30}) == 0
    began_us = host.now_us
    assert host.at(began_us + limit_us - 1) == []
    assert host.device.mode is Mode.STARTED
    said = host.at(began_us + limit_us)
    assert [frame.command for frame in said] == ["Init"]
    assert host.device.mode is Mode.START
    assert host.stage_is_silent()
    assert host.shown(1)[-1] == (began_us + limit_us, 0)
    assert host.shown(2)[-1] == (began_us + limit_us, 0)
    pulses = [host.device.stage.pulses(channel) for channel in (1, 2)]
    assert pulses == [limit_us // 20_000] * 2
    host.later(60_000)
    assert [host.device.stage.pulses(channel) for channel in (1, 2)] == pulses
    host.connect()
    assert host.mode() == 0


def test_only_a_sound_packet_feeds_the_watchdog() -> None:
    host = connected()
    host.later(600)
    damaged = bytearray(build(1, 4))
    damaged[2] ^= 1
    host.send(bytes(damaged))
    host.send(b"\xf0\x00garbage\x0f")
    host.later(599)
    assert host.device.connected
    host.later(1)
    assert not host.device.connected


@pytest.mark.parametrize("number", [4, 10, 2, 95, 31, 32])
def test_any_sound_packet_feeds_the_watchdog(number: int) -> None:
    host = connected()
    host.later(600)
    host.frame(number)
    host.later(1199)
    assert host.device.connected


@pytest.mark.parametrize("number", [0, 3, 5, 31, 60, 95, 255])
def test_unknown_command_is_echoed(number: int) -> None:
    host = connected()
    (frame,) = host.frame(number)
    assert frame.command == "UnknownCommand"
    assert frame.params == {"packet_number": host.number, "unknown_command": number}


@pytest.mark.parametrize(
    ("name", "params", "answer"),
    [
        ("GetStimulationMode", {}, "GetStimulationModeAck"),
        ("GetMotomedMode", {}, "GetMotomedModeAck"),
        ("StopChannelListMode", {}, "StopChannelListModeAck"),
        ("SinglePulse", {"channel": 1, "pulse_width_us": 250, "current_ma": 10}, "SinglePulseAck"),
        ("SetSpeed", {"speed_rpm": 30}, "SetSpeedAck"),
        ("Watchdog", {}, None),
        ("InitAck", {"result": 0}, None),
    ],
)
@pytest.mark.parametrize("at", [2, 4], ids=["checksum", "length"])
def test_transfer_errors_are_answered_where_there_is_an_answer(
    name: str, params: dict[str, Any], answer: str | None, at: int
) -> None:
    host = connected()
    damaged = bytearray(encode(name, {"packet_number": 33, **params}))
    damaged[at] ^= 1
    said = host.send(bytes(damaged))
    expected = [] if answer is None else [(answer, {"packet_number": 33, "result": -1})]
    assert [(frame.command, frame.params) for frame in said] == expected
    host.later(60)
    assert host.device.stage.pulses(1) == 0


def test_a_damaged_stop_stops_nothing() -> None:
    host = connected()
    host.set_up([1])
    host.start({1: 20})
    (frame,) = host.send(bytes.fromhex("f0 81 c6 81 56 12 22 0f"))
    assert (frame.command, frame.params["result"]) == ("StopChannelListModeAck", -1)
    assert host.device.mode is Mode.STARTED


def test_a_command_before_the_last_answer_is_refused_as_busy_but_a_stop_is_obeyed() -> None:
    host = connected(answer_us=15_000)
    assert host.ask("InitChannelListMode", **SETUP) == []
    (busy,) = host.ask("GetStimulationMode")
    assert busy.params == {"packet_number": host.number, "result": -8}
    (busy,) = host.ask("StartChannelListMode", channels=[CHANNEL])
    assert busy.params["result"] == -8
    assert host.later(14.999) == []
    assert [frame.params["result"] for frame in host.later(0.001)] == [0]
    assert host.ask("StartChannelListMode", channels=[CHANNEL]) == []
    (first,) = host.ask("StopChannelListMode")
    assert (first.command, first.params["result"]) == ("StartChannelListModeAck", 0)
    assert host.stage_is_silent()
    assert [frame.command for frame in host.later(15)] == ["StopChannelListModeAck"]


CHANNEL = {"channel": 1, "mode": "single", "pulse_width_us": 250, "current_ma": 10}
SETUP = {
    "low_frequency_factor": 0,
    "active_channels": [1],
    "low_frequency_channels": [],
    "inter_pulse_interval_ms": 8,
    "main_interval_ms": 20,
    "channel_execution": 0,
}


def test_half_a_frame_is_forgotten_when_the_host_is_lost() -> None:
    host = connected()
    frame = encode("InitAck", {"packet_number": 9, "result": 0})
    host.send(frame[:5])
    host.later(1300)
    host.send(frame[5:])
    assert not host.device.connected


def test_power_cycle_forgets_everything_but_what_was_delivered() -> None:
    host = connected()
    host.set_up([1])
    host.start({1: 20})
    host.later(100)
    host.device.power_cycle(host.now_us)
    assert host.stage_is_silent()
    assert not host.device.connected
    assert [(frame.command, frame.packet_number) for frame in host.later(0)] == [("Init", 0)]
    assert host.device.stage.pulses(1) == 5
    assert host.connect().mode() == 0


@given(st.lists(st.binary(max_size=300) | st.integers(0, 3_000_000), max_size=30))
@settings(max_examples=100, deadline=None)
def test_any_bytes_at_any_time_are_taken(story: list[bytes | int]) -> None:
    host = connected()
    for part in story:
        if isinstance(part, bytes):
            host.device.receive(part, host.now_us)
        else:
            host.now_us += part
        said = host.device.advance(host.now_us)
        assert len(said) <= MAX_OUT_BYTES
        assert all(frame.error is None for frame in decode(said, "device"))
        due_us = host.device.due_us()
        assert due_us is None or due_us > host.now_us


@given(st.lists(st.tuples(st.integers(0, 95), st.binary(max_size=12)), max_size=25))
@settings(max_examples=150, deadline=None)
def test_every_sound_frame_to_a_connected_device_is_answered_once(frames: list[tuple[int, bytes]]) -> None:
    host = connected()
    for number, data in frames:
        said = [frame for frame in host.frame(number, data) if frame.packet_number == host.number]
        asked_for_nothing = number in (2, 4)
        answers = [frame.command_number for frame in said if frame.command not in ("StimulationError", "MotomedError")]
        assert answers in ([number + 1], [3]) or (asked_for_nothing and answers == [])


def test_output_for_a_host_that_never_reads_is_bounded() -> None:
    device = RehaStim2()
    device.advance(0)
    device.receive(encode("InitAck", {"packet_number": 0, "result": 0}), 0)
    for _ in range(100):
        device.receive(build(1, 10) * 100, 0)
    assert len(device.advance(0)) <= MAX_OUT_BYTES
