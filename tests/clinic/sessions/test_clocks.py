"""A station's clock that is wrong shortens no rest and keeps nobody from his sessions for long."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emscontrol.clinic.sessions.clocks import EARLY, SKEW, counted_at, is_possible, sentence
from tests.clinic.conftest import NOW

MIN, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
LONG_AGO = NOW - timedelta(days=9500)  # a clock that has lost its battery
MOMENTS = st.integers(-500_000, 500_000).map(lambda minutes: NOW + minutes * MIN)

CASES: list[tuple[str, datetime, datetime, datetime | None, datetime]] = [
    ("as it should be", NOW, NOW + HOUR, NOW, NOW),
    ("a day early", NOW - DAY, NOW + HOUR, NOW, NOW - DAY),
    ("more than a day early", NOW - DAY - MIN, NOW + HOUR, NOW, NOW + HOUR),
    ("handed in after a week", NOW, NOW + 7 * DAY, NOW, NOW),
    ("begun five minutes after it was handed in", NOW + 5 * MIN, NOW, NOW, NOW + 5 * MIN),
    ("begun six minutes after it was handed in", NOW + 6 * MIN, NOW, NOW, NOW + 6 * MIN),
    ("a clock that lost its battery", LONG_AGO, NOW + HOUR, NOW, NOW + HOUR),
    ("handed in by a clock that lost its battery", NOW + HOUR, LONG_AGO, NOW, NOW + HOUR),
    ("both by such a clock", LONG_AGO, LONG_AGO + HOUR, NOW, NOW),
    ("a clock a year ahead", NOW + 365 * DAY, NOW + HOUR, NOW, NOW + DAY),
    ("nothing planned is known", NOW, NOW + HOUR, None, NOW),
    ("nothing planned, ahead", NOW + HOUR, NOW, None, NOW + HOUR),
]


@pytest.mark.parametrize(("told", "handed_in_at", "planned", "at"), [case[1:] for case in CASES], ids=[c[0] for c in CASES])
def test_a_session_counts_when_it_can_have_been(
    told: datetime, handed_in_at: datetime, planned: datetime | None, at: datetime
) -> None:
    assert counted_at(told, handed_in_at, planned) == at


@given(MOMENTS, MOMENTS, MOMENTS)
def test_what_cannot_be_counts_no_earlier_than_it_was_handed_in_or_planned_and_no_later_than_anything_speaks_for(
    told: datetime, handed_in_at: datetime, planned: datetime
) -> None:
    at = counted_at(told, handed_in_at, planned)
    if is_possible(told, handed_in_at, planned):
        assert at == told
        assert planned - EARLY <= at <= handed_in_at + SKEW
    else:
        assert max(handed_in_at, planned) <= at <= max(handed_in_at, planned + EARLY)


def test_the_sentence_says_what_does_not_fit_and_when_it_counts() -> None:
    assert sentence(LONG_AGO, NOW + HOUR, NOW) == (
        "It says that it began on 2000-02-27 09:00 UTC, which does not fit what was planned (2026-03-02 09:00 UTC) and when it "
        "was handed in (2026-03-02 10:00 UTC): a clock was wrong. It counts on 2026-03-02 10:00 UTC."
    )
