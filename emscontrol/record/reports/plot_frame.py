"""The frame of one plot: where its title, its key, its axes and its values are. Pure.

From the top: title and notes, the unit of y with the key, the plotting area, the labels of x with its unit.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from emscontrol.record.reports.axes import Axis, Tick
from emscontrol.record.reports.drawing import Anchor, Ink, Label, Mark, Stroke
from emscontrol.record.reports.lettering import fitted, text_width

TITLE: Final = 8.4
SMALL: Final = 7.5
ROW: Final = 11.0
SAMPLE: Final = 18.0  # what a sample of the key takes
GAP: Final = 4.0
EDGE: Final = 6.0  # room beside the outermost values

Sample: TypeAlias = Callable[[float, float], Iterator[Mark]]
"""Draws a sample of the key: from this x, around this y, SAMPLE wide at most."""


@dataclass(frozen=True, slots=True)
class Place:
    """An upright rectangle in the drawing, x and y its top left corner."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Area:
    """The plotting area: its edges in the drawing."""

    left: float
    top: float
    right: float
    bottom: float

    def x(self, share: float) -> float:
        """Where this share of the way from left to right is."""
        return self.left + share * (self.right - self.left)

    def y(self, share: float) -> float:
        """Where this share of the way from bottom to top is."""
        return self.bottom - share * (self.bottom - self.top)


def heading(place: Place, title: str, notes: Sequence[str]) -> tuple[list[Mark], float]:
    """The title, each note below it in a row of its own, and the y below them."""
    made: list[Mark] = []
    y = place.y
    for text, size, ink in [*([(title, TITLE, Ink.TEXT)] if title else []), *((note, SMALL, Ink.FAINT) for note in notes)]:
        y += ROW
        made.append(Label(place.x, y - 2, fitted(text, size, place.width), size, ink=ink))
    return made, y


def key(place: Place, y: float, unit: str, entries: Sequence[tuple[str, Sample]]) -> tuple[list[Mark], float]:
    """The unit of y and what each line or pattern is, in as many rows as they need, and the y below them."""
    made: list[Mark] = []
    at, row = place.x, y + ROW
    if unit:
        shown = fitted(unit, SMALL, place.width)
        made.append(Label(at, row - 2, shown, SMALL, ink=Ink.FAINT))
        at += text_width(shown, SMALL) + 2 * GAP
    for name, sample in entries:
        shown = fitted(name, SMALL, place.width - SAMPLE - GAP)
        needed = SAMPLE + GAP + text_width(shown, SMALL)
        if at > place.x and at + needed > place.x + place.width:
            at, row = place.x, row + ROW
        made.extend(sample(at, row - 2 - SMALL / 3))
        made.append(Label(at + SAMPLE + GAP, row - 2, shown, SMALL))
        at += needed + 2 * GAP
    return made, row if unit or entries else y


def area(place: Place, top: float, y: Axis, tags: Sequence[str], x_title: str) -> Area:
    """What is left for the values between the labels of both axes and the tags at the right.

    Raises ValueError where the place is too small for any.
    """
    left = place.x + max((text_width(text, SMALL) for _, text in y.ticks), default=0.0) + GAP
    tagged = max((text_width(tag, SMALL) for tag in tags if tag), default=0.0)
    right = place.x + place.width - EDGE - (tagged + GAP if tagged else 0.0)
    bottom = place.y + place.height - ROW - (ROW if x_title else 0.0)
    found = Area(left, top + EDGE, right, bottom)
    if found.right - found.left < ROW or found.bottom - found.top < ROW:
        raise ValueError(f"A plot of {place.width:g} by {place.height:g} points has no room for its values")
    return found


def grid(where: Area, y: Axis) -> Iterator[Mark]:
    """A faint line at each tick of y with its label, as far as there is room for labels."""
    last = None
    for value, text in y.ticks:
        at = where.y(y.share(value))
        yield Stroke(((where.left, at), (where.right, at)), Ink.GRID, 0.6)
        if text and (last is None or last - at >= SMALL + 1):
            yield Label(where.left - GAP, at + SMALL / 3, text, SMALL, Anchor.END, Ink.FAINT)
            last = at


def foot(place: Place, where: Area, ticks: Sequence[Tick], title: str, at: Callable[[float], float]) -> Iterator[Mark]:
    """The lower edge, the labels below it (those that would touch the one before are left out), and the title of x."""
    yield Stroke(((where.left, where.bottom), (where.right, where.bottom)), Ink.FAINT, 0.8)
    end = place.x - GAP
    for value, text in ticks:
        x = at(value)
        yield Stroke(((x, where.bottom), (x, where.bottom + 2)), Ink.FAINT, 0.8)
        half = text_width(text, SMALL) / 2
        middle = min(max(x, place.x + half), place.x + place.width - half)
        if text and middle - half >= end + GAP / 2:
            yield Label(middle, where.bottom + ROW - 2, text, SMALL, Anchor.MIDDLE, Ink.FAINT)
            end = middle + half
    if title:
        shown = fitted(title, SMALL, place.width)
        middle = (where.left + where.right) / 2
        half = text_width(shown, SMALL) / 2
        middle = min(max(middle, place.x + half), place.x + place.width - half)
        yield Label(middle, where.bottom + 2 * ROW - 2, shown, SMALL, Anchor.MIDDLE, Ink.FAINT)


def nothing(where: Area) -> Mark:
    """What stands where there is no value."""
    return Label((where.left + where.right) / 2, (where.top + where.bottom) / 2, "No values.", SMALL, Anchor.MIDDLE, Ink.FAINT)
