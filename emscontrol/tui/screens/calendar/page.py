"""The appointments of a week or a month."""

from typing import ClassVar

from textual.binding import BindingType

from emscontrol.tui.commands.all import bindings
from emscontrol.tui.commands.table import Where
from emscontrol.tui.page import Page


class CalendarPage(Page[None]):
    """The appointments of a week or a month."""

    WHERE = Where.CALENDAR
    PAGE = "calendar"
    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.CALENDAR)
