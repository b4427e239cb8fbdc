"""How the screening of a patient stands: what is to be asked, and what stands in the way of each plan that goes on."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from emscontrol.clinic.plans.slots import ACTIVE
from emscontrol.clinic.plans.steps import prescribed_now
from emscontrol.clinic.prescription.prescribe import facts_for
from emscontrol.clinic.screening.answering import due_questions, holds, newest_answers
from emscontrol.clinic.tables.facts import Stimulator
from emscontrol.clinic.tables.plans import Plan
from emscontrol.core.errors import EmsError, UsageError
from emscontrol.safety.screening import Finding, judge_screening
from emscontrol.safety.screening_facts import Answer

Declared = Callable[[str], bool]
"""Whether a stimulator, told as MODEL@PORT, is declared for muscles without a nerve. Raises UsageError for one that is none."""


@dataclass(frozen=True, slots=True)
class PlanStands:
    """What matters for one plan; `problem` says why it cannot be judged, "" where it can."""

    plan: int
    findings: tuple[Finding, ...]
    expires_at: datetime | None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class ScreeningState:
    """`waiting` questions are to be asked, of these `never` for the first time; `asked` tells whether there is any answer.

    `against` are the rules whose last answer is a yes or an unknown that holds.
    """

    asked: bool
    never: int
    waiting: int
    next_due_at: datetime | None
    against: tuple[str, ...]
    plans: tuple[PlanStands, ...]


def screening_state(session: Session, patient_id: int, now: datetime, declared: Declared) -> ScreeningState:
    """The same as a session's preparation would find, without what only waits to be asked."""
    newest = newest_answers(session, patient_id)
    holding = [row for row in newest.values() if holds(row, now)]
    active = select(Plan).where(Plan.patient_id == patient_id, Plan.status == ACTIVE, Plan.withdrawn_at.is_(None))
    waiting = due_questions(session, patient_id, now)
    return ScreeningState(
        asked=bool(newest),
        never=sum(each.last is None for each in waiting),
        waiting=len(waiting),
        next_due_at=min((row.due_at for row in holding), default=None),
        against=tuple(sorted(row.rule for row in holding if row.answer != Answer.NO)),
        plans=tuple(_judged(session, plan, now, declared) for plan in session.scalars(active.order_by(Plan.id))),
    )


def _judged(session: Session, plan: Plan, now: datetime, declared: Declared) -> PlanStands:
    try:
        facts = facts_for(session, plan.patient_id, prescribed_now(session, plan))
        verdict = judge_screening(replace(facts, device_denervation=_declared(session, plan.stimulator, declared)), now)
    except EmsError as problem:
        return PlanStands(plan.id, (), None, f"{problem.what} {problem.remedy}".strip())
    return PlanStands(plan.id, tuple(each for each in verdict.findings if not each.unasked), verdict.expires_at)


def _declared(session: Session, stimulator: str, declared: Declared) -> bool | None:
    """None while no stimulator is settled, or one that nobody knows."""
    where = (Stimulator.name == stimulator, Stimulator.withdrawn_at.is_(None))
    device = session.scalar(select(Stimulator.device).where(*where))
    try:
        return declared(device) if device else None
    except UsageError:
        return None
