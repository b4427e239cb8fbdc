"""The library."""

from typing import ClassVar

from textual.binding import BindingType

from emscontrol.tui.commands.all import bindings
from emscontrol.tui.commands.table import Where
from emscontrol.tui.page import Page


class ProtocolsPage(Page[None]):
    """The library."""

    WHERE = Where.PROTOCOLS
    PAGE = "protocols"
    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.PROTOCOLS)
