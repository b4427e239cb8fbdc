"""Steps are proposed with their reason, decided by a person, and only then in the protocol of the next session."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from emscontrol.clinic.book.book import Book
from emscontrol.clinic.book.check import check
from emscontrol.clinic.plans.facts import Given
from emscontrol.clinic.plans.progression import Proposal
from emscontrol.clinic.plans.rules import progression
from emscontrol.clinic.plans.steps import (
    accept,
    changes_now,
    is_a_first,
    is_first,
    open_step,
    outlook,
    prescribed_now,
    propose_step,
    protocol_now,
    refuse,
)
from emscontrol.clinic.tables.plans import Plan, PlanStep
from emscontrol.core.errors import BookConflict, NotAllowed, UsageError
from emscontrol.protocol.changes import Changes
from emscontrol.protocol.library import load_named
from emscontrol.protocol.load import LoadedProtocol
from tests.clinic.conftest import NOW, READER, SUPERVISOR, THERAPIST
from tests.clinic.plans.material import answer, day, gentle_shoulder, given, outcomes, plan_of, threshold, with_fraction
from tests.clinic.sessions.material import people

WEEK = (0, 2, 4, 7)


def _fine(session: Session, at: float = 8) -> None:
    """The day after the last session: little pain and soreness, everything measured."""
    outcomes(session, at, nrs=1, doms=2, skin=0, mvc=80)
    threshold(session, at)


class Story(NamedTuple):
    """What has happened when a rule speaks, and what then changes."""

    rule: str
    protocol: str | LoadedProtocol
    plan: dict[str, Any]
    happens: Callable[[Session, Plan], None]
    at: float
    words: str
    changes: Changes = Changes()


def _borne(days: Sequence[float] = WEEK, at: float = 8, **felt: float) -> Callable[[Session, Plan], None]:
    def happens(session: Session, plan: Plan) -> None:
        given(session, plan, days)
        _fine(session, at)
        outcomes(session, at + 0.1, **felt)

    return happens


def _too_close(session: Session, plan: Plan) -> None:
    given(session, plan, (0, 1, 3))
    _fine(session, 4)


def _at_the_limit(session: Session, plan: Plan) -> None:
    given(session, plan, WEEK, comfort_ua=130_000)
    _fine(session)


def _short(session: Session, plan: Plan) -> None:
    given(session, plan, (0, 3))
    given(session, plan, (6,), contractions=20)
    _fine(session)


def _feverish(session: Session, plan: Plan) -> None:
    answer(session, -1, "INFECTION", "no")
    given(session, plan, WEEK)
    answer(session, 8, "INFECTION", "yes")


def _unchanged(session: Session, plan: Plan) -> None:
    given(session, plan, (*WEEK, 28))
    for at in (0, 14, 29):
        outcomes(session, at, mvc=80, girth=45)
    threshold(session, 29)


def _months(session: Session, plan: Plan) -> None:
    given(session, plan, (0, 90))
    for at in (0, 92):
        outcomes(session, at, girth=45)
    threshold(session, 92)


def _answers(session: Session, plan: Plan) -> None:
    given(session, plan, (*WEEK, 14))
    outcomes(session, 14.5, evoked=0.5, girth=45)
    threshold(session, 14.5)


LIGHTER = with_fraction("acl-quadriceps", "1", "0.9")
STORIES = [
    Story("P2", "acl-quadriceps", {}, _too_close, 5, "24 h apart"),
    Story("P3-contractions", "acl-quadriceps", {}, _borne(), 8.5, "five contractions more", Changes(contractions=5)),
    Story("P3-minutes", "wrist-extensors-stroke", {"slot_min": 60}, _borne(), 8.5, "five minutes", Changes(work_s=300)),
    Story("P4-three", "acl-quadriceps", {}, _borne((*WEEK, 14), 15), 15.5, "Day 15", Changes(off_ms=-20_000)),
    Story(
        "P5",
        "sci-quadriceps-doublets",
        {"progression": "fatigue-prone"},
        _borne((*WEEK, 14), 15),
        15.5,
        "5 Hz",
        Changes(rate_mhz=5000),
    ),
    Story("P6", LIGHTER, {}, _borne((0,), 1), 1.5, "a little more", Changes(fraction_milli=30)),
    Story("P7", "immobilised-quadriceps", {"slot_min": 90}, _at_the_limit, 8.5, "50 µs", Changes(contractions=0, width_us=50)),
    Story(
        "P8-more", "sci-quadriceps-resistance", {"sessions_per_week": 2, "progression": "resistance"}, _borne(), 8.5, "weight"
    ),
    Story(
        "P8-less", "sci-quadriceps-resistance", {"sessions_per_week": 2, "progression": "resistance"}, _short, 8.5, "a fifth"
    ),
    Story(
        "P9",
        gentle_shoulder(),
        {"progression": "shoulder", "slot_min": 120},
        _borne((0,), 1),
        2.5,
        "half an hour",
        Changes(work_s=1800),
    ),
    Story(
        "P10",
        "foot-drop-strengthening",
        {"progression": "foot-drop", "slot_min": 120},
        _borne((0,), 1),
        1.5,
        "a quarter",
        Changes(work_s=900),
    ),
    Story(
        "P11",
        "foot-drop-strengthening",
        {"progression": "cycling", "slot_min": 120},
        _borne(),
        8.5,
        "five minutes",
        Changes(work_s=300),
    ),
    Story("P12-pause", "acl-quadriceps", {}, _feverish, 8.5, "paused"),
    Story("P13", "acl-quadriceps", {}, _unchanged, 29.5, "29 days"),
    Story("P13-denervated", "denervated-quadriceps-twitches", {"progression": "denervated"}, _months, 92.5, "92 days"),
    Story("P14", "acl-quadriceps", {}, lambda session, plan: given(session, plan, WEEK), 8.5, "8 days ago"),
    Story("L1-stage", "denervated-quadriceps-twitches", {"progression": "denervated"}, _answers, 15, "next stage"),
]
ELSEWHERE = {"P1", "P3-pain", "P3-soreness", "P3-fatigue", "P4-two", "P4-one", "P12-restart", "P12-back"}
"""Told by tests of their own below, or the same as another but for a figure."""


def _plan(session: Session, name: str | LoadedProtocol = "acl-quadriceps", **other: Any) -> Plan:
    people(session)
    return plan_of(session, name, **({"progression": "strength"} | other))


def test_there_is_a_story_for_every_rule() -> None:
    assert {story.rule for story in STORIES} | ELSEWHERE == set(progression().rules)


@pytest.mark.parametrize("story", STORIES, ids=[story.rule for story in STORIES])
def test_a_step_is_proposed_with_its_reason_and_changes_nothing_until_a_person_accepts_it(
    sqlite_book: Book, story: Story
) -> None:
    at = day(story.at)
    with sqlite_book.writing(THERAPIST, NOW) as session:
        plan = _plan(session, story.protocol, **story.plan)
        story.happens(session, plan)
        before = protocol_now(session, plan, 9)
        step = propose_step(session, plan, at)
        assert step is not None
        assert (step.rule, step.decision, step.proposed_at) == (story.rule, "open", at)
        assert story.words in step.reason
        assert step.facts
        assert propose_step(session, plan, at) is step  # one at a time
        assert (protocol_now(session, plan, 9), changes_now(session, plan)) == (before, Changes())
        accept(session, THERAPIST, at, step.id, step.version)
        assert (step.decision, step.decided_by, step.decided_at) == ("accepted", "anna", at)
        assert changes_now(session, plan) == story.changes
        after = protocol_now(session, plan, 9)
        assert (after == before) is not bool(story.changes)
        assert after.sha256 == before.sha256 or after.protocol != before.protocol
        assert plan.status == ("paused" if story.rule == "P12-pause" else "active")
        again = propose_step(session, plan, at)
        assert again is None or again.rule != story.rule


def _accepted(session: Session, plan: Plan, at: datetime) -> PlanStep:
    step = propose_step(session, plan, at)
    assert step is not None
    return accept(session, THERAPIST, at, step.id, step.version)


def _main(session: Session, plan: Plan) -> tuple[int | None, int]:
    phase = prescribed_now(session, plan).protocol.phases[1]
    return phase.contractions, int(phase.groups[0].off_s)


def _outlook(session: Session, plan: Plan, at: datetime) -> Proposal:
    found = outlook(session, plan, at)
    assert found is not None
    return found


def test_the_first_session_is_gentle_and_so_is_whichever_comes_first(book: Book) -> None:
    with book.writing(THERAPIST, NOW) as session:
        plan = _plan(session)
        assert [phase.contractions for phase in protocol_now(session, plan, 1).protocol.phases] == [2, 6, 2]
        assert [phase.contractions for phase in protocol_now(session, plan, 2).protocol.phases] == [2, 6, 2]  # 1 was missed
        given(session, plan, (0,), counts=False)
        assert is_first(session, plan)  # a simulated one is none
        given(session, plan, (2,))
        assert [phase.contractions for phase in protocol_now(session, plan, 2).protocol.phases] == [5, 15, 5]
        assert [phase.contractions for phase in protocol_now(session, plan, 1).protocol.phases] == [2, 6, 2]
        assert "first session" in protocol_now(session, plan, 1).text.splitlines()[0]
        assert {channel.side.value for channel in protocol_now(session, plan, 2).protocol.channels.values()} == {"left"}


def test_a_first_session_that_was_stopped_before_three_quarters_of_it_was_none(book: Book) -> None:
    with book.writing(THERAPIST, NOW) as session:
        plan = _plan(session)
        given(session, plan, (0,), contractions=1)
        given(session, plan, (2,), contractions=18)  # of 25
        assert is_first(session, plan)
        assert [phase.contractions for phase in protocol_now(session, plan, 3).protocol.phases] == [2, 6, 2]
        given(session, plan, (4,), contractions=19)
        assert not is_first(session, plan)
        assert [phase.contractions for phase in protocol_now(session, plan, 4).protocol.phases] == [5, 15, 5]
    assert [is_a_first(Given(NOW, contractions, 8)) for contractions in (5, 6, 8)] == [False, True, True]


def test_accepted_steps_add_up_and_go_back_one_by_one(book: Book) -> None:
    with book.writing(THERAPIST, NOW) as session:
        plan = _plan(session, slot_min=60)
        given(session, plan, WEEK)
        _fine(session)
        assert _accepted(session, plan, day(8.5)).rule == "P3-contractions"
        given(session, plan, (9, 11, 14))
        _fine(session, 15)
        assert _accepted(session, plan, day(16)).rule == "P4-three"
        assert _main(session, plan) == (20, 30)
        given(session, plan, (17,))
        outcomes(session, 17.5, nrs=5)
        assert _accepted(session, plan, day(18)).rule == "P3-pain"
        assert _main(session, plan) == (20, 50)
        assert outlook(session, plan, day(18)) is None
        given(session, plan, (19,))
        assert outlook(session, plan, day(20)) is None  # that pain was before it went back
        found = _outlook(session, plan, day(19 + 14))
        assert (found.rule, found.changes) == ("P12-back", Changes(contractions=-5))
        assert _main(session, plan) == (20, 50)
        _accepted(session, plan, day(19 + 14))
        assert (changes_now(session, plan), _main(session, plan)) == (Changes(), (15, 50))
        assert [step.number for step in session.scalars(select(PlanStep).order_by(PlanStep.number))] == [1, 2, 3, 4]
    with book.reading() as session:
        assert list(check(session)) == []


def test_after_four_weeks_without_a_session_it_begins_again(book: Book) -> None:
    with book.writing(THERAPIST, NOW) as session:
        plan = _plan(session)
        given(session, plan, WEEK)
        _fine(session)
        _accepted(session, plan, day(8.5))
        step = propose_step(session, plan, day(7 + 28))
        assert step is not None
        assert (step.rule, step.changes) == ("P12-restart", {"do": "restart", "contractions": -5})
        assert not is_first(session, plan)
        accept(session, THERAPIST, day(36), step.id, step.version)
        assert [phase.contractions for phase in protocol_now(session, plan, 6).protocol.phases] == [2, 6, 2]
        given(session, plan, (37,))
        assert [phase.contractions for phase in protocol_now(session, plan, 7).protocol.phases] == [5, 15, 5]


def test_a_refused_step_changes_nothing_and_is_asked_again_after_another_session(book: Book) -> None:
    with book.writing(THERAPIST, NOW) as session:
        plan = _plan(session)
        given(session, plan, WEEK)
        _fine(session)
        step = propose_step(session, plan, day(8.5))
        assert step is not None
        with pytest.raises(UsageError, match="refusal needs a reason"):
            refuse(session, THERAPIST, day(8.5), step.id, step.version, " ")
        refuse(session, THERAPIST, day(8.5), step.id, step.version, "holiday next week")
        assert (step.decision, step.decided_why, changes_now(session, plan)) == ("refused", "holiday next week", Changes())
        assert propose_step(session, plan, day(8.6)) is None
        given(session, plan, (9,))
        again = propose_step(session, plan, day(9.5))
        assert again is not None
        assert (again.rule, again.number) == ("P3-contractions", 2)
        with pytest.raises(BookConflict, match="is refused already, by anna"):
            accept(session, THERAPIST, day(9.5), step.id, step.version)


def test_a_proposal_that_the_facts_no_longer_bear_out_is_not_accepted(book: Book) -> None:
    with book.writing(THERAPIST, NOW) as session:
        plan = _plan(session)
        given(session, plan, WEEK)
        _fine(session)
        step = propose_step(session, plan, day(8.5))
        assert step is not None
        outcomes(session, 9, nrs=6)
        with pytest.raises(BookConflict, match="now it would be: Pain was 6/10"):
            accept(session, THERAPIST, day(9.5), step.id, step.version)
        assert changes_now(session, plan) == Changes()
        assert propose_step(session, plan, day(9.5)) is None
        assert (step.decision, step.decided_why) == ("refused", "what it rested on has changed")
        assert _outlook(session, plan, day(9.5)).reason.startswith("Pain was 6/10")
        outcomes(session, 10, nrs=1)
        assert propose_step(session, plan, day(10.5)) is open_step(session, plan.id) is not None


@pytest.mark.parametrize(
    ("felt", "rule"), [({"nrs": 3.5}, "P3-pain"), ({"doms": 4}, "P3-soreness"), ({"fatigue": 30}, "P3-fatigue")]
)
def test_pain_soreness_and_fatigue_hold_the_level(sqlite_book: Book, felt: dict[str, float], rule: str) -> None:
    with sqlite_book.writing(THERAPIST, NOW) as session:
        plan = _plan(session)
        _borne(**felt)(session, plan)
        found = _outlook(session, plan, day(8.5))
        assert (found.rule, found.do) == (rule, "hold")
        assert propose_step(session, plan, day(8.5)) is None


def test_who_may_decide_and_who_looked_at_an_older_one(book: Book) -> None:
    with book.writing(THERAPIST, NOW) as session:
        plan = _plan(session)
        given(session, plan, WEEK)
        _fine(session)
        step = propose_step(session, plan, day(8.5))
        assert step is not None
        number, plan_number = step.id, plan.id
    for decide in (
        lambda session: accept(session, READER, day(8.5), number, 1),
        lambda session: refuse(session, READER, day(8.5), number, 1, "no"),
    ):
        with pytest.raises(NotAllowed, match="accept or refuse the next step"), book.writing(READER, NOW) as session:
            decide(session)
    with book.writing(THERAPIST, day(8.5)) as session:
        accept(session, THERAPIST, day(8.5), number, 1)
    with pytest.raises(BookConflict, match="anna changed it"), book.writing(SUPERVISOR, day(9)) as session:
        refuse(session, SUPERVISOR, day(9), number, 1, "too early")
    with book.reading() as session:
        assert changes_now(session, session.get_one(Plan, plan_number)) == Changes(contractions=5)


def test_a_session_that_no_longer_fits_the_slot_is_not_accepted(sqlite_book: Book) -> None:
    with sqlite_book.writing(THERAPIST, NOW) as session:
        plan = _plan(session, slot_min=40)
        given(session, plan, WEEK)
        _fine(session)
        step = propose_step(session, plan, day(8.5))
        assert step is not None
        with pytest.raises(UsageError, match="the session lasts 23 min"):
            accept(session, THERAPIST, day(8.5), step.id, step.version)
        assert changes_now(session, plan) == Changes()


def test_nothing_is_proposed_for_a_plan_that_is_paused_or_has_not_begun(sqlite_book: Book) -> None:
    with sqlite_book.writing(THERAPIST, NOW) as session:
        plan = _plan(session)
        assert propose_step(session, plan, day(3)) is None
        given(session, plan, WEEK)
        plan.status = "paused"
        assert propose_step(session, plan, day(20)) is None
        plan.status = "active"
        assert _outlook(session, plan, day(20)).rule == "P14"


def test_the_library_as_a_whole_can_be_prescribed_given_gently_and_goes_on(sqlite_book: Book) -> None:
    with sqlite_book.writing(THERAPIST, NOW) as session:
        people(session)
        for name in ("calf-pump", "shoulder-subluxation-stroke", "sci-quadriceps-resistance", "denervated-tibialis-triangular"):
            plan = plan_of(session, name, sessions_per_week=2, progression="hold")
            assert protocol_now(session, plan, 1).protocol.id == name
            assert prescribed_now(session, plan).protocol.phases == load_named(name).protocol.phases
