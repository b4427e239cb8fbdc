"""The P24's own figures: half milliamperes, quarter milliseconds, and the duty rule."""

import pytest

from emscontrol.core.pulse import Shape
from emscontrol.devices.sciencemode4.profile import CAPABILITIES, P24Profile
from tests.unit.devices.driver_bench import train

PROFILE = P24Profile()


def test_capabilities_are_those_of_the_sheet() -> None:
    device = CAPABILITIES
    assert (device.channels, device.amplitude_max_ua, device.amplitude_step_ua) == (8, 130_000, 500)
    assert (device.width_min_us, device.width_max_us, device.gap_min_us, device.gap_max_us) == (10, 4_095, 0, 4_095)
    assert (device.period_min_us, device.period_max_us, device.period_step_us) == (500, 16_383_000, 250)
    assert (device.voltage_max_mv, device.watchdog_us, device.burst_max) == (150_000, 2_000_000, 1)
    assert device.shapes == {Shape.SYMMETRIC, Shape.ASYMMETRIC}
    assert not device.common_grid


@pytest.mark.parametrize(
    ("asked_us", "made_us"),
    [
        (28_571, 28_750),  # 35 Hz
        (28_572, 28_750),
        (500, 500),
        (501, 750),
        (8_191_750, 8_191_750),  # the longest quarter
        (8_191_751, 8_192_000),
        (8_192_001, 8_192_500),  # halves from here on
        (8_192_250, 8_192_500),
    ],
)
def test_a_period_is_rounded_up_to_quarters_and_beyond_8191_75_ms_to_halves(asked_us: int, made_us: int) -> None:
    assert PROFILE.quantise_train(train(period_us=asked_us)).period_us == made_us


@pytest.mark.parametrize(
    ("ratio", "asked_ua", "made_ua"),
    [(1, 20_300, 20_000), (1, 20_499, 20_000), (4, 21_999, 20_000), (3, 1_499, 0), (3, 130_000, 129_000)],
)
def test_the_second_phase_of_an_asymmetric_pulse_is_a_whole_step_too(ratio: int, asked_ua: int, made_ua: int) -> None:
    assert PROFILE.quantise_amplitude(train(shape=Shape.ASYMMETRIC, ratio=ratio), asked_ua) == made_ua


def test_what_is_above_the_largest_current_is_not_pulled_down_into_the_range() -> None:
    assert PROFILE.quantise_amplitude(train(), 140_000) == 140_000


def test_the_vendors_example_of_the_duty_rule() -> None:
    """One channel, 1 ms period: 939 µs of points are accepted, 940 refused. 60 µs count for switching."""
    assert PROFILE.misfits({1: train(width_us=420, gap_us=99, period_us=1_000)}) == ()
    (sentence,) = PROFILE.misfits({1: train(width_us=420, gap_us=100, period_us=1_000)})
    assert "1000 µs of pulses in each millisecond" in sentence
    assert "lower rates" in sentence


def test_the_duty_rule_adds_up_all_channels() -> None:
    one = train(width_us=400, period_us=7_750)  # (900 + 60) / 7.75 = 123.9 µs a ms; eight of them 991
    assert PROFILE.misfits(dict.fromkeys(range(1, 9), one)) == ()
    assert PROFILE.misfits({**dict.fromkeys(range(1, 8), one), 8: train(width_us=430, period_us=7_500)})


def test_rates_may_differ_freely() -> None:
    assert PROFILE.misfits({1: train(period_us=20_000), 2: train(period_us=33_250), 8: train(period_us=1_000_000)}) == ()


def test_a_long_second_phase_and_a_tiny_gap_are_refused() -> None:
    assert PROFILE.misfits({1: train(500, shape=Shape.ASYMMETRIC, ratio=8)}) == ()
    (long,) = PROFILE.misfits({1: train(500, shape=Shape.ASYMMETRIC, ratio=9)})
    assert "second phase of 4500 µs" in long
    assert PROFILE.misfits({1: train(gap_us=0)}) == PROFILE.misfits({1: train(gap_us=10)}) == ()
    (gap,) = PROFILE.misfits({1: train(gap_us=9)})
    assert "none or at least 10 µs" in gap


def test_no_channel_waits_for_another() -> None:
    assert PROFILE.slot_delays_us(frozenset({1, 5})) == {1: 0, 5: 0}
