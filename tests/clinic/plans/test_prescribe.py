"""Plans: what may be prescribed, by whom, and how they are changed."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select, text

from emscontrol.clinic.book.actor import Actor
from emscontrol.clinic.book.book import Book
from emscontrol.clinic.book.check import check
from emscontrol.clinic.plans import pinned as pinning
from emscontrol.clinic.plans.prescribe import PERMISSION, prescribe
from emscontrol.clinic.plans.slots import session_min, usual_slot_min
from emscontrol.clinic.plans.upkeep import CHANGEABLE, WAYS, change, channels, plans, turn, withdraw
from emscontrol.clinic.tables.people import Staff
from emscontrol.clinic.tables.plans import Plan, ProtocolText
from emscontrol.core.errors import (
    BookConflict,
    BookError,
    EmsError,
    IllegalTransition,
    NotAllowed,
    ProtocolFileError,
    SafetyRefusal,
    UsageError,
)
from emscontrol.protocol.library import load_named
from emscontrol.protocol.load import LoadedProtocol, load_text
from emscontrol.protocol.parts import Use
from tests.clinic.conftest import NOW, READER, SPECIALIST, SUPERVISOR, THERAPIST
from tests.clinic.plans.material import order, plan_of
from tests.clinic.sessions.material import people

ACL = load_named("acl-quadriceps")
NOT_RECOMMENDED = load_text(ACL.text.replace("use: standard", "use: not_recommended"))


def _made(book: Book, name: str = "acl-quadriceps", **other: Any) -> int:
    with book.writing(THERAPIST, NOW) as session:
        people(session)
        return plan_of(session, name, **other).id


def test_a_plan_has_the_protocol_as_it_is_now_and_every_channel_on_its_side(book: Book) -> None:
    number = _made(book, sides={1: "left", 2: "right"}, progression="strength")
    with book.reading() as session:
        plan = session.get_one(Plan, number)
        assert (plan.protocol_sha256, plan.status, plan.goal, plan.starts_on) == (
            ACL.sha256,
            "active",
            "climb stairs",
            "2026-03-02",
        )
        assert (plan.rest_min_h, plan.slot_min, plan.prescribed_by) == (48, 50, "sven")
        assert [(c.channel, c.muscle, c.side, c.area_mm2) for c in channels(session, number)] == [
            (1, "quad_rf", "left", 4500),
            (2, "quad_vm", "right", 4500),
        ]
        assert pinning.pinned(session, ACL.sha256) == load_text(ACL.text)
        assert [plan.id for plan in plans(session, "P-1", "active")] == [number]
        assert plans(session, status="paused") == []
        assert list(check(session)) == []


def test_the_slot_is_that_of_the_session_and_its_set_up() -> None:
    assert session_min(ACL) == 18  # 5 × 18 s, 15 × 60 s, 5 × 18 s
    assert (usual_slot_min(ACL, 0), usual_slot_min(ACL, 10)) == (40, 50)


REFUSED: list[tuple[dict[str, Any], type[EmsError], str]] = [
    ({"sides": {1: "left"}}, ProtocolFileError, "sides were given for 1"),
    ({"sides": {1: "left", 2: "either"}}, ProtocolFileError, "not on 'either'"),
    ({"goal": " "}, UsageError, "A plan has a goal"),
    ({"sessions_per_week": 0}, UsageError, "cannot have 0 sessions a week"),
    ({"sessions_per_week": 15, "rest_min_h": 0}, UsageError, "cannot have 15 sessions a week"),
    ({"weeks": 105}, UsageError, "cannot have 105 weeks"),
    ({"sessions_per_week": 4}, UsageError, "4 sessions a week do not leave 48 h"),
    ({"slot_min": 37}, UsageError, "the session lasts 18 min"),
    ({"patient": "P-2"}, UsageError, "no patient 'P-2'"),
    ({"therapist": "ana"}, UsageError, "The nearest is anna"),
    ({"stimulator": "S-9"}, UsageError, "no stimulator 'S-9'"),
    ({"progression": "strong"}, UsageError, "no progression rules called 'strong'"),
]


def test_what_makes_no_sense_is_refused_and_nothing_is_kept(book: Book) -> None:
    with book.writing(THERAPIST, NOW) as session:
        people(session)
    for other, kind, sentence in REFUSED:
        with pytest.raises(kind, match=sentence), book.writing(THERAPIST, NOW) as session:
            prescribe(session, THERAPIST, ACL, order(**other))
    with book.reading() as session:
        assert session.scalar(select(func.count()).select_from(Plan)) == 0
        assert session.scalar(select(func.count()).select_from(ProtocolText)) == 0


def test_a_muscle_that_is_not_offered_is_not_prescribed(book: Book) -> None:
    with book.writing(THERAPIST, NOW) as session:
        people(session)
        chest = load_text(ACL.text.replace("quad_rf", "pec"))
        with pytest.raises(SafetyRefusal, match="is not stimulated"):
            prescribe(session, SPECIALIST, chest, order())


def test_somebody_who_has_left_treats_nobody(book: Book) -> None:
    with book.writing(THERAPIST, NOW) as session:
        people(session)
        staff = session.scalars(select(Staff)).one()
        staff.withdrawn_at, staff.withdrawn_by, staff.withdrawn_why = NOW, "sofia", "has left"
        with pytest.raises(UsageError, match="was withdrawn: has left"):
            prescribe(session, THERAPIST, ACL, order())


def test_each_use_has_its_permission() -> None:
    assert set(PERMISSION) == set(Use)


ALLOWED: list[tuple[Actor, LoadedProtocol, bool]] = [
    (THERAPIST, ACL, True),
    (SUPERVISOR, ACL, True),
    (READER, ACL, False),
    (THERAPIST, NOT_RECOMMENDED, False),
    (SPECIALIST, NOT_RECOMMENDED, True),
    (THERAPIST, load_text(ACL.text.replace("use: standard", "use: specialist")), False),
    (SPECIALIST, load_text(ACL.text.replace("use: standard", "use: specialist")), True),
    (Actor("x", "stranger", ""), ACL, False),
]


def test_who_may_prescribe_what(sqlite_book: Book) -> None:
    with sqlite_book.writing(THERAPIST, NOW) as session:
        people(session)
        for actor, loaded, allowed in ALLOWED:
            if allowed:
                assert prescribe(session, actor, loaded, order()).prescribed_by == actor.code
            else:
                with pytest.raises(NotAllowed, match="may not"):
                    prescribe(session, actor, loaded, order())


def test_the_text_is_pinned_once_and_believed_only_while_its_hash_fits(book: Book) -> None:
    _made(book)
    with book.writing(THERAPIST, NOW) as session:
        plan_of(session, "acl-quadriceps")
    with book.reading() as session:
        assert session.scalar(select(func.count()).select_from(ProtocolText)) == 1
    with book.engine.connect() as connection:
        connection.execute(text("UPDATE protocols SET text = replace(text, 'fraction: 1}', 'fraction: 0.9}')"))
        connection.commit()
    with book.reading() as session, pytest.raises(BookError, match="its hash does not fit"):
        pinning.pinned(session, ACL.sha256)
    with book.reading() as session, pytest.raises(BookError, match="no protocol with the hash"):
        pinning.pinned(session, "0" * 64)


def test_a_newer_revision_in_the_library_is_told_and_changes_no_plan(book: Book) -> None:
    old = load_text(ACL.text.replace("off_s: 50", "off_s: 40"))
    with book.writing(THERAPIST, NOW) as session:
        people(session)
        plan = plan_of(session, old)
        plan_of(session, ACL)
        home_made = plan_of(session, load_text(ACL.text.replace("id: acl-quadriceps", "id: home-made")))
        newer_here = plan_of(session, load_text(ACL.text.replace("revision: 1", "revision: 2")))
        found = pinning.newer(session, plan.protocol_sha256)
        assert found is not None
        assert found.sentence() == "The library has another text of acl-quadriceps under the same revision 1."
        assert pinning.newer(session, ACL.sha256) is None
        assert pinning.newer(session, home_made.protocol_sha256) is None
        assert pinning.newer(session, newer_here.protocol_sha256) is None
        assert plan.protocol_sha256 == old.sha256
    assert pinning.Newer("acl", 1, 3, "").sentence() == "The library has revision 3 of acl; revision 1 is prescribed."


def test_figures_of_a_plan_change_as_somebody_saw_it(book: Book) -> None:
    number = _made(book)
    with book.writing(THERAPIST, NOW) as session:
        changed = change(
            session, THERAPIST, number, 1, goal="walk\n a mile", weeks=8, starts_on=date(2026, 3, 9), progression="endurance"
        )
        assert (changed.goal, changed.weeks, changed.starts_on, changed.version) == ("walk a mile", 8, "2026-03-09", 2)
    with pytest.raises(BookConflict, match="anna changed it"), book.writing(SUPERVISOR, NOW) as session:
        change(session, SUPERVISOR, number, 1, weeks=9)
    for values, sentence in (
        ({"rest_min_h": 72}, "do not leave 72 h"),
        ({"slot_min": 20}, "slot of 20 min does not fit"),
        ({"patient_id": 2}, "patient_id of a plan cannot be changed"),
        ({"starts_on": "soon"}, "'soon' is no day"),
        ({"therapist": "nobody"}, "no member of staff 'nobody'"),
        ({"stimulator": "nothing"}, "no stimulator 'nothing'"),
        ({"goal": ""}, "has a goal"),
        ({"progression": "x"}, "no progression rules"),
        ({"sessions_per_week": 99}, "cannot have 99 sessions a week"),
    ):
        with pytest.raises(UsageError, match=sentence), book.writing(THERAPIST, NOW) as session:
            change(session, THERAPIST, number, 2, **values)
    with pytest.raises(NotAllowed), book.writing(READER, NOW) as session:
        change(session, READER, number, 2, weeks=9)
    assert "protocol_sha256" not in CHANGEABLE


def test_a_plan_is_paused_resumed_finished_and_then_stays_as_it_is(book: Book) -> None:
    number = _made(book)
    version = 1
    for way, status in (("pause", "paused"), ("resume", "active"), ("pause", "paused"), ("finish", "finished")):
        with book.writing(THERAPIST, NOW) as session:
            assert turn(session, THERAPIST, number, version, way).status == status
        version += 1
    for way in WAYS:
        with pytest.raises(IllegalTransition, match="is finished"), book.writing(THERAPIST, NOW) as session:
            turn(session, THERAPIST, number, version, way)
    with pytest.raises(IllegalTransition, match="is finished"), book.writing(THERAPIST, NOW) as session:
        change(session, THERAPIST, number, version, weeks=9)
    with pytest.raises(UsageError, match="cannot be 'burn'"), book.writing(THERAPIST, NOW) as session:
        turn(session, THERAPIST, number, version, "burn")


def test_a_plan_that_was_taken_back_is_listed_no_more(book: Book) -> None:
    number = _made(book)
    with pytest.raises(UsageError, match="needs a reason"), book.writing(THERAPIST, NOW) as session:
        withdraw(session, THERAPIST, NOW, number, 1, "")
    with book.writing(THERAPIST, NOW) as session:
        withdraw(session, THERAPIST, NOW, number, 1, "wrong patient")
    with book.reading() as session:
        assert plans(session) == []
    with pytest.raises(UsageError, match="was withdrawn: wrong patient"), book.writing(THERAPIST, NOW) as session:
        turn(session, THERAPIST, number, 2, "pause")
