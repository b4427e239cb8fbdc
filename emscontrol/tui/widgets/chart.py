"""A line chart that is cheap enough to be drawn ten times a second: axis figures, dots, legend. Nothing is animated."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isnan
from typing import Final

from rich.text import Text
from textual.widget import Widget

from emscontrol.tui.braille import Canvas, Span
from emscontrol.tui.glyphs import ascii_only

Points = Sequence[tuple[float, float]]
LEFT: Final = 7  # columns for the figures of the upward axis
STYLES: Final = ("bold", "dim", "italic", "underline")
MARKS: Final = "*+ox"


@dataclass(frozen=True, slots=True)
class Plot:
    """What is drawn. `series` by the name in the legend; axes with their units in `across_words` and `upward_words`.

    A span left out is that of the data, the upward one from zero. A point whose upward value is NaN is a gap. `ticks` are
    places on the lower axis with their words; `marks` are levels that are drawn as horizontal lines, by name.
    """

    series: Mapping[str, Points]
    across_words: str
    upward_words: str
    across: Span | None = None
    upwards: Span | None = None
    ticks: Sequence[tuple[float, str]] = ()
    marks: Mapping[str, float] | None = None
    nothing: str = ""


class Chart(Widget):
    """Shows one plot. Without any point it says `nothing`."""

    DEFAULT_CSS = "Chart { height: 10; width: 1fr; }"

    def __init__(self, id_: str | None = None, plot: Plot | None = None) -> None:
        super().__init__(id=id_)
        self._plot = plot

    def show(self, plot: Plot) -> None:
        """A newer plot; drawn only when it differs."""
        if plot != self._plot:
            self._plot = plot
            self.refresh()

    @property
    def words(self) -> str:
        """What stands there, as text."""
        return self.render().plain

    def render(self) -> Text:
        """Fit into whatever room there is."""
        if self._plot is None:
            return Text("")
        return Text("\n", no_wrap=True, overflow="crop").join(drawn(self._plot, self.size.width, self.size.height))


def drawn(plot: Plot, width: int, height: int) -> list[Text]:
    """The rows of a plot: its name and legend, the picture with the highest and lowest figure beside it, the lower axis."""
    points = [point for each in plot.series.values() for point in each if not isnan(point[1])]
    if not points or width < LEFT + 8 or height < 4:
        return [Text(plot.nothing)]
    across = plot.across or Span(min(x for x, _ in points), max(x for x, _ in points))
    upwards = plot.upwards or Span(0, max([y for _, y in points] + list((plot.marks or {}).values())) * 1.05 or 1)
    columns, rows = width - LEFT, height - 3
    names = [Text(f"{plot.upward_words}")]
    layers = []
    for number, (name, each) in enumerate(plot.series.items()):
        canvas = Canvas(columns, rows, ascii_only())
        canvas.polyline(each, across, upwards)
        layers.append((canvas.lines(), STYLES[number % len(STYLES)]))
        names.append(Text(f"{MARKS[number % len(MARKS)]} {name}", style=STYLES[number % len(STYLES)]))
    for name, level in (plot.marks or {}).items():
        canvas = Canvas(columns, rows, ascii_only())
        for x in range(0, canvas.wide, 4):
            canvas.dot(x, round(upwards.part(level) * (canvas.high - 1)))
        layers.append((canvas.lines(), "dim"))
        names.append(Text(f"- {name}", style="dim"))
    head = Text("   ").join(names)
    return [head, *_rows(layers, upwards, columns, rows), _lower(plot, across, columns), Text(" " * LEFT + plot.across_words)]


def _rows(layers: Sequence[tuple[list[str], str]], upwards: Span, columns: int, rows: int) -> list[Text]:
    made = []
    for row in range(rows):
        figure = {0: f"{upwards.high:.4g}", rows - 1: f"{upwards.low:.4g}"}.get(row, "")
        text = Text(f"{figure:>{LEFT - 2}} |")
        for column in range(columns):
            cell, style = next(((drawn[row][column], style) for drawn, style in layers if drawn[row][column] != " "), (" ", ""))
            text.append(cell, style=style)
        made.append(text)
    return made


def _lower(plot: Plot, across: Span, columns: int) -> Text:
    line = [" "] * columns
    for value, words in plot.ticks or ((across.low, f"{across.low:.4g}"), (across.high, f"{across.high:.4g}")):
        at = min(round(across.part(value) * (columns - 1)), columns - len(words))
        if at >= 0 and all(cell == " " for cell in line[max(0, at - 1) : at + len(words) + 1]):
            line[at : at + len(words)] = words
    return Text(" " * LEFT + "".join(line))
