"""A course gathered from the book at one moment: of one plan, or of a patient with all his plans."""

from dataclasses import asdict
from datetime import date, datetime, time, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from emscontrol.clinic.agenda.skin import skin_in_the_way
from emscontrol.clinic.book.book import About
from emscontrol.clinic.book.rows import by_id
from emscontrol.clinic.course import rows
from emscontrol.clinic.course.course import Course, Performed
from emscontrol.clinic.course.records import GONE, records
from emscontrol.clinic.patients.page import patient_page
from emscontrol.clinic.patients.patients import find_patient
from emscontrol.clinic.plans.plan_page import PlanPage, plan_page
from emscontrol.clinic.plans.slots import FINISHED
from emscontrol.clinic.tables.plans import Plan
from emscontrol.record.keys import KeyRing

NO_KEYS: Final = KeyRing()
"""Where no key is known, every signed record is one of an unknown key."""

AROUND: Final = timedelta(weeks=2)
"""Levels and outcomes so long before a plan are where it began from, and so long after it what it came to [D]."""


def course_of_patient(session: Session, code: str, now: datetime, about: About, ring: KeyRing = NO_KEYS) -> Course:
    """All plans of a patient that were not taken back, the newest first. Raises UsageError for a code that nobody has."""
    patient = find_patient(session, code).id
    mine = (Plan.patient_id == patient, Plan.withdrawn_at.is_(None))
    plans = session.scalars(select(Plan.id).where(*mine).order_by(Plan.id.desc())).all()
    return _course(session, patient, tuple(plan_page(session, plan, now) for plan in plans), None, now, about, ring)


def course_of_plan(session: Session, plan_id: int, now: datetime, about: About, ring: KeyRing = NO_KEYS) -> Course:
    """One plan. Raises UsageError for one that is none, BookError where its protocol is not what was prescribed."""
    plan = by_id(session, Plan, plan_id, "plan")
    return _course(session, plan.patient_id, (plan_page(session, plan_id, now),), plan_id, now, about, ring)


def _course(
    session: Session,
    patient_id: int,
    plans: tuple[PlanPage, ...],
    only: int | None,
    now: datetime,
    about: About,
    ring: KeyRing,
) -> Course:
    page = patient_page(session, patient_id, now, about)
    since, until = _around(plans[0], about) if only is not None else (None, None)
    return Course(
        made_at=now,
        about=about,
        patient=page.code,
        conditions=tuple(row.words for row in page.conditions),
        alerts=page.alerts,
        skin=skin_in_the_way(session, patient_id, about.zone),
        plans=plans,
        only=only,
        since=since,
        until=until,
        sessions=_sessions(session, patient_id, page.code, only, ring, about),
        levels=rows.levels(session, patient_id, since, until),
        results=rows.results(session, patient_id, since, until),
    )


def _around(plan: PlanPage, about: About) -> tuple[datetime, datetime | None]:
    """From before the plan began to after it was over; to now where it goes on."""
    begins = datetime.combine(date.fromisoformat(plan.starts_on), time(), about.zone)
    ends = max((each.ends_at for each in plan.appointments), default=begins + timedelta(weeks=plan.weeks))
    return begins - AROUND, ends + AROUND if plan.status == FINISHED else None


def _sessions(
    session: Session, patient_id: int, code: str, only: int | None, ring: KeyRing, about: About
) -> tuple[Performed, ...]:
    entries, got = rows.entries(session, patient_id, only), rows.channels(session, patient_id)
    kept = records(session, entries, got, code, ring, about)
    return tuple(
        Performed(**asdict(entry), record=kept.get(entry.journal_id, GONE), channels=tuple(got.get(entry.id, ())))
        for entry in entries
    )
