"""What a plan is going to give, as the screening is held against it."""

from dataclasses import replace
from typing import Final

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from emscontrol.clinic.book.rows import by_id
from emscontrol.clinic.plans.slots import ACTIVE
from emscontrol.clinic.plans.steps import prescribed_now
from emscontrol.clinic.plans.upkeep import plans
from emscontrol.clinic.prescription.prescribe import facts_for
from emscontrol.clinic.tables.facts import Stimulator
from emscontrol.clinic.tables.people import Patient
from emscontrol.clinic.tables.plans import Plan
from emscontrol.core.errors import UsageError
from emscontrol.devices.registry import MODELS, profile
from emscontrol.safety.screening import ScreeningFacts

PLAN_OPTION: Final = click.option(
    "--plan", type=int, default=None, metavar="NUMBER", help="The plan; the patient's one active plan if left out."
)


def plan_of(session: Session, patient: Patient, number: int | None) -> Plan | None:
    """This plan of the patient, or the one active plan, None when there is none. Raises UsageError."""
    if number is not None:
        row = by_id(session, Plan, number, "plan")
        if row.patient_id != patient.id:
            raise UsageError(f"Plan {number} is not one of {patient.code}.", f"emscontrol plan list --patient {patient.code}")
        return row
    active = plans(session, patient.code, ACTIVE)
    if len(active) > 1:
        numbers = ", ".join(str(row.id) for row in active)
        raise UsageError(f"{patient.code} has several active plans: {numbers}.", "Say which with --plan.")
    return active[0] if active else None


def screened(session: Session, plan: Plan) -> ScreeningFacts:
    """The patient's answers against what an ordinary session of this plan gives, on the plan's own stimulator."""
    facts = facts_for(session, plan.patient_id, prescribed_now(session, plan))
    return replace(facts, device_denervation=_device_denervation(session, plan.stimulator))


def types_of(session: Session, patient: Patient, number: int | None) -> frozenset[str] | None:
    """The types of protocol that questions must concern where a plan is named, None for all of them."""
    plan = None if number is None else plan_of(session, patient, number)
    return None if plan is None else screened(session, plan).types


def _device_denervation(session: Session, stimulator: str) -> bool | None:
    """Whether the stimulator of this name is declared for muscles without a nerve, None while none is settled."""
    device = session.scalar(select(Stimulator.device).where(Stimulator.name == stimulator, Stimulator.withdrawn_at.is_(None)))
    model = (device or "").partition("@")[0]
    return profile(model).capabilities.denervation if model in MODELS else None
