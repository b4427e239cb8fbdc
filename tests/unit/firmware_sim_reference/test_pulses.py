"""The pulses: each one at its time with its amplitude, against the formula of the page worked out on its own."""

from fractions import Fraction
from math import floor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_sim.reference.course import Contraction
from firmware_sim.reference.tables import State
from tests.unit.firmware_sim_reference.host import LIMITS, Host, contraction


def by_the_page(amplitude: int, rise_us: int, hold_us: int, fall_us: int, t_us: int, ratio: int = 1) -> int:
    """The amplitude in 0.1 mA of a pulse that begins `t_us` after the contraction was accepted."""
    end_us = rise_us + hold_us + fall_us
    exact = Fraction(0)
    if t_us < rise_us:
        exact = Fraction(amplitude * t_us, rise_us)
    elif t_us < rise_us + hold_us:
        exact = Fraction(amplitude)
    elif t_us < end_us:
        exact = Fraction(amplitude * (end_us - t_us), fall_us)
    return floor(exact / ratio) * ratio


def expected(start_us: int, period_us: int, until_us: int, *shape: int, ratio: int = 1) -> list[tuple[int, int]]:
    """(begin, µA) of the pulses of a contraction that was accepted with the clock's beginning, at `start_us`."""
    begins = range(start_us, until_us, period_us)
    pulses = [(at_us, 100 * by_the_page(*shape, at_us - start_us, ratio)) for at_us in begins]
    return [pulse for pulse in pulses if pulse[1]]


TIMES = st.one_of(st.integers(0, 2_000), st.integers(0, 3_000_000))
SHAPES = st.tuples(st.integers(1, 400), TIMES, TIMES, TIMES).filter(lambda shape: sum(shape[1:]) > 0)


