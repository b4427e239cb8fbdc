"""The checks before a session."""

from typing import ClassVar

from textual.binding import BindingType

from emscontrol.tui.commands.all import bindings
from emscontrol.tui.commands.table import Where
from emscontrol.tui.page import Page


class ChecksScreen(Page[None]):
    """The checks before a session."""

    WHERE = Where.CHECKS
    PAGE = "today"
    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.CHECKS)

    def __init__(self, appointment: int, code: str) -> None:
        super().__init__()
        self._appointment, self._code = appointment, code
