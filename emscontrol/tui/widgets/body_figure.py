"""Where the pads go: a person from the front and from the back with the channels' numbers on it, and the places in words.

The figure is seen as one sees a person: from the front the patient's right is on the left of the picture. Both sides are
lettered in each view, and the words name the patient's side, so that nobody mirrors it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from rich.text import Text
from textual.widgets import Static

from emscontrol.safety.sites import described_site
from emscontrol.tui.body import BACK, FRONT, LARGE, MIDDLE, PLACEMENTS, PLAIN, REGIONS, SMALL, TO_SMALL, UNMARKED, WIDE, Spot
from emscontrol.tui.glyphs import ascii_only
from emscontrol.tui.language import _

MARKS: Final = "?123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
GAP: Final = "    "
FIGURE_COLUMNS: Final = 2 * WIDE + len(GAP)
LARGE_ROWS: Final = len(LARGE[FRONT]) + 1
SMALL_ROWS: Final = len(SMALL[FRONT]) + 1
WORDS_COLUMNS: Final = 30  # so much room makes words beside the figure readable

Cells = dict[tuple[str, int, int], str]


@dataclass(frozen=True, slots=True)
class PadPlace:
    """The pads of one channel. `side` is left, right, or either, which is drawn nowhere and said in words."""

    channel: int
    muscle: str
    side: str


def mark(channel: int) -> str:
    """The one character that stands for a channel on the figure."""
    return MARKS[channel] if 0 < channel < len(MARKS) else MARKS[0]


def figure(places: Sequence[PadPlace], rows: int) -> list[str]:
    """Both views side by side in at most so many rows, each channel's mark where its pads lie; empty where it does not fit."""
    return [line.plain for line in _figure(places, rows)]


def places_in_words(places: Sequence[PadPlace]) -> Iterator[str]:
    """For each channel: muscle and side, where each pad goes, what to mind."""
    for place in sorted(places, key=lambda place: place.channel):
        site, placed = described_site(place.muscle), PLACEMENTS[place.muscle]
        yield f"{mark(place.channel)}  {side_words(place.side)}: {site.name}"
        if placed.second:
            yield f"   {placed.first}"
            yield f"   {_('and')} {placed.second}"
        elif placed.first:
            yield "   " + _("both pads: {place}").format(place=placed.first)
        if site.risks:
            yield "   " + _("mind: {risks}").format(risks=site.risks)


def side_words(side: str) -> str:
    """The patient's side."""
    return {"left": _("patient's LEFT"), "right": _("patient's RIGHT")}.get(side, _("SIDE NOT CHOSEN YET"))


def _figure(places: Sequence[PadPlace], rows: int) -> list[Text]:
    if rows < SMALL_ROWS:
        return []
    small = rows < LARGE_ROWS
    art, marked = SMALL if small else LARGE, _marked(places, small)
    lines = range(len(art[FRONT]))
    views = [[_row(art[view][row], view, row, marked) for row in lines] for view in (FRONT, BACK)]
    head = Text(f"{_side_letters('R', _('FRONT'), 'L')}{GAP}{_side_letters('L', _('BACK'), 'R')}")
    return [head, *(Text(GAP).join(pair) for pair in zip(*views, strict=True))]


def _side_letters(left: str, name: str, right: str) -> str:
    return f"{left}{name:^{WIDE - 2}}{right}"


def _row(line: str, view: str, row: int, marked: Cells) -> Text:
    if ascii_only():
        line = line.translate(PLAIN)
    text = Text()
    for column, cell in enumerate(line):
        own = marked.get((view, row, column), "")
        text.append(own or (UNMARKED.get(cell, " ") if cell in REGIONS else cell), style="bold reverse" if own else "")
    return text


def _marked(places: Sequence[PadPlace], small: bool) -> Cells:
    """Which mark stands in which cell. Where two channels want one cell, the later one goes to the nearest free one."""
    taken: Cells = {}
    for place in sorted(places, key=lambda place: place.channel):
        if place.side in ("left", "right"):
            for spot in PLACEMENTS[place.muscle].spots:
                wanted = _cell(spot, place.side, small)
                taken[_nearest_free(wanted, mark(place.channel), small, taken)] = mark(place.channel)
    return taken


def _cell(spot: Spot, side: str, small: bool) -> tuple[str, int, int]:
    """From the front the patient's right is on the left of the picture, from the back on the right."""
    to_the_left = (side == "right") == (spot.view == FRONT)
    column = MIDDLE - spot.out if to_the_left else MIDDLE + spot.out
    return spot.view, TO_SMALL[spot.row] if small else spot.row, column


def _nearest_free(wanted: tuple[str, int, int], own: str, small: bool, taken: Cells) -> tuple[str, int, int]:
    """The wanted cell, else the nearest one inside the body on the same side that nobody has."""
    view, row, column = wanted
    art = (SMALL if small else LARGE)[view]
    free = [
        (view, r, c)
        for r, line in enumerate(art)
        for c, cell in enumerate(line)
        if cell in REGIONS and (c < MIDDLE) == (column < MIDDLE) and taken.get((view, r, c), own) == own
    ]
    return min(free, key=lambda cell: (2 * abs(cell[1] - row) + abs(cell[2] - column), cell), default=wanted)


class BodyFigure(Static):
    """The figure, and the words beside it where there is room, else below it."""

    DEFAULT_CSS = "BodyFigure { height: auto; width: 1fr; }"

    def __init__(self, places: Sequence[PadPlace] = (), id_: str | None = None) -> None:
        super().__init__("", id=id_, markup=False)
        self._places = tuple(places)

    def show(self, places: Sequence[PadPlace]) -> None:
        """Other channels."""
        if tuple(places) != self._places:
            self._places = tuple(places)
            self._fit()

    @property
    def words(self) -> str:
        """What stands there, as text."""
        return self._drawn().plain

    def on_resize(self) -> None:
        """Fit into the width that there is."""
        self._fit()

    def _fit(self) -> None:
        self.update(self._drawn())

    def _drawn(self) -> Text:
        """The large figure where the screen has half as many rows again."""
        large = self.app.size.height >= LARGE_ROWS * 3 // 2
        return body_text(self._places, self.size.width, LARGE_ROWS if large else SMALL_ROWS)


def body_text(places: Sequence[PadPlace], width: int, rows: int) -> Text:
    """Figure and words for this room; words alone where the figure does not fit."""
    drawn = _figure(places, rows) if width >= FIGURE_COLUMNS else []
    beside = width >= FIGURE_COLUMNS + len(GAP) + WORDS_COLUMNS
    room = width - FIGURE_COLUMNS - len(GAP) if drawn and beside else width
    words = [part for line in places_in_words(places) for part in _folded(line, max(10, room))]
    if not (drawn and beside):
        return Text("\n", no_wrap=True).join([*drawn, *words])
    rows_needed = max(len(drawn), len(words))
    left = drawn + [Text(" " * FIGURE_COLUMNS)] * (rows_needed - len(drawn))
    right = words + [Text("")] * (rows_needed - len(words))
    return Text("\n", no_wrap=True).join(Text(GAP).join(pair) for pair in zip(left, right, strict=True))


def _folded(line: str, width: int) -> Iterator[Text]:
    """In lines of at most so many columns; what is carried over is indented under its channel."""
    style = "" if line.startswith(" ") else "bold"
    at = ""
    for word in line.split(" "):
        more = f"{at} {word}" if at.strip() else f"{at}{word or ' '}"
        if Text(more).cell_len > width and at.strip():
            yield Text(at, style=style)
            more = f"     {word}"
        at = more
    yield Text(at, style=style)
