"""One patient."""

from typing import ClassVar

from textual.binding import BindingType

from emscontrol.tui.commands.all import bindings
from emscontrol.tui.commands.table import Where
from emscontrol.tui.page import Page


class PatientScreen(Page[None]):
    """One patient."""

    WHERE = Where.PATIENT
    PAGE = "patients"
    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.PATIENT)

    def __init__(self, code: str) -> None:
        super().__init__()
        self._code = code
