"""What has happened, newest last: the sentences of the engine, alarms with their marks."""

from collections.abc import Mapping
from typing import Any, Final

from rich.text import Text
from textual.widgets import RichLog

from emscontrol.core.units import US_PER_S
from emscontrol.tui.language.sentences import sentence_of
from emscontrol.tui.looks import ALARM_LOOKS

QUIET: Final = frozenset(
    {
        "acked",
        "read_back",
        "set_point",
        "link_noise",
        "battery",
        "client_joined",
        "contraction_ended",
        "measured",
        "body_answered",
        "stop_sent",
    }
)
"""Events that a person does not need to see pass by; all of them are in the journal."""
TOLD_BY_ITSELF: Final = frozenset({"armed", "running", "paused", "stopping", "ended"})
"""Coming to one of these states is an event of its own, which says more than the change of the state."""
LINES_MAX: Final = 500


class EventLog(RichLog):
    """The last events. Takes no focus, so that no key lands in it."""

    can_focus = False

    def __init__(self) -> None:
        super().__init__(id="log", max_lines=LINES_MAX, wrap=True, markup=False, highlight=False, auto_scroll=True)
        self._origin_us: int | None = None
        self._stopping = False

    def keep_newest(self) -> None:
        """The newest lines stay in view when there is less room."""
        self.call_after_refresh(self.scroll_end, animate=False)

    def tell(self, line: Mapping[str, Any]) -> None:
        """One event of the engine."""
        if self._origin_us is None:
            self._origin_us = int(line["t_us"])
        look = ALARM_LOOKS.get(line["severity"])
        if look is None and self._is_quiet(line):
            return
        after_s = (int(line["t_us"]) - self._origin_us) / US_PER_S
        mark = f"{look.mark} " if look else ""
        self.write(Text(f"{after_s:7.1f} s  {mark}{sentence_of(line)}", style="bold" if look else ""))

    def _is_quiet(self, line: Mapping[str, Any]) -> bool:
        """One STOP comes by several roads and is told once."""
        event = line["event"]
        if event == "state_changed":
            return line["args"].get("to_state") in TOLD_BY_ITSELF
        if event == "stop_requested" and self._stopping:
            return True
        self._stopping = event == "stop_requested" or (self._stopping and event != "connected")
        return event in QUIET

    def say(self, text: str) -> None:
        """Something that the screen itself has to say."""
        self.write(Text(f"           {text}", style="italic"))
