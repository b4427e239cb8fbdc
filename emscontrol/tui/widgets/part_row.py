"""The parts of one screen with the key of each, the one in front marked; a click goes there."""

from collections.abc import Sequence

from rich.text import Text
from textual import events
from textual.message import Message
from textual.widgets import Static

_GAP = " "
_KEYS = " < >"
_NARROW = 70


class PartRow(Static):
    """`parts` are names with their words. The one in front stands in brackets, so that it is told without colour."""

    DEFAULT_CSS = "PartRow { height: 1; width: 1fr; padding: 0 1; background: $panel; }"

    class Picked(Message):
        """Somebody has clicked on a part."""

        def __init__(self, part: str) -> None:
            super().__init__()
            self.part = part

    def __init__(self, parts: Sequence[tuple[str, str]], id_: str) -> None:
        super().__init__(id=id_, markup=False)
        self._parts = tuple(parts)
        self.front = parts[0][0]

    def bring(self, part: str) -> None:
        """This one is in front."""
        self.front = part
        self.refresh()

    def beside(self, by: int) -> str:
        """The part so many places on, round and round."""
        names = [name for name, _ in self._parts]
        return names[(names.index(self.front) + by) % len(names)]

    def render(self) -> Text:
        """All of them in a row."""
        drawn = [self._drawn(name, words) for name, words in self._parts]
        return Text(_GAP, no_wrap=True, overflow="ellipsis").join((*drawn, Text(_KEYS, style="dim")))

    def _drawn(self, name: str, words: str) -> Text:
        room = "" if self.size.width < _NARROW else " "
        if name == self.front:
            return Text(f"[{words}]", style="bold")
        return Text(f"{room}{words}{room}")

    def on_click(self, event: events.Click) -> None:
        """Go there."""
        at = 1
        for name, words in self._parts:
            width = self._drawn(name, words).cell_len
            if at <= event.x < at + width:
                self.post_message(self.Picked(name))
                return
            at += width + len(_GAP)
