"""What a calendar shows, as values: days, appointments on the clinic's clock, opening hours; and the words of days."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from rich.cells import set_cell_size

from emscontrol.clinic.appointments.opening import Opening, hours_of
from emscontrol.clinic.appointments.wall_time import DAY, on_clock
from emscontrol.tui.glyphs import ascii_only
from emscontrol.tui.language import _

if TYPE_CHECKING:
    from emscontrol.clinic.appointments.between import Occasion, Waits

WEEKDAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS: Final = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
MARKS: Final[Mapping[str, str]] = {"booked": "", "done": "+", "missed": "!"}
"""What stands before an appointment of each status; those that were called off are not drawn."""
DAY_MIN: Final = 24 * 60


class Slot(NamedTuple):
    """An appointment on the clinic's clock: minutes from midnight of the day on which it begins."""

    what: "Occasion"
    begin: int
    end: int

    @property
    def words(self) -> str:
        """Code, and the name where there is one, with the mark of its status."""
        named = f" {self.what.called}" if self.what.called != self.what.patient else ""
        return f"{MARKS.get(self.what.status, '')}{self.what.patient}{named}"


class Target(NamedTuple):
    """Where something is about to be put."""

    day: date
    begin: int
    end: int
    words: str


@dataclass(frozen=True, slots=True)
class Shown:
    """What was read for the days from `first` to `last`."""

    first: date
    last: date
    now: datetime
    opening: Opening
    slots: Mapping[date, Sequence[Slot]]
    therapists: Sequence[str]
    waits: Sequence["Waits"]

    @property
    def today(self) -> date:
        """The day it is at the clinic."""
        return on_clock(self.now, self.opening.zone).date()

    def of(self, day: date) -> Sequence[Slot]:
        """The appointments of one day, in order."""
        return self.slots.get(day, ())


@dataclass(frozen=True, slots=True)
class View:
    """What is drawn: `day` is the chosen one, `chosen` an appointment's number, `target` where one would be put."""

    shown: Shown
    day: date
    chosen: int = 0
    moving: int = 0
    target: Target | None = None


NOTHING: Final = Shown(date.min, date.min, datetime(1, 1, 2, tzinfo=UTC), Opening(UTC), {}, (), ())


def slots_of(occasions: Sequence["Occasion"], opening: Opening) -> dict[date, list[Slot]]:
    """Appointments by day; those that were called off are left out."""
    found: dict[date, list[Slot]] = {}
    for each in occasions:
        if each.status in MARKS:
            begin, end = (on_clock(at, opening.zone) for at in (each.starts_at, each.ends_at))
            since = minutes(begin.time())
            slot = Slot(each, since, min(DAY_MIN, since + int((end - begin) / timedelta(minutes=1))))
            found.setdefault(begin.date(), []).append(slot)
    return found


def minutes(at: time) -> int:
    """Minutes from midnight."""
    return at.hour * 60 + at.minute


def monday(day: date) -> date:
    """The Monday of its week."""
    return day - day.weekday() * DAY


def month_span(day: date) -> tuple[date, date]:
    """From the Monday of a month's first week to the Sunday of its last."""
    first = day.replace(day=1)
    last = (first + 31 * DAY).replace(day=1) - DAY
    return monday(first), monday(last) + 6 * DAY


def month_later(day: date, by: int) -> date:
    """The same day of another month, or its last."""
    count = day.year * 12 + day.month - 1 + by
    first = date(count // 12, count % 12 + 1, 1)
    last = (first + 31 * DAY).replace(day=1) - DAY
    return min(last, first + (day.day - 1) * DAY)


def closing(opening: Opening, day: date) -> str:
    """Why the clinic is closed all of a day: the holiday's name or `closed`; "" when it is open."""
    if day in opening.holidays:
        return opening.holidays[day] or _("holiday")
    return _("closed") if opening.stretches and hours_of(opening, day) == "closed" else ""


def weekday(day: date) -> str:
    """Three letters."""
    return _(WEEKDAYS[day.weekday()])


def heading(day: date, today: date, chosen: bool) -> str:
    """A day over its column: `today` in place of the weekday, brackets around the chosen one."""
    words = f"{_('today') if day == today else weekday(day)} {day.day}"
    return f"[{words}]" if chosen else words


def shade(holiday: bool) -> str:
    """What fills time that is closed; another sign for holidays."""
    if ascii_only():
        return "#" if holiday else "."
    return "▒" if holiday else "░"


def fitted(text: str, width: int) -> str:
    """Cut or filled to so many cells, whatever letters it has."""
    return set_cell_size(text, max(0, width))


@dataclass(frozen=True, slots=True)
class Hit:
    """What lies under the mouse: a day, minutes from midnight (None in the month), the appointments there."""

    day: date
    minute: int | None
    slots: Sequence[Slot] = field(default=())
