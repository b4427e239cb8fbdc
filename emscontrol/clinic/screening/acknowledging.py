"""A caution was read: the one that follows from this very answer."""

from datetime import datetime

from sqlalchemy.orm import Session

from emscontrol.clinic.book.actor import Actor
from emscontrol.clinic.screening.answering import holds, newest_answers, patient_of, rule_named
from emscontrol.clinic.tables.findings import ScreeningAcknowledgement
from emscontrol.core.errors import BookConflict, UsageError
from emscontrol.safety.screening_rules import Severity


def acknowledge(
    session: Session, actor: Actor, now: datetime, patient_id: int, rule: str, answer_id: int
) -> ScreeningAcknowledgement:
    """Keep that the caution after the answer `answer_id` was read.

    Raises UsageError for a rule that is no caution or a question that has to be asked first, BookConflict when there is a
    newer answer than the one that was read.
    """
    found = rule_named(rule)
    if Severity.CAUTION not in (found.severity, found.elsewhere, found.unknown):
        raise UsageError(f"{rule} is no caution.", "It is lifted by another answer or by an override, not by reading it.")
    patient = patient_of(session, patient_id)
    last = newest_answers(session, patient.id).get(found.id)
    if last is None or not holds(last, now):
        raise UsageError(f"{rule} has to be asked first: there is no answer that holds.", found.question)
    if last.id != answer_id:
        raise BookConflict(f"{rule} was answered again meanwhile, by {last.asked_by}.", "Read the new answer.")
    row = ScreeningAcknowledgement(patient_id=patient.id, rule=found.id, answer_id=last.id, staff=actor.code, given_at=now)
    session.add(row)
    session.flush()
    return row
