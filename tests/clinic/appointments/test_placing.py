"""A whole plan between holidays, closed days and what is booked: never too near, never when the clinic is closed."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emscontrol.clinic.appointments.conflicts import Span, Taken, Wish
from emscontrol.clinic.appointments.opening import Opening, Stretch
from emscontrol.clinic.appointments.placing import NotPlaced, Placed, place
from emscontrol.clinic.appointments.recurrence import SPREAD, occurrences, pattern_of
from emscontrol.clinic.appointments.rest import Muscle
from tests.clinic.appointments.material import BERLIN, at, minutes, shown

LEFT = (Muscle("quad_all", "left"),)
WISH = Wish(1, "P-1", "anna", "S-1", LEFT, 48)
NOW = at("2026-03-02 08:00")
WEEK = tuple(Stretch(day, 480, 1080) for day in range(5))


def _placed(
    per_week: int, count: int, first: date, opening: Opening, taken: list[Taken], wish: Wish = WISH, at_hour: int = 10
) -> list[Placed | NotPlaced]:
    walls = occurrences(pattern_of(per_week, [], [time(at_hour)]), first, count)
    return place(walls, 45, wish, taken, opening, NOW)


def _days(found: list[Placed | NotPlaced]) -> list[str]:
    return [day[:14] for day in shown([each.span.starts_at for each in found if isinstance(each, Placed)])]


@pytest.mark.parametrize(
    ("zone", "first", "offsets"),
    [
        ("Europe/Berlin", "2026-03-23", {1, 2}),  # clocks change on 29 March
        ("Europe/Berlin", "2026-10-19", {1, 2}),  # and on 25 October
        ("America/New_York", "2026-03-02", {-5, -4}),
        ("America/New_York", "2026-10-26", {-5, -4}),
        ("Asia/Jakarta", "2026-03-23", {7}),
    ],
)
def test_ten_o_clock_stays_ten_o_clock_when_the_clocks_change(zone: str, first: str, offsets: set[int]) -> None:
    opening = Opening(ZoneInfo(zone), WEEK)
    found = _placed(3, 6, date.fromisoformat(first), opening, [])
    local = [each.span.starts_at.astimezone(opening.zone) for each in found if isinstance(each, Placed)]
    assert len(local) == 6
    assert {moment.time() for moment in local} == {time(10)}
    assert {moment.utcoffset() for moment in local} == {timedelta(hours=hours) for hours in offsets}


def test_a_time_that_does_not_exist_becomes_the_next_that_does_and_that_is_said() -> None:
    found = place([datetime.fromisoformat("2026-03-29T02:30")], 45, WISH, [], Opening(BERLIN), NOW)
    assert isinstance(found[0], Placed)
    assert shown([found[0].span.starts_at]) == ["Sun 2026-03-29 03:00"]
    assert found[0].note == "02:30 does not exist on 2026-03-29, because the clocks change; it is 03:00"


def test_holidays_are_passed_by_and_the_rest_is_kept_after_them() -> None:
    easter = Opening(BERLIN, WEEK, {date(2026, 4, 3): "Good Friday", date(2026, 4, 6): "Easter Monday"})
    found = _placed(3, 5, date(2026, 4, 1), easter, [])
    assert _days(found) == ["Wed 2026-04-01", "Tue 2026-04-07", "Thu 2026-04-09", "Mon 2026-04-13", "Wed 2026-04-15"]
    assert isinstance(found[1], Placed)
    assert found[1].note.startswith("Wanted on 2026-04-03 at 10:00. The clinic is closed on 2026-04-03")


def test_rest_is_kept_to_a_muscle_that_another_plan_works() -> None:
    other = Wish(1, "P-1", "bert", "S-2", (Muscle("quad_vm", "left"),), 24)
    taken = [Taken(9, other, Span(at("2026-03-03 15:00"), at("2026-03-03 15:45")))]
    found = _placed(3, 3, date(2026, 3, 2), Opening(BERLIN, WEEK), taken)
    # 2 March is 29 h before it and this plan asks for 48: it waits until 5 March at 15:00 is past
    assert _days(found) == ["Fri 2026-03-06", "Mon 2026-03-09", "Wed 2026-03-11"]


def test_somebody_who_is_busy_is_not_passed_by_but_told() -> None:
    taken = [Taken(9, Wish(2, "P-2", "anna", ""), Span(at("2026-03-04 10:30"), at("2026-03-04 11:00")))]
    found = _placed(3, 3, date(2026, 3, 2), Opening(BERLIN, WEEK), taken)
    assert [type(each) for each in found] == [Placed, NotPlaced, Placed]
    assert isinstance(found[1], NotPlaced)
    assert found[1].why == ("anna has appointment 9 of P-2 on 2026-03-04 from 10:30 to 11:00 already.",)


def test_one_that_must_move_anyway_goes_to_a_day_on_which_everybody_is_free() -> None:
    closed = Opening(BERLIN, WEEK, {date(2026, 3, 4): "staff outing"})
    taken = [Taken(9, Wish(2, "P-2", "anna", ""), Span(at("2026-03-05 10:30"), at("2026-03-05 11:00")))]
    assert _days(_placed(3, 3, date(2026, 3, 2), closed, taken)) == ["Mon 2026-03-02", "Fri 2026-03-06", "Mon 2026-03-09"]


def test_a_time_at_which_the_clinic_is_never_open_is_told() -> None:
    found = _placed(1, 1, date(2026, 3, 2), Opening(BERLIN, WEEK), [], at_hour=19)
    assert isinstance(found[0], NotPlaced)
    assert found[0].why[0].startswith("2026-03-02 from 19:00 to 19:45 is outside opening hours")
    assert found[0].why[1].startswith("No later day up to 28 days on")


@st.composite
def _clinics(draw: st.DrawFn) -> tuple[Opening, list[Taken], int, int, date]:
    zone = ZoneInfo(draw(st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Jakarta", "Africa/Cairo"])))
    first = date(2026, 1, 5) + timedelta(days=draw(st.integers(0, 330)))
    days = draw(st.sets(st.integers(0, 6), min_size=3))
    stretches = tuple(
        Stretch(day, draw(st.sampled_from([0, 480, 585])), draw(st.sampled_from([645, 1080, 1440]))) for day in days
    )
    holidays = {first + timedelta(days=each): "x" for each in draw(st.sets(st.integers(0, 40), max_size=8))}
    others = []
    for hours in draw(st.lists(st.integers(0, 24 * 40), max_size=3)):
        begin = datetime.combine(first, time(10), tzinfo=zone).astimezone(UTC) + timedelta(hours=hours)
        muscle = draw(st.sampled_from(["quad_all", "quad_vl", "ham"]))
        rest_h = draw(st.sampled_from([0, 10, 24, 72]))
        others.append(Taken(hours, Wish(1, "P-1", "", "", (Muscle(muscle, "left"),), rest_h), Span(begin, begin + minutes(45))))
    return (
        Opening(zone, stretches, holidays),
        others,
        draw(st.integers(1, 7)),
        draw(st.sampled_from([0, 12, 24, 48, 72])),
        first,
    )


@settings(max_examples=150)
@given(_clinics())
def test_no_two_sessions_of_a_muscle_are_nearer_than_the_rest_and_all_are_inside_opening_hours(
    clinic: tuple[Opening, list[Taken], int, int, date],
) -> None:
    opening, others, per_week, rest_h, first = clinic
    wish = Wish(1, "P-1", "anna", "S-1", LEFT, rest_h)
    walls = occurrences(pattern_of(per_week, SPREAD[per_week], [time(10)]), first, 2 * per_week)
    found = place(walls, 45, wish, others, opening, datetime(2026, 1, 1, tzinfo=UTC))
    placed = [each for each in found if isinstance(each, Placed)]
    for each in placed:
        begin, end = (moment.astimezone(opening.zone) for moment in (each.span.starts_at, each.span.ends_at))
        assert begin.date() not in opening.holidays
        assert any(
            begin.weekday() == stretch.weekday
            and stretch.opens_min <= begin.hour * 60 + begin.minute
            and end.hour * 60 + end.minute <= stretch.closes_min
            for stretch in opening.stretches
        )
        assert (begin.hour, begin.minute) == (10, 0)
    mine = [(each.span, rest_h) for each in placed]
    theirs = [(each.span, each.wish.rest_min_h) for each in others if each.wish.muscles[0].muscle != "ham"]
    assert [span.starts_at for span, _ in mine] == sorted({span.starts_at for span, _ in mine})
    for number, (span, rest) in enumerate(mine):
        for other, its in (*mine[:number], *theirs):
            _keeps(span, other, max(rest, its), opening.zone)


def _keeps(one: Span, other: Span, rest_h: int, zone: ZoneInfo) -> None:
    """Far enough apart, by an independent reckoning."""
    first, second = sorted((one, other), key=lambda span: span.starts_at)
    assert first.ends_at <= second.starts_at
    passed = second.starts_at - first.starts_at
    clock = (
        passed
        + (second.starts_at.astimezone(zone).utcoffset() or timedelta())
        - (first.starts_at.astimezone(zone).utcoffset() or timedelta())
    )
    if rest_h < 24:
        assert (second.starts_at - first.ends_at) >= timedelta(hours=rest_h)
    else:
        assert passed >= timedelta(hours=rest_h) or clock >= timedelta(hours=rest_h)
