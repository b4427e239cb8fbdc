"""Logging in, and unlocking after a while without a key."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from emscontrol.core.errors import EmsError
from emscontrol.desk.desk import StationDesk
from emscontrol.tui.language import _
from emscontrol.tui.station import Station
from emscontrol.tui.widgets.key_row import KeyRow
from emscontrol.tui.widgets.ordered_input import OrderedInput
from emscontrol.tui.widgets.stop_button import StopButton


class LoginScreen(ModalScreen[bool]):
    """Code and PIN. Ends with True when somebody is logged in, with False when nobody wants to."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "app.focus_next", show=False, priority=True),
        Binding("shift+tab", "app.focus_previous", show=False, priority=True),
        Binding("escape", "leave", "Not now", key_display="Esc"),
    ]

    def __init__(self, station: Station, why: str) -> None:
        super().__init__()
        self._station = station
        self._why = why

    def compose(self) -> ComposeResult:
        """Two fields above the STOP button."""
        with Vertical(id="door"):
            yield Static(self._why, id="door-why", markup=False)
            yield OrderedInput(id="staff-code", placeholder=_("your code"), compact=True)
            yield OrderedInput(id="staff-pin", placeholder=_("PIN or passphrase"), password=True, compact=True)
            yield Static("", id="door-said", markup=False)
        with Vertical(id="foot"):
            yield StopButton()
            yield KeyRow()

    @on(Input.Submitted, "#staff-code")
    def _to_pin(self) -> None:
        self.query_one("#staff-pin", Input).focus()

    @on(Input.Submitted, "#staff-pin")
    def _try(self) -> None:
        self.run_worker(self._log_in(), exclusive=True)

    async def _log_in(self) -> None:
        code, field = self.query_one("#staff-code", Input).value.strip(), self.query_one("#staff-pin", Input)
        secret, field.value = field.value, ""

        def log_in(desk: StationDesk) -> None:
            from emscontrol.clinic.staff.entry import log_in

            desk.keep_login(log_in(desk.book, code, secret, desk.station, desk.now()))

        try:
            await self._station.call(log_in)
        except EmsError as problem:
            self.query_one("#door-said", Static).update(f"{problem.what} {problem.remedy}")
            return
        self.dismiss(True)

    def action_leave(self) -> None:
        """Nobody logs in."""
        self.dismiss(False)
