"""Force and fatigue against the figures of the physiology sheet (§1.5 to 1.7) and against an independent slow solution."""

from itertools import pairwise
from math import log

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_sim.body.force import (
    DENERVATED_FATIGUE,
    DENERVATED_SLOWNESS,
    QUADRICEPS,
    Constants,
    Fibres,
)
from firmware_sim.body.published import SPINAL_CORD_INJURY
from tests.unit.firmware_sim_body.slow import STEP_S, solve
from tests.unit.firmware_sim_body.trains import S, peak_of_last, peak_of_train, pulse_times

RESTED = QUADRICEPS.scaled(fatigue=0.0)


def test_the_constants_are_the_published_ones() -> None:
    assert Constants() == Constants(3009.0, 0.050957, 0.060, 0.103, 0.020, -0.40, 2.1e-5, 1.9e-5, 127.0)
    two_thousand_seven = (4920.0, 0.060601, 0.001, 0.137, 0.011)
    found = SPINAL_CORD_INJURY
    assert (found.a_rest, found.tau_1, found.tau_2, found.k_m, found.tau_c) == two_thousand_seven


@pytest.mark.parametrize(
    ("constants", "peak_n", "peak_ms", "half_ms"),
    [
        (RESTED, 99.47, 78.4, 70.6),
        (RESTED.scaled(force=0.35, slowness=DENERVATED_SLOWNESS, fatigue=DENERVATED_FATIGUE), 34.8, 156.7, None),
    ],
    ids=["normal", "denervated"],
)
def test_a_twitch(constants: Constants, peak_n: float, peak_ms: float, half_ms: float | None) -> None:
    fibres = Fibres(constants)
    fibres.pulses(0, 0, 1, 1.0)
    forces = [fibres.force_n(t) for t in range(0, 600_000, 100)]
    top = max(forces)
    at = forces.index(top)
    half = next(k for k in range(at, len(forces)) if forces[k] <= top / 2)
    assert top == pytest.approx(peak_n, rel=0.01)
    assert at / 10 == pytest.approx(peak_ms, abs=2 if half_ms else 3)
    if half_ms is not None:
        assert (half - at) / 10 == pytest.approx(half_ms, abs=3)


@pytest.mark.parametrize(
    ("rate_hz", "r", "peak_n"),
    [(10, 1, 166.0), (20, 1, 235.7), (33, 1, 269.3), (50, 1, 289.5), (100, 1, 311.0), (33, 0.40, 107.7)],
)
def test_peaks_of_rested_trains(rate_hz: float, r: float, peak_n: float) -> None:
    fibres = Fibres(RESTED)
    assert peak_of_train(fibres, 0, rate_hz, 1.5, r=r) == pytest.approx(peak_n, rel=0.01)
    assert fibres.peak_n(2 * S) == pytest.approx(peak_n, rel=0.01)


def test_the_ratio_of_low_to_high_frequency() -> None:
    ten, hundred = (peak_of_train(Fibres(RESTED), 0, rate, 1.5) for rate in (10, 100))
    assert ten / hundred == pytest.approx(0.534, abs=0.01)


def test_the_fatigue_test_and_its_recovery() -> None:
    fibres = Fibres(QUADRICEPS)
    first, last = peak_of_last(fibres, 33, 0.3, 0.7, 180)
    assert last / first == pytest.approx(0.436, abs=0.015)
    assert fibres.strength(180 * S) * 3009 == pytest.approx(896.5, rel=0.02)
    assert peak_of_train(fibres, 300 * S, 33, 0.3) / first == pytest.approx(0.894, abs=0.015)


@pytest.mark.parametrize(("on_s", "off_s", "trains", "ratio"), [(1, 1, 90, 0.331), (10, 50, 10, 0.809)])
def test_fatigue_at_50_hz(on_s: float, off_s: float, trains: int, ratio: float) -> None:
    first, last = peak_of_last(Fibres(QUADRICEPS), 50, on_s, off_s, trains)
    assert last / first == pytest.approx(ratio, abs=0.015)


def test_continuous_stimulation() -> None:
    fibres = Fibres(QUADRICEPS)
    looks = []
    times = pulse_times(0, 33, 30.6)
    for at_us, next_us in pairwise(times):
        fibres.pulses(at_us, 0, 1, 1.0)
        looks += [fibres.force_n(t) for t in range(at_us, next_us, 1000) if 29.5 * S <= t < 30.5 * S]
    assert sum(looks) / len(looks) == pytest.approx(127.5, rel=0.02)


