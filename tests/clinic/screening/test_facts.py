"""What the book knows of a patient goes into the judgement, and nothing of it is believed that was tampered with."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from emscontrol.clinic.book.book import Book
from emscontrol.clinic.book.rows import withdraw
from emscontrol.clinic.screening.acknowledging import acknowledge
from emscontrol.clinic.screening.answering import give_answer
from emscontrol.clinic.screening.facts import screening_facts
from emscontrol.clinic.screening.overrides import give_override
from emscontrol.clinic.tables.findings import ScreeningAnswer
from emscontrol.clinic.tables.people import Implant, MuscleState
from emscontrol.core.errors import BookError, UsageError
from emscontrol.safety.screening import Answer, Place, ScreeningFacts, judge_screening, pad_on
from tests.clinic.conftest import NOW, SPECIALIST, THERAPIST
from tests.clinic.screening.patients import PADS, TYPES, add_patient, refused, screened_patient, verdict


def _facts(book: Book, patient: int) -> ScreeningFacts:
    with book.reading() as session:
        return screening_facts(session, patient, PADS, TYPES, None)


def test_the_facts_travel_and_are_judged_the_same_at_the_other_end(book: Book) -> None:
    patient = screened_patient(book)
    with book.writing(SPECIALIST, NOW) as session:
        give_answer(session, SPECIALIST, NOW, patient, "SKIN", Answer.YES, [Place(region="calf", side="left")])
        give_answer(session, SPECIALIST, NOW, patient, "PACEMAKER", Answer.YES)
        give_override(session, SPECIALIST, NOW, patient, "PACEMAKER", "letter of the cardiologist")
    facts = _facts(book, patient)
    there = ScreeningFacts.from_json(facts.to_json())
    assert there == facts
    assert judge_screening(there, NOW) == verdict(book, patient)
    assert verdict(book, patient).expires_at == NOW + timedelta(hours=4)
    moved = replace(there, pads=(pad_on(1, "ta", "left", 2500),))
    assert {one.rule for one in judge_screening(moved, NOW).standing} >= {"SKIN", "LMN"}


def test_the_state_of_a_muscle_counts_as_it_is_in_the_book(book: Book) -> None:
    patient = screened_patient(book)
    with book.writing(THERAPIST, NOW) as session:
        state = session.query(MuscleState).one()
        state.lmn, state.sensation = "unknown", "reduced"
    assert set(refused(book, patient)) == {"LMN", "SENSATION"}
    assert verdict(book, patient).cap_percent == {1: 60}
    with book.writing(THERAPIST, NOW) as session:
        withdraw(session.query(MuscleState).one(), THERAPIST, NOW, "other patient")
    assert set(refused(book, patient)) == {"LMN", "SENSATION"}


def test_an_implant_counts_as_a_yes_until_it_is_withdrawn(book: Book) -> None:
    patient = screened_patient(book)
    with book.writing(THERAPIST, NOW) as session:
        rows = [
            Implant(patient_id=patient, kind=kind, region=region, side="", placed_on=None, note="")
            for kind, region in (("pacemaker", ""), ("active", "abdomen"), ("metal", "calf"), ("metal", "arm"))
        ]
        session.add_all(rows)
    assert set(refused(book, patient)) == {"PACEMAKER", "ACTIVE_IMPLANT", "METAL_RECENT"}
    with book.writing(THERAPIST, NOW) as session:
        for row in session.query(Implant):
            withdraw(row, THERAPIST, NOW, "entered by mistake")
    assert refused(book, patient) == ()


def test_no_facts_are_made_of_somebody_who_is_not_there(book: Book) -> None:
    with pytest.raises(UsageError, match="no patient 7"):
        _facts(book, 7)


TAMPERED = (
    "UPDATE screening_answers SET answer = 'no' WHERE answer = 'yes'",
    "UPDATE screening_answers SET asked_at = '2020-01-01 00:00:00' WHERE answer = 'yes'",
    "UPDATE screening_answers SET due_at = '2036-01-01 00:00:00' WHERE rule = 'INTOX'",
    "UPDATE screening_answers SET withdrawn_at = asked_at WHERE answer = 'yes'",
    "UPDATE screening_answers SET patient_id = (SELECT max(id) FROM patients) WHERE answer = 'yes'",
    "DELETE FROM screening_answers WHERE answer = 'yes'",
    "UPDATE screening_acknowledgements SET answer_id = answer_id - 1",
    "UPDATE screening_acknowledgements SET given_at = '2036-01-01 00:00:00'",
    "DELETE FROM screening_acknowledgements",
    "UPDATE screening_overrides SET expires_at = '2036-01-01 00:00:00'",
    "UPDATE screening_overrides SET rule = 'INTOX'",
    "UPDATE muscle_states SET sensation = 'reduced'",
    "DELETE FROM audit WHERE entity = 'screening_answers' AND entity_id = (SELECT max(id) FROM screening_answers)",
    "UPDATE audit SET at = '2020-01-01 00:00:00' WHERE entity = 'screening_answers'",
    "UPDATE audit SET hash = prev WHERE entity = 'screening_overrides'",
    "DELETE FROM audit WHERE entity = 'implants' AND version = 1",
    "UPDATE implants SET withdrawn_why = 'never there'",
)


def _tampered(book: Book, tampering: str) -> None:
    """Nothing is judged after this statement."""
    patient = screened_patient(book)
    add_patient(book, "P-2")
    with book.writing(SPECIALIST, NOW) as session:
        give_answer(session, SPECIALIST, NOW, patient, "HEART", Answer.YES)
        give_answer(session, SPECIALIST, NOW, patient, "ALS", Answer.UNKNOWN)
        give_override(session, SPECIALIST, NOW, patient, "ALS", "neurologist agrees")
        read = give_answer(session, SPECIALIST, NOW, patient, "GEL_ALLERGY", Answer.UNKNOWN).id
        acknowledge(session, SPECIALIST, NOW, patient, "GEL_ALLERGY", read)
        session.add(Implant(patient_id=patient, kind="metal", region="arm", side="", placed_on="2001", note=""))
    with book.writing(SPECIALIST, NOW) as session:
        withdraw(session.query(Implant).one(), SPECIALIST, NOW, "taken out")
    _facts(book, patient)
    with book.engine.connect() as connection:
        assert connection.execute(text(tampering)).rowcount > 0
        connection.commit()
    with pytest.raises(BookError, match="behind the program's back"):
        _facts(book, patient)


@pytest.mark.parametrize("tampering", TAMPERED)
def test_nothing_is_judged_on_rows_that_somebody_else_has_changed(sqlite_book: Book, tampering: str) -> None:
    _tampered(sqlite_book, tampering)


def test_nothing_is_judged_after_a_yes_was_removed(book: Book) -> None:
    _tampered(book, "DELETE FROM screening_answers WHERE answer = 'yes'")


@pytest.mark.parametrize("key", ["answer", "withdrawn_at"])
def test_nothing_is_judged_of_one_whose_yes_was_given_to_another_with_its_trace(book: Book, key: str) -> None:
    patient, other = screened_patient(book), screened_patient(book, "P-2")
    with book.writing(SPECIALIST, NOW) as session:
        row = give_answer(session, SPECIALIST, NOW, patient, "HEART", Answer.YES)
        number = row.id
    if key == "withdrawn_at":
        with book.writing(SPECIALIST, NOW) as session:
            withdraw(session.get_one(ScreeningAnswer, number), SPECIALIST, NOW, "not he")
    with book.engine.connect() as connection:
        for statement in (
            "UPDATE screening_answers SET patient_id = :other WHERE id = :number",
            "UPDATE audit SET patient_id = :other WHERE entity = 'screening_answers' AND entity_id = :number",
        ):
            connection.execute(text(statement), {"other": other, "number": number})
        connection.commit()
    for one in (patient, other):
        with pytest.raises(BookError, match=f"screening_answers {number}"):
            _facts(book, one)


def test_an_answer_that_nobody_can_understand_is_no_answer(book: Book) -> None:
    patient = screened_patient(book)
    with book.writing(THERAPIST, NOW) as session:
        give_answer(session, THERAPIST, NOW, patient, "SKIN", Answer.YES).places = [{"region": "moon"}]
    with pytest.raises(BookError, match="cannot be understood"):
        _facts(book, patient)
