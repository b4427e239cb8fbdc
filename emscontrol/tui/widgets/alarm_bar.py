"""The alarms that nobody has acknowledged yet: the gravest one by word, mark, colour and rhythm."""

from typing import Final

from rich.text import Text
from textual.timer import Timer
from textual.widget import Widget

from emscontrol.tui.language import _
from emscontrol.tui.looks import ALARM_LOOKS, ALARM_ORDER

_NO_TIMER: Final = 0.0


class AlarmBar(Widget):
    """Takes no room while there is no alarm."""

    DEFAULT_CSS = """
    AlarmBar { height: auto; max-height: 3; width: 1fr; padding: 0 1; display: none; text-style: bold; }
    AlarmBar.on { display: block; }
    """

    def __init__(self) -> None:
        super().__init__(id="alarm")
        self._waiting: dict[tuple[str, str], str] = {}
        self._timer: Timer | None = None

    @property
    def words(self) -> str:
        """What stands there, as text; empty without an alarm."""
        return self.render().plain if self._waiting else ""

    @property
    def any(self) -> bool:
        """True while an alarm waits to be acknowledged."""
        return bool(self._waiting)

    @property
    def gravest(self) -> tuple[str, str] | None:
        """(priority, sentence) of the one that is shown."""
        return self._gravest() if self._waiting else None

    def raise_alarm(self, severity: str, sentence: str, words: str = "") -> None:
        """One more, shown in `words`; a sentence that waits already is not repeated."""
        if (severity, sentence) not in self._waiting:
            self._waiting[severity, sentence] = words or sentence
            self._show()

    def show_those_of(self, other: "AlarmBar") -> None:
        """The same as another one, which lies below."""
        if self._waiting != other._waiting:
            self._waiting = dict(other._waiting)
            self._show()

    def acknowledge(self) -> str:
        """A person has seen the gravest one; its sentence, "" where none waits."""
        if not self._waiting:
            return ""
        gravest = self._gravest()
        del self._waiting[gravest]
        self._show()
        return gravest[1]

    def render(self) -> Text:
        """Mark, priority, sentence, how many more."""
        if not self._waiting:
            return Text("")
        gravest = self._gravest()
        look = ALARM_LOOKS[gravest[0]]
        more = "  " + _("(+{count} more)").format(count=len(self._waiting) - 1) if len(self._waiting) > 1 else ""
        shown = _("ALARM {priority}: {sentence}").format(priority=_(look.word), sentence=self._waiting[gravest])
        return Text(f"{look.mark} {shown}{more}  {_('[k] seen')}")

    def _gravest(self) -> tuple[str, str]:
        return max(self._waiting, key=lambda alarm: ALARM_ORDER.index(alarm[0]))

    def _show(self) -> None:
        self.set_class(bool(self._waiting), "on")
        self.remove_class("dark", *(look.style for look in ALARM_LOOKS.values()))
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        if self._waiting:
            look = ALARM_LOOKS[self._gravest()[0]]
            self.add_class(look.style)
            if look.half_period_s > _NO_TIMER:
                self._timer = self.set_interval(look.half_period_s, lambda: self.toggle_class("dark"))
        self.refresh(layout=True)
