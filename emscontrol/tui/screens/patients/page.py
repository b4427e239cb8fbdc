"""Everybody, to search in."""

from typing import ClassVar

from textual.binding import BindingType

from emscontrol.tui.commands.all import bindings
from emscontrol.tui.commands.table import Where
from emscontrol.tui.page import Page


class PatientsPage(Page[None]):
    """Everybody, to search in."""

    WHERE = Where.PATIENTS
    PAGE = "patients"
    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.PATIENTS)
