"""Measuring thresholds."""

from typing import ClassVar

from textual.binding import BindingType

from emscontrol.tui.commands.all import bindings
from emscontrol.tui.commands.table import Where
from emscontrol.tui.page import Page


class MeasureScreen(Page[None]):
    """Measuring thresholds."""

    WHERE = Where.MEASURE
    PAGE = "patients"
    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.MEASURE)

    def __init__(self, code: str, plan: int | None, channel: int) -> None:
        super().__init__()
        self._code, self._plan, self._channel = code, plan, channel
