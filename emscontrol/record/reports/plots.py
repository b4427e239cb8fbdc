"""What a chart shows, as plain values: lines or bars over two axes. `charts` draws them."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias

from emscontrol.record.reports.axes import Axis
from emscontrol.record.reports.drawing import Point

LOOKS: Final = 8
"""How many lines can be told apart in one plot, by ink, dash and marker."""


class Course(StrEnum):
    """How a line goes from one value to the next."""

    STRAIGHT = "straight"
    STEPS = "steps"  # it stays until the next value
    NONE = "none"  # markers alone


class Pattern(StrEnum):
    """How a part of a bar is filled; each is another one in grey too."""

    FULL = "full"
    LIGHT = "light"
    HATCHED = "hatched"
    EMPTY = "empty"  # its outline in dashes
    MIDDLE = "middle"


@dataclass(frozen=True, slots=True)
class Line:
    """Values in the order of x, both as on the axes; a y that is no number (NaN) is a gap.

    `tag` stands beside the last value, as that value with its unit; `filled` down to the axis.
    """

    name: str
    points: tuple[Point, ...]
    course: Course = Course.STRAIGHT
    marked: bool = True
    filled: bool = False
    tag: str = ""


@dataclass(frozen=True, slots=True)
class Level:
    """A line across at one height, as a limit."""

    value: float
    text: str


@dataclass(frozen=True, slots=True)
class Band:
    """A stretch of y that is shaded across, as what the measuring may make of nothing."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Moment:
    """A line upright at one place of x, as a stop or a change; `text` stands at its top and is short."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class LinePlot:
    """Lines, at most LOOKS of them, over one pair of axes. Each of `notes` has a row of its own below the title."""

    title: str
    x: Axis
    y: Axis
    lines: Sequence[Line]
    levels: Sequence[Level] = ()
    moments: Sequence[Moment] = ()
    bands: Sequence[Band] = ()
    notes: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Bar:
    """One column: parts from the bottom up, each the number of its kind in the plot and its height, 0 or more."""

    label: str
    parts: tuple[tuple[int, float], ...]


@dataclass(frozen=True, slots=True)
class BarPlot:
    """Columns side by side. `kinds` are what the parts of a column can be, "" for one not in the key."""

    title: str
    x_title: str
    y: Axis
    bars: Sequence[Bar]
    kinds: Sequence[tuple[str, Pattern]]
    notes: Sequence[str] = ()


Plot: TypeAlias = LinePlot | BarPlot


def heights(bars: Sequence[Bar]) -> list[float]:
    """How high each column is, for its axis."""
    return [sum(height for _, height in bar.parts) for bar in bars]
