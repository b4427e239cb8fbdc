"""A line for somebody who gives a session for the first time: which key is next, and why."""

from collections.abc import Mapping
from typing import Any, Final

from textual.widgets import Static

from emscontrol.tui.commands.all import BY_PLACE
from emscontrol.tui.commands.table import STOP, Where
from emscontrol.tui.language import _
from emscontrol.tui.looks import CLOSED, STARTING

COACHING: Final[Mapping[str, str]] = {
    STARTING: "Nothing to do: a simulated stimulator is being switched on. Nobody is connected to it.",
    "idle": "Nothing to do: the stimulator is asked who it is, and brought to zero.",
    "connected": "Press {arm}: it prepares the stimulator. Still no current.",
    "armed": "Press {start}: the program runs. It begins gently and rises slowly.",
    "paused": "Everything is at zero and the clock stands. Press {resume}: it goes on, rising from zero.",
    "stopping": "Nothing to do: zero is being read back from the stimulator.",
    "fault": "Something went wrong and everything is off. {clear}: seen and mended, then connect again. {close}: leave it.",
    "ended": "Nothing to do: the record is being closed.",
    CLOSED: "Done. Press {again}: what happened, and where to go from here.",
}
"""What to say in each state of the engine; `{arm}` is the key of the command of that name."""
WHILE_RUNNING: Final[Mapping[str, str]] = {
    "ramp up": "The current rises. Whenever you want it off, at once: {stop}. It needs no reason.",
    "hold": "The muscle contracts. {lower} and {raise} make the chosen channel weaker or stronger, 1 mA a press.",
    "ramp down": "The current falls back to zero. A rest follows.",
    "rest": "The muscle rests. {patient_view} shows what the patient sees; {after} takes the next channel; {pause} pauses.",
}
"""The same while the program runs, by what it does."""
STOP_SHORT: Final = "Space"
OTHERWISE: Final = "Nothing to do. Whenever you want everything off, at once: {stop}."


def coach_line(state: str, view: Mapping[str, Any]) -> str:
    """What to do next in this state of the engine, by its last view (empty before the first)."""
    said = COACHING.get(state) or WHILE_RUNNING.get(str(view.get("doing", "")), OTHERWISE)
    keys = {name: command.keys_told for name, command in BY_PLACE[Where.SESSION].items()} | {STOP.name: STOP_SHORT}
    return _(said).format_map(keys)


class Coach(Static):
    """Shows the line; written anew only when it changes."""

    DEFAULT_CSS = "Coach { height: auto; max-height: 2; width: 1fr; padding: 0 1; text-style: bold; }"

    def __init__(self) -> None:
        super().__init__("", id="coach", markup=False)
        self._line = ""

    def show(self, state: str, view: Mapping[str, Any]) -> None:
        """The line for this state and view."""
        line = f"> {coach_line(state, view)}"
        if line != self._line:
            self._line = line
            self.update(line)
