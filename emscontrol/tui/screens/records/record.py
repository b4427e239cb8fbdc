"""One session's record."""

from typing import ClassVar

from textual.binding import BindingType

from emscontrol.tui.commands.all import bindings
from emscontrol.tui.commands.table import Where
from emscontrol.tui.page import Page


class RecordScreen(Page[None]):
    """One session's record."""

    WHERE = Where.RECORD
    PAGE = "records"
    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.RECORD)

    def __init__(self, journal: str) -> None:
        super().__init__()
        self._journal = journal
