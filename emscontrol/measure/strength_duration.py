"""From motor thresholds at several pulse widths to rheobase and chronaxie, and to what that suggests of the nerve.

Weiss: `I(w) = rheobase × (1 + chronaxie / w)`, so the charge `I × w` is a straight line over the width (simulator-physiology
§2.1, [S]). A threshold is known only to lie between two steps. The best figures are those of the weighted straight line; the
intervals hold every curve that passes through all the steps, which is found exactly from the corners of the region they leave.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from math import ceil, floor, inf, isclose, log10
from typing import Final

from emscontrol.core.events import JSON

POINTS_MIN: Final = 3  # two would lie on a line whatever they are
MISFIT_MAX: Final = 3.0  # half steps; points further off their curve are in doubt [D]
BLUR: Final = 0.01  # of the current; finer than this a muscle does not answer, nor follow its formula [D]
DIGITS: Final = 3  # significant ones of a figure that is told
TOUCHING: Final = 1e-9  # relative slack of a comparison of floats


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """The motor threshold at one pulse width: no contraction at `below_ua`, one at `at_ua` (None: none up to `below_ua`).

    `too_much_ua` is the step that was too much at this width: nothing from there on was tried.
    `middle_ua` and `half_ua` are meant for thresholds that were found.
    """

    width_us: int
    below_ua: int
    at_ua: int | None
    too_much_ua: int | None = None

    @property
    def middle_ua(self) -> float:
        """The middle of the two steps; the last step where there was no response."""
        return (self.below_ua + self.at_ua) / 2 if self.at_ua is not None else float(self.below_ua)

    @property
    def half_ua(self) -> float:
        """Half the distance of the two steps; 1 µA at the least."""
        return max(1.0, (self.at_ua - self.below_ua) / 2) if self.at_ua is not None else 1.0


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with the interval that it lies in."""

    best: float
    low: float
    high: float

    @property
    def told(self) -> tuple[int, int, int | None]:
        """(best, low, high) as whole numbers of three digits, the interval rounded outwards; None where it has no upper end."""
        return _rounded(self.best, round), _rounded(self.low, floor), None if self.high == inf else _rounded(self.high, ceil)

    @property
    def facts(self) -> JSON:
        """As JSON: what is told."""
        return list(self.told)


@dataclass(frozen=True, slots=True)
class Fit:
    """One Weiss curve: rheobase in µA, chronaxie in µs, and the widths it was fitted to.

    `misfit` is the largest distance of a point from the curve, in half steps: up to about 1 is what steps explain. A curve that
    runs below a step without a response is off by as much.
    """

    rheobase_ua: Estimate
    chronaxie_us: Estimate
    misfit: float
    widths_us: tuple[int, ...]

    def threshold_ua(self, width_us: float) -> float:
        """The threshold that the curve gives at a width."""
        return self.rheobase_ua.best * (1 + self.chronaxie_us.best / width_us)

    def facts(self) -> JSON:
        """As JSON, for the record: figures are [best, low, high]."""
        return {
            "rheobase_ua": self.rheobase_ua.facts,
            "chronaxie_us": self.chronaxie_us.facts,
            "misfit": round(self.misfit, 3),
            "widths_us": list(self.widths_us),
        }


def _rounded(figure: float, towards: Callable[[float], int]) -> int:
    """To three significant digits, and at the least to whole numbers. What floats leave beside a whole number is dropped."""
    unit = 10 ** max(0, floor(log10(abs(figure))) + 1 - DIGITS) if abs(figure) >= 1 else 1
    return towards(round(figure / unit, 6)) * unit


def fit_weiss(points: Sequence[CurvePoint]) -> Fit | None:
    """The Weiss curve through these points; None when fewer than two of them are thresholds, or no such curve is near.

    Points without a response bound the intervals from one side.
    """
    answered = [point for point in points if point.at_ua is not None]
    if len({point.width_us for point in answered}) < 2:
        return None
    rheobase_ua, charge = _line(answered)
    if rheobase_ua <= 0:
        return None
    misfit = max(_off(point, rheobase_ua + charge / point.width_us, _step_ua(points)) for point in points)
    if charge == 0 and misfit > MISFIT_MAX:
        return None
    corners = list(_corners(points, max(1.0, misfit)))
    rheobases = [corner[0] for corner in corners] + [rheobase_ua]
    chronaxies = [k / r if r > 0 else inf for r, k in corners] + [charge / rheobase_ua]
    return Fit(
        rheobase_ua=Estimate(rheobase_ua, min(rheobases), max(rheobases)),
        chronaxie_us=Estimate(charge / rheobase_ua, min(chronaxies), max(chronaxies)),
        misfit=misfit,
        widths_us=tuple(sorted(point.width_us for point in answered)),
    )


