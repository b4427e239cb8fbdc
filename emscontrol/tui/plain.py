"""The last look at what goes to a terminal that takes ASCII only: what the library draws by itself is plain there as well."""

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from emscontrol.tui.glyphs import plain


class PlainCharacters(LineFilter):
    """Lines, scroll bars and marks become ASCII, cell by cell."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """One line."""
        return [segment if segment.text.isascii() else Segment(plain(segment.text), *segment[1:]) for segment in segments]
