"""A week drawn: days as columns, time downwards. Every cell is letters and signs, so that it reads without colour."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from rich.text import Text

from emscontrol.clinic.appointments.opening import clock
from emscontrol.clinic.appointments.wall_time import DAY
from emscontrol.tui.glyphs import ascii_only
from emscontrol.tui.screens.calendar.days import (
    Hit,
    Shown,
    Slot,
    View,
    closing,
    fitted,
    heading,
    monday,
    shade,
)

GUTTER: Final = 6
STEPS_MIN: Final = (15, 30, 60)
USUAL: Final = (8 * 60, 18 * 60)
NARROW: Final = 100  # below, days that are closed and empty are left out


@dataclass(frozen=True, slots=True)
class Frame:
    """Which days, how wide each, which minute each row begins with."""

    days: tuple[date, ...]
    wide: int
    step: int
    rows: tuple[int, ...]

    def hit(self, view: View, x: int, y: int) -> Hit | None:
        """What lies there; the head counts as the day."""
        if not self.days or not self.wide or x < GUTTER:
            return None
        column = (x - GUTTER) // self.wide
        if column >= len(self.days) or not 0 <= y <= len(self.rows):
            return None
        day = self.days[column]
        if y == 0:
            return Hit(day, None)
        begin = self.rows[y - 1]
        return Hit(day, begin, tuple(slot for slot in view.shown.of(day) if _touches(slot, begin, self.step)))


def frame_of(view: View, width: int, height: int) -> Frame:
    """What fits: the finest rows that show the whole day, else as many hours around what is chosen as there is room for."""
    first = monday(view.day)
    week = [first + number * DAY for number in range(7)]
    days = tuple(day for day in week if width >= NARROW or _worth(view, day))
    low, high = _span(view, days)
    room = max(1, height - 1)
    step = next((step for step in STEPS_MIN if -(-(high - low) // step) <= room), STEPS_MIN[-1])
    if step == STEPS_MIN[0]:
        step = STEPS_MIN[0] if (high - low) // step <= room else STEPS_MIN[1]
    rows = list(range(low, high, step))
    if len(rows) > room:
        here = _focus(view, low)
        top = max(0, min(len(rows) - room, (here - low) // step - room // 2))
        rows = rows[top : top + room]
    return Frame(days, max(1, (width - GUTTER) // max(1, len(days))), step, tuple(rows))


def drawn(view: View, frame: Frame) -> list[Text]:
    """The rows: days above, then the time."""
    head = Text(" " * GUTTER)
    for day in frame.days:
        head.append(fitted(heading(day, view.shown.today, day == view.day), frame.wide), style="bold")
    lines = [head]
    for number, begin in enumerate(frame.rows):
        line = Text(f"{clock(begin)} " if begin % 60 == 0 or frame.step == 60 else " " * GUTTER, style="")
        for day in frame.days:
            line.append_text(_cell(view, frame, day, begin, first=number == 0))
        lines.append(line)
    return lines


def _cell(view: View, frame: Frame, day: date, begin: int, first: bool) -> Text:
    wide = frame.wide - 1
    target = view.target
    if target is not None and target.day == day and _touches_span(target.begin, target.end, begin, frame.step):
        starts = begin <= target.begin < begin + frame.step
        words = f">{clock(target.begin)} {target.words}" if starts else ">"
        return Text(fitted(words, wide), style="bold reverse").append(" ", style="not reverse")
    here = [slot for slot in view.shown.of(day) if _touches(slot, begin, frame.step)]
    if not here:
        return Text(_empty(view.shown, frame, day, begin, first) + " ", style="dim" if closing(view.shown.opening, day) else "")
    shown = next((slot for slot in here if slot.what.appointment == view.chosen), here[0])
    more = f" +{len(here) - 1}" if len(here) > 1 else ""
    words = _words(shown, frame, begin)
    chosen = shown.what.appointment == view.chosen
    if shown.what.appointment == view.moving:
        words = f"({words.strip()})"
    elif chosen and words.strip() != _bar():
        words = f"[{words}]"
    style = "reverse" if chosen and not view.moving else "bold" if begin <= shown.begin < begin + frame.step else ""
    return Text(fitted(words, wide - len(more)) + more, style=style).append(" ", style="not reverse")


def _words(slot: Slot, frame: Frame, begin: int) -> str:
    if not begin <= slot.begin < begin + frame.step and begin != frame.rows[0]:
        return _bar()
    return f"{clock(slot.begin)} {slot.words}" if slot.begin % frame.step else slot.words


def _empty(shown: Shown, frame: Frame, day: date, begin: int, first: bool) -> str:
    """A free cell, or the sign of a closed one; the word for it stands in the first of them."""
    wide, why = frame.wide - 1, closing(shown.opening, day)
    if why:
        sign = shade(day in shown.opening.holidays)
        return fitted(f"{why} " if first else "", len(f"{why} ") if first else 0)[:wide].ljust(wide, sign)
    if _is_open(shown, day, begin, frame.step):
        return " " * wide
    return shade(holiday=False) * wide


def _is_open(shown: Shown, day: date, begin: int, step: int) -> bool:
    if not shown.opening.stretches:
        return True
    own = [each for each in shown.opening.stretches if each.weekday == day.weekday()]
    return any(each.opens_min < begin + step and begin < each.closes_min for each in own)


def _worth(view: View, day: date) -> bool:
    """Whether a day is shown where there is little room."""
    if day == view.day or (view.target is not None and view.target.day == day) or view.shown.of(day):
        return True
    opening = view.shown.opening
    return not opening.stretches or any(each.weekday == day.weekday() for each in opening.stretches)


def _span(view: View, days: Sequence[date]) -> tuple[int, int]:
    """From the first hour to the last that has anything."""
    stretches = view.shown.opening.stretches
    begins = [each.opens_min for each in stretches] or [USUAL[0]]
    ends = [each.closes_min for each in stretches] or [USUAL[1]]
    for day in days:
        begins += [slot.begin for slot in view.shown.of(day)]
        ends += [slot.end for slot in view.shown.of(day)]
    if view.target is not None:
        begins.append(view.target.begin)
        ends.append(view.target.end)
    return min(begins) // 60 * 60, -(-max(ends) // 60) * 60


def _focus(view: View, low: int) -> int:
    """The minute that has to be seen."""
    if view.target is not None:
        return view.target.begin
    return next((slot.begin for slot in view.shown.of(view.day) if slot.what.appointment == view.chosen), low)


def _touches(slot: Slot, begin: int, step: int) -> bool:
    return _touches_span(slot.begin, slot.end, begin, step)


def _touches_span(since: int, until: int, begin: int, step: int) -> bool:
    return since < begin + step and begin < until


def _bar() -> str:
    return " |" if ascii_only() else " │"
