"""Everything in the book that the screening of one patient hangs on, ready to be judged here and again by the engine."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.orm import Session

from emscontrol.clinic.screening.answering import patient_of, said_in_a_row
from emscontrol.clinic.screening.load import shipped_rules
from emscontrol.clinic.screening.trusted import trusted_rows
from emscontrol.clinic.tables.findings import ScreeningAcknowledgement, ScreeningAnswer, ScreeningOverride
from emscontrol.clinic.tables.people import Implant, MuscleState
from emscontrol.core.errors import BookError
from emscontrol.safety.screening import (
    Answer,
    GivenAcknowledgement,
    GivenAnswer,
    GivenOverride,
    ImplantFinding,
    MuscleFinding,
    Pad,
    Place,
    ScreeningFacts,
    ScreeningVerdict,
    judge_screening,
)


def screening_facts(
    session: Session,
    patient_id: int,
    pads: Iterable[Pad],
    types: frozenset[str],
    device_denervation: bool | None,
) -> ScreeningFacts:
    """What was asked and found of a patient, with the pads and types of the planned protocol. Withdrawn rows do not count.

    Raises BookError when a row of it was changed behind the program's back, or cannot be understood.
    """
    rules = shipped_rules()
    patient = patient_of(session, patient_id).id
    return ScreeningFacts(
        rules=rules.rules,
        rules_sha256=rules.sha256,
        types=types,
        pads=tuple(pads),
        answers=_answers(trusted_rows(session, ScreeningAnswer, ScreeningAnswer.patient_id, patient)),
        overrides=tuple(
            GivenOverride(row.rule, row.staff, row.role, row.reason, row.given_at, row.expires_at)
            for row in trusted_rows(session, ScreeningOverride, ScreeningOverride.patient_id, patient)
        ),
        acknowledgements=tuple(
            GivenAcknowledgement(row.rule, row.answer_id, row.staff, row.given_at)
            for row in trusted_rows(session, ScreeningAcknowledgement, ScreeningAcknowledgement.patient_id, patient)
        ),
        muscles=tuple(
            MuscleFinding(row.muscle, row.side, row.lmn, row.sensation, row.examined_at)
            for row in trusted_rows(session, MuscleState, MuscleState.patient_id, patient)
        ),
        implants=tuple(
            ImplantFinding(row.kind, row.region, row.side, row.placed_on or "")
            for row in trusted_rows(session, Implant, Implant.patient_id, patient)
        ),
        device_denervation=device_denervation,
    )


def standing(
    session: Session,
    patient_id: int,
    pads: Iterable[Pad],
    types: frozenset[str],
    device_denervation: bool | None,
    now: datetime,
) -> ScreeningVerdict:
    """What stands between this patient and the planned session at `now`. Raises as `screening_facts` does."""
    return judge_screening(screening_facts(session, patient_id, pads, types, device_denervation), now)


def _answers(rows: Iterable[ScreeningAnswer]) -> tuple[GivenAnswer, ...]:
    """The last answer to each question, and of anything but no the one with which it began: overrides count from then on."""
    found: list[GivenAnswer] = []
    for run in said_in_a_row(rows).values():
        if len(run) > 1 and run[0].answer != Answer.NO:
            found.append(_answer(run[0]))
        found.append(_answer(run[-1]))
    return tuple(found)


def _answer(row: ScreeningAnswer) -> GivenAnswer:
    try:
        places = tuple(Place.from_plain(place) for place in row.places)
        return GivenAnswer(row.id, row.rule, Answer(row.answer), places, row.asked_at, row.due_at)
    except (ValueError, TypeError) as problem:
        raise BookError(
            f"Answer {row.id} to {row.rule} cannot be understood: {problem}.", "Withdraw it, and ask again."
        ) from problem
