"""A month drawn: weeks downwards, in each day how many appointments there are and as many of them as there is room for."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from rich.cells import cell_len
from rich.text import Text

from emscontrol.clinic.appointments.opening import clock
from emscontrol.clinic.appointments.wall_time import DAY
from emscontrol.tui.language import _
from emscontrol.tui.screens.calendar.days import WEEKDAYS, Hit, View, closing, fitted, month_span, shade

ROOMY: Final = 14
"""From so many cells on an appointment stands there with its time."""


@dataclass(frozen=True, slots=True)
class Frame:
    """The first day, how many weeks, how wide and high a day is."""

    first: date
    weeks: int
    wide: int
    high: int

    def hit(self, view: View, x: int, y: int) -> Hit | None:
        """What lies there."""
        week, column = (y - 1) // self.high, x // self.wide
        if y < 1 or week >= self.weeks or column > 6:
            return None
        day = self.first + (week * 7 + column) * DAY
        line, slots = (y - 1) % self.high, view.shown.of(day)
        return Hit(day, None, tuple(slots[line - 1 : line]) if line else ())


def frame_of(view: View, width: int, height: int) -> Frame:
    """What fits."""
    first, last = month_span(view.day)
    weeks = ((last - first).days + 1) // 7
    return Frame(first, weeks, max(1, width // 7), max(1, (height - 1) // weeks))


def drawn(view: View, frame: Frame) -> list[Text]:
    """The rows: weekdays above, then the weeks."""
    lines = [Text("".join(fitted(_(name), frame.wide) for name in WEEKDAYS), style="bold")]
    for week in range(frame.weeks):
        days = [frame.first + (week * 7 + column) * DAY for column in range(7)]
        for number in range(frame.high):
            line = Text()
            for day in days:
                line.append_text(_cell(view, frame, day, number))
            lines.append(line)
    return lines


def _cell(view: View, frame: Frame, day: date, number: int) -> Text:
    wide = frame.wide - 1
    target = view.target
    if number == 0:
        return _day(view, day, wide)
    slots = view.shown.of(day)
    if target is not None and target.day == day and number == 1:
        return Text(fitted(f">{clock(target.begin)} {target.words}", wide), style="bold reverse").append(
            " ", style="not reverse"
        )
    if number == frame.high - 1 and len(slots) > number:
        return Text(fitted(_("and {count} more").format(count=len(slots) - number + 1), frame.wide))
    if number <= len(slots):
        slot = slots[number - 1]
        chosen = slot.what.appointment == view.chosen
        words = f"{clock(slot.begin)} {slot.words}" if wide >= ROOMY else slot.words
        text = fitted(f"[{words}]" if chosen else words, wide)
        return Text(text, style="reverse" if chosen else "").append(" ", style="not reverse")
    why = closing(view.shown.opening, day)
    sign = shade(day in view.shown.opening.holidays) if why else " "
    return Text(sign * wide + " ", style="dim")


def _day(view: View, day: date, wide: int) -> Text:
    """The number of the day, whether it is today, how many appointments it has, or why it is closed."""
    opening, count = view.shown.opening, len(view.shown.of(day))
    today = day == view.shown.today
    number = f"{day.day} {_('today')}" if today and wide >= ROOMY else _("today") if today else f"{day.day}"
    words = f"[{number}]" if day == view.day else f" {number} " if day.month == view.day.month else f"({number})"
    if view.target is not None and view.target.day == day:
        words += " >"
    words = f"{words.rstrip()} {count}x" if count else words
    style = "bold reverse" if day == view.day else ""
    why = closing(opening, day)
    if not why:
        return Text(fitted(words, wide) + " ", style=style)
    sign = shade(day in opening.holidays)
    whole = f"{words.rstrip()} {why}"
    if cell_len(whole) > wide and day not in opening.holidays:
        whole = words
    text = fitted(f"{whole} ", min(wide, cell_len(whole) + 1))
    return Text(text + sign * (wide - cell_len(text)) + " ", style=style or "dim")
