"""A plan's sessions on a calendar, week by week, before they are booked; and everything in their way in sentences."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Final

from emscontrol.clinic.appointments.placing import NotPlaced, Placed
from emscontrol.clinic.appointments.wall_time import DAY, on_clock
from emscontrol.core.units import counted
from emscontrol.tui.language import _
from emscontrol.tui.places import named
from emscontrol.tui.screens.calendar.days import MONTHS, WEEKDAYS, closing, monday, shade, weekday

if TYPE_CHECKING:
    from emscontrol.clinic.appointments.opening import Opening
    from emscontrol.tui.screens.calendar.ordering import Ahead

ONE, TWO, NONE = "[]", "{}", "!!"
"""What stands around a day with a session, with two or more, with one that cannot be."""
_GUTTER: Final = 4


def ahead_lines(ahead: "Ahead") -> Iterator[str]:
    """How many and when, what is in the way first, the calendar, what its signs mean, every obstacle."""
    days = marks_of(ahead)
    failed = sum(isinstance(each, NotPlaced) for each in ahead.answers)
    length = _("{minutes} min each, {rest} h of rest").format(minutes=ahead.slot_min, rest=ahead.rest_min_h)
    if failed:
        yield _("{failed} of {whole} sessions CANNOT be placed: nothing is booked so.").format(
            failed=failed, whole=len(ahead.answers)
        )
    else:
        told = _("{first} to {last}").format(first=min(days), last=max(days))
        yield f"{counted(len(ahead.answers), 'session')}: {told}, {length}"
    first = next((each for each in ahead.answers if isinstance(each, NotPlaced)), None)
    if first is not None:
        yield _cannot(first, first.why[:1])
    yield from weeks(days, ahead.opening)
    if TWO in days.values():
        yield _("[ ] a session   { } several   ! ! in the way")
    else:
        yield _("[ ] a session   ! ! in the way")
    yield _("{closed} closed   {holiday} holiday").format(closed=shade(holiday=False) * 2, holiday=shade(holiday=True) * 2)
    yield from obstacles(ahead)


def marks_of(ahead: "Ahead") -> dict[date, str]:
    """The sign of each day that has or should have a session."""
    found: dict[date, str] = {}
    for answer in ahead.answers:
        if isinstance(answer, Placed):
            day = on_clock(answer.span.starts_at, ahead.opening.zone).date()
            found[day] = {None: ONE, ONE: TWO}.get(found.get(day), found.get(day, ONE))
        else:
            found[answer.wanted.date()] = NONE
    return found


def weeks(days: Mapping[date, str], opening: "Opening") -> Iterator[str]:
    """A row for each week from the first session to the last; the month stands where it begins."""
    yield " " * _GUTTER + "".join(f" {_(name)[:2]} " for name in WEEKDAYS)
    first, last, told = monday(min(days)), max(days), 0
    while first <= last:
        week = [first + number * DAY for number in range(7)]
        begins = next((day.month for day in week if day.month != told and (day.day == 1 or not told)), 0)
        told = begins or told
        name = _(MONTHS[begins - 1])[:3] if begins else ""
        yield f"{name:<{_GUTTER}}" + "".join(_day(day, days.get(day, ""), opening) for day in week)
        first += 7 * DAY


def obstacles(ahead: "Ahead") -> Iterator[str]:
    """Everything in the way of each session that cannot be when it is wanted, and why others are later than that."""
    for answer in ahead.answers:
        if isinstance(answer, NotPlaced):
            yield _cannot(answer, answer.why)
        elif answer.note:
            begin = on_clock(answer.span.starts_at, ahead.opening.zone)
            yield f"> {weekday(begin.date())} {begin:%m-%d %H:%M}: {named(answer.note)}"


def _cannot(answer: NotPlaced, why: Sequence[str]) -> str:
    day = f"{weekday(answer.wanted.date())} {answer.wanted:%m-%d %H:%M}"
    return f"! {_('{day} CANNOT be:').format(day=day)} {named(' '.join(dict.fromkeys(why)))}"


def _day(day: date, mark: str, opening: "Opening") -> str:
    if mark:
        return f"{mark[0]}{day.day:2}{mark[1]}"
    if closing(opening, day):
        sign = shade(day in opening.holidays)
        return f"{sign}{day.day:2}{sign}"
    return f" {day.day:2} "
