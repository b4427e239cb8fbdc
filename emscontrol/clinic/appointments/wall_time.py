"""The clinic's clock and UTC. Where the clock jumps, a time may not exist or may come twice; what is done then is said here."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final, NamedTuple

MINUTE: Final = timedelta(minutes=1)
DAY: Final = timedelta(days=1)
_LOOK_H: Final = 12  # between two looks for a change of the clock; no zone has had two changes that near


class Moment(NamedTuple):
    """A time of the clinic's clock as a moment. `moved` says that the wanted time does not exist, "" when it does."""

    at: datetime
    moved: str


class Jump(NamedTuple):
    """A change of the clock: from `at` (UTC) on, the offset is `after`."""

    at: datetime
    before: timedelta
    after: timedelta
    name: str


def moment_of(wall: datetime, zone: tzinfo) -> Moment:
    """The moment in UTC at which the clinic's clock shows `wall`, a time without a zone.

    One that does not exist becomes the next that does, and `moved` says so; of one that comes twice it is the first.
    """
    early, late = _both(wall, zone)
    if early <= late:
        return Moment(early, "")
    at = _jump_between(late, early, zone)
    shown = at.astimezone(zone)
    return Moment(at, f"{wall:%H:%M} does not exist on {wall:%Y-%m-%d}, because the clocks change; it is {shown:%H:%M}")


def last_moment_of(wall: datetime, zone: tzinfo) -> datetime:
    """The last moment in UTC by which the clinic's clock has shown `wall`."""
    return max(_both(wall, zone))


def first_moment(day: date, zone: tzinfo) -> datetime:
    """The beginning of a day in UTC, which is not midnight where there is none."""
    return moment_of(datetime.combine(day, time()), zone).at


def day_span(day: date, zone: tzinfo) -> tuple[datetime, datetime]:
    """A day of the clinic from its first moment to the first of the next, in UTC."""
    return first_moment(day, zone), first_moment(day + DAY, zone)


def on_clock(moment: datetime, zone: tzinfo) -> datetime:
    """What the clinic's clock shows then, without a zone."""
    return moment.astimezone(zone).replace(tzinfo=None, fold=0)


def jumps(since: datetime, until: datetime, zone: tzinfo) -> Iterator[Jump]:
    """Every change of the clock in this time, in order."""
    here = since.astimezone(UTC)
    while here < until:
        there = here + timedelta(hours=_LOOK_H)
        before, after = _offset(here, zone), _offset(there, zone)
        if before != after:
            at = _jump_between(here, there, zone)
            yield Jump(at, before, after, at.astimezone(zone).tzname() or "")
        here = there


def _both(wall: datetime, zone: tzinfo) -> tuple[datetime, datetime]:
    """The first and second meaning of a time: the same mostly, the other way round where it does not exist (PEP 495)."""
    first, second = (wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    return first, second


def _jump_between(low: datetime, high: datetime, zone: tzinfo) -> datetime:
    """The second at which the offset changes: not yet at `low`, done at `high`."""
    after = _offset(high, zone)
    while high - low > timedelta(seconds=1):
        middle = low + timedelta(seconds=(high - low) // timedelta(seconds=2))
        low, high = (low, middle) if _offset(middle, zone) == after else (middle, high)
    return high


def _offset(moment: datetime, zone: tzinfo) -> timedelta:
    return moment.astimezone(zone).utcoffset() or timedelta()
