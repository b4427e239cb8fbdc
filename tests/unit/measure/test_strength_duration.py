"""Rheobase and chronaxie from steps: the truth lies in the interval, for every curve and every step, and a kink is seen."""

import math
import random
from collections.abc import Callable

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from emscontrol.measure.plot import COLUMNS, POINT, SILENT, plot, table
from emscontrol.measure.strength_duration import CurvePoint, Estimate, fit_weiss, fits_one_curve
from emscontrol.measure.suggestion import Suggestion, assess
from tests.session.patient import Patient

SHORT = (100, 200, 300, 500, 700, 1000)
LONG = (*SHORT, 2000, 5000, 10_000, 20_000, 50_000, 100_000, 200_000)


def stepped(
    threshold_ma: Callable[[int], float], widths_us: tuple[int, ...], fine_ua: int, cap_ua: int
) -> tuple[CurvePoint, ...]:
    """What a search with these steps finds of a curve."""
    points = []
    for width_us in widths_us:
        true_ua = threshold_ma(width_us) * 1000
        at_ua = math.ceil(true_ua / fine_ua) * fine_ua
        found = at_ua <= cap_ua
        points.append(CurvePoint(width_us, at_ua - fine_ua if found else cap_ua, at_ua if found else None))
    return tuple(points)


@settings(max_examples=200, deadline=None)
@given(
    st.floats(0.5, 80),
    st.floats(50, 40_000),
    st.integers(100, 2000),
    st.sets(st.sampled_from(LONG), min_size=3),
    st.integers(10_000, 120_000),
)
def test_the_truth_lies_in_the_stated_intervals(
    rheobase_ma: float, chronaxie_us: float, fine_ua: int, widths: set[int], cap_ua: int
) -> None:
    points = stepped(lambda width: rheobase_ma * (1 + chronaxie_us / width), tuple(sorted(widths)), fine_ua, cap_ua)
    fit = fit_weiss(points)
    assume(fit is not None)
    assert fit is not None
    for estimate, true in ((fit.rheobase_ua, rheobase_ma * 1000), (fit.chronaxie_us, chronaxie_us)):
        assert estimate.low * (1 - 1e-6) <= true <= estimate.high * (1 + 1e-6)
        assert estimate.low <= estimate.best <= estimate.high
    assert fits_one_curve(points)


def test_a_curve_known_exactly_is_found_exactly() -> None:
    """T18_weiss of safety-limits §7: rheobase 10 mA, chronaxie 250 µs give 35, 22.5, 18.33 and 15 mA."""
    at = {100: 35_000, 200: 22_500, 300: 18_333, 500: 15_000}
    fit = fit_weiss([CurvePoint(width, ua - 1, ua + 1) for width, ua in at.items()])
    assert fit is not None
    assert fit.rheobase_ua.best == pytest.approx(10_000, abs=2)
    assert fit.chronaxie_us.best == pytest.approx(250, abs=0.1)
    assert fit.threshold_ua(250) == pytest.approx(2 * fit.rheobase_ua.best, rel=1e-3)


def test_what_is_known_more_exactly_counts_more() -> None:
    """Three points of 10 mA and 250 µs known to 0.1 mA, and one to 4 mA whose middle lies 1.9 mA too high."""
    exact = [
        CurvePoint(width, round(10_000 * (1 + 250 / width)) - 50, round(10_000 * (1 + 250 / width)) + 50) for width in SHORT
    ]
    fit = fit_weiss([*exact, CurvePoint(5_000, 10_400, 14_400)])
    assert fit is not None
    assert fit.rheobase_ua.best == pytest.approx(10_000, rel=0.005)
    assert fit.chronaxie_us.best == pytest.approx(250, rel=0.01)


def test_the_interval_shrinks_with_the_step() -> None:
    widths = [
        fit.chronaxie_us.high - fit.chronaxie_us.low
        for fine_ua in (2000, 500, 100)
        if (fit := fit_weiss(stepped(Patient().motor_ma, SHORT, fine_ua, 80_000))) is not None
    ]
    assert widths[0] > 2 * widths[1] > 4 * widths[2]


