"""Patients by code. Who a code is stands apart, can be left out everywhere, and is the only thing that can be erased."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Select, exists, func, select
from sqlalchemy.orm import Session

from emscontrol.clinic.appointments.status import BOOKED
from emscontrol.clinic.book.actor import Actor
from emscontrol.clinic.book.entered import code_of
from emscontrol.clinic.book.rows import as_seen, by_code, by_id
from emscontrol.clinic.book.rows import withdraw as withdraw_row
from emscontrol.clinic.staff.roles import require
from emscontrol.clinic.tables.people import Patient, PatientName
from emscontrol.clinic.tables.plans import Appointment, Plan
from emscontrol.clinic.tables.sessions import SessionEntry
from emscontrol.core.errors import UsageError

BIRTH_YEAR_MIN: Final = 1900
NOTES_MAX: Final = 10_000  # characters
LISTED: Final = 50

_OPEN_PLANS: Final = ("active", "paused")


@dataclass(frozen=True, slots=True)
class PatientLine:
    """A patient in a list; the names are "" where nobody entered any."""

    id: int
    code: str
    birth_year: int | None
    given: str
    family: str

    @property
    def called(self) -> str:
        """The name where there is one, else the code."""
        return f"{self.given} {self.family}".strip() or self.code


def add_patient(
    session: Session, actor: Actor, now: datetime, *, code: str, birth_year: int | None = None, notes: str = ""
) -> Patient:
    """Enter a patient. Raises UsageError for a code that is none or is taken, and a year that cannot be."""
    require(actor, "patients")
    patient = Patient(code=_free(session, code), birth_year=_year(birth_year, now), notes=_notes(notes))
    session.add(patient)
    session.flush()
    return patient


def change_patient(
    session: Session,
    actor: Actor,
    now: datetime,
    number: int,
    version: int,
    *,
    code: str,
    birth_year: int | None,
    notes: str,
) -> Patient:
    """All three as they are to be. A code that journals may name stays as it is. Raises UsageError, BookConflict."""
    require(actor, "patients")
    patient = patient_of(session, number)
    as_seen(session, patient, version)
    if code != patient.code:
        _not_in_journals(session, patient)
        patient.code = _free(session, code, but=patient.id)
    patient.birth_year, patient.notes = _year(birth_year, now), _notes(notes)
    session.flush()
    return patient


def withdraw_patient(session: Session, actor: Actor, now: datetime, number: int, version: int, why: str) -> Patient:
    """Take a patient back. Raises UsageError while plans go on or appointments are booked."""
    require(actor, "patients")
    patient = patient_of(session, number)
    as_seen(session, patient, version)
    plan = select(Plan.id).where(Plan.patient_id == number, Plan.status.in_(_OPEN_PLANS), Plan.withdrawn_at.is_(None))
    booked = select(Appointment.id).where(
        Appointment.patient_id == number, Appointment.status == BOOKED, Appointment.withdrawn_at.is_(None)
    )
    if session.scalar(plan.limit(1)) or session.scalar(booked.limit(1)):
        raise UsageError(
            f"{patient.code} has plans that go on, or appointments.", "Finish the plans and cancel the appointments first."
        )
    withdraw_row(patient, actor, now, why)
    session.flush()
    return patient


def find_patient(session: Session, code: str) -> Patient:
    """The patient with this code. Raises UsageError with the nearest one, or when it was withdrawn."""
    patient: Patient = by_code(session, Patient.code, code, "patient")
    return _there(patient)


def patient_of(session: Session, number: int) -> Patient:
    """The patient with this number. Raises UsageError."""
    return _there(by_id(session, Patient, number, "patient"))


def search_patients(session: Session, words: str, limit: int = LISTED) -> Sequence[PatientLine]:
    """Patients with all of these words in code or name, whatever the capitals; codes that begin with them first.

    Done here and not in the database: SQLite knows the capitals of English only.
    """
    wanted = words.casefold().split()
    found = []
    for row in session.execute(_lines()):
        line = PatientLine(*row)
        if all(word in f"{line.code} {line.given} {line.family}".casefold() for word in wanted):
            found.append(line)
    start = words.strip().casefold()
    found.sort(key=lambda line: (not line.code.casefold().startswith(start), line.family.casefold(), line.code))
    return found[:limit]


def list_patients(session: Session, after: str = "", limit: int = LISTED) -> Sequence[PatientLine]:
    """Patients by code, from the one after `after` on."""
    rows = session.execute(_lines(Patient.code > after).order_by(Patient.code).limit(limit))
    return [PatientLine(*row) for row in rows]


def set_name(session: Session, actor: Actor, number: int, *, given: str, family: str, contact: str = "") -> PatientName:
    """Say who a code is. The trace has a mark in place of it."""
    require(actor, "patients")
    patient_of(session, number)
    given, family, contact = (_name_part(part) for part in (given, family, contact))
    if not given and not family:
        raise UsageError("No name was given.", "To take a name away: emscontrol patient forget-name.")
    row = name_of(session, number)
    if row is None:
        row = PatientName(patient_id=number)
        session.add(row)
    row.given, row.family, row.contact = given, family, contact
    session.flush()
    return row


def forget_name(session: Session, actor: Actor, number: int) -> None:
    """Take the name away for good: it is in no trace. Backups that were made before still have it."""
    require(actor, "patients")
    row = name_of(session, number)
    if row is not None:
        row.given = row.family = row.contact = ""
        session.flush()


def name_of(session: Session, number: int) -> PatientName | None:
    """Who a code is, where that was entered."""
    return session.scalars(select(PatientName).where(PatientName.patient_id == number)).one_or_none()


def _lines(*where: ColumnElement[bool]) -> Select[int, str, int | None, str, str]:
    given, family = func.coalesce(PatientName.given, ""), func.coalesce(PatientName.family, "")
    query = select(Patient.id, Patient.code, Patient.birth_year, given, family)
    return query.outerjoin(PatientName, PatientName.patient_id == Patient.id).where(Patient.withdrawn_at.is_(None), *where)


def _free(session: Session, typed: str, but: int = 0) -> str:
    """A code that no other patient has; P-1 beside p-1 would be taken for one another."""
    code = code_of(typed, "patient")
    taken = session.scalar(select(Patient.code).where(func.lower(Patient.code) == code.lower(), Patient.id != but))
    if taken is not None:
        raise UsageError(f"The code {taken} is taken.", "Choose another; capitals make no difference.")
    return code


def _not_in_journals(session: Session, patient: Patient) -> None:
    """Journals name a patient by code, also those that a station has yet to hand in. Raises UsageError."""
    appointed = exists(select(Appointment.id).where(Appointment.patient_id == patient.id))
    treated = exists(select(SessionEntry.id).where(SessionEntry.patient_id == patient.id))
    if session.scalar(select(appointed | treated)):
        raise UsageError(
            f"The code {patient.code} cannot be changed any more: the records of sessions name the patient by it.",
            "Enter what you want to tell in the notes or in the name.",
        )


def _year(year: int | None, now: datetime) -> int | None:
    if year is not None and not BIRTH_YEAR_MIN <= year <= now.year:
        raise UsageError(f"Nobody is born in {year}.", f"A year from {BIRTH_YEAR_MIN} to {now.year}, or none.")
    return year


def _notes(notes: str) -> str:
    if len(notes) > NOTES_MAX:
        raise UsageError("These notes are too long.", f"Up to {NOTES_MAX} characters.")
    return notes.strip()


def _name_part(part: str) -> str:
    """Not by line_of: an error must not repeat a name."""
    part = part.strip()
    if len(part) > 200 or not part.isprintable():
        raise UsageError("This name is too long or is no plain line.", "Up to 200 characters on one line.")
    return part


def _there(patient: Patient) -> Patient:
    if patient.withdrawn_at is not None:
        raise UsageError(f"{patient.code} was withdrawn by {patient.withdrawn_by}: {patient.withdrawn_why}.")
    return patient