def _step_ua(points: Sequence[CurvePoint]) -> float:
    """The half step that a point without a response is counted in: the widest of the others."""
    return max((point.half_ua for point in points if point.at_ua is not None), default=1.0)


def _off(point: CurvePoint, curve_ua: float, step_ua: float) -> float:
    """How far a curve is from a point, in half steps; above a point without a response it may be anywhere."""
    if point.at_ua is None:
        return max(0.0, point.below_ua - curve_ua) / step_ua
    return abs(curve_ua - point.middle_ua) / point.half_ua


def fits_one_curve(points: Sequence[CurvePoint], wider: float = 1.0) -> bool:
    """Whether some Weiss curve passes through every step, each made `wider` times as wide."""
    return any(True for _ in _corners(points, wider))


def furthest(points: Sequence[CurvePoint], fit: Fit) -> tuple[float, CurvePoint]:
    """How far the worst point lies off its curve, in half steps of at the least 1 % of the current, and that point."""
    step_ua, near = _step_ua(points), [(_blurred(point), point) for point in points]
    return max(
        ((_off(blurred, fit.threshold_ua(point.width_us), step_ua), point) for blurred, point in near), key=lambda far: far[0]
    )


def comes_near(points: Sequence[CurvePoint]) -> bool:
    """Whether some Weiss curve comes as near to every point as points of one muscle do."""
    return fits_one_curve([_blurred(point) for point in points], MISFIT_MAX)


def _blurred(point: CurvePoint) -> CurvePoint:
    """A threshold as exactly as a muscle answers: no finer than 1 % to each side, however fine the steps were."""
    if point.at_ua is None:
        return point
    half_ua = round(max(point.half_ua, point.middle_ua * BLUR))
    return replace(point, below_ua=round(point.middle_ua) - half_ua, at_ua=round(point.middle_ua) + half_ua)


def out_of_order(points: Sequence[CurvePoint]) -> tuple[CurvePoint, CurvePoint] | None:
    """(shorter, longer): the shorter pulse was answered more than a step below what the longer one did not answer to.

    No muscle does that: each shorter pulse needs more current. Of several such pairs the one furthest apart; None without one.
    """
    step_ua = 2 * _step_ua(points)
    found = [
        (longer.below_ua - shorter.at_ua, shorter, longer)
        for shorter in points
        for longer in points
        if shorter.at_ua is not None and shorter.width_us < longer.width_us and longer.below_ua - shorter.at_ua > step_ua
    ]
    return max(found, key=lambda pair: pair[0])[1:] if found else None


def _line(points: Sequence[CurvePoint]) -> tuple[float, float]:
    """(rheobase, rheobase × chronaxie) of the weighted line of charge over width: a point weighs as exactly as it is known.

    A charge is known to within its half step × width, so `∑ ((r w + k − q) / (h w))²` is what is smallest.
    """
    s1 = sx = sxx = sy = sxy = 0.0
    for point in points:
        weight, x, y = point.half_ua**-2, 1 / point.width_us, point.middle_ua
        s1, sx, sxx, sy, sxy = s1 + weight, sx + weight * x, sxx + weight * x * x, sy + weight * y, sxy + weight * x * y
    determinant = s1 * sxx - sx * sx
    charge = (s1 * sxy - sx * sy) / determinant
    if charge < 0:  # steps alone can tilt a flat curve the wrong way
        return sy / s1, 0.0
    return (sy - charge * sx) / s1, charge


def _corners(points: Sequence[CurvePoint], wider: float) -> Iterator[tuple[float, float]]:
    """The corners of the region of all (rheobase, charge) that pass through the steps, each made `wider` times as wide."""
    bounds = [(0.0, 1.0, 0.0, inf), (1.0, 0.0, 0.0, inf)]  # (a, b, low, high): low ≤ a·rheobase + b·charge ≤ high
    for point in points:
        reach = point.half_ua * wider if point.at_ua is not None else _step_ua(points) * (wider - 1)
        high = point.middle_ua + reach if point.at_ua is not None else inf
        bounds.append((1.0, 1 / point.width_us, max(0.0, point.middle_ua - reach), high))
    edges = [(a, b, end) for a, b, low, high in bounds for end in (low, high) if end < inf]
    for (a1, b1, e1), (a2, b2, e2) in combinations(edges, 2):
        determinant = a1 * b2 - a2 * b1
        if isclose(a1 * b2, a2 * b1, rel_tol=TOUCHING):
            continue
        corner = ((e1 * b2 - e2 * b1) / determinant, (a1 * e2 - a2 * e1) / determinant)
        if all(_between(a * corner[0] + b * corner[1], low, high) for a, b, low, high in bounds):
            yield corner


def _between(value: float, low: float, high: float) -> bool:
    slack = TOUCHING * max(abs(value), abs(low), 1.0)
    return low - slack <= value <= high + slack
