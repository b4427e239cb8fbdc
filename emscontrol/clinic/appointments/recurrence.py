"""From "three a week for six weeks, at ten" to days and hours on the clinic's clock, by RFC 5545 rules; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice, pairwise
from types import MappingProxyType
from typing import Final

from dateutil.rrule import WEEKLY, rrule, rruleset

from emscontrol.clinic.appointments.opening import WEEKDAYS
from emscontrol.clinic.appointments.rest import is_rested
from emscontrol.core.errors import UsageError

PER_WEEK_MAX: Final = 14

SPREAD: Final[Mapping[int, tuple[int, ...]]] = MappingProxyType(
    {
        1: (0,),
        2: (0, 3),
        3: (0, 2, 4),
        4: (0, 1, 3, 4),
        5: (0, 1, 2, 3, 4),
        6: (0, 1, 2, 3, 4, 5),
        7: (0, 1, 2, 3, 4, 5, 6),
    }
)
"""Weekdays (0 is Monday) for so many days a week, where nobody has said which."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A week of a plan: each time of day with its weekdays, in the order of the day."""

    times: tuple[tuple[time, tuple[int, ...]], ...]

    @property
    def per_week(self) -> int:
        """Sessions a week."""
        return sum(len(days) for _, days in self.times)

    def week(self) -> list[timedelta]:
        """Its sessions as time since Monday 0:00, in order."""
        return sorted(
            timedelta(days=day, hours=at.hour, minutes=at.minute, seconds=at.second) for at, days in self.times for day in days
        )


def pattern_of(per_week: int, weekdays: Sequence[int], times: Sequence[time]) -> Pattern:
    """A week of `per_week` sessions: once on each of `weekdays` for every time of day.

    No weekday at all leaves them to `SPREAD`. Where they do not come out even, the last time of day has the first weekdays
    only. Raises UsageError when the numbers do not fit.
    """
    if not 1 <= per_week <= PER_WEEK_MAX:
        raise UsageError(f"{per_week} sessions a week cannot be planned.", f"A plan has 1 to {PER_WEEK_MAX}.")
    hours = sorted(set(times))
    if not hours or len(hours) != len(times):
        raise UsageError("Every time of day is needed once.", "Name one as 10:00, or several for several sessions a day.")
    days = sorted(set(weekdays)) or list(SPREAD.get(-(-per_week // len(hours)), ()))
    if not set(days) <= set(range(len(WEEKDAYS))):
        wrong = ", ".join(str(day) for day in days if day not in range(len(WEEKDAYS)))
        raise UsageError(f"There is no weekday {wrong}.", "0 is Monday, 6 is Sunday.")
    least = len(days) if len(hours) == 1 else (len(hours) - 1) * len(days) + 1
    if not least <= per_week <= len(hours) * len(days):
        raise UsageError(
            f"{per_week} sessions a week do not fit {len(days)} weekdays with {len(hours)} a day.",
            "Name as many weekdays as there are sessions, or two times of day for two sessions a day.",
        )
    last = per_week - (len(hours) - 1) * len(days)
    return Pattern(tuple((at, tuple(days if at != hours[-1] else days[:last])) for at in hours))


def require_rest(pattern: Pattern, slot_min: int, rest_h: int) -> None:
    """Nothing, when a week after this pattern keeps the rest by itself. Raises UsageError that names two that do not."""
    monday = datetime(2001, 1, 1, tzinfo=UTC)
    week = pattern.week()
    for first, second in pairwise([*week, week[0] + timedelta(weeks=1)]):
        begins = (monday + first, monday + second)
        spans = [(begin, begin + timedelta(minutes=slot_min)) for begin in begins]
        if spans[1][0] < spans[0][1] or not is_rested(spans[0], spans[1], rest_h, UTC):
            told = " and ".join(f"{WEEKDAYS[begin.weekday()]} {begin:%H:%M}" for begin in begins)
            raise UsageError(
                f"{told} are too near each other: this plan asks for {rest_h} h between two sessions of one muscle.",
                "Choose other weekdays or times, or fewer sessions a week.",
            )


def occurrences(pattern: Pattern, first_day: date, count: int) -> list[datetime]:
    """The first `count` sessions from a day on, as times of the clinic's clock without a zone."""
    whole = rruleset()
    for each in rules(pattern, first_day, count):
        whole.rrule(each)
    return list(islice(whole, count))


def rules(pattern: Pattern, first_day: date, count: int) -> list[rrule]:
    """The same as RFC 5545 rules, one for each time of day; `str()` of one is its text."""
    return [
        rrule(WEEKLY, dtstart=datetime.combine(first_day, at), byweekday=days, count=count)
        for at, days in pattern.times
        if days
    ]
