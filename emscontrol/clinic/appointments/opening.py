"""Is the clinic open then? Opening hours and holidays as one value; pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo

from emscontrol.clinic.appointments.wall_time import MINUTE, last_moment_of, on_clock

DAY_MIN = 24 * 60
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True, slots=True)
class Stretch:
    """From `opens_min` to `closes_min` of one weekday (0 is Monday), minutes from midnight on the clinic's clock."""

    weekday: int
    opens_min: int
    closes_min: int

    def words(self) -> str:
        """For people, as `08:00-12:30`."""
        return f"{clock(self.opens_min)}-{clock(self.closes_min)}"


@dataclass(frozen=True, slots=True)
class Opening:
    """When a clinic is open. Without any stretch nothing has been settled yet, and every hour is open."""

    zone: tzinfo
    stretches: tuple[Stretch, ...] = ()
    holidays: Mapping[date, str] = field(default_factory=dict)


def is_open(opening: Opening, starts_at: datetime, ends_at: datetime) -> bool:
    """Whether the clinic is open all the time from `starts_at` to `ends_at`, and neither falls on a holiday."""
    return not holiday(opening, starts_at, ends_at) and within_hours(opening, starts_at, ends_at)


def holiday(opening: Opening, starts_at: datetime, ends_at: datetime) -> str:
    """The name of the holiday that this time falls on, "" where there is none."""
    day = on_clock(starts_at, opening.zone).date()
    last = on_clock(ends_at - timedelta(microseconds=1), opening.zone).date()
    while day <= last:
        if day in opening.holidays:
            return opening.holidays[day] or "a holiday"
        day += timedelta(days=1)
    return ""


def within_hours(opening: Opening, starts_at: datetime, ends_at: datetime) -> bool:
    """Whether this time is within opening hours; stretches that touch are one."""
    if not opening.stretches:
        return True
    here = starts_at
    while here < ends_at:
        until = _open_until(opening, here)
        if until is None or until <= here:
            return False
        here = until
    return True


def hours_of(opening: Opening, day: date) -> str:
    """The hours of one day for people: `08:00-12:30, 14:00-18:00`, or `closed`."""
    found = sorted(stretch.words() for stretch in opening.stretches if stretch.weekday == day.weekday())
    return ", ".join(found) or "closed"


def clock(minutes: int) -> str:
    """Minutes from midnight as `HH:MM`."""
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _open_until(opening: Opening, moment: datetime) -> datetime | None:
    """When the stretch that holds this moment ends; None outside of all."""
    shown = on_clock(moment, opening.zone)
    midnight = shown.replace(hour=0, minute=0, second=0, microsecond=0)
    ends = [
        stretch.closes_min
        for stretch in opening.stretches
        if stretch.weekday == shown.weekday() and stretch.opens_min * MINUTE <= shown - midnight < stretch.closes_min * MINUTE
    ]
    return last_moment_of(midnight + max(ends) * MINUTE, opening.zone) if ends else None
