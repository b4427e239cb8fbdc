"""The calendar on the screen: draws a week or a month, tells where the mouse points, and what was dragged where."""

from typing import Final

from rich.text import Text
from textual import events
from textual.message import Message
from textual.widget import Widget

from emscontrol.tui.screens.calendar import month, week
from emscontrol.tui.screens.calendar.days import NOTHING, Hit, View

BOOKED: Final = "booked"


class CalendarGrid(Widget):
    """Shows one view. What it is told is all that it knows."""

    DEFAULT_CSS = "CalendarGrid { height: 1fr; width: 1fr; }"

    class Pointed(Message):
        """Somebody has clicked there."""

        def __init__(self, hit: Hit) -> None:
            super().__init__()
            self.hit = hit

    class Dragged(Message):
        """An appointment was dragged there."""

        def __init__(self, appointment: int, hit: Hit) -> None:
            super().__init__()
            self.appointment = appointment
            self.hit = hit

    def __init__(self) -> None:
        super().__init__(id="calendar")
        self._view = View(NOTHING, NOTHING.first)
        self._by_month = False
        self._held: Hit | None = None

    def show(self, view: View, by_month: bool) -> None:
        """Something else to show; drawn only when it differs."""
        if (view, by_month) != (self._view, self._by_month):
            self._view, self._by_month = view, by_month
            self.refresh()

    def render(self) -> Text:
        """Fit into whatever room there is."""
        if self._view.shown is NOTHING or self.size.width < 20:
            return Text("")
        rows = week.drawn(self._view, self._week()) if not self._by_month else month.drawn(self._view, self._month())
        return Text("\n", no_wrap=True, overflow="crop").join(rows[: self.size.height])

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Hold what lies there."""
        self._held = self._hit(event.x, event.y)
        self.capture_mouse()

    def on_mouse_up(self, event: events.MouseUp) -> None:
        """Let go: at the same place it was a click, elsewhere it was dragged."""
        self.release_mouse()
        held, self._held = self._held, None
        hit = self._hit(event.x, event.y)
        if held is None or hit is None:
            return
        if (held.day, held.minute) == (hit.day, hit.minute):
            self.post_message(self.Pointed(hit))
            return
        own = [slot for slot in held.slots if slot.what.status == BOOKED]
        picked = next((slot for slot in own if slot.what.appointment == self._view.chosen), own[0] if own else None)
        if picked is not None:
            self.post_message(self.Dragged(picked.what.appointment, hit))

    def _hit(self, x: int, y: int) -> Hit | None:
        frame = self._month() if self._by_month else self._week()
        return None if self._view.shown is NOTHING else frame.hit(self._view, x, y)

    def _week(self) -> week.Frame:
        return week.frame_of(self._view, self.size.width, self.size.height)

    def _month(self) -> month.Frame:
        return month.frame_of(self._view, self.size.width, self.size.height)
