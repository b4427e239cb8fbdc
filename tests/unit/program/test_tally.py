"""Counting pulses of contractions that the device makes, against a count pulse by pulse."""

from hypothesis import given, settings
from hypothesis import strategies as st

from emscontrol.core.pulse import NOTHING, Output, Outputs, Shape, Swell, Train, Waveform
from emscontrol.program.tally import Delivery, Tally

STEP_UA = 100


def train(period_us: int, burst: int = 1) -> Train:
    return Train(Waveform(Shape.SYMMETRIC, 300), period_us, burst, 1_000 if burst > 1 else 0)


def one_by_one(swell: Swell, plateau_ua: int, period_us: int, burst: int, until_us: int) -> list[tuple[int, int]]:
    """(amplitude, pulses) of every pulse that begins before `until_us`, in 0.1 mA, equal neighbours joined."""
    runs: list[tuple[int, int]] = []
    for at_us in range(0, until_us, period_us):
        if at_us >= swell.end_us:
            break
        if at_us < swell.rise_us:
            amplitude_ua = plateau_ua * at_us // swell.rise_us
        elif at_us >= swell.rise_us + swell.hold_us:
            amplitude_ua = plateau_ua * (swell.end_us - at_us) // swell.fall_us
        else:
            amplitude_ua = plateau_ua
        amplitude_ua -= amplitude_ua % STEP_UA
        if amplitude_ua and runs and runs[-1][0] == amplitude_ua:
            runs[-1] = (amplitude_ua, runs[-1][1] + burst)
        elif amplitude_ua:
            runs.append((amplitude_ua, burst))
    return runs


@settings(max_examples=150, deadline=None)
@given(
    rise_us=st.integers(0, 2_000_000),
    hold_us=st.integers(0, 2_000_000),
    fall_us=st.integers(0, 2_000_000),
    plateau=st.integers(1, 1_200),
    period_us=st.integers(5_000, 700_000),
    burst=st.integers(1, 3),
    cut_us=st.integers(1, 7_000_000),
    look_us=st.integers(0, 7_000_000),
)
def test_each_pulse_has_the_amplitude_of_its_moment(
    rise_us: int, hold_us: int, fall_us: int, plateau: int, period_us: int, burst: int, cut_us: int, look_us: int
) -> None:
    swell = Swell(1, rise_us, hold_us, fall_us)
    if not swell.end_us:
        return
    output = Output(1, train(period_us, burst), plateau * STEP_UA, swell)
    other = Output(2, train(20_000), 5_000)
    tally = Tally({}, {}, STEP_UA, keep_runs=True)
    begun_us = 123_456
    tally.set(begun_us, Outputs((output,)))
    look_us = min(look_us, cut_us)
    tally.set(begun_us + look_us, Outputs((output, other)))  # another channel's command does not disturb it
    expected = one_by_one(swell, plateau * STEP_UA, period_us, burst, cut_us)
    assert tally.pulses(1, begun_us + cut_us) == sum(pulses for _, pulses in expected)
    tally.stop(begun_us + cut_us)
    assert tally.runs(1) == [Delivery(amplitude_ua, 300, pulses) for amplitude_ua, pulses in expected]
    total = tally.sums()[1]
    assert total.charge_pc == sum(amplitude_ua * pulses * 300 for amplitude_ua, pulses in expected)
    assert total.peak_ua == max((amplitude_ua for amplitude_ua, _ in expected), default=0)


def test_the_next_contraction_just_like_it_begins_its_own_train() -> None:
    first, second = (Output(1, train(300_000), 10_000, Swell(number, 0, 1_000_000, 0)) for number in (1, 2))
    tally = Tally({}, {}, STEP_UA, keep_runs=True)
    tally.set(0, Outputs((first,)))
    tally.set(1_000_000, Outputs((second,)))
    tally.set(2_000_000, NOTHING)
    assert tally.sums()[1].pulses == 4 + 4  # 0, 300, 600, 900 ms of each; on one grid the second would have three
