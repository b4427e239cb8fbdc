"""The RehaStim 2's own figures: 2 mA, half milliseconds, and one rhythm (t1, t2, low-frequency factor) for all channels."""

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from emscontrol.core.pulse import Shape, Train
from emscontrol.devices.sciencemode2.profile import CAPABILITIES, ChannelList, RehaStim2Profile, channel_list
from tests.unit.devices.driver_bench import train

PROFILE = RehaStim2Profile()
ALL = range(1, 9)


def doublet(interval_us: int = 10_000, period_us: int = 40_000, pulses: int = 2) -> Train:
    return train(period_us=period_us, pulses=pulses, interval_us=interval_us)


def test_capabilities_are_those_of_the_sheet() -> None:
    device = CAPABILITIES
    assert (device.channels, device.amplitude_max_ua, device.amplitude_step_ua) == (8, 130_000, 2_000)
    assert (device.width_min_us, device.width_max_us, device.gap_min_us, device.gap_max_us) == (20, 500, 100, 100)
    assert (device.period_min_us, device.period_max_us, device.period_step_us) == (8_000, 1_025_000, 500)
    assert (device.voltage_max_mv, device.watchdog_us, device.burst_max, device.slot_us) == (154_000, 1_200_000, 3, 1_500)
    assert device.shapes == {Shape.SYMMETRIC}
    assert device.common_grid


@pytest.mark.parametrize(("asked_us", "made_us"), [(28_571, 29_000), (28_500, 28_500), (28_501, 29_000)])
def test_a_period_is_rounded_up_to_half_milliseconds(asked_us: int, made_us: int) -> None:
    assert PROFILE.quantise_train(train(period_us=asked_us)).period_us == made_us


@pytest.mark.parametrize(
    ("asked_ua", "made_ua"), [(1_999, 0), (2_000, 2_000), (21_000, 20_000), (129_999, 128_000), (131_000, 130_000)]
)
def test_an_amplitude_is_rounded_down_to_2_ma(asked_ua: int, made_ua: int) -> None:
    assert PROFILE.quantise_amplitude(train(), asked_ua) == made_ua


@pytest.mark.parametrize("factor", range(2, 9))
def test_a_slower_channel_may_skip_up_to_seven_cycles(factor: int) -> None:
    rates = {1: train(period_us=20_000), 2: train(period_us=20_000 * factor), 6: train(period_us=20_000 * factor)}
    assert PROFILE.misfits(rates) == ()
    assert channel_list(rates) == ChannelList((1, 2, 6), 20_000, 16_000, (2, 6), factor - 1)


@pytest.mark.parametrize(
    ("period_us", "offer"),
    [(50_000, "every 60 ms (16.67 Hz)"), (20_500, "every 40 ms (25 Hz)"), (180_000, "every 160 ms (6.25 Hz)")],
)
def test_a_rate_that_is_no_whole_part_of_the_fastest_is_refused_with_one_that_is(period_us: int, offer: str) -> None:
    (sentence,) = PROFILE.misfits({1: train(period_us=20_000), 2: train(period_us=period_us)})
    assert sentence.startswith("Channel 2 asks for")
    assert "channel 1" in sentence
    assert offer in sentence


def test_two_different_slower_rates_are_refused() -> None:
    (sentence,) = PROFILE.misfits({1: train(period_us=20_000), 2: train(period_us=40_000), 3: train(period_us=60_000)})
    assert "Channel 2" in sentence
    assert "channel 3" in sentence
    assert "use every 40 ms (25 Hz) for channel 3" in sentence


def test_one_plug_goes_down_to_8_ms_and_both_to_16() -> None:
    assert PROFILE.misfits({1: train(period_us=8_000), 4: train(period_us=8_000)}) == ()
    assert PROFILE.misfits({5: train(period_us=8_000), 8: train(period_us=8_000)}) == ()
    assert PROFILE.misfits({1: train(period_us=16_000), 5: train(period_us=16_000)}) == ()
    (sentence,) = PROFILE.misfits({1: train(period_us=15_500), 5: train(period_us=15_500)})
    assert "needs at least 16 ms" in sentence
    assert "one plug only" in sentence


def test_all_eight_channels_go_up_to_50_hz() -> None:
    assert PROFILE.misfits(dict.fromkeys(ALL, train(period_us=20_000))) == ()
    (sentence,) = PROFILE.misfits(dict.fromkeys(ALL, train(period_us=19_500)))
    assert "(50 Hz) at most" in sentence
    assert PROFILE.misfits(dict.fromkeys(range(1, 8), train(period_us=19_500))) == ()


@pytest.mark.parametrize(
    ("trains", "fits", "word"),
    [
        ({1: doublet(8_000)}, True, ""),
        ({1: doublet(7_500)}, False, "8 ms to 129 ms"),
        ({1: doublet(129_000, 258_000)}, True, ""),
        ({1: doublet(129_500, 260_000)}, False, "8 ms to 129 ms"),
        ({1: doublet(8_000), 5: doublet(8_000)}, False, "16 ms to 129 ms"),
        ({1: doublet(10_000, 20_000)}, True, ""),
        ({1: doublet(10_000, 19_500)}, False, "needs at least 20 ms"),
        ({1: doublet(10_000, 30_000, 3)}, True, ""),
        ({1: doublet(10_000, 29_500, 3)}, False, "needs at least 30 ms"),
        ({1: doublet(10_000), 2: doublet(10_500)}, False, "channel 1 10 ms, channel 2 10.5 ms"),
        ({1: doublet(10_000), 2: train(period_us=40_000)}, True, ""),
    ],
)
def test_bursts_share_one_interval_and_fit_into_the_round(trains: dict[int, Train], fits: bool, word: str) -> None:
    sentences = PROFILE.misfits(trains)
    assert (sentences == ()) == fits
    assert all(word in sentence for sentence in sentences)


def test_a_burst_sets_the_group_interval() -> None:
    assert channel_list({2: doublet(12_500), 1: train(period_us=80_000)}) == ChannelList((1, 2), 40_000, 12_500, (1,), 1)


def test_channels_are_served_one_slot_after_the_other() -> None:
    assert PROFILE.slot_delays_us(frozenset({7, 1, 2, 5})) == {1: 0, 2: 1_500, 5: 3_000, 7: 4_500}


periods = st.integers(16, 2_050).map(lambda halves: halves * 500)
singles = st.dictionaries(st.integers(1, 8), periods.map(lambda period_us: train(period_us=period_us)), min_size=1)


@st.composite
def rhythms(draw: st.DrawFn) -> dict[int, Train]:
    """Channels at one period, or at a multiple of it: what is drawn for each by itself hardly ever fits together."""
    period_us = draw(periods)
    each = st.sampled_from([period_us, period_us * draw(st.integers(1, 9))]).map(lambda made_us: train(period_us=made_us))
    return draw(st.dictionaries(st.integers(1, 8), each, min_size=1))


@given(trains=st.one_of(rhythms(), rhythms(), singles))
@settings(max_examples=300, deadline=None)
def test_what_fits_obeys_the_rules_of_the_sheet(trains: dict[int, Train]) -> None:
    assume(PROFILE.misfits(trains) == ())
    rhythm = channel_list(trains)
    assert rhythm.main_interval_us >= rhythm.group_interval_us >= 8_000
    assert 0 <= rhythm.slow_factor <= 7
    for channel, asked in trains.items():
        skipped = rhythm.slow_factor if channel in rhythm.slow_channels else 0
        assert rhythm.main_interval_us * (skipped + 1) == asked.period_us
