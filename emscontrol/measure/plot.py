"""The strength–duration curve as text: pulse width to the right (logarithmic), current upwards."""

from collections.abc import Sequence
from math import log10
from typing import Final

from emscontrol.measure.strength_duration import CurvePoint, Fit

COLUMNS: Final = 61
ROWS: Final = 15
LEFT: Final = 8  # room for the figures of the current
POINT, SILENT, CURVE, SECOND = "●", "↑", "·", "∘"
LEGEND: Final = f"{POINT} threshold  {SILENT} no contraction up to there  {CURVE} {SECOND} fitted"
TICKS_US: Final = (100, 1_000, 10_000, 100_000)
ROUND_MA: Final = (1, 2, 5, 10, 20, 50, 100, 150)


def plot(points: Sequence[CurvePoint], fits: Sequence[Fit]) -> list[str]:
    """The lines of the picture, a legend last; none without a point."""
    if not points:
        return []
    low = log10(min(point.width_us for point in points)) - 0.1
    high = log10(max(point.width_us for point in points)) + 0.1
    top_ua = _top_ua(points)
    cells = [[" "] * COLUMNS for _ in range(ROWS)]
    for fit, mark in zip(fits, (CURVE, SECOND), strict=False):
        for column in range(COLUMNS):
            _put(cells, column, fit.threshold_ua(10 ** (low + (high - low) * column / (COLUMNS - 1))), top_ua, mark)
    for point in points:
        column = _column(point.width_us, low, high)
        if point.at_ua is None:
            _put(cells, column, point.below_ua, top_ua, SILENT)
        else:
            _put(cells, column, point.middle_ua, top_ua, POINT)
    rows = [f"{_figure(row, top_ua)} |{''.join(line).rstrip()}" for row, line in enumerate(cells)]
    return [f"{'mA':>{LEFT - 1}}", *rows, f"{'':{LEFT - 1}} +{'-' * COLUMNS}", _axis(low, high), f"{'':{LEFT}} {LEGEND}"]


def table(points: Sequence[CurvePoint]) -> list[str]:
    """The same in words, a line for each width, longest first: for screen readers and bad lines."""
    return [f"{point.width_us / 1e3:g} ms: {_found(point)}" for point in sorted(points, key=lambda point: -point.width_us)]


def _found(point: CurvePoint) -> str:
    """What is known at one width. One that hurt is not one that is silent: nobody knows what is above it."""
    below = f"{point.below_ua / 1e3:g} mA"
    if point.at_ua is not None:
        return f"{point.at_ua / 1e3:g} mA (none at {below})"
    if not point.below_ua:
        return "not measured" + ("" if point.too_much_ua is None else f": too much at {point.too_much_ua / 1e3:g} mA")
    if point.too_much_ua is not None:
        return f"none at {below}, not tried higher: too much at {point.too_much_ua / 1e3:g} mA"
    return f"no contraction up to {below}"


def _top_ua(points: Sequence[CurvePoint]) -> float:
    highest_ua = max(max(point.middle_ua, point.below_ua) for point in points)
    return next((ma * 1e3 for ma in ROUND_MA if ma * 1e3 >= highest_ua), highest_ua)


def _column(width_us: float, low: float, high: float) -> int:
    return round((log10(width_us) - low) / (high - low) * (COLUMNS - 1))


def _put(cells: list[list[str]], column: int, current_ua: float, top_ua: float, mark: str) -> None:
    row = ROWS - 1 - round(current_ua / top_ua * (ROWS - 1))
    if 0 <= row < ROWS:
        cells[row][column] = mark


def _figure(row: int, top_ua: float) -> str:
    """The current of every other row."""
    current_ma = top_ua * (ROWS - 1 - row) / (ROWS - 1) / 1e3
    return f"{current_ma:{LEFT - 1}.1f}" if row % 2 == 0 else " " * (LEFT - 1)


def _axis(low: float, high: float) -> str:
    line = [" "] * (COLUMNS + 8)
    for tick_us in TICKS_US:
        column = _column(tick_us, low, high)
        if 0 <= column < COLUMNS:
            text = f"{tick_us / 1e3:g}"
            line[column : column + len(text)] = text
    return f"{'':{LEFT - 1}}  {''.join(line).rstrip()} ms"
