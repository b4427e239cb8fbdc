"""From the book to a prescription: everything that the session of one appointment needs, or every reason why there is none."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from emscontrol.clinic.book.book import About
from emscontrol.clinic.book.check import trust
from emscontrol.clinic.book.owned import owned
from emscontrol.clinic.book.rows import by_id
from emscontrol.clinic.patients.electrode_sets import set_in_use
from emscontrol.clinic.plans.slots import ACTIVE
from emscontrol.clinic.plans.steps import protocol_now
from emscontrol.clinic.prescription.levels import levels_of
from emscontrol.clinic.prescription.memory import require_whole_skin
from emscontrol.clinic.prescription.on_its_day import require_today
from emscontrol.clinic.prescription.prescription import Prescription, amplitudes_ua
from emscontrol.clinic.prescription.resting import worked
from emscontrol.clinic.screening.facts import screening_facts
from emscontrol.clinic.sessions.read_journal import prescribed_contractions
from emscontrol.clinic.tables.facts import Stimulator
from emscontrol.clinic.tables.people import Patient
from emscontrol.clinic.tables.plans import Appointment, Plan, PlanChannel, PlanStep
from emscontrol.core.booking import BookedChannel, Booking
from emscontrol.core.errors import BookConflict, UsageError
from emscontrol.protocol.load import LoadedProtocol
from emscontrol.safety.screening import Pad, ScreeningFacts, pad_on, types_of_protocol

BOOKED: Final = "booked"


def patient_code(session: Session, appointment_id: int) -> str:
    """Whose appointment it is. Raises UsageError when there is none of this number."""
    appointment = by_id(session, Appointment, appointment_id, "appointment")
    return session.get_one(Patient, appointment.patient_id).code


def planned_at(session: Session, appointment_id: int) -> datetime:
    """When an appointment begins by the book. Raises UsageError when there is none of this number."""
    return by_id(session, Appointment, appointment_id, "appointment").starts_at


def prescription_for(
    session: Session,
    appointment_id: int,
    now: datetime,
    about: About,
    staff: str = "",
    clear: Callable[[ScreeningFacts], None] | None = None,
    *,
    any_day: bool = False,
) -> Prescription:
    """What is to be given at an appointment, by `staff`. The screening is gathered and not judged here.

    `clear` is asked about it before any level is looked for, so that nobody is sent to measure a patient who must not be
    stimulated. Raises what it raises, UsageError for an appointment that has no plan or lacks a level, BookConflict for one
    that is over, cancelled or, unless `any_day` is meant, not of today, SafetyRefusal after harm to the skin, BookError where
    a row was tampered with.
    """
    appointment = by_id(session, Appointment, appointment_id, "appointment")
    plan = _plan_of(session, appointment)
    if not any_day:
        require_today(appointment.id, appointment.starts_at, about.time_zone, now)
    channels = _channels(session, plan)
    owned(session, PlanStep, PlanStep.plan_id, plan.id)  # a step back that is taken away would leave the raise before it
    patient = session.get_one(Patient, plan.patient_id)
    trust(session, [appointment, plan, patient])
    require_whole_skin(session, patient.id, about.zone)
    number = appointment.number or 1
    loaded = protocol_now(session, plan, number)
    facts = facts_for(session, patient.id, loaded)
    if clear is not None:
        clear(facts)
    pads = {channel.channel: _booked(session, patient.id, channel) for channel in channels}
    stimulator = _stimulator(session, appointment.stimulator or plan.stimulator)
    levels = levels_of(session, patient.id, loaded.protocol, now, about.threshold_days, about.zone)
    booking = Booking(
        book=about.uuid,
        practice=about.practice,
        patient=patient.code,
        plan=plan.id,
        appointment=appointment.id,
        number=number,
        staff=staff,
        contractions=prescribed_contractions(loaded.protocol),
        sha256=loaded.sha256,
        screening=facts.to_json(),
        comfort_ua=amplitudes_ua(levels, "comfort"),
        motor_ua=amplitudes_ua(levels, "motor"),
        channels=pads,
    )
    return Prescription(
        booking=booking,
        title=loaded.protocol.title,
        starts_at=appointment.starts_at,
        birth_year=patient.birth_year,
        device=stimulator.device if stimulator else "",
        stimulator=stimulator.id if stimulator else None,
        protocol_text=loaded.text,
        sha256=loaded.sha256,
        levels=levels,
        worked=worked(session, plan, channels, now),
        zone=about.time_zone,
    )


def facts_for(session: Session, patient_id: int, loaded: LoadedProtocol) -> ScreeningFacts:
    """The screening of a patient against the pads and pulses of a protocol; which stimulator plays it is not known yet."""
    protocol = loaded.protocol
    pads = pads_of(loaded)
    widths_us = [group.pulse_width_us for phase in protocol.phases for group in phase.groups]
    types = types_of_protocol(protocol.lmn_status.value, widths_us, [pad.muscle for pad in pads])
    return screening_facts(session, patient_id, pads, types, None)


def pads_of(loaded: LoadedProtocol) -> Sequence[Pad]:
    """Where the electrodes of a protocol are whose sides are settled."""
    return [
        pad_on(number, channel.muscle, channel.side.value, channel.electrode.area_mm2)
        for number, channel in sorted(loaded.protocol.channels.items())
    ]


def _plan_of(session: Session, appointment: Appointment) -> Plan:
    if appointment.withdrawn_at is not None or appointment.status != BOOKED:
        state = "withdrawn" if appointment.withdrawn_at else appointment.status
        raise BookConflict(f"Appointment {appointment.id} is {state}.", "Book another one: emscontrol appointment book.")
    if appointment.plan_id is None:
        raise UsageError(f"Appointment {appointment.id} belongs to no plan.", "Nothing is prescribed for it.")
    plan = session.get_one(Plan, appointment.plan_id)
    if plan.withdrawn_at is not None or plan.status != ACTIVE:
        state = "withdrawn" if plan.withdrawn_at else plan.status
        raise BookConflict(f"Plan {plan.id} is {state}; nothing is given from it.", "Take it up again, or make another plan.")
    return plan


def _channels(session: Session, plan: Plan) -> Sequence[PlanChannel]:
    rows = owned(session, PlanChannel, PlanChannel.plan_id, plan.id)
    return sorted((row for row in rows if row.withdrawn_at is None), key=lambda row: row.channel)


def _booked(session: Session, patient_id: int, channel: PlanChannel) -> BookedChannel:
    pads = set_in_use(session, patient_id, channel.area_mm2, channel.muscle, channel.side)
    return BookedChannel(channel.muscle, channel.side, channel.area_mm2, pads)


def _stimulator(session: Session, name: str) -> Stimulator | None:
    if not name:
        return None
    return session.scalars(select(Stimulator).where(Stimulator.name == name, Stimulator.withdrawn_at.is_(None))).one_or_none()