@given(SHAPES, st.sampled_from([1, 2, 3, 7, 10]), st.integers(0, 10_000_000))
@settings(max_examples=200, deadline=None)
def test_the_course_is_the_formula_of_the_page(shape: tuple[int, int, int, int], ratio: int, t_us: int) -> None:
    shape = (shape[0] * ratio, *shape[1:])
    course = Contraction(shape[0], ratio, 1000, *shape[1:])
    assert course.amplitude(1000 + t_us) == by_the_page(*shape, t_us, ratio)
    until_us = course.same_until_us(1000 + t_us)
    if until_us is None:
        assert t_us >= sum(shape[1:])
    else:
        assert until_us > 1000 + t_us
        for at_us in (until_us - 1, (until_us + 1000 + t_us) // 2):
            assert course.amplitude(at_us) == course.amplitude(1000 + t_us)


@given(SHAPES)
@settings(max_examples=60, deadline=None)
def test_a_ramp_has_no_more_runs_than_steps(shape: tuple[int, int, int, int]) -> None:
    course, at_us, runs = Contraction(shape[0], 1, 0, *shape[1:]), 0, 0
    while (until_us := course.same_until_us(at_us)) is not None:
        at_us, runs = until_us, runs + 1
    assert at_us == course.end_us
    assert runs <= 2 * shape[0] + 3


@given(
    shape=st.tuples(st.integers(1, 400), st.integers(400_000, 2_500_000), TIMES, TIMES),
    period_us=st.sampled_from([2_500, 13_333, 20_000, 28_571, 333_333, 1_900_000]),
    start_us=st.integers(0, 100_000),
    ratio=st.sampled_from([1, 4]),
    looks=st.lists(st.integers(7_000, 490_000), min_size=1, max_size=5),
)
@settings(max_examples=40, deadline=None)
def test_every_pulse_of_a_contraction(
    shape: tuple[int, int, int, int], period_us: int, start_us: int, ratio: int, looks: list[int]
) -> None:
    """Whenever the host looks in between."""
    amplitude = -(-shape[0] // ratio) * ratio
    shape = (amplitude, *shape[1:])
    host = Host()
    train = {"shape": 1, "recovery_ratio": 4} if ratio == 4 else {}
    host.ready(period_us=period_us, **train)
    host.wait(start_us)
    host.ok("CONTRACT", each=[contraction(1, *shape)])
    end_us = start_us + sum(shape[1:])
    look = 0
    while host.now_us < end_us + 10:
        host.wait(min(end_us + 10, host.now_us + looks[look % len(looks)]))
        look += 1
        host.ok("RENEW", state=2, channels=1)
    pulses = expected(start_us, period_us, end_us, *shape, ratio=ratio)
    assert host.given() == pulses
    assert host.pulses(1) == len(pulses)
    assert host.port.stage.charge_pc(1) == sum(amplitude_ua * 250 for _, amplitude_ua in pulses)
    status = host.status()["each"][0]
    assert (status["pulses"], status["set"] * 100) == (len(pulses), pulses[-1][1] if pulses else 0)
    assert host.port.stage.is_zero


def test_a_set_begins_the_clock_with_a_pulse_and_changes_with_the_next() -> None:
    host = Host()
    host.ready()
    host.wait(7_000)
    host.set(c1=100)
    host.wait(50_000)  # pulses at 7, 27, 47 ms
    host.set(c1=120)
    host.wait(90_000)  # 67, 87 ms
    host.set(c1=50)
    host.wait(107_000)
    host.set(c1=60)  # in time for the pulse of 107 ms
    host.wait(107_001)
    host.set()
    times = (7_000, 27_000, 47_000, 67_000, 87_000, 107_000)
    assert host.given() == list(zip(times, (10_000, 10_000, 10_000, 12_000, 12_000, 6_000), strict=True))
    assert host.shown()[-1] == (107_001, 0, 1)


def test_a_set_at_the_moment_of_a_pulse_comes_before_it() -> None:
    host = Host()
    host.ready()
    host.set(c1=100)
    host.wait(20_000)
    host.set()
    host.wait(100_000)
    assert host.pulses(1) == 1


def test_from_zero_the_clock_begins_anew() -> None:
    host = Host()
    host.ready()
    host.set(c1=100)
    host.wait(5_000)
    host.set()
    host.wait(9_000)
    host.set(c1=100)
    host.wait(30_000)
    host.set()
    assert host.given() == [(0, 10_000), (9_000, 10_000), (29_000, 10_000)]


def test_a_set_replaces_a_contraction_on_the_same_clock() -> None:
    host = Host()
    host.ready()
    host.ok("CONTRACT", each=[contraction(1, 100, 1_000_000, 1_000_000, 0)])
    host.wait(405_000)
    host.set(c1=30)
    host.wait(445_000)
    host.set()
    at_us = range(20_000, 401_000, 20_000)
    before = [(t, t // 10_000 * 100) for t in at_us]
    assert host.given() == [*before, (420_000, 3_000), (440_000, 3_000)]


def test_a_contraction_replaces_a_running_one_on_the_same_clock() -> None:
    host = Host()
    host.ready()
    host.ok("CONTRACT", each=[contraction(1, 100, 100_000, 100_000, 0)])
    host.wait(150_000)
    host.ok("CONTRACT", each=[contraction(1, 200, 200_000, 0, 100_000)])
    host.wait(460_000)
    first = [(t, 100 * by_the_page(100, 100_000, 100_000, 0, t)) for t in range(20_000, 150_000, 20_000)]
    second = [(t, 100 * by_the_page(200, 200_000, 0, 100_000, t - 150_000)) for t in range(160_000, 450_000, 20_000)]
    assert host.given() == first + second


def test_a_contraction_after_one_that_has_run_out_begins_the_clock_anew() -> None:
    host = Host()
    host.ready()
    host.ok("CONTRACT", each=[contraction(1, 100, 90_000, 20_000, 0)])
    host.wait(111_000)
    assert host.shown()[-1][:2] == (110_000, 0)
    host.ok("CONTRACT", each=[contraction(1, 100, 90_000, 20_000, 0)])
    host.wait(300_000)
    one = [(t, 100 * by_the_page(100, 90_000, 20_000, 0, t)) for t in range(20_000, 110_000, 20_000)]
    assert host.given() == one + [(t + 111_000, a) for t, a in one]


def test_contractions_of_one_command_begin_together_and_others_go_on() -> None:
    host = Host()
    host.ready((1, 2, 3))
    host.set(c3=50)
    host.wait(5_000)
    answer = host.ok("CONTRACT", each=[contraction(2, 100, 100_000, 50_000, 0), contraction(1, 60, 50_000, 50_000, 0)])
    in_force = [(row["channel"], row["amplitude"]) for row in answer["each"]]
    assert in_force == [(1, 60), (2, 100), (3, 50)]
    host.wait(205_000)
    assert host.given(2)[0] == (25_000, 2_000)
    assert host.given(1)[0] == (25_000, 2_400)
    host.ok("RENEW", state=2, channels=7)
    assert host.pulses(3) == 11
    answer = host.ok("CONTRACT", each=[contraction(3, 50, 100_000, 0, 0)])
    assert [(row["channel"], row["amplitude"]) for row in answer["each"]] == [(1, 0), (2, 0), (3, 50)]


def test_an_amplitude_of_zero_needs_no_train() -> None:
    host = Host()
    host.ready((1,))
    assert host.ok("SET", each=[{"channel": 5, "amplitude": 0}])["each"] == []
    assert host.ok("CONTRACT", each=[contraction(5, 0, 1, 1, 1)])["each"] == []
    assert host.status()["state"] == State.ARMED
    host.set(c1=100)
    host.wait(30_000)
    host.ok("CONTRACT", each=[contraction(1, 0, 0, 100_000, 0)])
    host.ok("RENEW", state=2, channels=1)
    host.wait(100_000)
    assert host.given() == [(0, 10_000), (20_000, 10_000)]


# ---- bursts, shapes, rates

TRIPLET = {"burst_pulses": 3, "burst_interval_us": 3_000, "period_us": 50_000}


@pytest.mark.parametrize(
    ("stop_us", "pulses"), [(1, 1), (3_000, 1), (3_001, 2), (6_001, 3), (50_000, 3), (50_001, 4), (53_001, 5)]
)
def test_each_pulse_of_a_burst_counts_and_a_set_breaks_it_off(stop_us: int, pulses: int) -> None:
    for command, params in (("SET", {"each": []}), ("STOP", {})):
        host = Host()
        host.ready(**TRIPLET)
        host.set(c1=100)
        host.wait(stop_us)
        host.ok(command, **params)
        host.wait(stop_us + 200_000)
        assert host.pulses(1) == pulses
        assert host.status()["each"][0]["pulses"] == pulses
        assert host.port.stage.charge_pc(1) == pulses * 10_000 * 250
        assert host.shown()[-1] == (stop_us, 0, pulses)


def test_the_pulses_of_a_burst_have_the_amplitude_of_its_first() -> None:
    host = Host()
    host.ready(**TRIPLET)
    host.ok("CONTRACT", each=[contraction(1, 100, 200_000, 1, 0)])
    host.wait(52_000)
    host.set(c1=10)
    host.wait(99_000)
    host.set(c1=20)
    host.wait(200_000)
    # bursts at 0 (zero), 50 ms (2.5 mA, whole although the level changed within it), 100 and 150 ms (2 mA)
    assert host.shown()[:3] == [(50_000, 2_500, 0), (100_000, 2_000, 3)]
    assert host.pulses(1) == 9


def test_the_last_burst_of_a_contraction_is_completed() -> None:
    host = Host()
    host.ready(**TRIPLET)
    host.ok("CONTRACT", each=[contraction(1, 100, 100_000, 4_000, 0)])
    host.wait(103_500)
    assert host.pulses(1) == 3  # a burst is counted when its last pulse has begun
    host.wait(200_000)
    assert host.pulses(1) == 6
    assert host.shown()[-1][1] == 0
    host.ok("RENEW", state=2, channels=1)


@given(
    stop_us=st.integers(1, 400_000),
    pulses=st.integers(2, 6),
    interval_us=st.integers(501, 4_000),
    looks=st.lists(st.integers(500, 60_000), min_size=1, max_size=4),
)
@settings(max_examples=60, deadline=None)
def test_any_burst_broken_off_anywhere(stop_us: int, pulses: int, interval_us: int, looks: list[int]) -> None:
    host = Host()
    host.ready(burst_pulses=pulses, burst_interval_us=interval_us, period_us=25_000)
    host.set(c1=100)
    look = 0
    while host.now_us < stop_us:
        host.wait(min(stop_us, host.now_us + looks[look % len(looks)]))
        look += 1
    host.ok("STOP")
    begins = [k * 25_000 + place * interval_us for k in range(20) for place in range(pulses)]
    assert host.pulses(1) == sum(begin < stop_us for begin in begins)


def test_long_and_triangular_pulses() -> None:
    host = Host()
    limits = {**LIMITS, "flags": 1, "shapes": 15, "width_max_us": 200_000, "charge_max_nc": 24_000_000, "rise_max": 12_000}
    host.ready((1,), limits, shape=3, width_us=150_000, period_us=1_000_000)
    host.set(c1=1000)
    host.keep(2_500_000)
    assert host.pulses(1) == 3
    assert host.port.stage.charge_pc(1) == 3 * 100_000 * 150_000
    host.ok("STOP")
    host.ready((2,), limits, shape=2, width_us=200_000, period_us=2_000_000)
    host.set(c2=300)
    host.keep(host.now_us + 100_000)
    assert host.port.stage.charge_pc(2) == 30_000 * 200_000 // 2


@pytest.mark.parametrize("period_us", [2_500, 5_000_000])
def test_the_slowest_and_the_fastest_rate(period_us: int) -> None:
    host = Host()
    host.ready(period_us=period_us)
    host.set(c1=10)
    host.keep(10_000_001)
    assert host.pulses(1) == 10_000_000 // period_us + 1


def test_eight_channels_have_clocks_of_their_own() -> None:
    host = Host()
    host.ready(range(1, 9))
    for channel in range(1, 9):
        host.wait(channel * 1_000)
        host.set(**{f"c{each}": 10 for each in range(1, channel + 1)})
    host.keep(1_000_000)
    host.ok("STOP")
    for channel in range(1, 9):
        assert host.given(channel) == [(at_us, 1_000) for at_us in range(channel * 1_000, 1_000_000, 20_000)]
