"""Rows to choose from, in columns that take the room there is; wide letters and names from right to left keep their columns."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Final, NamedTuple

from rich.text import Text
from textual import events
from textual.binding import Binding, BindingType
from textual.widgets import DataTable

_GAP: Final = 1  # cells between two columns
_SCROLLBAR: Final = 1


@dataclass(frozen=True, slots=True)
class Column:
    """`width` in cells is the least; `grow` is its share of what is left over. It is left out below `from_width` cells."""

    heading: str
    width: int
    grow: int = 0
    from_width: int = 0


class Row(NamedTuple):
    """One thing to choose, by its key, with a text for each column."""

    key: str
    cells: tuple[str | Text, ...]


class Listing(DataTable[Text], inherit_bindings=False):
    """A cursor that stays on its row when the rows are fetched anew. Enter and the arrows sideways are left to the screen.

    The row under the cursor is told by `chosen`; the library's RowHighlighted comes when it changes, RowSelected when the row
    under the cursor is clicked.
    """

    DEFAULT_CSS = """
    Listing { height: 1fr; background: transparent; overflow-x: hidden; }
    Listing { scrollbar-size-vertical: 1; scrollbar-size-horizontal: 0; }
    Listing > .datatable--header { text-style: bold; background: transparent; }
    Listing > .datatable--cursor { text-style: reverse; background: transparent; color: $foreground; }
    Listing:focus > .datatable--cursor { text-style: bold reverse; }
    Listing > .datatable--hover { background: transparent; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "cursor_up", show=False),
        Binding("down", "cursor_down", show=False),
        Binding("pageup", "page_up", show=False),
        Binding("pagedown", "page_down", show=False),
        Binding("home", "scroll_top", show=False),
        Binding("end", "scroll_bottom", show=False),
    ]

    def __init__(self, columns: Sequence[Column], id_: str, nothing: str = "") -> None:
        super().__init__(id=id_, cursor_type="row", cell_padding=0, show_cursor=True)
        self._specs = tuple(columns)
        self._nothing = nothing
        self._lines: tuple[Row, ...] = ()
        self._drawn: tuple[int, tuple[Row, ...], str] = (0, (), "")

    @property
    def chosen(self) -> str:
        """The key of the row under the cursor, "" for none."""
        return self._lines[self.cursor_row].key if 0 <= self.cursor_row < len(self._lines) else ""

    def fill(self, rows: Sequence[Row], nothing: str | None = None) -> None:
        """These rows in place of others; `nothing` is what to say where there are none."""
        before = self.chosen
        self._lines = tuple(rows)
        self._nothing = self._nothing if nothing is None else nothing
        self._draw(before)

    def choose(self, key: str) -> None:
        """The cursor to this row, if it is there."""
        for number, row in enumerate(self._lines):
            if row.key == key:
                self.move_cursor(row=number)

    def step(self, by: int) -> None:
        """So many rows down, or up below zero."""
        if self._lines:
            self.move_cursor(row=max(0, min(len(self._lines) - 1, self.cursor_row + by)))

    def on_resize(self, event: events.Resize) -> None:
        """Other columns fit."""
        self._draw(self.chosen)

    def _draw(self, chosen: str) -> None:
        room = self.size.width - _SCROLLBAR
        if room <= 0 or (room, self._lines, self._nothing) == self._drawn:
            return
        drawn_room, drawn_lines, _nothing = self._drawn
        self._drawn = (room, self._lines, self._nothing)
        if self._lines and room == drawn_room and [row.key for row in self._lines] == [row.key for row in drawn_lines]:
            self._write_over(drawn_lines, room)
            return
        self.clear(columns=True)
        if not self._lines:
            self._bare(True)
            self.add_column(Text(""), width=room)
            self.add_row(Text(self._nothing), height=None)
            return
        self._bare(False)
        shown = self._shown(room)
        for at, width in shown:
            self.add_column(_line(self._specs[at].heading, width), width=width + _GAP, key=str(at))
        for row in self._lines:
            self.add_row(*(_line(row.cells[at], width) for at, width in shown), key=row.key)
        self.choose(chosen)

    def _write_over(self, drawn: Sequence[Row], room: int) -> None:
        """The same rows with other words in some: only those are touched, for there may be hundreds that change one by one."""
        shown = self._shown(room)
        for before, row in zip(drawn, self._lines, strict=True):
            for at, width in shown if before != row else ():
                self.update_cell(row.key, str(at), _line(row.cells[at], width))

    def _shown(self, room: int) -> list[tuple[int, int]]:
        """The columns that there is room for, by their number, and their widths."""
        shown = [(at, spec) for at, spec in enumerate(self._specs) if room >= spec.from_width]
        widths = _widths([spec for _, spec in shown], room)
        return [(at, width) for (at, _), width in zip(shown, widths, strict=True)]

    def _bare(self, bare: bool) -> None:
        table: DataTable[Text] = self
        table.show_header = table.show_cursor = not bare


def _widths(specs: Sequence[Column], room: int) -> list[int]:
    """What each column gets: its least, and its share of the rest; where there is too little the last ones are cut."""
    rest = max(0, room - sum(spec.width + _GAP for spec in specs))
    shares = sum(spec.grow for spec in specs)
    return [spec.width + (rest * spec.grow // shares if shares else 0) for spec in specs]


def _line(text: str | Text, width: int) -> Text:
    """Cut to so many cells."""
    line = text.copy() if isinstance(text, Text) else Text(text)
    line.no_wrap = True
    line.truncate(width, overflow="ellipsis")
    return line
