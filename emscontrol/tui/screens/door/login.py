"""Logging in, and unlocking after a while without a key."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from emscontrol.core.errors import EmsError
from emscontrol.tui.language import _
from emscontrol.tui.screens.door.entry import enter
from emscontrol.tui.screens.door.own_pin import own_pin
from emscontrol.tui.station import Station
from emscontrol.tui.widgets.key_row import KeyRow
from emscontrol.tui.widgets.ordered_input import OrderedInput
from emscontrol.tui.widgets.stop_button import StopButton


class LoginScreen(ModalScreen[bool]):
    """Code and PIN. Ends with True when somebody is logged in, with False when nobody wants to.

    Covers everything, so that nothing of a patient is seen behind it. `code` is whom it waits for.
    """

    DEFAULT_CSS = """
    LoginScreen { background: $background; }
    LoginScreen #door { height: 1fr; padding: 1 2; max-width: 90; }
    LoginScreen #door-why { height: auto; margin: 0 0 1 0; text-style: bold; }
    LoginScreen .door-words { height: 1; }
    LoginScreen #door-said { height: auto; margin: 1 0 0 0; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "app.focus_next", show=False, priority=True),
        Binding("shift+tab", "app.focus_previous", show=False, priority=True),
        Binding("escape", "leave", "Not now", key_display="Esc"),
    ]
    AUTO_FOCUS = ""

    def __init__(self, station: Station, why: str, code: str = "") -> None:
        super().__init__()
        self._station = station
        self._why = why
        self._code = code

    def compose(self) -> ComposeResult:
        """Two fields above the STOP button."""
        with Vertical(id="door"):
            yield Static(self._why, id="door-why", markup=False)
            yield Static(_("Your code"), classes="door-words", markup=False)
            yield OrderedInput(self._code, id="staff-code", placeholder=_("as your supervisor entered it"), compact=True)
            yield Static(_("PIN or passphrase"), classes="door-words", markup=False)
            yield OrderedInput(id="staff-pin", password=True, compact=True)
            yield Static("", id="door-said", markup=False)
        with Vertical(id="foot"):
            yield StopButton()
            yield KeyRow()

    def on_mount(self) -> None:
        """Ready to type; nothing, when the program is left in this very moment and the fields are gone."""
        self.query("#staff-pin" if self._code else "#staff-code").focus()

    @on(Input.Submitted, "#staff-code")
    def _to_pin(self) -> None:
        self.query_one("#staff-pin", Input).focus()

    @on(Input.Submitted, "#staff-pin")
    def _try(self) -> None:
        self.run_worker(self._log_in(), exclusive=True)

    async def _log_in(self) -> None:
        code, field = self.query_one("#staff-code", Input).value.strip(), self.query_one("#staff-pin", Input)
        secret, field.value = field.value, ""
        self.query_one("#door-said", Static).update(_("One moment …"))
        try:
            entered = await self._station.call(lambda desk: enter(desk, code, secret))
        except EmsError as problem:
            self.query_one("#door-said", Static).update(f"{problem.what} {problem.remedy}".strip())
            return
        if entered.to_choose:
            why = _("Somebody else has set your PIN. Choose one that only you know.")
            if not await self.app.push_screen_wait(own_pin(self._station, why)):
                self.query_one("#door-said", Static).update(_("Until you have chosen a PIN of your own, nothing is opened."))
                return
        self.dismiss(True)

    def action_leave(self) -> None:
        """Nobody logs in."""
        self.dismiss(False)
