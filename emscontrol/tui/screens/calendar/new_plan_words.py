"""What a new plan would be, in words: its sessions on a calendar, what is moved and why, what stands in the way."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta, tzinfo
from typing import TYPE_CHECKING

from emscontrol.clinic.appointments.wall_time import on_clock
from emscontrol.tui.language import _
from emscontrol.tui.screens.calendar.days import MONTHS, WEEKDAYS

if TYPE_CHECKING:
    from emscontrol.clinic.appointments.placing import NotPlaced, Placed

NOTES = 6
"""So many sentences about single sessions; more are counted."""


def preview(found: "Sequence[Placed | NotPlaced]", zone: tzinfo) -> list[str]:
    """How many find a time, what stands in the way first, then the weeks of the calendar with the days marked."""
    from emscontrol.clinic.appointments.placing import Placed

    placed = [each for each in found if isinstance(each, Placed)]
    lines = [_("{count} of {of} sessions have a time.").format(count=len(placed), of=len(found))]
    lines += _limited([sentence for each in found if not isinstance(each, Placed) for sentence in each.why], "!! ")
    lines += _limited([each.note for each in placed if each.note], "-> ")
    days = {on_clock(each.span.starts_at, zone).date() for each in placed}
    return [*lines, *_weeks(days)] if days else lines


def _limited(sentences: Sequence[str], mark: str) -> Iterator[str]:
    seen = list(dict.fromkeys(sentences))
    yield from (f"{mark}{sentence}" for sentence in seen[:NOTES])
    if len(seen) > NOTES:
        yield mark + _("and {count} more").format(count=len(seen) - NOTES)


def _weeks(days: Iterable[date]) -> Iterator[str]:
    """A line a week from the first to the last, session days in brackets."""
    chosen = set(days)
    monday = min(chosen) - timedelta(days=min(chosen).weekday())
    yield " " * 10 + "".join(f"{_(name):^6}" for name in WEEKDAYS)
    while monday <= max(chosen):
        week = [monday + timedelta(days=number) for number in range(7)]
        first = next((day for day in week if day.day == 1), None)
        month = _(MONTHS[(first or monday).month - 1]) if first or monday <= min(chosen) else ""
        yield f"{month[:9]:<10}" + "".join(
            f"[{day.day:>2}]".center(6) if day in chosen else f"{day.day:>3}".center(6) for day in week
        )
        monday += timedelta(days=7)
