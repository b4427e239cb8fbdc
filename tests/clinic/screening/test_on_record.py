"""What implants, conditions and feeling say by themselves to the questions of the screening."""

from datetime import timedelta

import pytest

from emscontrol.clinic.book.book import Book
from emscontrol.clinic.book.rows import withdraw
from emscontrol.clinic.patients.conditions import CONDITIONS, add_condition
from emscontrol.clinic.patients.implants import KINDS, add_implant
from emscontrol.clinic.screening.load import shipped_rules
from emscontrol.clinic.screening.on_record import BY_CONDITION, on_record
from emscontrol.clinic.tables.people import Condition, MuscleState
from emscontrol.safety.screening_grounds import NOT_ASKED
from tests.clinic.conftest import NOW, THERAPIST
from tests.clinic.screening.patients import add_patient


def _said(book: Book, patient: int) -> dict[str, str]:
    with book.reading() as session:
        return on_record(session, patient, NOW)


def test_the_table_names_conditions_and_questions_that_there_are() -> None:
    asked = {rule.id for rule in shipped_rules().rules} - NOT_ASKED
    assert set(BY_CONDITION) <= set(CONDITIONS)
    assert {likely.rule for found in BY_CONDITION.values() for likely in found} <= asked


@pytest.mark.parametrize("condition", list(CONDITIONS))
def test_each_condition_says_what_the_table_has(sqlite_book: Book, condition: str) -> None:
    patient = add_patient(sqlite_book)
    assert _said(sqlite_book, patient) == {}
    with sqlite_book.writing(THERAPIST, NOW) as session:
        number = add_condition(session, THERAPIST, NOW, patient, condition).id
    assert set(_said(sqlite_book, patient)) == {likely.rule for likely in BY_CONDITION.get(condition, ())}
    with sqlite_book.writing(THERAPIST, NOW) as session:
        withdraw(session.get_one(Condition, number), THERAPIST, NOW, "other patient")
    assert _said(sqlite_book, patient) == {}


@pytest.mark.parametrize(
    ("since", "fresh"), [("", True), ("2026", True), ("2026-03", True), ("2026-02-27", True), ("2026-02-26", False)]
)
def test_a_stroke_is_fresh_for_three_days_and_where_nobody_knows(sqlite_book: Book, since: str, fresh: bool) -> None:
    patient = add_patient(sqlite_book)
    with sqlite_book.writing(THERAPIST, NOW) as session:
        add_condition(session, THERAPIST, NOW, patient, "stroke", since)
    assert ("ACUTE_STROKE" in _said(sqlite_book, patient)) is fresh


@pytest.mark.parametrize("kind", list(KINDS))
def test_every_implant_answers_its_question(book: Book, kind: str) -> None:
    patient = add_patient(book)
    with book.writing(THERAPIST, NOW) as session:
        add_implant(session, THERAPIST, NOW, patient, kind=kind)
        add_implant(session, THERAPIST, NOW, patient, kind="metal", placed_on=f"{NOW - timedelta(days=90):%Y-%m-%d}")
    assert list(_said(book, patient)) == [{"pacemaker": "PACEMAKER", "active": "ACTIVE_IMPLANT", "metal": "METAL_RECENT"}[kind]]


@pytest.mark.parametrize(("sensation", "says"), [("normal", False), ("unknown", False), ("reduced", True), ("absent", True)])
def test_feeling_that_was_found_reduced_is_told(book: Book, sensation: str, says: bool) -> None:
    patient = add_patient(book)
    with book.writing(THERAPIST, NOW) as session:
        session.query(MuscleState).one().sensation = sensation
    expected = {"SENSATION": f"feeling at quad_all left is {sensation}"} if says else {}
    assert _said(book, patient) == expected
