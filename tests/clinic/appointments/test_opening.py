"""Opening hours and holidays, pure and in the book."""

from datetime import date

import pytest

from emscontrol.clinic.appointments.hours import (
    list_holidays,
    list_hours,
    opening_of,
    set_holiday,
    set_hours,
    withdraw_holiday,
    withdraw_hours,
)
from emscontrol.clinic.appointments.opening import Opening, Stretch, holiday, hours_of, is_open
from emscontrol.clinic.book.book import Book
from emscontrol.clinic.book.check import check
from emscontrol.core.errors import UsageError
from tests.clinic.appointments.material import BERLIN, EIGHT_TO_SIX, at
from tests.clinic.conftest import NOW, SUPERVISOR

MONDAYS = Opening(
    BERLIN,
    (Stretch(0, 8 * 60, 12 * 60), Stretch(0, 12 * 60, 14 * 60), Stretch(0, 15 * 60, 24 * 60), Stretch(1, 0, 2 * 60)),
    {date(2026, 4, 6): "Easter Monday"},
)


@pytest.mark.parametrize(
    ("begin", "end", "opened"),
    [
        ("2026-03-02 08:00", "2026-03-02 09:00", True),
        ("2026-03-02 07:59", "2026-03-02 09:00", False),
        ("2026-03-02 11:30", "2026-03-02 12:30", True),  # two stretches that touch
        ("2026-03-02 13:30", "2026-03-02 14:00", True),
        ("2026-03-02 13:30", "2026-03-02 14:01", False),
        ("2026-03-02 13:30", "2026-03-02 15:30", False),  # over a break
        ("2026-03-02 23:00", "2026-03-03 00:00", True),
        ("2026-03-02 23:00", "2026-03-03 01:00", True),  # through midnight
        ("2026-03-02 23:00", "2026-03-03 02:01", False),
        ("2026-03-04 10:00", "2026-03-04 11:00", False),  # a Wednesday
        ("2026-04-06 10:00", "2026-04-06 11:00", False),  # a holiday
        ("2026-03-30 08:00", "2026-03-30 09:00", True),  # summer time
    ],
)
def test_the_clinic_is_open_or_not(begin: str, end: str, opened: bool) -> None:
    assert is_open(MONDAYS, at(begin), at(end)) is opened


def test_a_stretch_goes_on_through_the_hour_that_comes_twice_and_over_the_one_that_does_not_come() -> None:
    nights = Opening(BERLIN, (Stretch(6, 60, 150), Stretch(6, 180, 240)))
    assert is_open(nights, at("2026-10-25 01:30"), at("2026-10-25 02:15").replace(fold=0))
    second = at("2026-10-25 02:15") + (at("2026-10-25 03:00") - at("2026-10-25 02:00")) / 2
    assert second.astimezone(BERLIN).strftime("%H:%M") == "02:15"
    assert is_open(nights, at("2026-10-25 01:30"), second)
    assert not is_open(nights, at("2026-10-25 01:30"), at("2026-10-25 03:30"))  # closed from 02:30 to 03:00
    assert is_open(nights, at("2026-03-29 01:30"), at("2026-03-29 03:30"))  # 01:59 is followed by 03:00


def test_a_clinic_without_any_hours_is_open_but_on_holidays() -> None:
    free = Opening(BERLIN, (), {date(2026, 5, 1): ""})
    assert is_open(free, at("2026-03-01 03:00"), at("2026-03-01 04:00"))
    assert holiday(free, at("2026-04-30 23:30"), at("2026-05-01 00:30")) == "a holiday"
    assert holiday(free, at("2026-04-30 23:30"), at("2026-05-01 00:00")) == ""
    assert hours_of(MONDAYS, date(2026, 3, 2)) == "08:00-12:00, 12:00-14:00, 15:00-24:00"
    assert hours_of(MONDAYS, date(2026, 3, 4)) == "closed"


def test_hours_are_set_listed_replaced_and_taken_back(book: Book) -> None:
    with book.writing(SUPERVISOR, NOW) as session:
        first = set_hours(session, SUPERVISOR, NOW, 0, [(14 * 60, 18 * 60), (8 * 60, 12 * 60)])
        kept = first[0].id
        assert [row.opens_min for row in first] == [480, 840]
    with book.writing(SUPERVISOR, NOW) as session:
        set_hours(session, SUPERVISOR, NOW, 0, [(8 * 60, 12 * 60), (13 * 60, 17 * 60)])
        set_hours(session, SUPERVISOR, NOW, 1, [EIGHT_TO_SIX])
        assert [(row.weekday, row.opens_min) for row in list_hours(session)] == [(0, 480), (0, 780), (1, 480)]
        assert list_hours(session)[0].id == kept
    with book.writing(SUPERVISOR, NOW) as session:
        withdraw_hours(session, SUPERVISOR, NOW, list_hours(session)[2].id, "closed on Tuesdays")
        set_hours(session, SUPERVISOR, NOW, 0, [(8 * 60, 12 * 60)])
    with book.reading() as session:
        assert opening_of(session, book.about).stretches == (Stretch(0, 480, 720),)
        assert list(check(session)) == []


def test_a_holiday_is_set_taken_back_and_set_again(book: Book) -> None:
    day = date(2026, 5, 1)
    with book.writing(SUPERVISOR, NOW) as session:
        set_holiday(session, day, "May Day")
        withdraw_holiday(session, SUPERVISOR, NOW, day, "we work")
        assert opening_of(session, book.about).holidays == {}
        with pytest.raises(UsageError, match="no holiday"):
            withdraw_holiday(session, SUPERVISOR, NOW, day, "we work")
        set_holiday(session, day, "Labour Day")
        set_holiday(session, date(2026, 1, 1), "New Year")
    with book.reading() as session:
        assert opening_of(session, book.about).holidays[day] == "Labour Day"
        assert [row.day for row in list_holidays(session, date(2026, 2, 1))] == ["2026-05-01"]


def test_hours_that_make_no_sense_are_refused(book: Book) -> None:
    for weekday, stretches, words in (
        (7, [(480, 720)], "no weekday 7"),
        (0, [(720, 480)], "cannot be open"),
        (0, [(480, 1441)], "cannot be open"),
        (0, [(480, 720), (700, 800)], "overlap"),
    ):
        with pytest.raises(UsageError, match=words), book.writing(SUPERVISOR, NOW) as session:
            set_hours(session, SUPERVISOR, NOW, weekday, stretches)
