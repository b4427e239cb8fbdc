"""A plan as it goes along: looked up, changed, paused, finished, taken back."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from emscontrol.clinic.book import rows
from emscontrol.clinic.book.actor import Actor
from emscontrol.clinic.plans.prescribe import known_staff, known_stimulator, worded_goal
from emscontrol.clinic.plans.rules import rule_set
from emscontrol.clinic.plans.slots import ACTIVE, FINISHED, PAUSED, require_slot, require_week
from emscontrol.clinic.plans.steps import prescribed_now
from emscontrol.clinic.staff.roles import require
from emscontrol.clinic.tables.people import Patient
from emscontrol.clinic.tables.plans import Plan, PlanChannel
from emscontrol.core.errors import IllegalTransition, UsageError

WAYS: Final[Mapping[str, tuple[frozenset[str], str]]] = {
    "pause": (frozenset({ACTIVE}), PAUSED),
    "resume": (frozenset({PAUSED}), ACTIVE),
    "finish": (frozenset({ACTIVE, PAUSED}), FINISHED),
}
"""What can be done with a plan, from which states, and how it stands afterwards."""

CHANGEABLE: Final[Mapping[str, Callable[[Session, Any], Any]]] = {
    "goal": lambda session, goal: worded_goal(goal),
    "sessions_per_week": lambda session, count: count,
    "weeks": lambda session, count: count,
    "rest_min_h": lambda session, hours: hours,
    "slot_min": lambda session, minutes: minutes,
    "starts_on": lambda session, day: _day(day),
    "therapist": known_staff,
    "stimulator": known_stimulator,
    "progression": lambda session, name: rule_set(name).name,
}
"""What may be changed of a plan, each with what makes a value fit. Protocol, patient and places are another plan."""


def change(session: Session, actor: Actor, plan_id: int, version: int, **values: Any) -> Plan:
    """Change figures of a plan as somebody saw it. Raises NotAllowed, UsageError, BookConflict when it is another by now."""
    plan = _to_change(session, actor, plan_id, version)
    unknown = sorted(set(values) - set(CHANGEABLE))
    if unknown:
        raise UsageError(f"{', '.join(unknown)} of a plan cannot be changed.", f"What can: {', '.join(CHANGEABLE)}.")
    if plan.status == FINISHED:
        raise IllegalTransition(f"Plan {plan.id} is finished.", "Prescribe a new one.")
    for name, value in values.items():
        setattr(plan, name, CHANGEABLE[name](session, value))
    require_week(plan.sessions_per_week, plan.weeks, plan.rest_min_h)
    require_slot(prescribed_now(session, plan), plan.slot_min)
    session.flush()
    return plan


def turn(session: Session, actor: Actor, plan_id: int, version: int, way: str) -> Plan:
    """Pause, resume or finish a plan. Raises IllegalTransition when it does not stand so, else as `change`."""
    plan = _to_change(session, actor, plan_id, version)
    if way not in WAYS:
        raise UsageError(f"A plan cannot be {way!r}.", f"It can: {', '.join(WAYS)}.")
    before, after = WAYS[way]
    if plan.status not in before:
        raise IllegalTransition(
            f"Plan {plan.id} is {plan.status}; nothing was changed.", f"To {way} it, it must be {_or(before)}."
        )
    plan.status = after
    session.flush()
    return plan


def withdraw(session: Session, actor: Actor, now: datetime, plan_id: int, version: int, why: str) -> Plan:
    """Take a plan back that should not have been. Raises UsageError without a reason, else as `change`."""
    plan = _to_change(session, actor, plan_id, version)
    rows.withdraw(plan, actor, now, why)
    session.flush()
    return plan


def plans(session: Session, patient: str | None = None, status: str | None = None) -> list[Plan]:
    """Plans that were not taken back, newest first; of one patient, of one status."""
    query = select(Plan).where(Plan.withdrawn_at.is_(None)).order_by(Plan.starts_on.desc(), Plan.id.desc())
    if patient is not None:
        query = query.where(Plan.patient_id == rows.by_code(session, Patient.code, patient, "patient").id)
    if status is not None:
        query = query.where(Plan.status == status)
    return list(session.scalars(query))


def channels(session: Session, plan_id: int) -> list[PlanChannel]:
    """Where the channels of a plan are, by number."""
    where = (PlanChannel.plan_id == plan_id, PlanChannel.withdrawn_at.is_(None))
    return list(session.scalars(select(PlanChannel).where(*where).order_by(PlanChannel.channel)))


def _to_change(session: Session, actor: Actor, plan_id: int, version: int) -> Plan:
    require(actor, "plans")
    plan = rows.by_id(session, Plan, plan_id, "plan")
    rows.as_seen(session, plan, version)
    if plan.withdrawn_at is not None:
        raise UsageError(f"Plan {plan.id} was withdrawn: {plan.withdrawn_why}.", "Prescribe a new one.")
    return plan


def _day(value: Any) -> str:
    if not isinstance(value, date):
        raise UsageError(f"{value!r} is no day.", "Name one as 2026-03-02.")
    return value.isoformat()


def _or(states: frozenset[str]) -> str:
    return " or ".join(sorted(states))
