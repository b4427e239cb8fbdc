"""Stimulators, ports, simulators."""

from typing import ClassVar

from textual.binding import BindingType

from emscontrol.tui.commands.all import bindings
from emscontrol.tui.commands.table import Where
from emscontrol.tui.page import Page


class DevicesPage(Page[None]):
    """Stimulators, ports, simulators."""

    WHERE = Where.DEVICES
    PAGE = "devices"
    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.DEVICES)
