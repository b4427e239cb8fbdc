"""Low level: one command, one pulse, answered when it is over."""

from typing import Any

import pytest

from firmware_sim.faults import parse_fault
from firmware_sim.p24.layouts import SAMPLES
from tests.unit.firmware_sim.p24_host import Host

PULSE = [[250, 20], [100, 0], [250, -20]]
PULSE_US = 600


def config(**changes: Any) -> dict[str, Any]:
    return {"execute": True, "channel": 0, "connector": 0, "points": PULSE, **changes}


def low(*faults: str, measurement: int = 0, high_voltage: int = 0) -> Host:
    host = Host(*map(parse_fault, faults))
    assert host.result("ll_init", measurement=measurement, high_voltage=high_voltage) == 0
    return host


def test_one_pulse_and_its_answer_when_it_is_over() -> None:
    host = low()
    assert host.send("ll_channel_config", packet_number=7, **config()) == []
    host.now_us = PULSE_US - 1
    assert host.heard() == []
    assert host.port.due_us() == PULSE_US
    host.now_us = PULSE_US
    (answer,) = host.heard()
    assert answer.params == {"packet_number": 7, "result": 0, "connector": 0, "channel": 0, "measurement": 0}
    assert host.shown(1) == [(0, 20_000, 0), (PULSE_US, 0, 1)]
    host.wait(10_000_000)
    assert host.pulses(1) == 1


@pytest.mark.parametrize("connector", [0, 1])
@pytest.mark.parametrize("channel", range(4))
def test_sockets_and_channels(connector: int, channel: int) -> None:
    host = low()
    host.send("ll_channel_config", **config(channel=channel, connector=connector))
    assert [number for number in host.port.stage.channels if host.pulses(number)] == [connector * 4 + channel + 1]


def test_pulses_wait_their_turn_and_the_queue_has_an_end() -> None:
    host = low()
    for number in range(12):
        frames = host.send("ll_channel_config", packet_number=number, **config(channel=number % 4))
        if number < 11:
            assert frames == []
    (answer,) = frames
    assert (answer.params["packet_number"], answer.params["result"]) == (11, 21)
    for number in range(11):
        host.now_us = PULSE_US * (number + 1)
        (answer,) = host.heard()
        assert (answer.params["packet_number"], answer.params["result"]) == (number, 0)
    assert sum(host.pulses(channel) for channel in range(1, 9)) == 11


def test_a_stop_ends_the_pulse_and_the_queue_at_once() -> None:
    host = low()
    for number in range(3):
        host.send("ll_channel_config", packet_number=number, **config())
    host.now_us = 100
    frames = host.send("ll_stop", packet_number=9)
    assert [(frame.command, frame.params["packet_number"], frame.params["result"]) for frame in frames] == [
        *(("ll_channel_config_ack", number, 7) for number in range(3)),
        ("ll_stop_ack", 9, 0),
    ]
    assert host.shown(1) == [(0, 20_000, 0), (100, 0, 1)]
    host.wait(1_000_000)
    assert host.pulses(1) == 1


def test_a_configuration_that_is_not_executed_puts_nothing_out() -> None:
    host = low()
    for points in ([], PULSE):
        assert host.result("ll_channel_config", **config(execute=False, points=points)) == 0
    assert host.lines == []


@pytest.mark.parametrize("points", [[[100, 130.5]], [[100, 20, 96]]])
def test_points_it_does_not_take_are_a_parameter_error(points: list[list[float]]) -> None:
    host = low()
    assert host.result("ll_channel_config", **config(points=points)) == 2
    assert host.lines == []


@pytest.mark.parametrize(("measurement", "high_voltage"), [(0, 2), (0, 7), (4, 0)])
def test_a_voltage_or_measurement_it_does_not_have_is_a_parameter_error(measurement: int, high_voltage: int) -> None:
    host = Host()
    assert host.result("ll_init", measurement=measurement, high_voltage=high_voltage) == 2
    assert host.ask("get_stim_status")["stim_status"] == 0


def test_without_high_voltage_no_current_flows() -> None:
    host = low(high_voltage=1)
    assert host.ask("get_stim_status")["high_voltage"] == 1
    host.send("ll_channel_config", **config())
    host.now_us = PULSE_US
    (answer,) = host.heard()
    assert (answer.params["result"], host.lines) == (28, [])


def test_an_open_electrode_is_told_with_the_pulse() -> None:
    host = low("electrode_off:1")
    host.send("ll_channel_config", **config())
    host.now_us = PULSE_US
    (answer,) = host.heard()
    assert (answer.params["result"], host.pulses(1), host.port.stage.is_zero) == (10, 0, True)


@pytest.mark.parametrize(("measurement", "first", "middle"), [(1, 2_000, 0), (2, 2_000, 0), (3, 15_000, 15_000)])
def test_measurements_come_with_the_answer(measurement: int, first: int, middle: int) -> None:
    host = low(measurement=measurement)
    host.send("ll_channel_config", **config())
    host.now_us = PULSE_US
    (answer,) = host.heard()
    samples, step_us = answer.params["samples"], answer.params["sampling_time_us"]
    assert len(samples) == SAMPLES
    assert step_us * SAMPLES >= PULSE_US
    assert (samples[0], samples[300 // step_us], samples[-1]) == (first, middle, 15_000 if measurement == 3 else 0)
