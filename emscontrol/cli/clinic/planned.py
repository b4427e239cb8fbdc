"""What a plan is going to give: the pads and the kind of protocol that a screening is held against."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import click

from emscontrol.core.errors import UsageError

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from emscontrol.clinic.tables.people import Patient
    from emscontrol.clinic.tables.plans import Plan
    from emscontrol.protocol.model import Protocol
    from emscontrol.safety.screening import Pad

PLAN: Final = click.option(
    "--plan", type=int, default=None, metavar="NUMBER", help="The plan; the patient's one active plan if left out."
)


@dataclass(frozen=True, slots=True)
class Planned:
    """The next session of a plan as the screening sees it. `device_denervation` is None while no stimulator is settled."""

    plan: int
    pads: "tuple[Pad, ...]"
    types: frozenset[str]
    device_denervation: bool | None


def planned(session: "Session", patient: "Patient", plan: int | None) -> Planned | None:
    """What this plan, or the patient's one active plan, gives next; None when there is none. Raises UsageError."""
    from emscontrol.clinic.plans.steps import prescribed_now
    from emscontrol.clinic.plans.upkeep import channels
    from emscontrol.safety.screening import pad_on, types_of_protocol

    row = _plan_of(session, patient, plan)
    if row is None:
        return None
    protocol = prescribed_now(session, row).protocol
    pads = tuple(pad_on(each.channel, each.muscle, each.side, each.area_mm2) for each in channels(session, row.id))
    types = types_of_protocol(protocol.lmn_status.value, _widths_us(protocol), (pad.muscle for pad in pads))
    return Planned(row.id, pads, types, _device_denervation(session, row.stimulator))


def types_of(session: "Session", patient: "Patient", plan: int | None) -> frozenset[str] | None:
    """The types of protocol that questions must concern where a plan is named, None for all of them."""
    found = None if plan is None else planned(session, patient, plan)
    return None if found is None else found.types


def _plan_of(session: "Session", patient: "Patient", number: int | None) -> "Plan | None":
    from emscontrol.clinic.book.rows import by_id
    from emscontrol.clinic.plans.upkeep import plans
    from emscontrol.clinic.tables.plans import Plan

    if number is not None:
        row = by_id(session, Plan, number, "plan")
        if row.patient_id != patient.id:
            raise UsageError(f"Plan {number} is not one of {patient.code}.", f"emscontrol plan list --patient {patient.code}")
        return row
    active = plans(session, patient.code, "active")
    if len(active) > 1:
        numbers = ", ".join(str(row.id) for row in active)
        raise UsageError(f"{patient.code} has several active plans: {numbers}.", "Say which with --plan.")
    return active[0] if active else None


def _widths_us(protocol: "Protocol") -> Iterator[int]:
    return (group.pulse_width_us for phase in protocol.phases for group in phase.groups)


def _device_denervation(session: "Session", stimulator: str) -> bool | None:
    """Whether the stimulator of this name is declared for muscles without a nerve."""
    from sqlalchemy import select

    from emscontrol.clinic.tables.facts import Stimulator
    from emscontrol.devices.registry import MODELS, profile

    device = session.scalar(select(Stimulator.device).where(Stimulator.name == stimulator, Stimulator.withdrawn_at.is_(None)))
    model = (device or "").partition("@")[0]
    return profile(model).capabilities.denervation if model in MODELS else None
