"""The clinic's clock where it jumps. Expectations are from the zones' own published changes, not from the code."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from emscontrol.clinic.appointments.wall_time import day_span, first_moment, jumps, last_moment_of, moment_of


@pytest.mark.parametrize(
    ("zone", "wall", "utc", "moved"),
    [
        ("Europe/Berlin", "2026-03-28T10:00", "2026-03-28T09:00", ""),
        ("Europe/Berlin", "2026-03-29T10:00", "2026-03-29T08:00", ""),
        ("Europe/Berlin", "2026-03-29T02:00", "2026-03-29T01:00", "02:00 does not exist on 2026-03-29"),
        ("Europe/Berlin", "2026-03-29T02:30", "2026-03-29T01:00", "it is 03:00"),
        ("Europe/Berlin", "2026-03-29T02:59", "2026-03-29T01:00", "it is 03:00"),
        ("Europe/Berlin", "2026-03-29T03:00", "2026-03-29T01:00", ""),
        ("Europe/Berlin", "2026-10-25T02:30", "2026-10-25T00:30", ""),  # the first of two
        ("Europe/Berlin", "2026-10-25T03:00", "2026-10-25T02:00", ""),
        ("Europe/Berlin", "2026-10-26T10:00", "2026-10-26T09:00", ""),
        ("America/New_York", "2026-03-08T02:15", "2026-03-08T07:00", "it is 03:00"),
        ("America/New_York", "2026-03-09T10:00", "2026-03-09T14:00", ""),
        ("America/New_York", "2026-11-01T01:30", "2026-11-01T05:30", ""),
        ("Asia/Jakarta", "2026-03-29T02:30", "2026-03-28T19:30", ""),
        ("Africa/Cairo", "2026-04-24T00:00", "2026-04-23T22:00", "00:00 does not exist on 2026-04-24"),
        ("Australia/Lord_Howe", "2026-10-04T02:10", "2026-10-03T15:30", "it is 02:30"),  # half an hour
    ],
)
def test_a_time_of_the_clinics_clock_is_the_moment_it_should_be(zone: str, wall: str, utc: str, moved: str) -> None:
    found = moment_of(datetime.fromisoformat(wall), ZoneInfo(zone))
    assert found.at == datetime.fromisoformat(utc).replace(tzinfo=UTC)
    assert moved in found.moved
    assert bool(moved) == bool(found.moved)


@pytest.mark.parametrize(
    ("zone", "day", "begins", "hours"),
    [
        ("Europe/Berlin", "2026-03-29", "2026-03-28T23:00", 23),
        ("Europe/Berlin", "2026-10-25", "2026-10-24T22:00", 25),
        ("Asia/Jakarta", "2026-03-29", "2026-03-28T17:00", 24),
        ("Africa/Cairo", "2026-04-24", "2026-04-23T22:00", 23),  # begins at 01:00
        ("Africa/Cairo", "2026-10-29", "2026-10-28T21:00", 25),  # 23:00 to 24:00 comes twice
        ("America/Santiago", "2026-09-06", "2026-09-06T04:00", 23),
    ],
)
def test_a_day_begins_with_its_first_moment_also_where_there_is_no_midnight(
    zone: str, day: str, begins: str, hours: int
) -> None:
    start, end = day_span(date.fromisoformat(day), ZoneInfo(zone))
    assert start == datetime.fromisoformat(begins).replace(tzinfo=UTC)
    assert end - start == timedelta(hours=hours)
    before = start - timedelta(seconds=1)
    assert start.astimezone(ZoneInfo(zone)).date() == date.fromisoformat(day)
    assert before.astimezone(ZoneInfo(zone)).date() < date.fromisoformat(day)


def test_the_days_of_a_year_follow_each_other_without_a_gap_in_any_zone_with_odd_midnights() -> None:
    for name in ("Africa/Cairo", "America/Santiago", "America/Havana", "Asia/Beirut", "Europe/Berlin"):
        zone, day = ZoneInfo(name), date(2026, 1, 1)
        while day.year == 2026:
            assert day_span(day, zone)[1] == first_moment(day + timedelta(days=1), zone)
            day += timedelta(days=1)


def test_the_changes_of_a_year_are_found_to_the_second() -> None:
    year = (datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
    found = list(jumps(*year, ZoneInfo("Europe/Berlin")))
    assert [(jump.at, jump.name) for jump in found] == [
        (datetime(2026, 3, 29, 1, tzinfo=UTC), "CEST"),
        (datetime(2026, 10, 25, 1, tzinfo=UTC), "CET"),
    ]
    assert list(jumps(*year, ZoneInfo("Asia/Jakarta"))) == []


def test_the_last_moment_of_a_time_that_comes_twice_is_the_second() -> None:
    wall = datetime.fromisoformat("2026-10-25T02:30")
    assert last_moment_of(wall, ZoneInfo("Europe/Berlin")) == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
