"""How an appointment stands, and in which week it is."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emscontrol.clinic.course.course import Performed, Record, Standing
from emscontrol.clinic.course.report import course_report
from emscontrol.clinic.course.weeks import State, kept, state_of, week_of, weeks
from emscontrol.record.reports.text import text
from tests.clinic.conftest import NOW
from tests.clinic.course.material import course, occasion, page, performed

BERLIN = ZoneInfo("Europe/Berlin")
BEFORE = NOW - timedelta(days=1)


@pytest.mark.parametrize(
    ("status", "given", "state"),
    [
        ("done", [performed(1, BEFORE)], State.WHOLE),
        ("done", [performed(1, BEFORE, 3)], State.SHORT),
        ("done", [performed(1, BEFORE, 1), performed(1, BEFORE, 3)], State.WHOLE),  # broken off, and gone on with
        (
            "done",
            [performed(1, BEFORE, 0, result="completed", contractions_prescribed=0)],
            State.WHOLE,
        ),  # nothing to give, and done
        ("done", [performed(1, BEFORE, 0, result="fault")], State.UNKNOWN),
        ("done", [], State.UNKNOWN),  # its record is no longer there
        ("missed", [], State.MISSED),
        ("cancelled", [performed(1, BEFORE)], State.CANCELLED),
        ("booked", [], State.UNKNOWN),  # over, and nobody has said what became of it
    ],
)
def test_an_appointment_that_is_over_stands_by_what_is_known_of_it(status: str, given: list[Performed], state: State) -> None:
    assert state_of(occasion(1, BEFORE, status), given, NOW) is state


def test_one_is_to_come_until_its_end() -> None:
    booked = occasion(1, NOW, "booked")
    assert state_of(booked, [], booked.ends_at - timedelta(seconds=1)) is State.AHEAD
    assert state_of(booked, [], booked.ends_at) is State.UNKNOWN


def test_a_session_that_does_not_count_makes_no_appointment_done() -> None:
    for status in ("booked", "done"):
        plan = page([occasion(1, BEFORE, status)])
        [each] = kept(plan, [performed(1, BEFORE, counts=False)], NOW)
        assert each.state is State.UNKNOWN, status


@pytest.mark.parametrize("standing", Standing)
def test_a_week_with_a_session_that_nothing_bears_out_has_a_mark(standing: Standing) -> None:
    record = Record(standing, "ab" * 32, "x")
    sessions = [performed(None, NOW), performed(None, NOW, record=record), performed(None, NOW + timedelta(days=7))]
    found = weeks(page(), [], sessions, BERLIN)
    doubt = "!" if standing in (Standing.BROKEN, Standing.DIFFERS, Standing.GONE) else ""
    assert [week.name for week in found][:3] == [f"1{doubt}", "2", "3"]
    told = text(course_report(course(page(), sessions)))
    assert ("do not rely on them" in " ".join(told.split())) is bool(doubt)


@pytest.mark.parametrize(
    ("moment", "week"),
    [
        (datetime(2026, 3, 1, 22, 59, tzinfo=UTC), 0),
        (datetime(2026, 3, 1, 23, 0, tzinfo=UTC), 1),  # midnight in Berlin
        (datetime(2026, 3, 8, 22, 59, tzinfo=UTC), 1),
        (datetime(2026, 3, 8, 23, 0, tzinfo=UTC), 2),
        (datetime(2026, 3, 29, 21, 59, tzinfo=UTC), 4),  # the day of the change to summer time
        (datetime(2026, 3, 29, 22, 0, tzinfo=UTC), 5),
    ],
)
def test_weeks_begin_at_midnight_at_the_clinic(moment: datetime, week: int) -> None:
    assert week_of(moment, date(2026, 3, 2), BERLIN) == week


SESSIONS = st.lists(
    st.builds(
        performed,
        st.just(None),
        st.integers(-30, 90).map(lambda days: NOW + timedelta(days=days)),
        st.integers(0, 8),
        counts=st.booleans(),
        charge_pc=st.integers(0, 10**12),
        duration_us=st.integers(0, 10**10),
    ),
    max_size=12,
)
APPOINTMENTS = st.lists(
    st.builds(
        occasion,
        st.integers(1, 10**6),
        st.integers(-30, 90).map(lambda days: NOW + timedelta(days=days)),
        st.sampled_from(("booked", "done", "missed", "cancelled")),
    ),
    max_size=12,
)


@settings(max_examples=30)
@given(SESSIONS, APPOINTMENTS)
def test_nothing_is_lost_or_counted_twice_between_the_weeks(sessions: list[Performed], appointments: list[object]) -> None:
    plan = page(appointments)  # type: ignore[arg-type]
    found = weeks(plan, kept(plan, sessions, NOW), sessions, BERLIN)
    dose = [session for session in sessions if session.counts and session.contractions]
    assert sum(week.sessions for week in found) == len(dose)
    assert sum(week.prescribed for week in found) == sum(session.contractions_prescribed for session in dose)
    for figure in ("contractions", "duration_us", "charge_pc"):
        assert sum(getattr(week, figure) for week in found) == sum(getattr(session, figure) for session in dose)
    assert sum(len(week.states) for week in found) == sum(each.status != "cancelled" for each in appointments)  # type: ignore[attr-defined]
    numbers = [week.number for week in found]
    assert numbers == list(range(numbers[0], numbers[-1] + 1))
    assert {1, 2, 3, 4, 5, 6} <= set(numbers)
