"""Mid level: how many pulses of what current come out, to the microsecond; pause, ramp, limits, electrodes."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.firmware_sim.p24_host import Host, train


def test_the_first_pulse_comes_with_the_update_and_the_last_before_the_stop() -> None:
    for stop_us, pulses in ((1, 1), (20_000, 1), (20_001, 2), (100_000, 5), (100_001, 6)):
        host = Host()
        host.start(train(0, 20, period_ms=20))
        host.wait(stop_us)
        assert host.result("ml_stop") == 0
        host.wait(stop_us + 1_000_000)
        assert host.pulses(1) == pulses
        assert host.shown(1) == [(0, 20_000, 0), (stop_us, 0, pulses)]
        assert host.port.stage.charge_pc(1) == pulses * 20_000 * 200


def test_a_stop_at_the_very_moment_of_the_start_delivers_nothing() -> None:
    host = Host()
    host.start(train(0, 20))
    assert host.result("ml_stop") == 0
    host.wait(1_000_000)
    assert host.pulses(1) == 0


def test_a_new_amplitude_keeps_the_pulse_clock_and_a_new_period_begins_at_once() -> None:
    host = Host()
    host.start(train(0, 20, period_ms=20))
    host.wait(50_000)  # pulses at 0, 20, 40 ms
    host.update(train(0, 30, period_ms=20))
    host.wait(90_000)  # 60, 80 ms
    host.update(train(0, 30, period_ms=10))
    host.wait(115_000)  # 90, 100, 110 ms
    host.update()
    host.wait(200_000)
    assert host.shown(1) == [(0, 20_000, 0), (50_000, 30_000, 3), (90_000, 30_000, 2), (115_000, 0, 3)]


def test_a_pulse_due_at_the_moment_of_an_update_has_the_new_values() -> None:
    host = Host()
    host.start(train(0, 20))
    host.wait(20_000)
    host.update(train(0, 30))
    host.wait(20_001)
    host.update()
    assert host.shown(1) == [(0, 20_000, 0), (20_000, 30_000, 1), (20_001, 0, 1)]


def test_a_channel_that_is_missing_is_off_and_begins_anew() -> None:
    host = Host()
    host.start(train(0, 20), train(1, 10))
    host.wait(30_000)
    host.update(train(1, 10))
    host.wait(45_000)
    host.update(train(0, 20), train(1, 10))
    host.wait(46_000)
    assert host.ask("ml_get_current_data", selection=4)["active"] == [True, True, *[False] * 6]
    host.update()
    assert host.shown(1) == [(0, 20_000, 0), (30_000, 0, 2), (45_000, 20_000, 0), (46_000, 0, 1)]
    assert host.pulses(2) == 3


def test_the_pause_comes_two_seconds_after_the_last_sign_of_life() -> None:
    host = Host()
    host.start(train(0, 20))
    for at in (900_000, 1_800_000):
        host.wait(at)
        host.ask("ml_get_current_data", selection=4)
    host.ask("get_stim_status")  # no sign of life for the output
    host.wait(20_000_000)
    assert host.shown(1) == [(0, 20_000, 0), (3_800_000, 0, 190)]
    assert host.ask("get_stim_status")["stim_status"] == 2
    assert host.ask("ml_get_current_data", selection=4)["active"] == [False] * 8
    assert host.update(train(0, 20)) == 0
    assert not host.port.stage.is_zero


def test_a_refused_update_is_no_sign_of_life_and_changes_nothing() -> None:
    host = Host()
    host.start(train(0, 20))
    host.wait(1_999_999)
    assert host.update(train(0, 130.5)) == 2
    assert host.port.stage.amplitude_ua(1) == 20_000
    host.wait(2_000_000)
    assert host.port.stage.is_zero


def test_the_watchdog_can_be_set() -> None:
    host = Host(watchdog_ms=750)
    host.start(train(0, 20))
    host.wait(5_000_000)
    assert host.shown(1)[-1] == (750_000, 0, 38)


def test_the_ramp_rises_in_equal_steps_and_only_when_a_channel_is_enabled() -> None:
    host = Host()
    host.start(train(0, 20, ramp=3))
    host.wait(70_000)
    host.update(train(0, 40, ramp=3))
    host.wait(90_000)
    assert host.shown(1) == [(0, 5_000, 0), (20_000, 10_000, 1), (40_000, 15_000, 1), (60_000, 20_000, 1), (70_000, 40_000, 1)]
    assert host.port.stage.charge_pc(1) == (5_000 + 10_000 + 15_000 + 20_000 + 40_000) * 200


def test_a_change_within_the_ramp_goes_on_with_it() -> None:
    host = Host()
    host.start(train(0, 20, ramp=3))
    host.wait(30_000)
    host.update(train(0, 40, period_ms=10))
    host.wait(55_000)
    amplitudes = [amplitude for _, amplitude, _ in host.shown(1)]
    assert amplitudes == [5_000, 10_000, 30_000, 40_000]


@pytest.mark.parametrize(
    ("channels", "result"),
    [
        ([train(0, 130)], 0),
        ([train(0, 130.5)], 2),
        ([{**train(0, 20), "period_ms": 0}], 2),
        ([train(0, 20, period_ms=0.5, width_us=100)], 0),
        ([train(0, 20, period_ms=16_383)], 0),
        ([train(0, 20, period_ms=16_383.5)], 2),
        ([{"channel": 0, "period_ms": 1, "ramp": 0, "points": [[939, 20]]}], 0),
        ([{"channel": 0, "period_ms": 1, "ramp": 0, "points": [[940, 20]]}], 2),
        ([{"channel": at, "period_ms": 4, "ramp": 0, "points": [[439, 20]]} for at in range(8)], 0),
        ([{"channel": at, "period_ms": 4, "ramp": 0, "points": [[440, 20]]} for at in range(8)], 2),
        ([{"channel": 0, "period_ms": 20, "ramp": 0, "points": [[200, 20, 32], [200, -20]]}], 2),
        ([{"channel": 0, "period_ms": 12.25, "ramp": 0, "points": [[200, 20]], "quarter_ms": True}], 0),
    ],
)
def test_the_limits_of_an_update(channels: list[dict[str, object]], result: int) -> None:
    host = Host()
    host.start()
    assert host.update(*channels) == result
    assert host.port.stage.is_zero == (result != 0)


def test_a_soft_start_of_the_other_device_is_refused() -> None:
    host = Host()
    host.start()
    assert host.result("ml_update", softstart=True, channels=[train(0, 20)]) == 2


@pytest.mark.parametrize(
    ("points", "amplitude_ua", "width_us", "pulses", "charge_pc"),
    [
        ([[200, 20], [100, 0], [200, -20]], 20_000, 200, 1, 4_000_000),
        ([[100, 0], [200, -20], [200, 20]], 20_000, 200, 1, 4_000_000),
        ([[50, 5], [50, 10], [50, 5], [100, 0], [150, -7]], 10_000, 150, 1, 1_000_000),
        ([[200, 20], [800, -5]], 20_000, 200, 1, 4_000_000),
        ([[200, 20], [200, -20], [4000, 0], [200, 20], [200, -20]], 20_000, 200, 2, 8_000_000),
        ([[5, 20], [5, -20]], 20_000, 10, 1, 200_000),
    ],
)
def test_what_points_mean(points: list[list[int]], amplitude_ua: int, width_us: int, pulses: int, charge_pc: int) -> None:
    host = Host()
    host.start({"channel": 0, "period_ms": 20, "ramp": 0, "points": points})
    host.wait(1)
    stage = host.port.stage
    assert (stage.amplitude_ua(1), stage.width_us(1)) == (amplitude_ua, width_us)
    assert (stage.pulses(1), stage.charge_pc(1)) == (pulses, charge_pc)


def test_points_without_current_put_nothing_out() -> None:
    host = Host()
    host.start({"channel": 0, "period_ms": 20, "ramp": 0, "points": [[200, 0]]})
    host.wait(1_000_000)
    assert (host.lines, host.pulses(1)) == ([], 0)


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        (4, {"active": [True] + [False] * 4 + [True] + [False] * 2, "channel_state": [0] * 8}),
        (3, {"running": True, "electrode_error": [False] * 8}),
        (2, {"running": True, "electrode_error": [False] * 8}),
    ],
)
def test_each_selection_of_current_data(selection: int, expected: dict[str, object]) -> None:
    host = Host()
    host.start(train(0, 20), train(5, 20))
    answer = host.ask("ml_get_current_data", selection=selection)
    assert {key: answer[key] for key in expected} == expected


def test_a_selection_that_does_not_exist_is_a_parameter_error() -> None:
    host = Host()
    host.start(train(0, 20))
    assert host.result("ml_get_current_data", selection=1) == 2


def test_a_load_that_takes_more_voltage_than_there_is_gets_less_current() -> None:
    host = Host(loads_ohm={1: 1_000, 2: 5_000})
    host.start(train(0, 50), train(1, 50))
    assert [host.port.stage.amplitude_ua(channel) for channel in (1, 2)] == [50_000, 30_000]
    assert host.ask("ml_get_current_data", selection=4)["channel_state"][:2] == [0, 3]


_step = st.tuples(
    st.integers(0, 60_000),  # µs until it
    st.dictionaries(
        st.integers(0, 2), st.tuples(st.integers(0, 40), st.sampled_from([5, 7.5, 20]), st.integers(0, 3)), max_size=3
    ),
)


@settings(max_examples=80, deadline=None)
@given(st.lists(_step, min_size=1, max_size=8), st.integers(0, 60_000))
def test_every_pulse_is_the_one_a_slow_device_would_give(steps: list, rest_us: int) -> None:  # type: ignore[type-arg]
    """Against a device that plays every pulse by itself, one after another."""
    host = Host()
    host.start()
    expected: dict[int, list[tuple[int, int]]] = {0: [], 1: [], 2: []}  # amplitude (µA) and charge (pC) of every pulse
    playing: dict[int, dict[str, int]] = {}
    now_us = 0
    for wait_us, wanted in [*steps, (rest_us, {})]:
        end_us = now_us + wait_us
        for channel, own in playing.items():
            while own["next_us"] < end_us:
                own["nth"] += 1
                step, steps = min(own["nth"], own["ramp"] + 1), own["ramp"] + 1
                expected[channel].append((own["ua"] * step // steps, own["ua"] * 200 * step // steps))
                own["next_us"] += own["period_us"]
        host.wait(end_us)
        now_us = end_us
        host.update(*(train(channel, ma, period, ramp) for channel, (ma, period, ramp) in sorted(wanted.items())))
        before = playing
        playing = {}
        for channel, (ma, period, ramp) in wanted.items():
            old = before.get(channel)
            if old is None:
                playing[channel] = {"next_us": now_us, "period_us": int(period * 1000), "ua": ma * 1000, "ramp": ramp, "nth": 0}
            else:
                moved = {} if old["period_us"] == period * 1000 else {"next_us": now_us, "period_us": int(period * 1000)}
                playing[channel] = {**old, **moved, "ua": ma * 1000}
    for channel, pulses in expected.items():
        with_current = [pulse for pulse in pulses if pulse[0]]
        assert host.pulses(channel + 1) == len(with_current)
        assert host.port.stage.charge_pc(channel + 1) == sum(charge for _, charge in with_current)
        assert sum(count for _, _, count in host.shown(channel + 1)) == len(with_current)
        assert host.port.stage.peak_ua(channel + 1) == max((ua for ua, _ in with_current), default=0)


def test_an_hour_of_eight_channels_is_over_in_a_moment() -> None:
    host = Host(watchdog_ms=3_600_000)
    host.start(*(train(channel, 20, period_ms=10) for channel in range(8)))
    began = time.perf_counter()
    host.wait(3_600_000_000)
    assert time.perf_counter() - began < 0.5
    assert [host.pulses(channel) for channel in range(1, 9)] == [360_000] * 8