def test_a_width_without_an_answer_bounds_the_curve_from_below() -> None:
    """10 mA at 10 and 20 ms are nearly flat; silence up to 30 mA at 5 ms means that they are not, or that they were wrong."""
    flat = (CurvePoint(10_000, 9_800, 10_300), CurvePoint(20_000, 9_500, 10_000))
    alone, bounded = fit_weiss(flat), fit_weiss((*flat, CurvePoint(5_000, 30_000, None)))
    assert alone is not None
    assert bounded is not None
    assert alone.misfit < 1
    assert bounded.misfit > 20
    assert bounded.chronaxie_us.high > alone.chronaxie_us.high


def test_flat_is_a_curve_and_falling_towards_short_pulses_is_none() -> None:
    flat = assess([CurvePoint(width, 10_500, 11_000) for width in (5_000, 50_000, 200_000)])
    assert flat.fits[0].threshold_ua(20_000) == pytest.approx(10_750, abs=250)
    assert flat.suggestion is Suggestion.UNDECIDED
    assert "could be zero" in flat.reason
    falling = assess([CurvePoint(200, 5_000, 5_500), CurvePoint(1000, 8_000, 8_500), CurvePoint(20_000, 12_000, 12_500)])
    assert falling.suggestion is Suggestion.UNDECIDED
    assert "Measure again" in falling.reason


def test_too_few_points_make_no_curve() -> None:
    one = (CurvePoint(300, 17_500, 18_000),)
    assert fit_weiss(one) is None
    assert assess((*one, CurvePoint(500, 15_000, 15_500))).suggestion is Suggestion.UNDECIDED
    assert assess(()).suggestion is Suggestion.UNDECIDED


# -- what it suggests: the patients of the physiology sheet --------------------------------------------------------------------

HEALTHY = Patient()
CONUS = Patient(denervated=1.0, sensation=False)
DEGENERATED = Patient(denervated=1.0, muscle=(80.0, 25_000.0, 0.20), muscle_force=0.10)
REGROWING = Patient(denervated=0.8, nerve=(36.0, 200.0, 0.25))
BODIES = {
    "healthy": (HEALTHY, Suggestion.INNERVATED),
    "conus": (CONUS, Suggestion.DENERVATED),
    "regrowing": (REGROWING, Suggestion.PARTLY),
}


@pytest.mark.parametrize("fine_ua", [100, 500, 1000])
@pytest.mark.parametrize("body", BODIES)
def test_long_pulses_tell_the_three_cases_apart(body: str, fine_ua: int) -> None:
    patient, suggestion = BODIES[body]
    assessment = assess(stepped(patient.motor_ma, LONG, fine_ua, 75_000))
    assert assessment.suggestion is suggestion, assessment.reason


def test_the_figures_are_those_of_the_sheet() -> None:
    """§2.2 and §2.3: chronaxie 200 µs with a nerve, 20 ms without; rheobase × exp(-2.054 sigma) where 2 % answer."""
    two_percent = 2.0537
    healthy = assess(stepped(HEALTHY.motor_ma, LONG, 500, 75_000)).fits[0]
    assert healthy.chronaxie_us.low <= 200 <= healthy.chronaxie_us.high
    assert healthy.rheobase_ua.best == pytest.approx(18_000 * math.exp(-two_percent * 0.25), rel=0.02)
    full = Patient(denervated=1.0, muscle_force=1.0)
    conus = assess(stepped(full.motor_ma, LONG, 500, 75_000)).fits[0]
    assert conus.chronaxie_us.low <= 20_000 <= conus.chronaxie_us.high
    assert conus.rheobase_ua.best == pytest.approx(20_000 * math.exp(-two_percent * 0.20), rel=0.03)


