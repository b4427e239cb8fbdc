"""What the user set."""

from typing import ClassVar

from textual.binding import BindingType

from emscontrol.tui.commands.all import bindings
from emscontrol.tui.commands.table import Where
from emscontrol.tui.page import Page


class SettingsPage(Page[None]):
    """What the user set."""

    WHERE = Where.SETTINGS
    PAGE = "settings"
    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.SETTINGS)
