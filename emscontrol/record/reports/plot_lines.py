"""Lines with markers, steps and areas in a plotting area. Pure."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from math import cos, isnan, pi, sin
from typing import Final

from emscontrol.record.reports.axes import Axis
from emscontrol.record.reports.drawing import DASHES, Anchor, Box, Ink, Label, Mark, Point, Stroke
from emscontrol.record.reports.lettering import fitted, text_width
from emscontrol.record.reports.plot_frame import EDGE, GAP, SAMPLE, SMALL, Area, Place, area, foot, grid, heading, key, nothing
from emscontrol.record.reports.plots import LOOKS, Course, Level, Line, LinePlot, Moment

INKS: Final = (Ink.FIRST, Ink.SECOND, Ink.THIRD, Ink.FOURTH)
_RADIUS: Final = 2.4
_CORNERS: Final = ((12, 0.0), (4, pi / 4), (3, -pi / 2), (4, 0.0))  # of a marker: a dot, a square, a triangle, a diamond
_MOMENT_ROWS: Final = 3  # of texts above each other, where moments are near together


def draw_lines(plot: LinePlot, place: Place) -> Iterator[Mark]:
    """All of one plot. Raises ValueError for a value outside its axes, and for more lines than can be told apart."""
    if len(plot.lines) > LOOKS:
        raise ValueError(f"{len(plot.lines)} lines cannot be told apart in one plot; {LOOKS} can")
    told, below = heading(place, plot.title, plot.notes)
    yield from told
    entries = [(line.name, _Look(number, line).sample) for number, line in enumerate(plot.lines) if line.name]
    told, below = key(place, below, plot.y.title, entries)
    yield from told
    where = area(place, below, plot.y, [line.tag for line in plot.lines], plot.x.title)
    for band in plot.bands:
        upper, lower = (where.y(plot.y.share(value)) for value in (band.high, band.low))
        yield Box(where.left, upper, where.right - where.left, lower - upper, Ink.AREA)
    yield from grid(where, plot.y)
    yield from foot(place, where, plot.x.ticks, plot.x.title, lambda value: where.x(plot.x.share(value)))
    yield from _levels(where, plot.y, plot.levels)
    yield from _moments(where, plot.x, plot.moments)
    drawn = [[(where.x(plot.x.share(x)), _at(where, plot.y, y)) for x, y in line.points] for line in plot.lines]
    for number, line in enumerate(plot.lines):
        yield from _Look(number, line).line(drawn[number], where.bottom)
    yield from _tags(where, plot.lines, drawn)
    if not any(_known(points) for points in drawn):
        yield nothing(where)


class _Look:
    """How one line looks: its ink, dash and marker."""

    def __init__(self, number: int, line: Line) -> None:
        self._line = line
        self._ink = INKS[number % len(INKS)]
        self._dash = DASHES[number % len(DASHES)] if line.course is not Course.NONE else ()
        self._corners = _CORNERS[number % len(_CORNERS)]
        self._hollow = number >= len(INKS)

    def line(self, points: Sequence[Point], bottom: float) -> Iterator[Mark]:
        """The line over its points in the drawing, broken at its gaps."""
        for known, run in groupby(points, lambda point: not isnan(point[1])):
            way = list(run)
            if not known:
                continue
            if self._line.course is Course.STEPS:
                way = _stepped(way)
            if self._line.filled:
                yield Stroke(((way[0][0], bottom), *way, (way[-1][0], bottom)), None, fill=Ink.AREA)
            if len(way) > 1 and self._line.course is not Course.NONE:
                yield Stroke(tuple(way), self._ink, 1.4, self._dash)
        if self._line.marked:
            yield from (self._marker(x, y) for x, y in _known(points))

    def sample(self, x: float, y: float) -> Iterator[Mark]:
        """A piece of it for the key."""
        if self._line.course is not Course.NONE:
            yield Stroke(((x, y), (x + SAMPLE, y)), self._ink, 1.4, self._dash)
        if self._line.marked:
            yield self._marker(x + SAMPLE / 2, y)

    def _marker(self, x: float, y: float) -> Stroke:
        count, turned = self._corners
        corners = [(turned + 2 * pi * corner / count) for corner in range(count)]
        points = tuple((x + _RADIUS * cos(angle), y + _RADIUS * sin(angle)) for angle in corners)
        return Stroke((*points, points[0]), self._ink, 1.0, fill=Ink.PAPER if self._hollow else self._ink)


def _at(where: Area, y: Axis, value: float) -> float:
    return value if isnan(value) else where.y(y.share(value))


def _known(points: Sequence[Point]) -> list[Point]:
    return [point for point in points if not isnan(point[1])]


def _stepped(points: Sequence[Point]) -> list[Point]:
    """Each value held until the next."""
    made = [points[0]]
    for x, y in points[1:]:
        made += [(x, made[-1][1]), (x, y)]
    return made


def _levels(where: Area, y: Axis, levels: Sequence[Level]) -> Iterator[Mark]:
    for level in levels:
        at = where.y(y.share(level.value))
        yield Stroke(((where.left, at), (where.right, at)), Ink.ALARM, 0.8, DASHES[1])
        text = fitted(level.text, SMALL, where.right - where.left)
        yield Label(where.right, at - 2 if at - SMALL > where.top else at + SMALL, text, SMALL, Anchor.END, Ink.ALARM)


def _moments(where: Area, x: Axis, moments: Sequence[Moment]) -> Iterator[Mark]:
    """Upright lines; a text that would touch one in its row goes into the row below, and out where all rows are full."""
    ends = [where.left - GAP] * _MOMENT_ROWS
    for moment in sorted(moments, key=lambda moment: moment.at):
        at = where.x(x.share(moment.at))
        yield Stroke(((at, where.top), (at, where.bottom)), Ink.FAINT, 0.8, DASHES[2])
        text = fitted(moment.text, SMALL, where.right - where.left)
        width = text_width(text, SMALL)
        begin = min(at + 2, where.right - width)
        row = next((row for row in range(_MOMENT_ROWS) if ends[row] + GAP <= begin), None)
        if text and row is not None:
            yield Label(begin, where.top + (row + 1) * SMALL, text, SMALL, ink=Ink.FAINT)
            ends[row] = begin + width


def _tags(where: Area, lines: Sequence[Line], drawn: Sequence[Sequence[Point]]) -> Iterator[Mark]:
    """The tag of each line beside its last value, moved apart where they would cover one another."""
    wanted = sorted(
        (_known(points)[-1][1], line.tag) for line, points in zip(lines, drawn, strict=True) if line.tag and _known(points)
    )
    step = min(SMALL + 1, (where.bottom - where.top + EDGE) / max(1, len(wanted)))
    lowest, placed = where.top - step, []
    for y, tag in wanted:
        lowest = max(y, lowest + step)
        placed.append((lowest, tag))
    over = max(0.0, lowest - where.bottom)
    for number, (y, tag) in enumerate(placed):
        room = where.bottom - (len(placed) - 1 - number) * step
        yield Label(where.right + GAP, min(y, room if over else y) + SMALL / 3, tag, SMALL)
