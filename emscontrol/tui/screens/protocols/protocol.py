"""One protocol."""

from typing import ClassVar

from textual.binding import BindingType

from emscontrol.tui.commands.all import bindings
from emscontrol.tui.commands.table import Where
from emscontrol.tui.page import Page


class ProtocolScreen(Page[None]):
    """One protocol."""

    WHERE = Where.PROTOCOL
    PAGE = "protocols"
    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.PROTOCOL)

    def __init__(self, path: str) -> None:
        super().__init__()
        self._path = path