def test_the_half_time_of_recovery() -> None:
    fibres = Fibres(QUADRICEPS)
    for at_us in pulse_times(0, 33, 60):
        fibres.pulses(at_us, 0, 1, 1.0)
    lost = 1 - fibres.strength(70 * S)
    times = (t for t in range(70 * S, 400 * S, 50_000) if 1 - fibres.strength(t) <= lost / 2)
    assert next(times) / S - 70 == pytest.approx(127 * log(2), rel=0.005)
    assert 127 * log(2) == pytest.approx(88.0, rel=0.005)


@pytest.mark.parametrize(("k", "drop"), [(0.70, 0.439)])
def test_the_drop_of_the_bickel_test(k: float, drop: float) -> None:
    """180 contractions of six pulses 70 ms apart, half of the time on."""
    fibres = Fibres(QUADRICEPS.scaled(fatigue=k))
    peaks = []
    for contraction in range(180):
        peak = 0.0
        for pulse in range(6):
            at_us = contraction * 840_000 + pulse * 70_000
            fibres.pulses(at_us, 0, 1, 1.0)
            peak = max(peak, *(fibres.force_n(at_us + look) for look in range(0, 70_000, 2_000)))
        peaks.append(peak)
    assert 1 - peaks[-1] / peaks[0] == pytest.approx(drop, abs=0.02)


@settings(max_examples=12, deadline=None)
@given(
    st.lists(st.integers(20, 1500), min_size=1, max_size=12),  # distances of pulses, in steps of 0.1 ms
    st.floats(0.05, 1.0),
    st.sampled_from([QUADRICEPS, QUADRICEPS.scaled(force=0.35, slowness=2.0, fatigue=1.3), SPINAL_CORD_INJURY]),
)
def test_any_train_is_the_one_of_the_slow_solution(distances: list[int], r: float, constants: Constants) -> None:
    times = [0]
    for distance in distances:
        times.append(times[-1] + distance)
    slow = solve(constants, [t * STEP_S for t in times], (times[-1] + 500) * STEP_S, r)
    fibres = Fibres(constants)
    top = max(slow)
    for at, following in pairwise([*times, times[-1] + 500]):
        fibres.pulses(at * 100, 0, 1, r)
        for look in range(at, following, 37):
            assert fibres.force_n(look * 100) == pytest.approx(slow[look], abs=0.003 * top)


_RUN = st.tuples(st.integers(2_000, 800_000), st.integers(2_500, 1_200_000), st.integers(1, 12), st.floats(0.0, 1.0))


@settings(max_examples=60, deadline=None)
@given(st.lists(_RUN, min_size=1, max_size=6), st.data())
def test_the_force_does_not_depend_on_who_asks_when(runs: list[tuple[int, int, int, float]], data: st.DataObject) -> None:
    """Runs at once and nobody asks, against single pulses with questions in between: the same to the last bit."""
    at_once, one_by_one = Fibres(), Fibres()
    at_us = 0
    for wait_us, period_us, count, r in runs:
        at_us += wait_us
        at_once.pulses(at_us, period_us, count, r)
        for k in range(count):
            one_by_one.pulses(at_us + k * period_us, 0, 1, r)
            one_by_one.force_n(at_us + k * period_us + data.draw(st.integers(0, 2_000)))
        at_us += (count - 1) * period_us
    for later_us in (0, 1, 999, 50_000, 1_000_000, 3_600 * S):
        assert at_once.force_n(at_us + later_us) == one_by_one.force_n(at_us + later_us)
        assert at_once.strength(at_us + later_us) == one_by_one.strength(at_us + later_us)
        assert at_once.peak_n(at_us + later_us) == one_by_one.peak_n(at_us + later_us)


def test_the_force_goes_on_smoothly_into_rest() -> None:
    fibres = Fibres()
    fibres.pulses(0, 20_000, 100, 1.0)
    end_us = 99 * 20_000
    looks = [fibres.force_n(end_us + t) for t in range(400_000, 900_000, 500)]
    assert all(later < earlier for earlier, later in pairwise(looks))
    assert max(1 - later / earlier for earlier, later in pairwise(looks)) < 0.0101  # 1 - exp(-0.5 ms / 50 ms) = 0.00995


def test_hours_pass_in_a_moment_and_the_muscle_is_rested() -> None:
    fibres = Fibres()
    fibres.pulses(0, 20_000, 500, 1.0)
    tired = fibres.strength(10 * S)
    assert tired < 0.8
    assert fibres.strength(10 * 3600 * S) == pytest.approx(1.0, abs=1e-9)
    assert fibres.force_n(10 * 3600 * S) == pytest.approx(0.0, abs=1e-12)
