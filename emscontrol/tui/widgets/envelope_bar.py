"""How much of the tightest limit the chosen channel uses at this moment, and which limit that is."""

from collections.abc import Mapping
from dataclasses import dataclass

from rich.text import Text
from textual.widget import Widget

from emscontrol.core.units import format_ma
from emscontrol.tui.figures import bar
from emscontrol.tui.language import _


@dataclass(frozen=True, slots=True)
class Ceiling:
    """The most a channel may get with its pulses, and the limit that says so, with its source and mark."""

    allowed_ua: int
    words: str


class EnvelopeBar(Widget):
    """One row. Empty until the limits are known."""

    DEFAULT_CSS = "EnvelopeBar { height: 1; width: 1fr; padding: 0 1; }"

    def __init__(self) -> None:
        super().__init__(id="envelope")
        self._ceilings: Mapping[int, Ceiling] = {}
        self._shown: tuple[int, int | None, bool] = (0, None, False)

    @property
    def words(self) -> str:
        """What stands there, as text."""
        return self.render().plain

    def limits(self, ceilings: Mapping[int, Ceiling]) -> None:
        """The limits are known."""
        self._ceilings = ceilings
        self.refresh()

    def show(self, channel: int, amplitude_ua: int | None, over: bool = False) -> None:
        """Another channel or amplitude; None where nobody knows it. When it is `over` nothing is used of the limit."""
        if (channel, amplitude_ua, over) != self._shown:
            self._shown = (channel, amplitude_ua, over)
            self.refresh()

    def render(self) -> Text:
        """Percent, bar, the limit in words."""
        channel, amplitude_ua, over = self._shown
        ceiling = self._ceilings.get(channel)
        if ceiling is None or not ceiling.allowed_ua:
            return Text("")
        told = _("limit {most}: {words}").format(most=format_ma(ceiling.allowed_ua), words=ceiling.words)
        if over:
            return Text(f"{_('ended')}   {told}", no_wrap=True, overflow="ellipsis")
        if amplitude_ua is None:
            return Text(f"  ? %  {told}", no_wrap=True, overflow="ellipsis")
        percent = amplitude_ua * 100 // ceiling.allowed_ua
        return Text(f"{percent:3d} % {bar(amplitude_ua, ceiling.allowed_ua, 12)} {told}", no_wrap=True, overflow="ellipsis")
