"""Prescribing a plan: which protocol, where, how often, to what end."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple

from sqlalchemy.orm import Session

from emscontrol.clinic.book import rows
from emscontrol.clinic.book.actor import Actor
from emscontrol.clinic.plans.pinned import pin
from emscontrol.clinic.plans.rules import RuleSet, rule_set
from emscontrol.clinic.plans.slots import ACTIVE, require_slot, require_week, usual_slot_min
from emscontrol.clinic.staff.roles import require
from emscontrol.clinic.tables.base import LINE, Kept
from emscontrol.clinic.tables.facts import Stimulator
from emscontrol.clinic.tables.people import Patient, Staff
from emscontrol.clinic.tables.plans import Plan, PlanChannel
from emscontrol.core.errors import UsageError
from emscontrol.protocol.adjust import for_sides
from emscontrol.protocol.first_session import limit_contractions
from emscontrol.protocol.load import LoadedProtocol
from emscontrol.protocol.parts import Side, Use
from emscontrol.safety.sites import site

PERMISSION: Final[Mapping[Use, str]] = {
    Use.STANDARD: "plans",
    Use.SPECIALIST: "plans_specialist",
    Use.NOT_RECOMMENDED: "plans_specialist",
}
"""What somebody needs to be allowed to prescribe a protocol of each use."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is prescribed. `sides` is by channel, needed where the protocol leaves it open.

    `rest_min_h` left out is the usual one of the progression rules, `slot_min` that of the session's
    length with the room that these rules want.
    """

    patient: str
    goal: str
    sessions_per_week: int
    weeks: int
    starts_on: date
    therapist: str
    stimulator: str
    sides: Mapping[int, str]
    progression: str = "hold"
    rest_min_h: int | None = None
    slot_min: int | None = None


class Settled(NamedTuple):
    """What an order comes to: the protocol on its sides, the rules of its going on, rest and length of an appointment."""

    loaded: LoadedProtocol
    rules: RuleSet
    rest_min_h: int
    slot_min: int


def prescribe(session: Session, actor: Actor, loaded: LoadedProtocol, order: Order) -> Plan:
    """Make the plan, with the protocol's text pinned to it.

    Raises NotAllowed for a protocol that this member of staff may not prescribe, SafetyRefusal for a muscle that is not
    offered, ProtocolFileError where a side is not settled or the protocol cannot be given gently the first time, UsageError
    for the rest.
    """
    settled, rules, rest_min_h, slot_min = settle(actor, loaded, order)
    patient: Patient = rows.by_code(session, Patient.code, order.patient, "patient")
    _present(patient, "patient", order.patient)
    plan = Plan(
        patient_id=patient.id,
        protocol_sha256=pin(session, loaded).sha256,
        goal=worded_goal(order.goal),
        status=ACTIVE,
        sessions_per_week=order.sessions_per_week,
        weeks=order.weeks,
        rest_min_h=rest_min_h,
        starts_on=order.starts_on.isoformat(),
        slot_min=slot_min,
        therapist=known_staff(session, order.therapist),
        stimulator=known_stimulator(session, order.stimulator),
        progression=rules.name,
        prescribed_by=actor.code,
    )
    session.add(plan)
    session.flush()
    session.add_all(_channels(plan.id, settled))
    session.flush()
    return plan


def settle(actor: Actor, loaded: LoadedProtocol, order: Order) -> Settled:
    """What an order comes to, without any book: for prescribing, and for looking before. Raises as `prescribe`."""
    require(actor, "plans")
    require(actor, PERMISSION[loaded.protocol.use])
    settled = for_sides(loaded, sides_of(loaded, order.sides))
    for channel in settled.protocol.channels.values():
        site(channel.muscle)
    limit_contractions(settled)
    rules = rule_set(order.progression)
    rest_min_h = rules.rest_min_h if order.rest_min_h is None else order.rest_min_h
    slot_min = usual_slot_min(settled, rules.room_min) if order.slot_min is None else order.slot_min
    require_week(order.sessions_per_week, order.weeks, rest_min_h)
    require_slot(settled, slot_min)
    return Settled(settled, rules, rest_min_h, slot_min)


def sides_of(loaded: LoadedProtocol, given: Mapping[int, str]) -> dict[int, str]:
    """The side of each channel: as prescribed, else as the protocol says. One that is still open is told by `for_sides`."""
    written = {n: channel.side.value for n, channel in loaded.protocol.channels.items() if channel.side is not Side.EITHER}
    return written | dict(given)


def known_staff(session: Session, code: str) -> str:
    """The code, when there is such a member of staff. Raises UsageError."""
    _present(rows.by_code(session, Staff.code, code, "member of staff"), "member of staff", code)
    return code


def known_stimulator(session: Session, name: str) -> str:
    """The name, when the clinic has such a stimulator. Raises UsageError."""
    _present(rows.by_code(session, Stimulator.name, name, "stimulator"), "stimulator", name)
    return name


def worded_goal(goal: str) -> str:
    """The goal on one line. Raises UsageError when there is none."""
    told = " ".join(goal.split())
    if not told or len(told) > LINE:
        raise UsageError("A plan has a goal.", f"Say in at most {LINE} characters what the patient is to be able to do.")
    return told


def _present(row: Kept, what: str, code: str) -> None:
    """Nothing, unless the row was withdrawn. Raises UsageError."""
    if row.withdrawn_at is not None:
        raise UsageError(f"The {what} {code!r} was withdrawn: {row.withdrawn_why}.", "Choose another one.")


def _channels(plan_id: int, settled: LoadedProtocol) -> list[PlanChannel]:
    return [
        PlanChannel(
            plan_id=plan_id,
            channel=number,
            muscle=channel.muscle,
            side=channel.side.value,
            area_mm2=channel.electrode.area_mm2,
        )
        for number, channel in settled.protocol.channels.items()
    ]
