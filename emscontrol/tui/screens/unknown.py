"""The screen that nobody wants to see: current may be flowing, and nobody knows."""

import time
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from emscontrol.tui.language import _
from emscontrol.tui.looks import ALARM_LOOKS
from emscontrol.tui.widgets.key_row import KeyRow
from emscontrol.tui.widgets.stop_button import StopButton

TITLE = "??  OUTPUT UNKNOWN  ??"
PULL = "PULL THE LEADS OFF THE STIMULATOR NOW"
THEN = "Then switch the stimulator off at its own switch. Look at the person, not at the screen."
OVER_TITLE = "--  NO OUTPUT  --"
OVER = "The stimulator now confirms that no current flows."
KEY = "Enter: the leads are off"
READ_S = 1.0
OVER_KEY = "Enter: go on"
WORDS = {"title": (TITLE, OVER_TITLE), "do": (PULL, OVER), "then": (THEN, ""), "key": (KEY, OVER_KEY)}
"""Each part of the screen while it is unknown, and after zero was confirmed."""


class UnknownScreen(ModalScreen[None]):
    """Fills the terminal until somebody confirms having pulled the leads, or having read that it is over."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "leave", "Leads are off", key_display="Enter")]

    def __init__(self, why: str) -> None:
        super().__init__()
        self._why = why
        self._over = False
        self._since_s = time.monotonic()

    def compose(self) -> ComposeResult:
        """What to do first, why after it."""
        with Vertical(id="unknown", classes="alarm"):
            yield Static(_(TITLE), id="unknown-title", markup=False)
            yield Static(_(PULL), id="unknown-do", markup=False)
            yield Static(_(THEN), id="unknown-then", markup=False)
            yield Static(self._why, id="unknown-why", markup=False)
            yield Static(_(KEY), id="unknown-key", markup=False)
        with Vertical(id="foot"):
            yield StopButton()
            yield KeyRow()

    def on_mount(self) -> None:
        """The rhythm of an alarm of high priority, on the title alone so that the words stay readable."""
        self.set_interval(ALARM_LOOKS["alarm_high"].half_period_s, self._flash)
        self._show()

    def why(self, text: str) -> None:
        """A newer reason; also after zero seemed to be confirmed: then it is unknown again, and the alarm is back."""
        if text != self._why or self._over:
            self._why, self._over, self._since_s = text, False, time.monotonic()
            self._show()

    @property
    def is_over(self) -> bool:
        """True once zero has been confirmed and nothing was unknown since."""
        return self._over

    def over(self) -> None:
        """Zero has been confirmed after all."""
        if not self._over:
            self._over = True
            self._show()

    def _show(self) -> None:
        for part in self.query("#unknown-why").results(Static):
            part.update(self._why)
        for name, texts in WORDS.items():
            for part in self.query(f"#unknown-{name}").results(Static):
                part.update(_(texts[self._over]))
        self.query("#unknown").set_class(not self._over, "alarm")

    def action_leave(self) -> None:
        """A person has read it; a key that was meant for the screen before has not."""
        if self._over or time.monotonic() - self._since_s >= READ_S:
            self.dismiss(None)
        else:
            self.query_one("#unknown-key", Static).update(_("Too quick: read this, then press Enter again."))

    def read_first(self) -> None:
        """Somebody wants to leave the program: not past this."""
        self.query_one("#unknown-key", Static).update(_("Read this first, then press Enter."))

    def _flash(self) -> None:
        if not self._over:
            self.query("#unknown-title").toggle_class("dark")
