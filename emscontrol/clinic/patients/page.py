"""Everything that a patient's page shows, in a fixed number of statements however long the history is."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from emscontrol.clinic.book.book import About
from emscontrol.clinic.patients import page_alerts as alerts
from emscontrol.clinic.patients import page_parts as parts
from emscontrol.clinic.patients.electrode_sets import sets_of
from emscontrol.clinic.patients.page_rows import PatientPage
from emscontrol.clinic.tables.people import Patient, PatientName
from emscontrol.core.errors import UsageError


def patient_page(session: Session, patient_id: int, now: datetime, about: About) -> PatientPage:
    """The page of one patient at `now`. Raises UsageError for a number that is none or was withdrawn."""
    given, family, contact = (func.coalesce(each, "") for each in (PatientName.given, PatientName.family, PatientName.contact))
    query = (
        select(Patient.id, Patient.version, Patient.code, given, family, contact, Patient.birth_year, Patient.notes)
        .outerjoin(PatientName, PatientName.patient_id == Patient.id)
        .where(Patient.id == patient_id, Patient.withdrawn_at.is_(None))
    )
    head = session.execute(query).one_or_none()
    if head is None:
        raise UsageError(f"There is no patient {patient_id}, or not any more.", "List them: emscontrol patient list.")
    muscles = parts.muscles(session, patient_id)
    thresholds = parts.thresholds(session, patient_id, now, about.threshold_days)
    series = parts.series(session, patient_id)
    plans = parts.plans(session, patient_id, now)
    sessions = parts.sessions(session, patient_id)
    sets = tuple(sets_of(session, [patient_id], now.astimezone(about.zone).date()).get(patient_id, ()))
    return PatientPage(
        *head,
        alerts=(
            *alerts.of_screening(*parts.screening(session, patient_id, now)),
            *alerts.of_last_session(sessions, about.zone),
            *alerts.of_thresholds(thresholds),
            *alerts.of_electrodes(sets),
            *alerts.of_plans(plans),
            *alerts.of_progress(series, plans, muscles, now),
        ),
        conditions=parts.conditions(session, patient_id),
        muscles=muscles,
        implants=parts.implants(session, patient_id),
        thresholds=thresholds,
        outcomes=parts.outcomes(series),
        plans=plans,
        next_appointments=parts.appointments(session, patient_id, now, ahead=True),
        last_appointments=parts.appointments(session, patient_id, now, ahead=False),
        last_sessions=sessions,
        electrode_sets=sets,
    )
