"""A patient in the book who has been asked everything and examined where the pads go."""

from datetime import datetime

from sqlalchemy.orm import Session

from emscontrol.clinic.book.actor import Actor
from emscontrol.clinic.book.book import Book
from emscontrol.clinic.screening.answering import due_questions, give_answer
from emscontrol.clinic.screening.facts import standing
from emscontrol.clinic.tables.people import MuscleState, Patient
from emscontrol.core.errors import SafetyRefusal
from emscontrol.safety.screening import Answer, ScreeningVerdict, pad_on
from tests.clinic.conftest import NOW, THERAPIST

PADS = (pad_on(1, "quad_all", "left", 4500),)
TYPES = frozenset({"nmes", "fes"})


def add_patient(book: Book, code: str = "P-1") -> int:
    """A patient whose left quadriceps has nerve and feeling."""
    with book.writing(THERAPIST, NOW) as session:
        row = Patient(code=code, birth_year=1958, notes="")
        session.add(row)
        session.flush()
        session.add(
            MuscleState(
                patient_id=row.id,
                muscle="quad_all",
                side="left",
                lmn="intact",
                sensation="normal",
                how="1 ms test",
                examined_at=NOW,
            )
        )
        return row.id


def ask_all(session: Session, actor: Actor, now: datetime, patient: int) -> None:
    """Answer no to whatever waits."""
    for question in due_questions(session, patient, now):
        give_answer(session, actor, now, patient, question.rule.id, Answer.NO)


def screened_patient(book: Book, code: str = "P-1") -> int:
    """The same, with every question answered no."""
    patient = add_patient(book, code)
    with book.writing(THERAPIST, NOW) as session:
        ask_all(session, THERAPIST, NOW, patient)
    return patient


def verdict(book: Book, patient: int, now: datetime = NOW) -> ScreeningVerdict:
    """What stands between this patient and an hour of quadriceps."""
    with book.reading() as session:
        return standing(session, patient, PADS, TYPES, None, now)


def refused(book: Book, patient: int, now: datetime = NOW) -> tuple[str, ...]:
    """The rules that keep a session from starting."""
    try:
        verdict(book, patient, now).raise_if_standing()
    except SafetyRefusal as refusal:
        return refusal.rules
    return ()
