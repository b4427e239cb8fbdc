"""How a measure goes: pure, from a series of values and their times."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Final

from emscontrol.clinic.patients.measures import error_milli

REVIEW_WEEKS: Final = 4
"""Rule P13: no change of MRC, MVC or girth in 4 weeks asks for a review; for muscle without its nerve in 3 months."""

REVIEW_WEEKS_DENERVED: Final = 13
REVIEWED: Final = ("mrc", "mvc", "girth")

_WEEK: Final = timedelta(weeks=1)

SLOPE_LEAST: Final = _WEEK
"""From the first value to the last, before a change per week is told: of two values of one day it would be made up [D]."""


@dataclass(frozen=True, slots=True)
class Point:
    """One value, in thousandths of the unit."""

    taken_at: datetime
    value_milli: int


@dataclass(frozen=True, slots=True)
class Trend:
    """From the first to the last value. `beyond` is whether the change is more than the measuring may make of nothing.

    `slope_milli_per_week` is the least-squares line through all of them, None where they span less than `SLOPE_LEAST`.
    """

    first: Point
    last: Point
    count: int
    change_milli: int
    slope_milli_per_week: int | None
    beyond: bool


def trend(measure: str, points: Sequence[Point]) -> Trend | None:
    """The trend of a series of one measure, in whatever order; None for no values."""
    if not points:
        return None
    in_order = sorted(points, key=lambda point: point.taken_at)
    first, last = in_order[0], in_order[-1]
    change = last.value_milli - first.value_milli
    beyond = abs(change) > error_milli(measure, first.value_milli)
    return Trend(first, last, len(in_order), change, _slope(in_order), beyond)


def stands_still(series: Mapping[str, Sequence[Sequence[Point]]], now: datetime, weeks: int = REVIEW_WEEKS) -> bool | None:
    """P13: whether no series of MRC, MVC or girth has changed beyond its error over these weeks.

    `series` is by measure, one for each muscle or limb. A series counts whose values reach back so far; the value it is
    compared with is the last one before. None where no series does.
    """
    since = now - weeks * _WEEK
    found = [_changed(measure, points, since) for measure in REVIEWED for points in series.get(measure, ())]
    counting = [changed for changed in found if changed is not None]
    return not any(counting) if counting else None


def _changed(measure: str, points: Sequence[Point], since: datetime) -> bool | None:
    before = [point for point in points if point.taken_at <= since]
    after = [point for point in points if point.taken_at > since]
    if not before or not after:
        return None
    baseline = max(before, key=lambda point: point.taken_at)
    last = max(after, key=lambda point: point.taken_at)
    return abs(last.value_milli - baseline.value_milli) > error_milli(measure, baseline.value_milli)


def _slope(points: Sequence[Point]) -> int | None:
    if points[-1].taken_at - points[0].taken_at < SLOPE_LEAST:
        return None
    weeks = [
        Fraction((point.taken_at - points[0].taken_at) // timedelta(microseconds=1), _WEEK // timedelta(microseconds=1))
        for point in points
    ]
    mean_week = sum(weeks, Fraction()) / len(weeks)
    mean_value = Fraction(sum(point.value_milli for point in points), len(points))
    spread = sum(((week - mean_week) ** 2 for week in weeks), Fraction())
    together = ((week - mean_week) * (point.value_milli - mean_value) for week, point in zip(weeks, points, strict=True))
    return round(sum(together, Fraction()) / spread)
