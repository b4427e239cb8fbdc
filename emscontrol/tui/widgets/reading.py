"""A text that is longer than its room, to be read with the arrow keys."""

from typing import ClassVar

from rich.console import RenderableType
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import Static


class Reading(VerticalScroll, inherit_bindings=False):
    """Scrolls up and down; the arrows sideways are left to the screen."""

    DEFAULT_CSS = "Reading { height: 1fr; scrollbar-size-vertical: 1; padding: 0 1; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "scroll_up", show=False),
        Binding("down", "scroll_down", show=False),
        Binding("pageup", "page_up", show=False),
        Binding("pagedown", "page_down", show=False),
        Binding("home", "scroll_home", show=False),
        Binding("end", "scroll_end", show=False),
    ]

    def compose(self) -> ComposeResult:
        """One text."""
        yield Static("", markup=False)

    def tell(self, text: RenderableType) -> None:
        """This in place of what stood there."""
        shown = self.query_one(Static)
        shown.update(text)
        self.call_after_refresh(shown.refresh, layout=True)  # told before its first layout it would keep the height of nothing
