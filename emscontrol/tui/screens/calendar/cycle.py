"""One of a few: the arrows sideways go from one to the next, so does a click. Nothing unfolds, nothing covers anything."""

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widget import Widget

from emscontrol.tui.language import _


class Cycle(Widget, can_focus=True):
    """`choices` are what is kept and what is read; without a value the first of them is chosen."""

    DEFAULT_CSS = """
    Cycle { height: 1; width: 1fr; background: $panel; }
    Cycle:focus { text-style: bold reverse; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "turn(-1)", show=False),
        Binding("right", "turn(1)", show=False),
    ]

    class Turned(Message):
        """Another one is chosen."""

        def __init__(self, cycle: "Cycle") -> None:
            super().__init__()
            self.cycle = cycle

    def __init__(self, id_: str, choices: Sequence[tuple[str, str]] = (), value: str = "", classes: str = "") -> None:
        super().__init__(id=id_, classes=classes)
        self._choices = tuple(choices)
        self._value = value

    @property
    def value(self) -> str:
        """The chosen one, "" where there is nothing to choose."""
        known = [kept for kept, _words in self._choices]
        return self._value if self._value in known else known[0] if known else ""

    def offer(self, choices: Sequence[tuple[str, str]], value: str) -> None:
        """Others to choose from."""
        self._choices, self._value = tuple(choices), value
        self.refresh()

    def render(self) -> Text:
        """The chosen one between its arrows, and which of how many it is."""
        known = [kept for kept, _words in self._choices]
        if not known:
            return Text(_("none"))
        at = known.index(self.value)
        words = self._choices[at][1]
        return Text(f"< {words} >" if len(known) > 1 else f"  {words}", no_wrap=True, overflow="ellipsis")

    def action_turn(self, by: int) -> None:
        """The one so many further on, round and round."""
        known = [kept for kept, _words in self._choices]
        if len(known) > 1:
            self._value = known[(known.index(self.value) + by) % len(known)]
            self.refresh()
            self.post_message(self.Turned(self))

    def on_click(self) -> None:
        """The next one."""
        self.focus()
        self.action_turn(1)
