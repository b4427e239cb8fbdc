"""Asking the questions: what was answered, by whom, where it applies, and what is to be asked (again)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from emscontrol.clinic.book.actor import Actor
from emscontrol.clinic.book.rows import by_id
from emscontrol.clinic.screening.load import shipped_rules
from emscontrol.clinic.tables.base import LINE
from emscontrol.clinic.tables.findings import ScreeningAnswer
from emscontrol.clinic.tables.people import Patient
from emscontrol.core.errors import UsageError
from emscontrol.core.nearest import nearest_word
from emscontrol.safety.screening_answers import CLOCK_SKEW
from emscontrol.safety.screening_facts import Answer
from emscontrol.safety.screening_grounds import NOT_ASKED
from emscontrol.safety.screening_places import Place
from emscontrol.safety.screening_rules import ALL_TYPES, ScreeningRule


@dataclass(frozen=True, slots=True)
class Question:
    """A question that waits. `last` is what was answered before, None where it was never asked or under another list."""

    rule: ScreeningRule
    last: ScreeningAnswer | None


def rule_named(name: str) -> ScreeningRule:
    """The rule with this id. Raises UsageError with the nearest one."""
    rules = shipped_rules()
    found = rules.rule(name)
    if found is None:
        near = nearest_word(name.lower(), [rule.id.lower() for rule in rules.rules])
        raise UsageError(
            f"No question of the screening is called {name!r}.",
            f"The nearest is {near.upper()}." if near else "List them to see their names.",
        )
    return found


def patient_of(session: Session, patient_id: int) -> Patient:
    """The patient. Raises UsageError where there is none, or none any more."""
    row = by_id(session, Patient, patient_id, "patient")
    if row.withdrawn_at is not None:
        raise UsageError(f"The patient {row.code} was withdrawn: {row.withdrawn_why}.")
    return row


def give_answer(
    session: Session,
    actor: Actor,
    now: datetime,
    patient_id: int,
    rule: str,
    answer: Answer,
    places: Iterable[Place] = (),
    note: str = "",
) -> ScreeningAnswer:
    """Keep an answer; it is due again after what the rule says. `places` is where a yes applies, none for everywhere.

    Raises UsageError for an unknown rule or place, where places are told with another answer than yes, and when this patient
    has an answer from later than `now`, for what is written last counts.
    """
    found, where = rule_named(rule), [_checked(place) for place in places]
    if where and answer is not Answer.YES:
        raise UsageError(f"The answer {answer} to {rule} has a place.", "Only a yes applies somewhere; leave the place out.")
    patient = patient_of(session, patient_id).id
    _require_clock(session, patient, now)
    row = ScreeningAnswer(
        patient_id=patient,
        rule=found.id,
        answer=answer.value,
        places=[place.as_plain() for place in where],
        note=note.strip()[:LINE],
        asked_at=now,
        asked_by=actor.code,
        due_at=now + timedelta(hours=found.asked_h),
        rules_sha256=shipped_rules().sha256,
    )
    session.add(row)
    session.flush()
    return row


def newest_answers(session: Session, patient_id: int) -> dict[str, ScreeningAnswer]:
    """The last answer to each question, due or not; the questions of another list are other questions."""
    where = (ScreeningAnswer.patient_id == patient_id, ScreeningAnswer.withdrawn_at.is_(None))
    return {rule: run[-1] for rule, run in said_in_a_row(session.scalars(select(ScreeningAnswer).where(*where))).items()}


def said_in_a_row(rows: Iterable[ScreeningAnswer]) -> dict[str, list[ScreeningAnswer]]:
    """By question the last answer, behind those directly before it that say the very same; what was written last is last.

    A question whose last answer was given to another list is open, and not among them.
    """
    runs: dict[str, list[ScreeningAnswer]] = {}
    for row in sorted(rows, key=lambda row: row.id):  # not by time: the clock of a station may be wrong
        run = runs.setdefault(row.rule, [])
        if run and _said(run[-1]) != _said(row):
            run.clear()
        run.append(row)
    current = shipped_rules().sha256
    return {rule: run for rule, run in runs.items() if run[-1].rules_sha256 == current}


def holds(answer: ScreeningAnswer, now: datetime) -> bool:
    """Whether an answer need not be asked again, and is not from the future."""
    return answer.asked_at - CLOCK_SKEW <= now < answer.due_at


def history(session: Session, patient_id: int, rule: str = "") -> list[ScreeningAnswer]:
    """Everything that was answered, to one question or to all, the newest first; what was withdrawn is among it."""
    query = select(ScreeningAnswer).where(ScreeningAnswer.patient_id == patient_id)
    if rule:
        query = query.where(ScreeningAnswer.rule == rule)
    return list(session.scalars(query.order_by(ScreeningAnswer.asked_at.desc(), ScreeningAnswer.id.desc())))


def due_questions(session: Session, patient_id: int, now: datetime, types: frozenset[str] | None = None) -> list[Question]:
    """What was never asked or has to be asked again, in the order of the list; with `types` only what concerns these.

    Questions that the program answers by itself are not among them.
    """
    newest = newest_answers(session, patient_id)
    return [
        Question(rule, newest.get(rule.id))
        for rule in shipped_rules().rules
        if rule.id not in NOT_ASKED
        and (types is None or ALL_TYPES in rule.types or rule.types & types)
        and (rule.id not in newest or not holds(newest[rule.id], now))
    ]


def _said(row: ScreeningAnswer) -> tuple[str, str, list[object]]:
    return row.rules_sha256, row.answer, row.places


def _require_clock(session: Session, patient_id: int, now: datetime) -> None:
    """Nothing, unless this station's clock is behind that of one which has asked before. Raises UsageError."""
    where = (ScreeningAnswer.patient_id == patient_id, ScreeningAnswer.withdrawn_at.is_(None))
    ahead = select(ScreeningAnswer).where(*where, ScreeningAnswer.asked_at > now + CLOCK_SKEW)
    last = session.scalars(ahead.order_by(ScreeningAnswer.asked_at.desc()).limit(1)).one_or_none()
    if last is not None:
        raise UsageError(
            f"By the clock of this station it is {now.astimezone(UTC):%Y-%m-%d %H:%M} UTC, and {last.asked_by} has asked "
            f"{last.rule} at {last.asked_at:%Y-%m-%d %H:%M} UTC already.",
            "Nothing was kept. Set the clock of this station right; if it is, that of the other was wrong: wait until then.",
        )


def _checked(place: Place) -> Place:
    try:
        return Place.from_plain(place.as_plain())
    except ValueError as problem:
        raise UsageError(f"The answer applies nowhere that is known: {problem}.") from problem
