"""An axis of a chart: what it reaches from and to, its ticks, and where a value is on it. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, floor, isfinite, log10
from typing import Final, TypeAlias

Tick: TypeAlias = tuple[float, str]
"""A value with its label, "" for a line without one."""

_STEPS: Final = (1.0, 2.0, 5.0, 10.0)
_TICKS: Final = 5
_SPREAD: Final = 0.1  # of a value that stands alone, to either side of it
_SMALLEST: Final = 1e-9  # of the larger bound: what is nearer together is drawn as one value


@dataclass(frozen=True, slots=True)
class Axis:
    """From `low` to `high`, which are above 0 where it is logarithmic. Values outside are no values of this axis."""

    title: str
    low: float
    high: float
    ticks: tuple[Tick, ...]
    log: bool = False

    def share(self, value: float) -> float:
        """Where a value is, from 0 at `low` to 1 at `high`. Raises ValueError for one that is not on the axis."""
        if not self.low <= value <= self.high:
            raise ValueError(f"{value} is not on the axis {self.title!r}, which is from {self.low} to {self.high}")
        low, high, at = (log10(each) for each in (self.low, self.high, value)) if self.log else (self.low, self.high, value)
        return (at - low) / (high - low)


def linear_axis(title: str, values: Iterable[float], *, reach: Sequence[float] = (), count: int = _TICKS) -> Axis:
    """An axis that reaches over all values that are numbers, and over `reach` (as 0, or both ends of a scale).

    It begins and ends at a tick; of no values at all it is from 0 to 1.
    """
    found = [value for value in (*values, *reach) if isfinite(value)] or [0.0, 1.0]
    ticks = nice_ticks(min(found), max(found), count)
    return Axis(title, ticks[0], ticks[-1], tuple(zip(ticks, figures(ticks), strict=True)))


def log_axis(title: str, values: Iterable[float]) -> Axis:
    """A logarithmic axis over all values above 0, from one of 1, 2, 5 times a power of ten to another."""
    found = [value for value in values if isfinite(value) and value > 0] or [1.0, 10.0]
    low, high = min(found), max(found)
    decades = range(floor(log10(low)) - 1, ceil(log10(high)) + 2)
    known = [float(f"{lead}e{decade}") for decade in decades for lead in (1, 2, 5)]
    first = max(at for at in known if at <= low)
    last = min(at for at in known if at >= high and at > first)
    return Axis(title, first, last, tuple((at, f"{at:g}") for at in known if first <= at <= last), log=True)


def nice_ticks(low: float, high: float, count: int = _TICKS) -> tuple[float, ...]:
    """About `count` round values from one at or below `low` to one at or above `high`, at least two of them."""
    if not (isfinite(low) and isfinite(high) and low <= high):
        raise ValueError(f"There are no ticks from {low} to {high}")
    least = max(abs(low), abs(high)) * _SMALLEST
    if high - low <= least:
        spread = abs(high) * _SPREAD or 1.0
        low, high = (0.0, spread) if not high else (low - spread, high + spread)
    step = _step((high - low) / max(1, count - 1))
    digits = max(0, -floor(log10(step)))
    first, last = floor(low / step), ceil(high / step)
    first -= round(first * step, digits) > low  # what the division has rounded away
    last += round(last * step, digits) < high
    return tuple(round(number * step, digits) for number in range(first, max(last, first + 1) + 1))


def figures(ticks: Sequence[float]) -> tuple[str, ...]:
    """Each tick with as many decimals as all of them need."""
    step = min((after - before for before, after in pairwise(ticks)), default=1.0)
    decimals = max(0, -floor(log10(step) + _SMALLEST)) if step > 0 else 0
    return tuple(f"{tick:.{decimals}f}" for tick in ticks)


def _step(rough: float) -> float:
    """The least of 1, 2, 5 times a power of ten that is no smaller."""
    power = 10.0 ** floor(log10(rough))
    return next(factor for factor in _STEPS if factor * power >= rough * (1 - _SMALLEST)) * power
