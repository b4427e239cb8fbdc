"""Lines of dots in the cells of a terminal: two by four dots a cell, or one plain character a cell where only ASCII is safe."""

from collections.abc import Sequence
from itertools import pairwise
from math import isnan
from typing import Final, NamedTuple

DOTS_X: Final = 2
DOTS_Y: Final = 4
BLANK: Final = 0x2800
_BITS: Final = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))  # [row][column] of a braille cell


class Span(NamedTuple):
    """What an axis shows, from `low` to `high`."""

    low: float
    high: float

    def part(self, value: float) -> float:
        """Where a value lies, 0 at `low` and 1 at `high`."""
        return (value - self.low) / (self.high - self.low) if self.high > self.low else 0.5


class Canvas:
    """So many cells. Values are given in dots from the lower left."""

    def __init__(self, columns: int, rows: int, ascii_only: bool = False) -> None:
        self.columns, self.rows = max(1, columns), max(1, rows)
        self.wide, self.high = self.columns * DOTS_X, self.rows * DOTS_Y
        self._ascii = ascii_only
        self._cells = [bytearray(self.columns) for _ in range(self.rows)]

    def dot(self, x: int, y: int) -> None:
        """One dot; outside of the canvas none."""
        if 0 <= x < self.wide and 0 <= y < self.high:
            row, inner = divmod(self.high - 1 - y, DOTS_Y)
            column, side = divmod(x, DOTS_X)
            self._cells[row][column] |= _BITS[inner][side]

    def line(self, x0: int, y0: int, x1: int, y1: int) -> None:
        """A straight line of dots, both ends in it."""
        steps = max(abs(x1 - x0), abs(y1 - y0), 1)
        for step in range(steps + 1):
            self.dot(x0 + (x1 - x0) * step // steps, y0 + (y1 - y0) * step // steps)

    def polyline(self, points: Sequence[tuple[float, float]], across: Span, upwards: Span) -> None:
        """The values joined by lines; what is outside of the spans is cut off. A value that is no number leaves a gap."""
        placed = [
            None if isnan(y) else (round(across.part(x) * (self.wide - 1)), round(upwards.part(y) * (self.high - 1)))
            for x, y in points
        ]
        for place in filter(None, placed):
            self.dot(*place)
        for one, other in pairwise(placed):
            if one is not None and other is not None:
                self.line(*one, *other)

    def lines(self) -> list[str]:
        """The rows as text, the upper one first."""
        if self._ascii:
            return ["".join(" .:*#"[min(4, cell.bit_count())] for cell in row) for row in self._cells]
        return ["".join(chr(BLANK + cell) if cell else " " for cell in row) for row in self._cells]
