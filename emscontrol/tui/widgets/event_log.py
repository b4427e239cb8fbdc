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
    }
)
"""Events that a person does not need to see pass by; all of them are in the journal."""
LINES_MAX: Final = 500


class EventLog(RichLog):
    """The last events. Takes no focus, so that no key lands in it."""

    can_focus = False

    def __init__(self) -> None:
        super().__init__(id="log", max_lines=LINES_MAX, wrap=True, markup=False, highlight=False, auto_scroll=True)
        self._origin_us: int | None = None

    def tell(self, line: Mapping[str, Any]) -> None:
        """One event of the engine."""
        if self._origin_us is None:
            self._origin_us = int(line["t_us"])
        look = ALARM_LOOKS.get(line["severity"])
        if line["event"] in QUIET and look is None:
            return
        after_s = (int(line["t_us"]) - self._origin_us) / US_PER_S
        mark = f"{look.mark} " if look else ""
        self.write(Text(f"{after_s:7.1f} s  {mark}{sentence_of(line)}", style="bold" if look else ""))

    def say(self, text: str) -> None:
        """Something that the screen itself has to say."""
        self.write(Text(f"           {text}", style="italic"))
