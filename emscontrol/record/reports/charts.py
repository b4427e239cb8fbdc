"""Plots drawn into a `Drawing`: one, or several of one size side by side. Pure.

A plot is made of `axes` (`linear_axis`, `log_axis`) and of what `plots` has: `LinePlot` with lines, steps, areas and markers,
`BarPlot` with columns. Whatever is drawn stays in the drawing's box: a value outside its axes is an error, and a text that is
too long is shortened.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from emscontrol.record.reports.drawing import Drawing, Mark
from emscontrol.record.reports.plot_bars import draw_bars
from emscontrol.record.reports.plot_frame import Place
from emscontrol.record.reports.plot_lines import draw_lines
from emscontrol.record.reports.plots import LinePlot, Plot

WIDTH: Final = 526.0  # points: between the margins of an A4 page
HEIGHT: Final = 130.0  # of one row of plots
BETWEEN: Final = 14.0
BELOW: Final = 9.0


def chart(
    title: str,
    description: str,
    plots: Sequence[Plot],
    *,
    columns: int = 1,
    width: float = WIDTH,
    row_height: float = HEIGHT,
) -> Drawing:
    """A drawing of these plots, `columns` in a row. `title` and `description` say in words what can be seen in it."""
    rows = -(-len(plots) // columns)
    height = rows * row_height + max(0, rows - 1) * BELOW
    each = (width - (columns - 1) * BETWEEN) / columns
    marks: list[Mark] = []
    for number, plot in enumerate(plots):
        row, column = divmod(number, columns)
        marks.extend(_drawn(plot, Place(column * (each + BETWEEN), row * (row_height + BELOW), each, row_height)))
    return Drawing(width, height, title, description, tuple(marks))


def _drawn(plot: Plot, place: Place) -> Iterator[Mark]:
    return draw_lines(plot, place) if isinstance(plot, LinePlot) else draw_bars(plot, place)
