"""The records of sessions."""

from typing import ClassVar

from textual.binding import BindingType

from emscontrol.tui.commands.all import bindings
from emscontrol.tui.commands.table import Where
from emscontrol.tui.page import Page


class RecordsPage(Page[None]):
    """The records of sessions."""

    WHERE = Where.RECORDS
    PAGE = "records"
    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.RECORDS)
