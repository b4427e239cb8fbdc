"""A day's appointments with what is due before each, and what comes next for one patient.

The number of statements does not depend on how many appointments there are.
"""

from collections.abc import Sequence
from datetime import date, datetime
from functools import cache
from typing import Any, Final

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from emscontrol.clinic.agenda.due import (
    THESE,
    Dues,
    Moment,
    among,
    electrodes,
    plan_rows,
    progression,
    screening,
    thresholds,
    together,
)
from emscontrol.clinic.agenda.entry import INTERRUPTED, AgendaEntry, Due, due
from emscontrol.clinic.agenda.skin import skin
from emscontrol.clinic.agenda.standing import standing
from emscontrol.clinic.appointments.status import BOOKED, reasons
from emscontrol.clinic.appointments.wall_time import day_span, on_clock
from emscontrol.clinic.book.book import About
from emscontrol.clinic.tables.people import Patient
from emscontrol.clinic.tables.plans import Appointment
from emscontrol.clinic.tables.sessions import SessionEntry

WITHOUT_END: Final = "interrupted"
"""The result of a session whose record has no end."""


def agenda_of(session: Session, day: date, now: datetime, about: About, therapist: str | None = None) -> list[AgendaEntry]:
    """Every appointment of a day of the clinic, in the order of time; of one therapist, where one is named.

    What is due is told as of then: of `now` for today, of the day's beginning for a day to come.
    """
    begin, end = day_span(day, about.zone)
    query = _query().where(Appointment.starts_at >= begin, Appointment.starts_at < end)
    if therapist is not None:
        query = query.where(Appointment.therapist == therapist)
    rows = session.execute(query.order_by(Appointment.starts_at, Appointment.id)).all()
    return _with_due(session, rows, max(begin, now), about)


def next_for(session: Session, patient_id: int, now: datetime, about: About) -> AgendaEntry | None:
    """The next appointment of a patient that has not ended, with what is due before it; None where nothing is booked."""
    query = _query().where(Appointment.patient_id == patient_id, Appointment.status == BOOKED, Appointment.ends_at > now)
    rows = session.execute(query.order_by(Appointment.starts_at, Appointment.id).limit(1)).all()
    if not rows:
        return None
    begin, _ = day_span(on_clock(rows[0].starts_at, about.zone).date(), about.zone)
    return _with_due(session, rows, max(begin, now), about)[0]


def _query() -> Select[Any]:
    columns: tuple[Any, ...] = (
        Appointment.id,
        Appointment.version,
        Appointment.patient_id,
        Patient.code,
        Appointment.plan_id,
        Appointment.number,
        Appointment.status,
        Appointment.reason,
        Appointment.moved,
        Appointment.starts_at,
        Appointment.ends_at,
        Appointment.therapist,
        Appointment.stimulator,
    )
    return select(*columns).join(Patient, Patient.id == Appointment.patient_id).where(Appointment.withdrawn_at.is_(None))


def _with_due(session: Session, rows: Sequence[Any], at: datetime, about: About) -> list[AgendaEntry]:
    booked = [row for row in rows if row.status == BOOKED]
    patients = sorted({row.patient_id for row in booked})
    plans = sorted({row.plan_id for row in rows if row.plan_id is not None})
    of_plans = plan_rows(session, plans)
    told = {row.id: row for row in of_plans}
    moment = Moment(at, on_clock(at, about.zone).date(), about.threshold_days)
    first = together(skin(session, patients, about.zone), _interrupted(session, patients, about))
    in_the_way = standing(session, ((row.patient_id, row.plan_id) for row in booked), moment)
    of_patient = together(screening(session, patients, moment), electrodes(session, patients, moment))
    of_plan = together(thresholds(of_plans, moment), progression(session, plans))

    def due_before(row: Any) -> tuple[Due, ...]:
        mine = (first.get(row.patient_id, ()), in_the_way.get((row.patient_id, row.plan_id), ()))
        return (*mine[0], *mine[1], *of_patient.get(row.patient_id, ()), *of_plan.get(row.plan_id, ()))

    return [_entry(row, told.get(row.plan_id), due_before(row) if row.status == BOOKED else ()) for row in rows]


def _entry(row: Any, plan: Any, dues: tuple[Due, ...]) -> AgendaEntry:
    why = reasons(row.status, row.reason)
    return AgendaEntry(
        appointment=row.id,
        version=row.version,
        patient_id=row.patient_id,
        patient=row.code,
        plan=row.plan_id,
        title=plan.title if plan else "",
        number=row.number,
        whole=plan.whole if plan else None,
        status=row.status,
        reason=why.of_status,
        moved=row.moved,
        time_why=why.of_time,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        therapist=row.therapist,
        stimulator=row.stimulator,
        due=dues,
    )


def _interrupted(session: Session, patients: Sequence[int], about: About) -> Dues:
    """Patients whose last session has a record without an end. In a clinic's book simulated ones are left out."""
    found = session.execute(_last_interrupted(about.practice), {THESE: patients})
    return {patient: [due(INTERRUPTED, day=f"{on_clock(at, about.zone):%Y-%m-%d}")] for patient, at in found}


@cache
def _last_interrupted(practice: bool) -> Select[Any]:
    last = select(SessionEntry).where(SessionEntry.patient_id == Patient.id)
    if not practice:
        last = last.where(SessionEntry.simulated.is_(False))
    last = last.order_by(SessionEntry.opened_at.desc()).limit(1)
    result, opened_at = (
        last.with_only_columns(column).scalar_subquery() for column in (SessionEntry.result, SessionEntry.opened_at)
    )
    return select(Patient.id, opened_at).where(among(Patient.id), result == WITHOUT_END)
