"""One plan."""

from typing import ClassVar

from textual.binding import BindingType

from emscontrol.tui.commands.all import bindings
from emscontrol.tui.commands.table import Where
from emscontrol.tui.page import Page


class PlanScreen(Page[None]):
    """One plan."""

    WHERE = Where.PLAN
    PAGE = "calendar"
    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.PLAN)

    def __init__(self, number: int) -> None:
        super().__init__()
        self._number = number
