"""How a measure goes, and when nothing has changed for so long that it asks for a review."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emscontrol.clinic.patients.trends import Point, stands_still, trend
from tests.clinic.conftest import NOW

WEEK = timedelta(weeks=1)


def _weekly(*values_milli: int) -> list[Point]:
    return [Point(NOW + number * WEEK, value) for number, value in enumerate(values_milli)]


def test_a_trend_tells_first_last_change_and_slope() -> None:
    found = trend("girth", [*reversed(_weekly(45_000, 45_500, 46_000, 46_500))])
    assert found is not None
    assert (found.first, found.last) == (Point(NOW, 45_000), Point(NOW + 3 * WEEK, 46_500))
    assert (found.count, found.change_milli, found.slope_milli_per_week) == (4, 1500, 500)


def test_the_slope_is_that_of_all_values_and_not_of_the_ends() -> None:
    found = trend("mvc", _weekly(0, 3000, 3000, 0))  # by hand: the deviations -1.5, -0.5, 0.5, 1.5 weigh 0, 3, 3, 0
    assert found is not None
    assert found.slope_milli_per_week == 0
    found = trend("mvc", _weekly(0, 0, 3000))  # (-1·-1 + 0 + 1·2) / 2 = 1.5 of a thousand
    assert found is not None
    assert found.slope_milli_per_week == 1500


def test_a_change_per_week_is_told_from_a_week_on() -> None:
    for span, expected in ((timedelta(hours=1), None), (WEEK - timedelta(seconds=1), None), (WEEK, 2000)):
        for points in ([Point(NOW, 4000), Point(NOW + span, 6000)], [Point(NOW + span, 6000), Point(NOW, 4000)]):
            found = trend("nrs", points)
            assert found is not None
            assert (found.slope_milli_per_week, found.change_milli) == (expected, 2000), span


def test_values_of_one_moment_have_no_slope_and_no_values_no_trend() -> None:
    found = trend("nrs", [Point(NOW, 4000), Point(NOW, 6000)])
    assert found is not None
    assert found.slope_milli_per_week is None
    assert trend("nrs", []) is None


@given(st.integers(-500, 500), st.integers(0, 5000), st.integers(2, 12))
def test_a_straight_line_has_its_own_slope(slope: int, start: int, count: int) -> None:
    found = trend("evoked", _weekly(*(start + slope * number for number in range(count))))
    assert found is not None
    assert found.slope_milli_per_week == slope
    assert found.change_milli == slope * (count - 1)


@pytest.mark.parametrize(
    ("measure", "first", "last", "beyond"),
    [
        ("girth", 45_000, 46_000, False),  # 1 cm may be the tape
        ("girth", 45_000, 43_900, True),
        ("prom", 90_000, 95_000, False),  # 5 degrees may be the goniometer
        ("prom", 90_000, 96_000, True),
        ("mvc", 80_000, 88_000, False),
        ("mvc", 80_000, 88_100, True),
        ("mrc", 3000, 3000, False),
        ("mrc", 3670, 4000, True),
    ],
)
def test_a_change_counts_beyond_the_error_of_measuring(measure: str, first: int, last: int, beyond: bool) -> None:
    found = trend(measure, _weekly(first, last))
    assert found is not None
    assert found.beyond is beyond


def test_nothing_changed_in_four_weeks_stands_still() -> None:
    now = NOW + 4 * WEEK
    still = _weekly(3000, 3000, 3000, 3000, 3000)
    assert stands_still({"mrc": [still]}, now) is True
    assert stands_still({"mrc": [still], "girth": [_weekly(45_000, 45_200, 45_400, 45_600, 45_900)]}, now) is True
    assert stands_still({"mrc": [still], "girth": [_weekly(45_000, 45_200, 45_400, 45_600, 46_100)]}, now) is False
    assert stands_still({"mrc": [still], "mvc": [_weekly(50_000, 50_000, 50_000, 50_000, 60_000)]}, now) is False


def test_what_does_not_reach_back_so_far_tells_nothing() -> None:
    now = NOW + 4 * WEEK
    assert stands_still({}, now) is None
    assert stands_still({"mrc": [_weekly(3000)]}, now) is None  # nothing since
    assert stands_still({"mrc": [_weekly(3000, 3000)[1:]]}, now) is None  # nothing before
    assert stands_still({"nrs": [_weekly(3000, 3000)]}, now) is None  # no measure of the rule
    assert stands_still({"mrc": [_weekly(3000, 3000)]}, now, weeks=13) is None


def test_an_older_change_does_not_count_any_more() -> None:
    assert stands_still({"mrc": [_weekly(2000, 3000, 3000, 3000, 3000, 3000, 3000)]}, NOW + 6 * WEEK) is True