def test_a_kink_is_two_curves_with_the_chronaxies_of_nerve_and_muscle() -> None:
    assessment = assess(stepped(REGROWING.motor_ma, LONG, 500, 75_000))
    short, long = assessment.fits
    assert short.chronaxie_us.best == pytest.approx(200, rel=0.1)
    assert long.chronaxie_us.best == pytest.approx(20_000, rel=0.25)
    assert "kink" in assessment.reason


def test_short_pulses_alone_promise_no_more_than_they_show() -> None:
    healthy = assess(stepped(HEALTHY.motor_ma, SHORT, 500, 75_000))
    assert healthy.suggestion is Suggestion.INNERVATED
    assert "denervated fibres beside" in healthy.reason
    silent = assess(stepped(CONUS.motor_ma, SHORT, 500, 75_000))
    assert silent.suggestion is Suggestion.UNDECIDED
    assert "No contraction up to 75.0 mA at 1 ms" in silent.reason


def test_nothing_at_all_is_no_proof_of_anything() -> None:
    assert assess(stepped(DEGENERATED.motor_ma, LONG, 500, 50_000)).suggestion is Suggestion.UNDECIDED


def test_a_cap_below_what_a_nerve_may_need_proves_no_denervation() -> None:
    """Innervated, 10.8 mA at 200 ms; at 1 ms 12.9 mA: with a cap of 12 mA the silence at 1 ms says nothing."""
    assessment = assess(stepped(HEALTHY.motor_ma, LONG, 500, 12_000))
    assert assessment.suggestion is not Suggestion.DENERVATED


@settings(max_examples=150, deadline=None)
@given(st.floats(2, 40), st.floats(60, 800), st.integers(100, 1000), st.integers(30_000, 75_000))
def test_an_innervated_muscle_is_never_called_denervated(
    rheobase_ma: float, chronaxie_us: float, fine_ua: int, cap_ua: int
) -> None:
    points = stepped(lambda width: rheobase_ma * (1 + chronaxie_us / width), LONG, fine_ua, cap_ua)
    assert assess(points).suggestion in (Suggestion.INNERVATED, Suggestion.UNDECIDED)


# -- points that no muscle gives -----------------------------------------------------------------------------------------------


def told_as(rounded: tuple[int, int, int | None], unit: str) -> str:
    best, low, high = rounded
    return f"{best / 1000:g} {unit} ({low / 1000:g} {'or more' if high is None else f'to {high / 1000:g}'})"


def test_a_threshold_that_falls_far_below_that_of_a_longer_pulse_decides_nothing() -> None:
    """An electrode comes off and on in between: 0.4 mA are answered at 300 µs where 13.5 mA were not at 200 ms."""
    points = list(stepped(HEALTHY.motor_ma, LONG, 500, 75_000))
    points[LONG.index(300)] = CurvePoint(300, 0, 400)
    points = [point for point in points if point.width_us not in (500, 700)]
    points[-1] = CurvePoint(200_000, 13_500, 14_000)
    assessment = assess(points)
    assert assessment.suggestion is Suggestion.UNDECIDED
    for words in ("0.4 mA and 300 µs", "13.5 mA and 200 ms", "Look at the electrodes", "Measure again"):
        assert words in assessment.reason


