"""The row that names what can be looked at of a protocol, what is looked at, and on which stimulator it is judged."""

from collections.abc import Iterator
from typing import Final

from rich.text import Text
from textual import events
from textual.widgets import Static

from emscontrol.tui.commands.all import BY_PLACE
from emscontrol.tui.commands.table import Where
from emscontrol.tui.language import _

VIEWS: Final = ("words", "drawn", "limits", "try")
"""Each by the name of its command."""
MODEL: Final = "model"


class ViewRow(Static):
    """What is shown stands in brackets; a click goes to another one, or takes the next stimulator."""

    DEFAULT_CSS = "ViewRow { height: 1; width: 1fr; padding: 0 1; }"

    def __init__(self) -> None:
        super().__init__("", id="views", markup=False)
        self._view = VIEWS[0]
        self._model = ""

    def show(self, view: str, model: str) -> None:
        """This view, judged on this model."""
        self._view, self._model = view, model
        self.refresh()

    def render(self) -> Text:
        """Key and word of each view, then the stimulator."""
        return Text(" ", no_wrap=True, overflow="ellipsis").join(text for _name, text in self._parts())

    def _parts(self) -> Iterator[tuple[str, Text]]:
        for name in VIEWS:
            command = BY_PLACE[Where.PROTOCOL][name]
            words = f"{command.keys_told} {_(command.label)}"
            here = name == self._view
            yield name, Text(f"[{words}]" if here else f" {words} ", style="bold reverse" if here else "")
        yield MODEL, Text(f"  {_('on')} {self._model}")

    async def on_click(self, event: events.Click) -> None:
        """Go there."""
        at = 0
        for name, text in self._parts():
            if at <= event.x - 1 <= at + text.cell_len:
                await self.screen.run_action(f"do('{name}')")
                return
            at += text.cell_len + 1
