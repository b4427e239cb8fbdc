"""The appointments of a stretch of days, or of a plan, for a calendar: plain values, a fixed number of statements."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from emscontrol.clinic.appointments.status import Reasons, reasons
from emscontrol.clinic.staff.roles import PERMISSIONS
from emscontrol.clinic.tables.people import Patient, PatientName, Staff
from emscontrol.clinic.tables.plans import Appointment, Plan, ProtocolText, Waiting

LISTED: Final = 2000


@dataclass(frozen=True, slots=True)
class Occasion:
    """One appointment. `called` is the patient's name where there is one, else the code; `whole` how many the plan has.

    `reason` is that of a miss or a cancellation, `time_why` that of the time that it has, moved there where `moved` is not 0.
    """

    appointment: int
    version: int
    patient: str
    called: str
    plan: int | None
    title: str
    number: int | None
    whole: int | None
    starts_at: datetime
    ends_at: datetime
    therapist: str
    stimulator: str
    status: str
    reason: str
    moved: int
    time_why: str


@dataclass(frozen=True, slots=True)
class Waits:
    """One who would take a slot that becomes free."""

    entry: int
    patient: str
    called: str
    plan: int
    not_before: datetime
    not_after: datetime
    note: str


def between(session: Session, since: datetime, until: datetime, therapist: str = "") -> list[Occasion]:
    """Every appointment that begins in this time, in order, cancelled ones too; of one therapist, where one is named."""
    query = _query().where(Appointment.starts_at >= since, Appointment.starts_at < until)
    if therapist:
        query = query.where(Appointment.therapist == therapist)
    return _occasions(session, query)


def of_plan(session: Session, plan_id: int) -> list[Occasion]:
    """Every appointment of a plan in the order of time, cancelled ones too."""
    return _occasions(session, _query().where(Appointment.plan_id == plan_id))


def one(session: Session, appointment_id: int) -> Occasion | None:
    """One appointment."""
    return next(iter(_occasions(session, _query().where(Appointment.id == appointment_id))), None)


def therapists(session: Session) -> list[str]:
    """The codes of everybody who may treat, in order."""
    treating = Staff.role.in_(sorted(PERMISSIONS["run"].roles))
    return list(session.scalars(select(Staff.code).where(treating, Staff.withdrawn_at.is_(None)).order_by(Staff.code)))


def waits(session: Session, now: datetime) -> list[Waits]:
    """Everybody who waits, the longest first."""
    columns: tuple[Any, ...] = (Waiting.id, Patient.code, PatientName.given, PatientName.family, Waiting.plan_id)
    query = (
        select(*columns, Waiting.not_before, Waiting.not_after, Waiting.note)
        .join(Patient, Patient.id == Waiting.patient_id)
        .outerjoin(PatientName, PatientName.patient_id == Patient.id)
        .where(Waiting.withdrawn_at.is_(None), Waiting.appointment_id.is_(None), Waiting.not_after > now)
        .order_by(Waiting.since, Waiting.id)
    )
    return [
        Waits(row.id, row.code, _called(row), row.plan_id, row.not_before, row.not_after, row.note)
        for row in session.execute(query)
    ]


def _query() -> Select[Any]:
    columns: tuple[Any, ...] = (Appointment.id, Appointment.version, Patient.code, PatientName.given, PatientName.family)
    columns += (Appointment.plan_id, ProtocolText.title, Appointment.number, Plan.sessions_per_week, Plan.weeks)
    columns += (Appointment.starts_at, Appointment.ends_at, Appointment.therapist, Appointment.stimulator)
    return (
        select(*columns, Appointment.status, Appointment.reason, Appointment.moved)
        .join(Patient, Patient.id == Appointment.patient_id)
        .outerjoin(PatientName, PatientName.patient_id == Patient.id)
        .outerjoin(Plan, Plan.id == Appointment.plan_id)
        .outerjoin(ProtocolText, ProtocolText.sha256 == Plan.protocol_sha256)
        .where(Appointment.withdrawn_at.is_(None))
    )


def _occasions(session: Session, query: Select[Any]) -> list[Occasion]:
    rows = session.execute(query.order_by(Appointment.starts_at, Appointment.id).limit(LISTED))
    return [_occasion(row, reasons(row.status, row.reason)) for row in rows]


def _occasion(row: Any, why: Reasons) -> Occasion:
    return Occasion(
        appointment=row.id,
        version=row.version,
        patient=row.code,
        called=_called(row),
        plan=row.plan_id,
        title=row.title or "",
        number=row.number,
        whole=row.sessions_per_week * row.weeks if row.plan_id is not None else None,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        therapist=row.therapist,
        stimulator=row.stimulator,
        status=row.status,
        reason=why.of_status,
        moved=row.moved,
        time_why=why.of_time,
    )


def _called(row: Any) -> str:
    """The name where there is one, else the code."""
    return f"{row.given or ''} {row.family or ''}".strip() or str(row.code)
