"""One channel: the current in force in large figures, target and cap, a bar, what it has delivered, − and +."""

from collections.abc import Mapping
from typing import Any, Final

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from emscontrol.core.units import UA_PER_MA, format_ma
from emscontrol.tui.figures import BIG_ROWS, bar, big, big_ma
from emscontrol.tui.language import _

STEP_UA: Final = UA_PER_MA  # 1 mA a press (safety-limits.md §1.3)
FIGURE_WIDTH: Final = 20  # columns of the large figure
BAR_MIN: Final = 6


class ChannelFace(Widget):
    """The text of a strip: one row, or four with large figures."""

    DEFAULT_CSS = "ChannelFace { width: 1fr; height: 100%; }"

    def __init__(self, channel: int) -> None:
        super().__init__()
        self._channel = channel
        self._row: Mapping[str, Any] = {}
        self._doing = ""
        self._chosen = False
        self._known = True

    def show(self, row: Mapping[str, Any], doing: str, chosen: bool, known: bool) -> None:
        """A newer row of the view; drawn only when something in it has changed."""
        fresh = (row, doing, chosen, known)
        if fresh != (self._row, self._doing, self._chosen, self._known):
            self._row, self._doing, self._chosen, self._known = fresh
            self.refresh()

    def render(self) -> Text:
        """The figure in force comes first, whatever the height."""
        if not self._row:
            return Text("")
        rows = self._tall() if self.size.height > BIG_ROWS else [self._flat()]
        return Text("\n", no_wrap=True, overflow="crop").join(rows)

    def _figure(self) -> str:
        return big_ma(self._row["amplitude_ua"]) if self._known else "?"

    def _label(self) -> Text:
        mark = ">" if self._chosen else " "
        locked = "   " + _("LOCKED") if self._row.get("locked") else ""
        return Text(f"{mark}{self._channel} {self._row['label']}{locked}", style="bold" if self._chosen else "")

    def _flat(self) -> Text:
        text = Text(f"{'>' if self._chosen else ' '}{self._channel} ")
        text.append(f"{self._figure():>6} mA ", style="bold")
        text.append(_("of {target}").format(target=format_ma(self._row["target_ua"])) + " ")
        room = self.size.width - len(text.plain)
        if room > BAR_MIN:
            text.append(f"{bar(self._level(), self._row['cap_ua'], min(12, room // 3))} ")
        text.append(str(self._row["label"]))
        return text

    def _tall(self) -> list[Text]:
        row = self._row
        facts = (
            self._label(),
            Text(self._levels()),
            Text(self._marked_bar(max(BAR_MIN, self.size.width - FIGURE_WIDTH - 4))),
            Text(
                f"{self._phase()}{_pulses(row['pulses'])}, {_contractions(row['contractions'])}"
                f"{'   ' + row['contact'] if row.get('contact') else ''}",
                style="dim",
            ),
        )
        figures = big(self._figure())
        beside = (figures[0], figures[1], f"{figures[2]} mA", "")
        return [
            Text(f"{left:<{FIGURE_WIDTH - 1}} ", style="bold").append_text(right)
            for left, right in zip(beside, facts, strict=True)
        ]

    def _levels(self) -> str:
        row = self._row
        comfort = "   " + _("comfort {level}").format(level=format_ma(row["comfort_ua"])) if row.get("comfort_ua") else ""
        target, cap = (format_ma(row[name]) for name in ("target_ua", "cap_ua"))
        return f"{_('target {level}').format(level=target)}{comfort}   {_('cap {level}').format(level=cap)}"

    def _marked_bar(self, width: int) -> str:
        """The bar up to the cap, with a mark at the comfort level."""
        row = self._row
        drawn = bar(self._level(), row["cap_ua"], width)
        comfort_ua = row.get("comfort_ua", 0)
        if not 0 < comfort_ua < row["cap_ua"]:
            return drawn
        at = comfort_ua * width // row["cap_ua"]
        return f"{drawn[:at]}|{drawn[at + 1 :]}"

    def _phase(self) -> str:
        if not self._known:
            return _("output unknown") + "   "
        return f"{_(self._doing) if self._row['amplitude_ua'] else _('off')}   "

    def _level(self) -> int:
        return int(self._row["amplitude_ua"]) if self._known else 0


def _pulses(count: int) -> str:
    return (_("{count} pulse") if count == 1 else _("{count} pulses")).format(count=count)


def _contractions(count: int) -> str:
    return (_("{count} contraction") if count == 1 else _("{count} contractions")).format(count=count)


class StepKey(Static):
    """− or + for the mouse."""

    DEFAULT_CSS = "StepKey { width: 5; height: 100%; content-align: center middle; text-style: bold; }"

    class Pressed(Message):
        """One step wanted."""

        def __init__(self, channel: int, delta_ua: int) -> None:
            super().__init__()
            self.channel = channel
            self.delta_ua = delta_ua

    def __init__(self, channel: int, delta_ua: int) -> None:
        super().__init__("[+]" if delta_ua > 0 else "[-]", markup=False, classes="up" if delta_ua > 0 else "down")
        self._channel = channel
        self._delta_ua = delta_ua

    def on_click(self, event: events.Click) -> None:
        """Ask for it."""
        event.stop()
        self.post_message(self.Pressed(self._channel, self._delta_ua))


class ChannelStrip(Horizontal):
    """One channel of the session."""

    DEFAULT_CSS = """
    ChannelStrip { height: 1; width: 1fr; padding: 0 1; }
    ChannelStrip.tall { height: 4; }
    """

    class Chosen(Message):
        """A person wants this channel to be the one that − and + move."""

        def __init__(self, channel: int) -> None:
            super().__init__()
            self.channel = channel

    def __init__(self, channel: int) -> None:
        super().__init__(id=f"channel-{channel}")
        self.channel = channel
        self._face = ChannelFace(channel)

    @property
    def words(self) -> str:
        """What stands there, as text."""
        return self._face.render().plain

    def compose(self) -> ComposeResult:
        """Face, −, +."""
        yield self._face
        yield StepKey(self.channel, -STEP_UA)
        yield StepKey(self.channel, STEP_UA)

    def show(self, row: Mapping[str, Any], doing: str, chosen: bool, known: bool) -> None:
        """A newer row of the view. With `known` False a question mark stands for the current."""
        self._face.show(row, doing, chosen, known)

    def on_click(self) -> None:
        """Choose it."""
        self.post_message(self.Chosen(self.channel))