def test_one_step_in_the_wrong_order_is_what_steps_explain() -> None:
    points = list(stepped(HEALTHY.motor_ma, LONG, 500, 75_000))
    at_ua = points[-1].at_ua
    assert at_ua is not None
    points[-1] = CurvePoint(200_000, at_ua, at_ua + 500)
    assert assess(points).suggestion is Suggestion.INNERVATED


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from(sorted(BODIES)),
    st.integers(0, len(LONG) - 1),
    st.booleans(),
    st.sampled_from([0.3, 0.5, 0.7, 1.5, 2.0, 3.0]),
)
def test_one_wrong_point_never_turns_into_another_suggestion(body: str, place: int, silent: bool, times: float) -> None:
    """A wrong point leaves what the others say, or the points are told to be measured again."""
    patient, suggestion = BODIES[body]
    points = list(stepped(patient.motor_ma, LONG, 500, 75_000))
    wrong_ua = round(patient.motor_ma(LONG[place]) * 1000 * times / 500) * 500
    if points[place].at_ua is None or wrong_ua > 75_000:
        return
    points[place] = CurvePoint(LONG[place], wrong_ua, None) if silent else CurvePoint(LONG[place], wrong_ua - 500, wrong_ua)
    assert assess(points).suggestion in (suggestion, Suggestion.UNDECIDED)


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 2**32), st.booleans(), st.integers(100, 1000))
def test_random_points_decide_nothing(seed: int, falling: bool, fine_ua: int) -> None:
    """Currents at random, also such that at least rise towards short pulses; the seed alone is chosen, so no luck helps."""
    chance = random.Random(seed)
    levels = [chance.randrange(1, 70_000 // fine_ua) * fine_ua for _ in LONG]
    levels = sorted(levels, reverse=True) if falling else levels
    points = [CurvePoint(width, ua, ua + fine_ua) for width, ua in zip(LONG, levels, strict=True)]
    assessment = assess(points)
    assert assessment.suggestion is Suggestion.UNDECIDED, assessment.reason
    assert "easure" in assessment.reason or "Use finer" in assessment.reason


def test_a_misfit_is_told_with_the_width_to_measure_again() -> None:
    points = list(stepped(HEALTHY.motor_ma, LONG, 500, 75_000))
    at_ua = points[LONG.index(500)].at_ua
    assert at_ua is not None
    points[LONG.index(500)] = CurvePoint(500, at_ua + 1000, at_ua + 1500)
    assessment = assess(points)
    assert assessment.suggestion is Suggestion.UNDECIDED
    assert "measure 500 µs again" in assessment.reason


def test_figures_are_told_as_they_are_recorded() -> None:
    fit = assess(stepped(HEALTHY.motor_ma, LONG, 500, 75_000)).fits[0]
    assert Estimate(10_698.4, 10_625.2, math.inf).told == (10_700, 10_600, None)
    assert Estimate(201.6, 198.4, 205.1).facts == [202, 198, 206]
    reason = assess(stepped(HEALTHY.motor_ma, LONG, 500, 75_000)).reason
    assert told_as(fit.chronaxie_us.told, "ms") in reason
    assert told_as(fit.rheobase_ua.told, "mA") in reason


def test_long_pulses_beside_nerve_fibres_exclude_nothing() -> None:
    assert "does not exclude" in assess(stepped(HEALTHY.motor_ma, LONG, 500, 75_000)).reason
    assert "does not exclude" not in assess(stepped(HEALTHY.motor_ma, SHORT, 500, 75_000)).reason


# -- the picture ---------------------------------------------------------------------------------------------------------------


def test_the_picture_has_a_mark_for_each_point_and_fits_a_terminal() -> None:
    points = stepped(REGROWING.motor_ma, LONG, 500, 60_000)
    lines = plot(points, assess(points).fits)
    assert max(map(len, lines)) < 80
    silent = sum(point.at_ua is None for point in points)
    assert silent
    text = "\n".join(lines[:-1])  # the last one is the legend
    assert (text.count(POINT), text.count(SILENT)) == (len(points) - silent, silent)
    assert len(table(points)) == len(points)


def test_higher_thresholds_are_drawn_higher_and_longer_pulses_further_right() -> None:
    lines = plot(stepped(HEALTHY.motor_ma, LONG, 500, 75_000), ())
    places = sorted((line.index(POINT), row) for row, line in enumerate(lines[:-1]) if POINT in line)
    assert [row for _, row in places] == sorted(row for _, row in places)
    assert places[-1][0] <= COLUMNS + 8


def test_nothing_measured_is_no_picture() -> None:
    assert plot((), ()) == []
