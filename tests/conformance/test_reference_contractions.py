"""Contractions of the reference driver on its simulator, pulse for pulse, over a link with and without delay."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emscontrol.core.pulse import Output, Outputs, Shape, Swell
from emscontrol.core.stimulator import (
    Acked,
    ChannelLimits,
    Command,
    DeviceFault,
    ElectrodeFault,
    Impedance,
    Refused,
    Telemetry,
    Uncertain,
)
from firmware_sim.faults import FaultKind
from tests.unit.devices.driver_bench import MS, WIDEST, Bench, only, outputs, train

T = train(period_us=20_000)
S_MS = 1_000 * MS


def swell(number: int, rise_us: int = S_MS, hold_us: int = 2 * S_MS, fall_us: int = S_MS // 2) -> Swell:
    return Swell(number, rise_us, hold_us, fall_us)


def delivered_ua(made: Swell, plateau_ua: int, period_us: int, step_ua: int = 100) -> list[int]:
    """The pulses of a contraction: one each period from its begin, each rounded down to the step, those at zero left out."""
    times_us = range(0, made.end_us, period_us)
    return [ua for t in times_us if (ua := made.amplitude_ua(plateau_ua, t) // step_ua * step_ua)]


def ready(*channels: int, faults: tuple[str, ...] = ()) -> Bench:
    return Bench("reference", faults=faults).ready(*channels, of=T)


def pulses(bench: Bench, channel: int) -> int:
    return int(bench.port.stage.pulses(channel))


def faults_of(bench: Bench) -> list[object]:
    return [e for _, e in bench.events if isinstance(e, DeviceFault | ElectrodeFault | Refused | Uncertain)]


@given(
    rise_us=st.integers(200 * MS, 3 * S_MS),
    hold_us=st.integers(0, 3 * S_MS),
    fall_us=st.integers(0, 2 * S_MS),
    plateau=st.integers(1, 300),
)
@settings(max_examples=25, deadline=None)
def test_a_contraction_is_delivered_as_the_formula_says_and_counted_by_the_device(
    rise_us: int, hold_us: int, fall_us: int, plateau: int
) -> None:
    bench = ready(1)
    made = swell(1, rise_us, hold_us, fall_us)
    bench.send(Outputs((Output(1, T, plateau * 100, made),)), for_us=0)
    began_us = bench.now_us
    bench.run(made.end_us + 200 * MS)
    expected_ua = delivered_ua(made, plateau * 100, T.period_us)
    assert pulses(bench, 1) == len(expected_ua)
    for told in only(Telemetry, [event for at, event in bench.events if at > began_us + made.end_us]):
        assert [reading.pulses for reading in told.readings] == [len(expected_ua)]
    assert faults_of(bench) == []


@pytest.mark.parametrize("faults", [(), ("late:30",)])
def test_staggered_contractions_do_not_disturb_each_other(faults: tuple[str, ...]) -> None:
    """As one group follows the other: each channel's contraction begins and ends while the other's goes on."""
    bench = ready(1, 2, faults=())
    for fault in faults:
        bench.inject(fault)
    first, second, third = swell(1), swell(2), swell(3)
    one, two, three = Output(1, T, 20_000, first), Output(2, T, 15_000, second), Output(1, T, 20_000, third)
    for number, (wanted, for_us) in enumerate(
        [
            ((one,), 2 * S_MS),
            ((one, two), 3 * S_MS // 2),
            ((two,), S_MS // 2),
            ((three, two), 3 * S_MS // 2),
            ((three,), 2 * S_MS),
            ((), S_MS),
        ],
        1,
    ):
        events = bench.send(Outputs(tuple(sorted(wanted, key=lambda o: o.channel))), number=number, for_us=for_us)
        assert only(Acked, events) == [Acked(Command.OUTPUTS, number)]
    assert faults_of(bench) == []
    slack = 2 if faults else 0  # the host's zero comes so much before or after the last pulses of the device's own
    assert abs(pulses(bench, 1) - 2 * len(delivered_ua(first, 20_000, T.period_us))) <= slack
    assert abs(pulses(bench, 2) - len(delivered_ua(second, 15_000, T.period_us))) <= slack


def test_a_contraction_beside_a_plain_amplitude_and_back() -> None:
    bench = ready(1, 2)
    plain = Output(1, T, 4_000)
    bench.send(Outputs((plain,)), for_us=500 * MS)
    bench.send(Outputs((plain, Output(2, T, 10_000, swell(1)))), for_us=2 * S_MS)
    assert (bench.amplitude_ua(1), bench.amplitude_ua(2)) == (4_000, 10_000)
    bench.send(Outputs((plain,)), for_us=100 * MS)
    assert (bench.amplitude_ua(1), bench.amplitude_ua(2)) == (4_000, 0)
    bench.send(Outputs((plain, Output(2, T, 10_000, swell(2)))), for_us=2 * S_MS)
    bench.send(Outputs((plain, Output(2, T, 9_000))), for_us=100 * MS)
    assert (bench.amplitude_ua(1), bench.amplitude_ua(2)) == (4_000, 9_000)
    assert faults_of(bench) == []


def test_a_contraction_that_ends_early_ends_alone() -> None:
    bench = ready(1, 2)
    one, two = Output(1, T, 20_000, swell(1, hold_us=20 * S_MS)), Output(2, T, 15_000, swell(1, hold_us=20 * S_MS))
    bench.send(Outputs((one, two)), for_us=3 * S_MS)
    bench.send(Outputs((two,)), for_us=5 * MS)
    bench.run(2 * S_MS)
    assert (bench.amplitude_ua(1), bench.amplitude_ua(2)) == (0, 15_000)
    bench.run(2 * S_MS)
    assert faults_of(bench) == []
    bench.send(for_us=200 * MS)
    assert bench.port.stage.is_zero
    assert faults_of(bench) == []


@pytest.mark.parametrize("fault", ["late:30", "late_down:45", "jitter:20"])
def test_a_renewal_that_waited_for_outputs_says_what_is_commanded_by_then(fault: str) -> None:
    """A renewal falls due while the command is on the wire: said as of then, it would be a wrong belief and turn all off."""
    one, two = Output(1, T, 20_000, swell(1)), Output(2, T, 15_000, swell(2))
    for after_ms in range(100, 210, 10):
        bench = ready(1, 2)
        bench.inject(fault)
        bench.send(Outputs((one,)), for_us=500 * MS + after_ms * MS)
        bench.send(Outputs((one, two)), number=2, for_us=400 * MS)
        bench.send(Outputs((two,)), number=3, for_us=S_MS)
        assert faults_of(bench) == []


def test_a_lost_answer_to_a_contraction_does_not_begin_it_again() -> None:
    bench = ready(1)
    made = swell(1)
    bench.inject("drop_reply:1")
    events = bench.send(Outputs((Output(1, T, 20_000, made),)), for_us=5 * S_MS)
    assert only(Acked, events) == [Acked(Command.OUTPUTS, 1)]
    assert bench.names().count("CONTRACT") == 2
    assert pulses(bench, 1) == len(delivered_ua(made, 20_000, T.period_us))


def test_a_train_changes_only_by_way_of_zero() -> None:
    bench = ready(1)
    bench.send(outputs(T, ch1=4_000), for_us=100 * MS)
    other = train(width_us=500, period_us=40_000)
    events = bench.send(outputs(other, ch1=4_000), number=2, for_us=100 * MS)
    assert only(Acked, events) == [Acked(Command.OUTPUTS, 2)]
    assert (bench.port.stage.width_us(1), bench.port.stage.period_us(1)) == (500, 40_000)
    bench.send(for_us=10 * MS)
    bench.send(outputs(T, ch1=4_000), number=4, for_us=100 * MS)
    assert bench.port.stage.width_us(1) == 300


def test_long_pulses_for_denervated_muscle_come_out_as_they_are() -> None:
    bench = Bench("reference")
    bench.connect()
    long = train(width_us=100_000, period_us=500_000, shape=Shape.TRIANGULAR)
    limits = ChannelLimits(40_000, 100_000, 500_000, 2_000_000_000, 200_000)
    bench.write(bench.driver.prepare({1: long}, {1: limits}, bench.now_us))
    assert only(Acked, bench.run(MS)) == [Acked(Command.PREPARE)]
    bench.send(Outputs((Output(1, long, 30_000),)), for_us=2 * S_MS)
    assert (bench.amplitude_ua(1), bench.port.stage.width_us(1)) == (30_000, 100_000)
    assert faults_of(bench) == []


@pytest.mark.parametrize(
    ("limits", "wanted"),
    [
        (ChannelLimits(10_000, 1_000, 2_500, 10**8, 10**6), outputs(T, ch1=10_100)),
        (ChannelLimits(100_000, 1_000, 2_500, 3_000_000, 10**6), outputs(T, ch1=10_100)),
        (ChannelLimits(100_000, 1_000, 2_500, 10**8, 10_000), outputs(T, ch1=3_000)),
        (ChannelLimits(100_000, 300, 2_500, 10**8, 10**6), outputs(train(width_us=301), ch1=3_000)),
        (ChannelLimits(100_000, 1_000, 20_000, 10**8, 10**6), outputs(train(period_us=19_999), ch1=3_000)),
        (ChannelLimits(100_000, 1_000, 2_500, 10**8, 10**6), outputs(train(shape=Shape.TRIANGULAR), ch1=3_000)),
        (ChannelLimits(100_000, 1_000, 2_500, 10**8, 10_000), Outputs((Output(1, T, 10_100, swell(1)),))),
    ],
    ids=["amplitude", "charge", "rise", "width", "rate", "shape", "rise of a contraction"],
)
def test_the_device_itself_refuses_what_exceeds_the_limits_it_holds(limits: ChannelLimits, wanted: Outputs) -> None:
    """The second lock: outputs that a broken gate let through."""
    bench = Bench("reference")
    bench.connect()
    bench.write(bench.driver.prepare({1: T}, {1: limits}, bench.now_us))
    assert only(Acked, bench.run(MS)) == [Acked(Command.PREPARE)]
    (refused,) = only(Refused, bench.send(wanted, for_us=100 * MS))
    assert refused.command is Command.OUTPUTS
    assert bench.port.stage.first_output_us is None


@pytest.mark.parametrize("fault", ["dead_link", "dead_downlink"])
def test_current_ends_by_itself_within_the_lease_when_the_host_is_not_heard(fault: str) -> None:
    """F03, F04: the device's own 500 ms."""
    bench = ready(1)
    bench.send(outputs(T, ch1=4_000), for_us=950 * MS)
    bench.inject(fault)
    cut_us = bench.now_us
    bench.run(2 * S_MS)
    assert bench.port.stage.is_zero
    assert max(line.t_us for line in bench.lines) - cut_us <= 550 * MS


