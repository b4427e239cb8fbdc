"""Thresholds and recruited fractions against the physiology sheet (§1.6, §2.2, §2.3)."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_sim.body.muscle import Muscle
from firmware_sim.body.profile import MuscleProfile
from firmware_sim.body.published import intensity_factor, width_factor
from firmware_sim.body.pulse import Pulse
from firmware_sim.body.recruitment import DEGENERATED, DENERVATED, NERVE, PAIN, SENSORY, Fibrous, StrengthDuration, normal


def of(width_us: int) -> Pulse:
    return Pulse(0, width_us)


def test_thresholds_at_300_us() -> None:
    innervated = Muscle(MuscleProfile())
    assert SENSORY.threshold_of(of(300)) == pytest.approx(7.33, rel=0.01)
    assert innervated.current_for(0.02, of(300)) == pytest.approx(17.95, rel=0.01)
    assert NERVE.median.threshold_of(of(300)) == pytest.approx(30.0, rel=0.005)
    assert innervated.current_for(0.98, of(300)) == pytest.approx(50.1, rel=0.01)
    assert PAIN.threshold_of(of(300)) == pytest.approx(35.0, rel=0.01)
    assert NERVE.fraction(40.0, of(300)) == pytest.approx(0.875, abs=0.005)


@pytest.mark.parametrize(("width_us", "ratio"), [(50, 2.6), (300, 1.95), (5000, 1.4)])
def test_short_pulses_are_the_more_comfortable_way(width_us: int, ratio: float) -> None:
    motor = Muscle(MuscleProfile()).current_for(0.02, of(width_us))
    assert PAIN.threshold_ma(width_us) / motor == pytest.approx(ratio, abs=0.06)


@given(st.integers(20, 400_000))
@settings(max_examples=50, deadline=None)
def test_feeling_comes_before_contraction_before_pain(width_us: int) -> None:
    motor = Muscle(MuscleProfile()).current_for(0.02, of(width_us))
    assert SENSORY.threshold_ma(width_us) < motor < PAIN.threshold_ma(width_us)


def test_weiss_needs_twice_the_rheobase_at_the_chronaxie() -> None:
    assert StrengthDuration(7.0, 250.0).threshold_ma(250) == pytest.approx(14.0)


def test_denervated_muscle() -> None:
    assert DENERVATED.median.threshold_of(of(300)) == pytest.approx(1353, rel=0.005)
    assert DENERVATED.fraction(130.0, of(1_000)) < 0.001
    assert DENERVATED.median.threshold_of(of(100_000)) == pytest.approx(24.0, rel=0.005)
    assert (DEGENERATED.median.rheobase_ma, DEGENERATED.median.chronaxie_us, DEGENERATED.sigma) == (80, 25_000, 0.2)
    assert PAIN.threshold_ma(100_000) == pytest.approx(14.06, rel=0.005)


def test_a_slow_rise_reaches_only_fibres_without_nerve() -> None:
    rising = Pulse(30_000, 200_000, "triangular", None)
    assert NERVE.fraction(30.0, rising) == pytest.approx(0.037, abs=0.005)
    assert DENERVATED.fraction(30.0, rising) == pytest.approx(0.878, abs=0.005)


@pytest.mark.parametrize(("fibres", "quotient"), [(NERVE, 4.1), (DENERVATED, 1.15)])
def test_the_accommodation_quotient_at_one_second(fibres: Fibrous, quotient: float) -> None:
    rising, steady = Pulse(0, 1_000_000, "triangular", None), Pulse(0, 1_000_000, gap_us=None)
    found = fibres.median.threshold_of(rising) / fibres.median.threshold_of(steady)
    assert found == pytest.approx(quotient, abs=0.03)


@pytest.mark.parametrize(("gap_us", "factor"), [(0, 1.10), (50, 1.05), (100, 1.0), (500, 1.0), (None, 1.0)])
def test_a_second_phase_close_by_takes_some_away(gap_us: int | None, factor: float) -> None:
    assert NERVE.median.threshold_of(Pulse(0, 300, gap_us=gap_us)) == pytest.approx(30.0 * factor)


@given(st.floats(0.1, 200), st.floats(0.1, 200), st.integers(20, 1_000))
@settings(max_examples=80, deadline=None)
def test_more_current_never_reaches_fewer_fibres(one_ma: float, two_ma: float, width_us: int) -> None:
    low, high = sorted((one_ma, two_ma))
    assert 0.0 <= NERVE.fraction(low, of(width_us)) <= NERVE.fraction(high, of(width_us)) <= 1.0
    assert NERVE.fraction(low, of(width_us)) <= NERVE.fraction(low, of(width_us + 50))
    assert NERVE.fraction(0.0, of(width_us)) == NERVE.fraction(-low, of(width_us)) == 0.0


def test_a_mixed_muscle_has_a_kink() -> None:
    """Partly denervated: with rising width the nerve's curve goes over into the fibres' one (sheet §2.3)."""
    mixed, half = Muscle(MuscleProfile(denervated=0.5)), 0.25
    innervated, bare = Muscle(MuscleProfile()), Muscle(MuscleProfile(denervated=1.0))
    short, long = of(300), of(200_000)
    assert mixed.current_for(half, short) == pytest.approx(innervated.current_for(0.5, short), rel=0.01)
    assert mixed.current_for(half, long) < innervated.current_for(0.5, long) + 0.01
    assert bare.current_for(0.5, long) / innervated.current_for(0.5, long) < 1.3
    assert bare.current_for(0.5, short) / innervated.current_for(0.5, short) > 40


def test_the_published_extensions() -> None:
    assert width_factor(200) == pytest.approx(0.2977, abs=0.001)
    assert width_factor(131) == 0.0
    assert intensity_factor(40.0) == pytest.approx(0.1732, abs=0.001)
    assert intensity_factor(17.03 - 0.05) == 0.0
    assert intensity_factor(17.03 + 0.05) > 0.0


def test_the_normal_distribution() -> None:
    assert [normal(z) for z in (-1.959964, 0.0, 1.959964)] == pytest.approx([0.025, 0.5, 0.975], abs=1e-6)
