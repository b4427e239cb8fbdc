"""Days and figures of a report in words, and tables of values by day. Pure."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from emscontrol.clinic.patients.trends import Point
from emscontrol.record.reports.axes import Axis
from emscontrol.record.reports.blocks import Table

WEEK: Final = timedelta(weeks=1)
_TICKS_MAX: Final = 13
UNKNOWN: Final = "–"


def day(moment: datetime, zone: ZoneInfo) -> str:
    """The clinic's day."""
    return f"{moment.astimezone(zone):%Y-%m-%d}"


def minute(moment: datetime, zone: ZoneInfo) -> str:
    """The clinic's day and time."""
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}"


def by_day(caption: str, columns: Sequence[tuple[str, Sequence[tuple[datetime, str]]]], zone: ZoneInfo) -> Table:
    """A row for each day on which there is a value, a column for each series; several of one day in their order."""
    days = sorted({day(at, zone) for _, values in columns for at, _ in values})
    cells: dict[tuple[str, str], list[str]] = {(name, on): [] for name, _ in columns for on in days}
    for name, values in columns:
        for at, value in sorted(values, key=lambda each: each[0]):
            cells[name, day(at, zone)].append(value)
    rows = tuple((on, *(", ".join(cells[name, on]) or UNKNOWN for name, _ in columns)) for on in days)
    return Table(caption, ("day", *(name for name, _ in columns)), rows, frozenset(range(1, len(columns) + 1)))


def weeks_axis(title: str, starts_on: date, moments: Sequence[datetime], zone: ZoneInfo) -> Axis:
    """Time in days from the beginning of week 1, a tick at the beginning of each week, as far as there is room for them."""
    found = [days_from(starts_on, moment, zone) for moment in moments] or [0.0]
    low = min(0.0, min(found) // 7 * 7)
    high = max(low + 7, -(-max(found) // 7) * 7)
    count = int((high - low) / 7)
    every = -(-count // _TICKS_MAX)
    weeks = range(int(low) // 7, int(low) // 7 + count)
    shown = [week for week in weeks if week % every == 0]
    return Axis(
        title, low, high, tuple((week * 7.0, f"wk {week + 1}" if week == shown[0] else str(week + 1)) for week in shown)
    )


def days_from(starts_on: date, moment: datetime, zone: ZoneInfo) -> float:
    """How many days lie between the beginning of a day at the clinic and a moment."""
    return (moment - datetime.combine(starts_on, time(), zone)) / timedelta(days=1)


def on_axis(points: Sequence[Point], starts_on: date, zone: ZoneInfo) -> tuple[tuple[float, float], ...]:
    """Values with their days, in units."""
    return tuple((days_from(starts_on, point.taken_at, zone), point.value_milli / 1000) for point in points)


def listed(things: Sequence[str]) -> str:
    """Several things in a sentence."""
    return ", ".join(things[:-1]) + " and " + things[-1] if len(things) > 1 else "".join(things)
