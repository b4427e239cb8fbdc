"""What goes wrong in the device: electrodes, switch, module, and the faults that are asked for."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_sim.faults import Fault, FaultKind
from firmware_sim.rehastim2.states import Mode
from firmware_sim.rehastim2.wire import Frame, decode, encode
from firmware_sim.world import SimulatedPort
from firmware_sim.world import make as make_port
from tests.unit.firmware_sim_rehastim2.host import Host, connected

CHANNELS = (1, 2, 5)


def running(host: Host, t1_ms: float = 20) -> Host:
    assert host.set_up(CHANNELS, t1_ms) == 0
    assert host.start({1: 10, 2: 20, 5: 0}) == 0
    return host


def errors(frames: list[Frame]) -> list[int]:
    return [frame.params["error"] for frame in frames if frame.command == "StimulationError"]


@given(st.integers(0, 200_000))
@settings(max_examples=100, deadline=None)
def test_a_lost_electrode_is_found_at_its_next_pulse_which_is_suppressed(off_after_us: int) -> None:
    host = running(connected())
    began_us = host.now_us
    host.at(began_us + off_after_us)
    host.device.stage.set_contact(2, False, host.now_us)
    cycle = 0
    while began_us + 1500 + cycle * 20_000 < host.now_us:
        cycle += 1
    found_us = began_us + 1500 + cycle * 20_000
    if found_us > host.now_us:
        assert host.device.due_us() == found_us
        assert errors(host.at(found_us - 1)) == []
    host.at(found_us)
    assert errors(host.unasked) == [-2]
    assert host.device.mode is Mode.START
    assert host.stage_is_silent()
    assert host.shown(1)[-1] == (found_us, 0)
    assert host.device.stage.pulses(2) == cycle
    host.later(500)
    assert errors(host.unasked) == [-2], "told once"
    assert host.mode() == 0


def test_a_stimulation_error_carries_the_devices_own_number() -> None:
    host = running(connected())
    host.device.stage.set_contact(1, False, host.now_us)
    (frame,) = [frame for frame in host.later(20) if frame.command == "StimulationError"]
    inits = [frame for frame in host.unasked if frame.command == "Init"]
    assert frame.packet_number == inits[-1].packet_number + 1


@pytest.mark.parametrize("channel", [5, 7])
def test_an_electrode_that_gets_no_current_is_not_tested(channel: int) -> None:
    host = running(connected())
    host.device.stage.set_contact(channel, False, host.now_us)
    assert errors(host.later(500)) == []
    assert host.device.mode is Mode.STARTED


def test_a_start_on_a_lost_electrode_is_acknowledged_and_then_fails() -> None:
    host = connected()
    host.device.stage.set_contact(1, False, host.now_us)
    host.set_up([1])
    host.start({1: 0})
    host.later(10)
    assert host.start({1: 10}) == 0
    assert errors(host.at(host.now_us + 9_999)) == []
    assert errors(host.later(0.001)) == [-2]
    assert host.device.stage.pulses(1) == 0
    assert host.lines == []


def test_a_single_pulse_on_a_lost_electrode_is_suppressed() -> None:
    host = connected()
    host.device.stage.set_contact(3, False, host.now_us)
    said = host.ask("SinglePulse", channel=3, pulse_width_us=250, current_ma=10)
    assert [frame.command for frame in said] == ["SinglePulseAck", "StimulationError"]
    assert errors(said) == [-2]
    host.later(10)
    assert host.device.stage.pulses(3) == 0


def test_the_emergency_switch_stops_at_once_and_keeps_it_stopped() -> None:
    host = running(connected())
    host.later(30)
    host.device.emergency_switch(True, host.now_us)
    assert host.stage_is_silent()
    assert host.shown(1)[-1] == (host.now_us, 0)
    assert errors(host.later(0)) == [-1]
    assert host.set_up(CHANNELS) == 0
    lines = len(host.lines)
    said = host.ask(
        "StartChannelListMode",
        channels=[{"channel": c, "mode": "single", "pulse_width_us": 250, "current_ma": 10} for c in CHANNELS],
    )
    assert [frame.command for frame in said] == ["StartChannelListModeAck", "StimulationError"]
    assert errors(host.ask("SinglePulse", channel=1, pulse_width_us=250, current_ma=10)) == [-1]
    host.later(100)
    assert len(host.lines) == lines
    host.device.emergency_switch(False, host.now_us)
    running(host)
    host.later(100)
    assert not host.device.stage.is_zero


def test_the_switch_says_nothing_while_nothing_runs() -> None:
    host = connected()
    host.device.emergency_switch(True, host.now_us)
    host.device.fail_module(host.now_us)
    assert errors(host.later(100)) == []


def test_a_module_fault_stops() -> None:
    host = running(connected())
    host.device.fail_module(host.now_us)
    assert errors(host.later(0)) == [-3]
    assert host.stage_is_silent()


@pytest.mark.parametrize(("code", "result"), [(None, -2), (253, -3), (248, -8), (99, 99), (0, 0)])
def test_set_points_are_refused_with_the_code_asked_for(code: int | None, result: int) -> None:
    host = running(connected(faults=[Fault(FaultKind.NAK, 1, at_us=0, second=code)]))
    host.device.faults.begin(host.device.stage.first_output_us)
    host.later(5)
    assert host.start({1: 30, 2: 30, 5: 30}) == result
    host.later(100)
    assert host.device.stage.amplitude_ua(1) == 10_000
    assert host.start({1: 30, 2: 30, 5: 30}) == 0


def test_ignored_set_points_are_acknowledged_but_a_stop_works() -> None:
    host = running(connected())
    host.device.faults.add(Fault(FaultKind.IGNORE_SET), host.now_us)
    assert host.start({1: 30, 2: 30, 5: 30}) == 0
    host.later(100)
    assert host.device.stage.amplitude_ua(1) == 10_000
    assert host.stop() == 0
    assert host.stage_is_silent()


def test_a_stuck_output_goes_on_whatever_is_commanded_and_stops_when_it_lets_go() -> None:
    host = running(connected())
    began_us = host.now_us
    host.later(50)
    host.device.faults.add(Fault(FaultKind.STUCK_ON, duration_us=400_000), host.now_us)
    host.later(0)
    assert host.start({1: 30, 2: 0, 5: 12}) == 0
    assert host.stop() == 0
    assert host.mode() == 0
    host.at(began_us + 440_000)
    assert host.device.stage.amplitude_ua(1) == 10_000
    assert host.device.stage.pulses(1) == 22
    host.at(began_us + 450_000)
    assert host.stage_is_silent()
    host.later(500)
    assert host.stage_is_silent()
    assert host.device.stage.pulses(1) == 23


def test_a_stuck_output_follows_the_last_set_point_when_it_lets_go() -> None:
    host = running(connected())
    began_us = host.now_us
    host.later(30)
    host.device.faults.add(Fault(FaultKind.STUCK_ON, duration_us=100_000), host.now_us)
    host.later(1)
    host.start({1: 44, 2: 0, 5: 12})
    host.at(began_us + 129_999)
    assert host.device.stage.amplitude_ua(1) == 10_000
    host.at(began_us + 130_000)
    host.later(100)
    assert [host.device.stage.amplitude_ua(channel) for channel in CHANNELS] == [44_000, 0, 12_000]


def test_loss_of_power_ends_even_a_stuck_output() -> None:
    host = running(connected())
    host.device.faults.add(Fault(FaultKind.STUCK_ON), host.now_us)
    host.later(30)
    host.device.power_cycle(host.now_us)
    assert host.stage_is_silent()


def test_a_frozen_device_repeats_the_mode_of_the_moment() -> None:
    host = running(connected())
    host.device.faults.add(Fault(FaultKind.FREEZE, duration_us=500_000), host.now_us)
    host.later(100)
    host.stop()
    assert host.device.mode is Mode.START
    assert host.mode() == 2
    host.later(500)
    assert host.mode() == 0


def test_current_is_limited_by_what_the_output_voltage_drives_through_the_load() -> None:
    host = connected(loads_ohm={1: 2_000})
    host.set_up([1])
    host.start({1: 130})
    host.later(100)
    assert host.device.stage.peak_ua(1) == 154_000_000 // 2_000


def ask(port: SimulatedPort, command: str, now_us: int) -> list[Frame]:
    port.write(encode(command, {"packet_number": 1}), now_us)
    return decode(port.read(now_us), "device")


def test_behind_a_cable_with_faults_it_is_the_same_device() -> None:
    port = make_port("rehastim2", faults=[Fault(FaultKind.DROP_REPLY, 1), Fault(FaultKind.ELECTRODE_OFF, 1, at_us=100_000)])
    (lost,) = [decode(port.read(0), "device")]
    assert lost == [], "the first Init is the reply that is dropped"
    (init,) = decode(port.read(500_000), "device")
    port.write(encode("InitAck", {"packet_number": init.packet_number, "result": 0}), 500_000)
    port.write(bytes.fromhex("f0 81 65 81 5c 02 1e 00 01 00 0d 00 26 00 0f"), 500_000)
    port.write(bytes.fromhex("f0 81 e0 81 53 03 20 00 01 5e 05 0f"), 500_000)
    assert [frame.params.get("result") for frame in decode(port.read(500_000), "device")] == [0, 0]
    said = decode(port.read(700_000), "device")
    assert errors(said) == [-2]
    assert port.stage.pulses(1) == 5, "at 0, 20, 40, 60 and 80 ms; the one at 100 ms is suppressed"
    assert ask(port, "GetStimulationMode", 700_000)[0].params["mode"] == 0
