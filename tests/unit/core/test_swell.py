"""A contraction that the device makes: its amplitude at any time, and how much it delivers."""

from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from emscontrol.core.pulse import Swell

times = st.integers(0, 5_000_000)
swells = st.builds(Swell, st.just(1), times, times, times).filter(lambda swell: swell.end_us > 0)


def exact_ua(swell: Swell, plateau_ua: int, at_us: int) -> Fraction:
    """The trapezium as it is drawn: the lower of the rising line, the plateau and the falling line."""
    if not 0 <= at_us < swell.end_us:
        return Fraction(0)
    lines = [Fraction(plateau_ua)]
    if at_us < swell.rise_us:
        lines.append(Fraction(plateau_ua * at_us, swell.rise_us))
    if swell.end_us - at_us < swell.fall_us:
        lines.append(Fraction(plateau_ua * (swell.end_us - at_us), swell.fall_us))
    return min(lines)


@settings(max_examples=300, deadline=None)
@given(swell=swells, plateau_ua=st.integers(0, 120_000), at_us=st.integers(-10, 15_000_010))
def test_it_is_a_trapezium_rounded_down(swell: Swell, plateau_ua: int, at_us: int) -> None:
    exact = exact_ua(swell, plateau_ua, at_us)
    assert swell.amplitude_ua(plateau_ua, at_us) == exact.numerator // exact.denominator


@settings(max_examples=300, deadline=None)
@given(swell=swells, until_us=st.integers(-10, 16_000_000))
def test_what_it_delivers_is_the_area_under_it_rounded_against_the_patient(swell: Swell, until_us: int) -> None:
    until = Fraction(min(max(until_us, 0), swell.end_us))
    rising = min(until, Fraction(swell.rise_us))
    held = min(max(until - swell.rise_us, Fraction(0)), Fraction(swell.hold_us))
    falling = max(until - swell.rise_us - swell.hold_us, Fraction(0))
    area = held
    if rising:
        area += rising * rising / (2 * swell.rise_us)  # half of width × height, by similar triangles
    if falling:
        area += falling - falling * falling / (2 * swell.fall_us)
    assert area <= swell.plateau_time_us(until_us) <= area + 2


def test_the_worked_case_of_two_seconds_up_six_on_one_down() -> None:
    swell = Swell(1, 2_000_000, 6_000_000, 1_000_000)
    told = {at_us: swell.amplitude_ua(30_000, at_us) for at_us in (0, 500_000, 2_000_000, 8_000_000, 8_500_000, 8_999_999)}
    assert told == {0: 0, 500_000: 7_500, 2_000_000: 30_000, 8_000_000: 30_000, 8_500_000: 15_000, 8_999_999: 0}
    assert swell.amplitude_ua(30_000, 9_000_000) == 0
    assert swell.plateau_time_us(9_000_000) == 7_500_000  # half of each ramp
