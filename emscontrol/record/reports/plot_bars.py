"""Columns of parts in a plotting area, told apart by patterns that print in grey. Pure."""

from collections.abc import Iterator
from typing import Final

from emscontrol.record.reports.drawing import DASHES, Box, Ink, Mark, Stroke
from emscontrol.record.reports.plot_frame import SAMPLE, Area, Place, area, foot, grid, heading, key, nothing
from emscontrol.record.reports.plots import Bar, BarPlot, Pattern

_SHARE: Final = 0.7  # of the room of a column that the column takes
_WIDEST: Final = 36.0
_HATCH: Final = 5.0  # between two lines of a hatch
_SAMPLE_HEIGHT: Final = 7.0
_SEAM: Final = 0.8
_FILLS: Final = {Pattern.MIDDLE: Ink.THIRD, Pattern.LIGHT: Ink.AREA}


def draw_bars(plot: BarPlot, place: Place) -> Iterator[Mark]:
    """All of one plot. Raises ValueError for a column that is higher than its axis."""
    told, below = heading(place, plot.title, plot.notes)
    yield from told
    entries = [(name, lambda x, y, pattern=pattern: _sample(x, y, pattern)) for name, pattern in plot.kinds if name]
    told, below = key(place, below, plot.y.title, entries)
    yield from told
    where = area(place, below, plot.y, (), plot.x_title)
    yield from grid(where, plot.y)
    room = (where.right - where.left) / max(1, len(plot.bars))
    middles = [where.left + (number + 0.5) * room for number in range(len(plot.bars))]
    ticks = [(float(number), bar.label) for number, bar in enumerate(plot.bars)]
    for middle, bar in zip(middles, plot.bars, strict=True):
        yield from _column(plot, where, middle, min(room * _SHARE, _WIDEST), bar)
    yield from foot(place, where, ticks, plot.x_title, lambda number: middles[int(number)])
    if not any(bar.parts for bar in plot.bars):
        yield nothing(where)


def _column(plot: BarPlot, where: Area, middle: float, width: float, bar: Bar) -> Iterator[Mark]:
    reached = max(0.0, plot.y.low)
    for kind, height in bar.parts:
        lower, upper = where.y(plot.y.share(reached)), where.y(plot.y.share(reached + height))
        yield from _part(Place(middle - width / 2, upper, width, lower - upper), plot.kinds[kind][1])
        reached += height


def _part(at: Place, pattern: Pattern) -> Iterator[Mark]:
    if at.height <= 0:
        return
    if pattern is Pattern.FULL:  # a seam at its foot, so that one upon another is seen as two
        lowest = at.y + at.height - _SEAM / 2
        yield Box(at.x, at.y, at.width, at.height, Ink.FIRST)
        yield Stroke(((at.x, lowest), (at.x + at.width, lowest)), Ink.PAPER, _SEAM)
        return
    if pattern in _FILLS:
        yield Box(at.x, at.y, at.width, at.height, _FILLS[pattern], Ink.FIRST)
        return
    left, top, right, bottom = at.x, at.y, at.x + at.width, at.y + at.height
    edge = ((left, top), (right, top), (right, bottom), (left, bottom), (left, top))
    dash = DASHES[2] if pattern is Pattern.EMPTY else ()
    yield Stroke(edge, Ink.FAINT if pattern is Pattern.EMPTY else Ink.TEXT, 0.8, dash, Ink.PAPER)
    if pattern is Pattern.HATCHED:
        yield from _hatch(at)


def _hatch(at: Place) -> Iterator[Mark]:
    """Slanting lines from edge to edge."""
    across = at.width + at.height
    for number in range(1, int(across / _HATCH) + 1):
        reach = number * _HATCH
        if reach >= across:
            return
        begin = (at.x + min(reach, at.width), at.y + max(0.0, reach - at.width))
        end = (at.x + max(0.0, reach - at.height), at.y + min(reach, at.height))
        yield Stroke((begin, end), Ink.TEXT, 0.6)


def _sample(x: float, y: float, pattern: Pattern) -> Iterator[Mark]:
    return _part(Place(x + 2, y - _SAMPLE_HEIGHT / 2, SAMPLE - 4, _SAMPLE_HEIGHT), pattern)
