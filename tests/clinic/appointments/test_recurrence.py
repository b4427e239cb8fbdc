"""From a number of sessions to days and hours. Expectations come from a calendar on paper."""

from datetime import date, time

import pytest
from dateutil.rrule import rrulestr

from emscontrol.clinic.appointments.recurrence import SPREAD, occurrences, pattern_of, require_rest, rules
from emscontrol.core.errors import UsageError

TEN, FOUR = time(10), time(16, 30)
MONDAY = date(2026, 3, 2)


def test_three_a_week_for_six_weeks_are_eighteen() -> None:
    found = occurrences(pattern_of(3, [0, 2, 4], [TEN]), MONDAY, 18)
    assert len(found) == 18
    assert [f"{wall:%m-%d}" for wall in found[:4]] == ["03-02", "03-04", "03-06", "03-09"]
    assert found[-1].isoformat() == "2026-04-10T10:00:00"
    assert {wall.time() for wall in found} == {TEN}


def test_a_plan_that_begins_in_the_middle_of_a_week_has_as_many() -> None:
    found = occurrences(pattern_of(3, [4, 0, 2], [TEN]), date(2026, 3, 5), 4)
    assert [f"{wall:%a}" for wall in found] == ["Fri", "Mon", "Wed", "Fri"]


def test_twice_a_day_is_fourteen_a_week_and_odd_numbers_leave_the_last_day_half() -> None:
    assert len(occurrences(pattern_of(14, [], [TEN, FOUR]), MONDAY, 28)) == 28
    nine = occurrences(pattern_of(9, [0, 1, 2, 3, 4], [FOUR, TEN]), MONDAY, 9)
    assert [f"{wall:%a %H:%M}" for wall in nine[-3:]] == ["Thu 10:00", "Thu 16:30", "Fri 10:00"]
    assert nine == sorted(nine)


@pytest.mark.parametrize("per_week", range(1, 15))
def test_every_number_of_sessions_finds_its_weekdays_by_itself(per_week: int) -> None:
    pattern = pattern_of(per_week, [], [TEN] if per_week <= 7 else [TEN, FOUR])
    assert pattern.per_week == per_week
    assert len(set(pattern.week())) == per_week


def test_the_spread_has_so_many_different_weekdays() -> None:
    for count, days in SPREAD.items():
        assert len(set(days)) == len(days) == count
        assert set(days) <= set(range(7))


def test_the_rule_is_rfc_5545_and_reads_back() -> None:
    (rule,) = rules(pattern_of(3, [0, 2, 4], [TEN]), MONDAY, 18)
    assert str(rule) == "DTSTART:20260302T100000\nRRULE:FREQ=WEEKLY;COUNT=18;BYDAY=MO,WE,FR"
    assert list(rrulestr(str(rule))) == occurrences(pattern_of(3, [0, 2, 4], [TEN]), MONDAY, 18)


@pytest.mark.parametrize(
    ("per_week", "weekdays", "times", "words"),
    [
        (0, [0], [TEN], "cannot be planned"),
        (15, [], [TEN, FOUR], "cannot be planned"),
        (3, [0, 2], [TEN], "do not fit 2 weekdays"),
        (2, [0, 2, 4], [TEN], "do not fit 3 weekdays"),
        (8, [], [TEN], "do not fit 0 weekdays"),
        (3, [0, 2, 7, 9], [TEN], "There is no weekday 7, 9."),
        (3, [0, 2, 4], [], "needed once"),
        (6, [0, 2, 4], [TEN, TEN], "needed once"),
    ],
)
def test_numbers_that_do_not_fit_are_refused(per_week: int, weekdays: list[int], times: list[time], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        pattern_of(per_week, weekdays, times)


@pytest.mark.parametrize(
    ("per_week", "weekdays", "times", "rest_h", "words"),
    [
        (3, [0, 1, 3], [TEN], 48, "Monday 10:00 and Tuesday 10:00"),
        (2, [0, 6], [TEN], 48, "Sunday 10:00 and Monday 10:00"),  # round the end of the week
        (14, [], [TEN, FOUR], 6, "Monday 10:00 and Monday 16:30"),  # 5 h 45 min from the end of one to the next
        (2, [0], [TEN, time(10, 30)], 0, "Monday 10:00 and Monday 10:30"),  # one on top of the other
    ],
)
def test_a_week_that_does_not_keep_the_rest_by_itself_is_refused(
    per_week: int, weekdays: list[int], times: list[time], rest_h: int, words: str
) -> None:
    with pytest.raises(UsageError, match=words):
        require_rest(pattern_of(per_week, weekdays, times), 45, rest_h)


def test_every_other_day_keeps_48_hours_and_every_day_24() -> None:
    require_rest(pattern_of(3, [0, 2, 4], [TEN]), 45, 48)
    require_rest(pattern_of(7, [], [TEN]), 45, 24)
    require_rest(pattern_of(14, [], [TEN, FOUR]), 45, 5)
