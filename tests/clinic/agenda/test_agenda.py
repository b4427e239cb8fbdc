"""A day's agenda: who comes, and what is due before. Expectations are from what was written into the book."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import event, text
from sqlalchemy.orm import Session

from emscontrol.clinic.agenda.agenda import WITHOUT_END, agenda_of, next_for
from emscontrol.clinic.agenda.entry import DUE, AgendaEntry
from emscontrol.clinic.appointments.booking import ACTIVE
from emscontrol.clinic.appointments.booking import book as book_one
from emscontrol.clinic.appointments.changing import cancel
from emscontrol.clinic.book.actor import Actor
from emscontrol.clinic.book.book import Book
from emscontrol.clinic.patients.outcomes import Entered, record_outcome
from emscontrol.clinic.plans.slots import ACTIVE as ACTIVE_PLAN
from emscontrol.clinic.screening.acknowledging import acknowledge
from emscontrol.clinic.screening.answering import due_questions, give_answer
from emscontrol.clinic.screening.load import shipped_rules
from emscontrol.clinic.screening.overrides import give_override
from emscontrol.clinic.sessions.read_journal import INTERRUPTED
from emscontrol.clinic.staff.keep import list_staff
from emscontrol.clinic.tables.findings import ScreeningAnswer, Threshold
from emscontrol.clinic.tables.people import ElectrodeSet, Staff
from emscontrol.clinic.tables.plans import PlanStep
from emscontrol.clinic.tables.sessions import SessionChannel, SessionEntry
from emscontrol.safety.screening import Place
from emscontrol.safety.screening_facts import Answer
from emscontrol.safety.screening_grounds import NOT_ASKED
from tests.clinic.appointments.material import HASH, at, people, plan
from tests.clinic.conftest import NOW, SPECIALIST, SUPERVISOR, THERAPIST
from tests.clinic.plans.material import plan_of

DAY = date(2026, 3, 2)
STEP = {
    "rule": "on_time",
    "changes": {},
    "reason": "x",
    "facts": {},
    "decided_at": None,
    "decided_by": None,
    "decided_why": None,
}


def _session(session: Session, opened_at: datetime, result: str = "completed", pads: int | None = None, **more: object) -> None:
    values = {"simulated": False, "counts": True} | more
    row = SessionEntry(
        journal_id=f"{opened_at.timestamp()}",
        patient_id=1,
        plan_id=1,
        appointment_id=None,
        opened_at=opened_at,
        duration_us=1,
        result=result,
        reason="",
        device="",
        staff="",
        protocol_sha256=HASH,
        contractions_prescribed=1,
        contractions=1,
        pulses=1,
        charge_pc=1,
        finding="",
        **values,
    )
    session.add(row)
    session.flush()
    figures = {"comfort_ua": 1, "peak_ua": 1, "contractions": 1, "pulses": 1, "charge_pc": 1, "on_us": 1}
    for channel in (1, 2) if pads else ():
        place = {"muscle": "quad_all", "side": "left", "electrode_set_id": pads}
        session.add(SessionChannel(session_id=row.id, channel=channel, **place, **figures))


def _threshold(session: Session, muscle: str, side: str, measured_at: datetime, kind: str = "comfort") -> Threshold:
    row = Threshold(
        patient_id=1,
        muscle=muscle,
        side=side,
        kind=kind,
        area_mm2=4500,
        width_us=300,
        rate_mhz=None,
        amplitude_ua=40_000,
        how="by hand",
        journal_id=None,
        measured_at=measured_at,
        measured_by="anna",
    )
    session.add(row)
    return row


def _pads(session: Session, label: str, opened_on: str, uses_before: int = 0) -> int:
    row = ElectrodeSet(patient_id=1, label=label, area_mm2=4500, opened_on=opened_on, uses_before=uses_before, uses_max=30)
    session.add(row)
    session.flush()
    return row.id


def _asked(session: Session, patient: int = 1, now: datetime = NOW) -> None:
    """Every question answered with no."""
    for rule in shipped_rules().rules:
        if rule.id not in NOT_ASKED:
            give_answer(session, THERAPIST, now, patient, rule.id, Answer.NO)


@pytest.fixture
def clinic(book: Book) -> Book:
    """P-1 comes on Monday at 11:00 for two muscles, with nothing due: asked, measured, new electrodes."""
    with book.writing(THERAPIST, NOW) as session:
        people(session)
        plan(session, 1, (("quad_all", "left"), ("ham", "left")))
        plan(session, 2, therapist="bert", stimulator="S-2")
        book_one(session, 1, at("2026-03-02 11:00"), NOW, book.about, plan_id=1)
        _asked(session)
        for muscle in ("quad_all", "ham"):
            _threshold(session, muscle, "left", NOW - timedelta(days=6))
        _pads(session, "thigh", "2026-02-01")
    return book


def _due(book: Book, now: datetime = NOW, day: date = DAY) -> list[tuple[str, str]]:
    with book.reading() as session:
        return [(each.kind, each.sentence) for entry in agenda_of(session, day, now, book.about) for each in entry.due]


def test_a_day_has_its_appointments_in_order_and_of_whom_and_what(clinic: Book) -> None:
    with clinic.writing(THERAPIST, NOW) as session:
        book_one(session, 2, at("2026-03-02 10:15"), NOW, clinic.about, plan_id=2)
        book_one(session, 3, at("2026-03-02 16:00"), NOW, clinic.about, minutes=30)
        book_one(session, 2, at("2026-03-04 10:15"), NOW, clinic.about, plan_id=2)
        gone = book_one(session, 3, at("2026-03-02 17:00"), NOW, clinic.about, minutes=30)
        cancel(session, gone.id, "ill")
    with clinic.reading() as session:
        found = agenda_of(session, DAY, NOW, clinic.about)
        assert [(each.patient, each.number, each.whole, each.status) for each in found] == [
            ("P-2", 1, 18, "booked"),
            ("P-1", 1, 18, "booked"),
            ("P-3", None, None, "booked"),
            ("P-3", None, None, "cancelled"),
        ]
        assert (found[1].title, found[1].therapist, found[1].stimulator) == ("Strength", "anna", "S-1")
        assert (found[3].reason, found[3].due) == ("ill", ())
        assert [each.patient for each in agenda_of(session, DAY, NOW, clinic.about, "bert")] == ["P-2"]
        assert agenda_of(session, date(2026, 3, 3), NOW, clinic.about) == []


def test_nothing_is_due_where_everything_is_done(clinic: Book) -> None:
    assert _due(clinic) == []


def test_a_day_is_the_clinics_day_also_where_the_clocks_change(clinic: Book) -> None:
    with clinic.writing(THERAPIST, NOW) as session:
        for begin in ("2026-03-28 23:30", "2026-03-29 00:00", "2026-03-29 23:15", "2026-03-30 00:00"):
            book_one(session, 3, at(begin), NOW, clinic.about, minutes=30)
    with clinic.reading() as session:
        found = agenda_of(session, date(2026, 3, 29), NOW, clinic.about)
        assert [each.starts_at for each in found] == [at("2026-03-29 00:00"), at("2026-03-29 23:15")]


def test_questions_are_due_when_nobody_asked_them_and_when_their_answers_no_longer_hold(clinic: Book) -> None:
    asked = [rule for rule in shipped_rules().rules if rule.id not in NOT_ASKED]
    later = NOW + timedelta(hours=5)
    again = [rule for rule in asked if rule.asked_h <= 5]
    assert 0 < len(again) < len(asked)
    with clinic.reading() as session:
        assert len(due_questions(session, 1, later)) == len(again)  # what the screening itself says
    assert _due(clinic, later) == [("screening", f"{len(again)} questions of the screening to be asked.")]
    with clinic.writing(THERAPIST, NOW) as session:
        book_one(session, 2, at("2026-03-02 12:00"), NOW, clinic.about, plan_id=2)
    assert ("screening", "The screening was never made.") in _due(clinic)


def test_one_answer_is_no_screening(clinic: Book) -> None:
    whole = sum(rule.id not in NOT_ASKED for rule in shipped_rules().rules)
    with clinic.writing(THERAPIST, NOW) as session:
        book_one(session, 2, at("2026-03-02 12:00"), NOW, clinic.about, plan_id=2)
        give_answer(session, THERAPIST, NOW, 2, "HEART", Answer.NO)
    assert ("screening", f"The screening is incomplete: {whole - 1} questions open.") in _due(clinic)
    with clinic.writing(THERAPIST, NOW) as session:
        _asked(session, 2)
    later = NOW + timedelta(days=400)
    assert ("screening", f"{whole} questions of the screening to be asked again.") in _due(clinic, later)


def test_an_answer_to_another_list_of_questions_answers_nothing(clinic: Book) -> None:
    with clinic.writing(THERAPIST, NOW) as session:
        for row in session.query(ScreeningAnswer).where(ScreeningAnswer.rule.in_(["HEART", "INTOX"])):
            row.rules_sha256 = HASH
    assert _due(clinic) == [("screening", "2 questions of the screening to be asked.")]


def test_a_yes_stands_until_it_is_overridden_acknowledged_or_answered_anew(clinic: Book) -> None:
    with clinic.writing(THERAPIST, NOW) as session:
        give_answer(session, THERAPIST, NOW, 1, "HEART", Answer.YES)
        caution = give_answer(session, THERAPIST, NOW, 1, "GEL_ALLERGY", Answer.UNKNOWN).id
        give_answer(session, THERAPIST, NOW, 1, "INTOX", Answer.YES)
    words = "The screening stands in the way until it is overridden or acknowledged: {}."
    assert _due(clinic) == [("standing", words.format("GEL_ALLERGY, HEART, INTOX"))]
    with clinic.writing(SPECIALIST, NOW) as session:
        give_override(session, SPECIALIST, NOW, 1, "HEART", "seen by a cardiologist", NOW + timedelta(days=1))
        acknowledge(session, SPECIALIST, NOW, 1, "GEL_ALLERGY", caution)
    assert _due(clinic) == [("standing", words.format("INTOX"))]
    with clinic.writing(THERAPIST, NOW) as session:
        give_answer(session, THERAPIST, NOW + timedelta(minutes=1), 1, "INTOX", Answer.NO)
    assert _due(clinic) == []
    assert ("standing", words.format("HEART")) in _due(clinic, NOW + timedelta(days=1), DAY)  # the override has ended


def test_a_yes_stands_in_the_way_only_where_it_counts_under_the_pads_of_the_plan(clinic: Book) -> None:
    """Skin that is broken at the left arm is no reason against pads on the left thigh."""
    with clinic.writing(THERAPIST, NOW) as session:
        thigh = plan_of(session, "acl-high-rate", THERAPIST, patient="P-2").id
        book_one(session, 2, at("2026-03-02 12:00"), NOW, clinic.about, plan_id=thigh)
        _asked(session, 2)
        give_answer(session, THERAPIST, NOW, 2, "SKIN", Answer.YES, [Place(region="arm", side="left")])
    assert "standing" not in _kinds(clinic, 2)
    with clinic.writing(THERAPIST, NOW) as session:
        give_answer(session, THERAPIST, NOW, 2, "SKIN", Answer.YES, [Place(region="thigh", side="left")])
    assert "standing" in _kinds(clinic, 2)
    with clinic.writing(THERAPIST, NOW) as session:
        give_answer(session, THERAPIST, NOW, 2, "SKIN", Answer.YES, [Place(region="arm", side="left")])
        book_one(session, 2, at("2026-03-02 15:00"), NOW, clinic.about, minutes=30)
    assert [kinds for kinds in _kinds_each(clinic, 2) if "standing" in kinds] == [("standing",)]  # of the one without a plan


def _kinds(book: Book, patient: int) -> set[str]:
    return {kind for kinds in _kinds_each(book, patient) for kind in kinds}


def _kinds_each(book: Book, patient: int) -> list[tuple[str, ...]]:
    with book.reading() as session:
        entries = [entry for entry in agenda_of(session, DAY, NOW, book.about) if entry.patient_id == patient]
        return [tuple(each.kind for each in entry.due) for entry in entries]


def test_an_override_counts_for_what_was_said_before_it_and_is_said_again(clinic: Book) -> None:
    stands = [("standing", "The screening stands in the way until it is overridden or acknowledged: HEART.")]
    with clinic.writing(SPECIALIST, NOW) as session:
        give_answer(session, SPECIALIST, NOW, 1, "HEART", Answer.UNKNOWN)
        give_override(session, SPECIALIST, NOW, 1, "HEART", "for whatever may come")
    for minutes, answer, expected in (
        (1, Answer.YES, stands),
        (2, Answer.NO, []),
        (3, Answer.UNKNOWN, stands),
        (4, None, []),
        (5, Answer.UNKNOWN, []),
        (6, Answer.YES, stands),
    ):
        at = NOW + timedelta(minutes=minutes)
        with clinic.writing(SPECIALIST, at) as session:
            if answer is None:
                give_override(session, SPECIALIST, at, 1, "HEART", "seen by a cardiologist")
            else:
                give_answer(session, SPECIALIST, at, 1, "HEART", answer)
        assert _due(clinic) == expected, minutes


def test_harm_to_the_skin_is_due_first_until_a_specialist_has_looked(clinic: Book) -> None:
    _skin(clinic, THERAPIST, "1")
    assert _due(clinic) == []
    _skin(clinic, THERAPIST, "3")
    mark = (
        "skin",
        "The skin was marked for more than 30 minutes, or worse, on 2026-03-02. "
        "Nothing is given until a specialist has looked at the skin and entered how it is.",
    )
    with clinic.writing(THERAPIST, NOW) as session:
        give_answer(session, THERAPIST, NOW, 1, "INTOX", Answer.YES)
    assert _due(clinic)[0] == mark
    assert [kind for kind, _ in _due(clinic)] == ["skin", "standing"]
    _skin(clinic, THERAPIST, "0")
    assert _due(clinic)[0] == mark
    _skin(clinic, SPECIALIST, "0")
    assert [kind for kind, _ in _due(clinic)] == ["standing"]


def test_harm_that_was_hidden_behind_the_programs_back_is_told_and_hides_nobody_elses_day(clinic: Book) -> None:
    _skin(clinic, THERAPIST, "3")
    with clinic.engine.begin() as connection:
        connection.execute(text("UPDATE outcomes SET taken_by = 'nobody'"))
    [(kind, sentence)] = _due(clinic)
    assert (kind, "behind the program's back" in sentence) == ("skin", True)


def _skin(book: Book, actor: Actor, value: str) -> None:
    with book.writing(SUPERVISOR, NOW) as session:
        if actor.code not in {row.code for row in list_staff(session)}:
            session.add(Staff(code=actor.code, name="x", role=actor.role, qualification="", secret=""))
    with book.writing(actor, NOW) as session:
        record_outcome(session, actor, NOW, 1, Entered("skin", value, NOW))


def test_thresholds_are_due_when_they_are_missing_or_older_than_the_book_allows(clinic: Book) -> None:
    week = NOW + timedelta(days=1)
    assert _thresholds(clinic, week - timedelta(seconds=1)) == []
    assert _thresholds(clinic, week) == [
        "Comfort threshold of quad_all left: 7 days old.",
        "Comfort threshold of ham left: 7 days old.",
    ]
    with clinic.writing(THERAPIST, NOW) as session:
        _threshold(session, "quad_all", "left", NOW)
        _threshold(session, "ham", "right", NOW)  # another side
        _threshold(session, "ham", "left", NOW, "motor")  # another kind
    assert _thresholds(clinic, week) == ["Comfort threshold of ham left: 7 days old."]
    with clinic.writing(THERAPIST, NOW) as session:
        session.get_one(Threshold, 2).withdrawn_at = NOW
    assert _thresholds(clinic, NOW) == ["Comfort threshold of ham left: never measured."]


def _thresholds(book: Book, now: datetime) -> list[str]:
    return [sentence for kind, sentence in _due(book, now) if kind == "threshold"]


def test_electrodes_are_due_after_their_uses_and_after_three_months(clinic: Book) -> None:
    with clinic.writing(THERAPIST, NOW) as session:
        used = _pads(session, "calf", "2026-02-01", uses_before=28)
        _pads(session, "arm", "2025-12-02")
        _pads(session, "foot", "2025-12-03")
        _session(session, NOW - timedelta(days=3), pads=used)  # on two channels, one use
    old = ("electrodes", "Electrodes arm: Opened on 2025-12-02; a set is renewed after 3 months.")
    assert _due(clinic) == [old]
    with clinic.writing(THERAPIST, NOW) as session:
        _session(session, NOW - timedelta(days=2), pads=used, counts=False)  # nobody had them on
    assert _due(clinic) == [old]
    with clinic.writing(THERAPIST, NOW) as session:
        _session(session, NOW - timedelta(days=1), pads=used)
    assert _due(clinic) == [("electrodes", "Electrodes calf: Used 30 times; a set is renewed after 30."), old]


def test_three_months_end_with_a_short_month(clinic: Book) -> None:
    with clinic.writing(THERAPIST, NOW) as session:
        _pads(session, "arm", "2025-11-30")  # three months on is 28 February; three months back from there 28 November
        book_one(session, 3, at("2026-02-28 10:00"), at("2026-02-01 10:00"), clinic.about, minutes=30)
        book_one(session, 1, at("2026-02-27 10:00"), at("2026-02-01 10:00"), clinic.about, minutes=30)
        book_one(session, 1, at("2026-02-28 10:00"), at("2026-02-01 10:00"), clinic.about, minutes=30)
    for day, old in ((date(2026, 2, 27), False), (date(2026, 2, 28), True)):
        kinds = {kind for kind, _ in _due(clinic, at("2026-02-01 10:00"), day)}
        assert ("electrodes" in kinds) is old


def test_an_open_proposal_and_an_interrupted_last_session_are_due(clinic: Book) -> None:
    with clinic.writing(THERAPIST, NOW) as session:
        session.add(PlanStep(plan_id=1, number=1, proposed_at=NOW, decision="accepted", **STEP))
        session.add(PlanStep(plan_id=1, number=2, proposed_at=NOW, decision="open", **STEP))
        _session(session, NOW - timedelta(days=5), INTERRUPTED)
    assert _due(clinic) == [
        ("interrupted", "The last session was interrupted on 2026-02-25: look at its record."),
        ("progression", "A step of the plan is proposed (on_time): accept or refuse it."),
    ]
    with clinic.writing(THERAPIST, NOW) as session:
        _session(session, NOW - timedelta(days=3))
        _session(session, NOW - timedelta(days=1), INTERRUPTED, simulated=True, counts=False)  # nobody was stimulated
        session.get_one(PlanStep, 2).decision = "refused"
    assert _due(clinic) == []


def test_a_day_to_come_is_told_as_of_its_beginning(clinic: Book) -> None:
    with clinic.writing(THERAPIST, NOW) as session:
        book_one(session, 1, at("2026-03-04 11:00"), NOW, clinic.about, plan_id=1)
    kinds = [kind for kind, _ in _due(clinic, NOW, date(2026, 3, 4))]
    assert kinds == ["screening", "threshold", "threshold"]
    assert _due(clinic, NOW, DAY) == []


def test_what_comes_next_for_one_patient(clinic: Book) -> None:
    with clinic.writing(THERAPIST, NOW) as session:
        book_one(session, 1, at("2026-03-04 11:00"), NOW, clinic.about, plan_id=1)
    with clinic.reading() as session:
        numbers = [
            _number(next_for(session, 1, moment, clinic.about))
            for moment in (NOW, at("2026-03-02 11:44"), at("2026-03-02 11:45"), at("2026-03-04 12:00"))
        ]
        assert numbers == [1, 1, 2, None]
        assert next_for(session, 3, NOW, clinic.about) is None
        found = next_for(session, 1, NOW, clinic.about)
        assert found is not None
        assert found.due == ()


def _number(entry: AgendaEntry | None) -> int | None:
    return entry.number if entry else None


@contextmanager
def _statements(book: Book) -> Iterator[list[str]]:
    said: list[str] = []

    def hear(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        said.append(statement)

    event.listen(book.engine, "before_cursor_execute", hear)
    yield said
    event.remove(book.engine, "before_cursor_execute", hear)


def test_the_number_of_statements_does_not_grow_with_the_appointments(clinic: Book) -> None:
    counts = []
    for extra in ((), (2, 3), range(4, 24)):
        with clinic.writing(THERAPIST, NOW) as session:
            for number in extra:
                if number > 3:
                    session.add(_patient(number))
                    session.flush()
                mine = plan(session, number, therapist="", stimulator="")
                book_one(session, number, at("2026-03-02 15:00"), NOW, clinic.about, plan_id=mine)
        with clinic.reading() as session, _statements(clinic) as said:
            entries = agenda_of(session, DAY, NOW, clinic.about)
        assert len(entries) == 1 + sum(len(each) for each in ((), (2, 3), range(4, 24))[: len(counts) + 1])
        counts.append(len([statement for statement in said if statement.startswith("SELECT")]))
    assert counts == [9, 9, 9]


def _patient(number: int) -> object:
    from emscontrol.clinic.tables.people import Patient

    return Patient(code=f"P-{number}", birth_year=None, notes="")


def test_the_table_of_what_can_be_due_says_a_sentence_for_each() -> None:
    assert set(DUE) == {"screening", "standing", "threshold", "electrodes", "progression", "interrupted", "skin"}
    assert all(sentence.endswith((".", "{why}")) for sentence in DUE.values())


def test_words_that_two_parts_of_the_clinic_use_are_the_same() -> None:
    assert WITHOUT_END == INTERRUPTED
    assert ACTIVE == ACTIVE_PLAN
