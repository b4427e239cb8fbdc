"""What is shown where there is no book that can be used: why, and what can be done without one."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from emscontrol.tui.commands.all import bindings
from emscontrol.tui.commands.table import Where
from emscontrol.tui.house import FreeSessionWanted, PracticeWanted
from emscontrol.tui.language import _
from emscontrol.tui.page import Page


class WelcomePage(Page[None]):
    """Nothing here needs a book."""

    WHERE = Where.PAGES
    PAGE = "today"
    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.PAGES)
    AUTO_FOCUS = "OptionList"

    def __init__(self, why: str) -> None:
        super().__init__()
        self._why = why

    def content(self) -> ComposeResult:
        """Why, and the ways on."""
        with Vertical(id="welcome"):
            yield Static(self._why, markup=False)
            yield OptionList(
                Option(_("A practice session with a simulated patient"), id="practice"),
                Option(_("A session without the book"), id="free"),
                id="ways",
            )

    @on(OptionList.OptionSelected, "#ways")
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        self.post_message(PracticeWanted() if event.option.id == "practice" else FreeSessionWanted())
