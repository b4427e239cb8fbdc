"""What happens now and next, and how much is left of contraction, phase and session."""

from collections.abc import Mapping
from typing import Any, Final

from rich.text import Text
from textual.widget import Widget

from emscontrol.tui.figures import bar, clock, seconds
from emscontrol.tui.language import _
from emscontrol.tui.looks import THEN

BAR_FROM: Final = 20  # columns
_CONTRACTING: Final = frozenset({"ramp up", "hold", "ramp down"})


class CourseClock(Widget):
    """Shows the course of the last view."""

    DEFAULT_CSS = """
    CourseClock { height: 3; width: 1fr; padding: 0 1; }
    """

    def __init__(self) -> None:
        super().__init__(id="clock")
        self._view: Mapping[str, Any] = {}
        self._notice = ""
        self._locked = ""

    @property
    def words(self) -> str:
        """What stands there, as text."""
        return self.render().plain

    def show(self, view: Mapping[str, Any], notice: str = "", locked: str = "") -> None:
        """A newer view. `notice` takes the first row, when there is something to say that goes before the course; why the
        controls are `locked` takes the last one."""
        self._view, self._notice, self._locked = view, notice, locked
        self.refresh()

    def render(self) -> Text:
        """Three rows; with less height the first ones."""
        rows = [self._now(), self._counts(), self._progress()]
        return Text("\n", no_wrap=True, overflow="crop").join(rows[: max(1, self.size.height)])

    def _now(self) -> Text:
        if self._notice:
            return Text(self._notice, style="bold")
        if not self._view:
            return Text("")
        doing = self._view["doing"]
        now = _("NOW {doing}").format(doing=_in_words(doing).upper())
        text = Text(f"{now} {seconds(self._view['doing_left_us'])}", style="bold")
        if doing in THEN:
            text.append("   " + _("then {doing}").format(doing=_in_words(THEN[doing])), style="not bold")
        return text

    def _counts(self) -> Text:
        view = self._view
        if not view:
            return Text("")
        phase = _("{name} ({number} of {of})").format(name=view["phase"], number=view["phase_index"], of=view["phases"])
        counted = _("contraction {number} of {of}").format(number=view["contraction"], of=view["contractions"])
        return Text(f"{phase}   {counted}   {_('{clock} left').format(clock=clock(view['left_us']))}")

    def _progress(self) -> Text:
        width = self.size.width - 2
        if self._locked:
            return Text(self._locked, style="bold")
        if not self._view or width < BAR_FROM:
            return Text("")
        at_us, left_us = self._view["at_us"], self._view["left_us"]
        percent = at_us * 100 // max(1, at_us + left_us)
        return Text(f"{bar(at_us, at_us + left_us, width - 6)} {percent:3d} %")


def _in_words(doing: str) -> str:
    return _("contract, {doing}").format(doing=_(doing)) if doing in _CONTRACTING else _(doing)
