"""Who comes today."""

from typing import ClassVar

from textual.binding import BindingType

from emscontrol.tui.commands.all import bindings
from emscontrol.tui.commands.table import Where
from emscontrol.tui.page import Page


class TodayPage(Page[None]):
    """Who comes today."""

    WHERE = Where.TODAY
    PAGE = "today"
    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.TODAY)
