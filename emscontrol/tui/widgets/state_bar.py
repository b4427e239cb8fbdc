"""The top line: state as mark, word and colour; whether current flows; that it is a simulation; on which device."""

from typing import Final, Literal

from rich.text import Text
from textual.widget import Widget

from emscontrol.tui.language import _
from emscontrol.tui.looks import STATE_LOOKS, Look

SIMULATION = "SIMULATION"
SIMULATION_LONG = "SIMULATION: nobody is stimulated"
LONG_FROM = 78  # columns
NOT_KNOWN_YET: Final = "not known yet"
"""Before the stimulator has answered for the first time."""

Current = bool | None | Literal["not known yet"]


class StateBar(Widget):
    """Shows one state. `current` is True, False, None (unknown), or `NOT_KNOWN_YET`."""

    DEFAULT_CSS = """
    StateBar { height: 1; width: 1fr; padding: 0 1; text-style: bold; }
    """

    def __init__(self) -> None:
        super().__init__(id="state")
        self._look: Look = STATE_LOOKS["starting"]
        self._current: Current = NOT_KNOWN_YET
        self._simulated: bool | None = None
        self._device = ""
        self._who = ""

    @property
    def words(self) -> str:
        """What stands there, as text."""
        return self.render().plain

    def show_device(self, device: str, simulated: bool, who: str = "") -> None:
        """Which stimulator, whether it is one, and whose session it is."""
        self._device, self._simulated, self._who = device, simulated, who
        self.refresh()

    def show(self, state: str, current: Current) -> None:
        """Another state; nothing is drawn when it is the same."""
        look = STATE_LOOKS[state]
        if (look, current) == (self._look, self._current):
            return
        self.remove_class(self._look.style)
        self.add_class(look.style)
        self._look, self._current = look, current
        self.refresh()

    def on_mount(self) -> None:
        """Its first colour."""
        self.add_class(self._look.style)

    def render(self) -> Text:
        """One row; what does not fit goes from the right, the state last."""
        wide = self.size.width >= LONG_FROM
        parts = [f"{self._look.mark} {_(self._look.word)}"]
        if self._simulated:
            parts.append(_(SIMULATION_LONG if wide and not self._who else SIMULATION))
        parts.append(
            {
                True: _("CURRENT ON"),
                False: _("no current"),
                None: _("CURRENT UNKNOWN"),
                NOT_KNOWN_YET: _("current not known yet"),
            }[self._current]
        )
        parts += [part for part in (self._who, self._device) if part]
        return Text("   ".join(parts), no_wrap=True, overflow="crop")