def test_after_the_link_was_away_for_longer_than_the_lease_the_reason_is_told() -> None:
    bench = ready(1)
    bench.send(outputs(T, ch1=4_000), for_us=100 * MS)
    bench.inject("dead_downlink")
    bench.run(700 * MS)
    bench.port.faults.clear(FaultKind.DEAD_DOWNLINK)
    bench.run(700 * MS)
    (fault,) = only(DeviceFault, [event for _, event in bench.events])
    assert "lease ran out" in fault.text


def test_electrodes_are_measured_at_rest_one_after_the_other() -> None:
    bench = Bench("reference")
    bench.connect()
    for channel in (1, 2, 8):
        bench.write(bench.driver.check_electrode(channel, bench.now_us))
        (found,) = only(Impedance, bench.run(150 * MS))
        assert found.channel == channel
        assert found.ohm == 1_000  # the simulated load where nothing else is said
    bench.inject("electrode_off:2")
    bench.write(bench.driver.check_electrode(2, bench.now_us))
    (found,) = only(Impedance, bench.run(150 * MS))
    assert found.ohm is None


def test_limits_and_prepare_are_forgotten_with_a_stop() -> None:
    bench = ready(1, 2)
    bench.stop()
    bench.write(bench.driver.prepare({1: T}, {1: WIDEST}, bench.now_us))
    assert only(Acked, bench.run(MS)) == [Acked(Command.PREPARE)]
    (refused,) = only(Refused, bench.send(outputs(T, ch2=4_000), for_us=10 * MS))
    assert refused.command is Command.OUTPUTS
