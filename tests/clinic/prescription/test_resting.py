"""Rest after sessions whose clock, or whose successor's clock, was wrong."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from emscontrol.clinic.book.book import Book
from emscontrol.clinic.prescription.resting import Worked, require_rest, worked
from emscontrol.clinic.sessions.index import hand_in
from emscontrol.clinic.tables.plans import Plan, PlanChannel
from emscontrol.core.errors import SafetyRefusal
from tests.clinic.conftest import NOW, THERAPIST
from tests.clinic.sessions.material import Book as Told
from tests.clinic.sessions.material import booked, planned

ZONE = "Europe/Berlin"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.mark.parametrize("ahead", [timedelta(minutes=1), 47 * HOUR, 49 * HOUR, 30 * DAY])
def test_a_session_that_is_still_to_come_by_this_clock_leaves_no_muscle_rested(ahead: timedelta) -> None:
    future = Worked(NOW + ahead, NOW + ahead + HOUR, 48)
    with pytest.raises(SafetyRefusal, match="still to come by this station's clock") as refusal:
        require_rest([future], ZONE, NOW)
    assert refusal.value.rules == ("REST",)
    require_rest([future], ZONE, future.begins_at + 48 * HOUR)


@pytest.mark.parametrize("told", [NOW - 9500 * DAY, NOW - 3 * DAY, NOW + 365 * DAY])
def test_a_muscle_rests_from_a_session_whatever_its_clock_said_and_not_for_ever(book: Book, told: datetime) -> None:
    with book.writing(THERAPIST, NOW) as session:
        planned(session)
        content = booked(Told(book.about.uuid), told, real=True)
        hand_in(session, "a.jsonl", content, "room 1", NOW + HOUR, book.about)
    with book.reading() as session:
        plan = session.get_one(Plan, 1)
        rests = {h: worked(session, plan, session.scalars(select(PlanChannel)).all(), NOW + h * HOUR) for h in (2, 48, 73)}
    for hours in (2, 48):
        with pytest.raises(SafetyRefusal):
            require_rest(rests[hours], ZONE, NOW + hours * HOUR)
    require_rest(rests[73], ZONE, NOW + 73 * HOUR)
