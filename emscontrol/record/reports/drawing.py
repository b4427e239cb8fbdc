"""A chart as lines, areas and labels, drawn once and written as SVG or into a PDF.

Coordinates are points (1/72 inch) from the top left corner, y downwards. A `Drawing` says in words what it shows, and the
chart that it belongs to has its figures as a table beside it.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias

Point: TypeAlias = tuple[float, float]


class Ink(StrEnum):
    """The inks, as sRGB. Their lightness tells them apart on a grey printer; dashes tell them apart besides."""

    TEXT = "#1a1a1a"
    FAINT = "#5f6368"
    GRID = "#d9dce1"
    FIRST = "#0b4a8f"
    SECOND = "#c46a00"
    THIRD = "#5aa9e6"
    FOURTH = "#7a1f4b"
    AREA = "#e8eef6"
    ALARM = "#a4161a"
    PAPER = "#ffffff"


DASHES: Final[tuple[tuple[float, ...], ...]] = ((), (6, 3), (2, 2), (8, 3, 2, 3))
"""Of the first, second, third and fourth line of a chart."""


class Anchor(StrEnum):
    """Where a label's point is in its text."""

    START = "start"
    MIDDLE = "middle"
    END = "end"


@dataclass(frozen=True, slots=True)
class Stroke:
    """Straight lines through `points`; closed and filled when `fill` is given."""

    points: tuple[Point, ...]
    ink: Ink | None = Ink.TEXT
    width: float = 1.0
    dash: tuple[float, ...] = ()
    fill: Ink | None = None


@dataclass(frozen=True, slots=True)
class Box:
    """An upright rectangle, `x`, `y` its top left corner."""

    x: float
    y: float
    width: float
    height: float
    fill: Ink | None = Ink.AREA
    ink: Ink | None = None


@dataclass(frozen=True, slots=True)
class Label:
    """One line of text with its baseline at `y`; `turned` reads upwards."""

    x: float
    y: float
    text: str
    size: float = 8.0
    anchor: Anchor = Anchor.START
    ink: Ink = Ink.TEXT
    turned: bool = False


Mark: TypeAlias = Stroke | Box | Label


@dataclass(frozen=True, slots=True)
class Drawing:
    """A picture. `title` names it, `description` tells in a sentence or two what can be seen, for people who do not see it."""

    width: float
    height: float
    title: str
    description: str
    marks: tuple[Mark, ...]
