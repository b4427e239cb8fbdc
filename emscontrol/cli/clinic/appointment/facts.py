"""Appointments as facts and in a sentence."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy.orm import Session

from emscontrol.cli.clinic.found import codes_of
from emscontrol.cli.clinic.printing import Paper
from emscontrol.clinic.appointments.status import reasons
from emscontrol.clinic.tables.plans import Appointment

COLUMNS: Final = {
    "appointment": "NUMBER",
    "starts_at": "STARTS",
    "minutes": "MIN",
    "patient": "PATIENT",
    "plan": "PLAN",
    "number": "SESSION",
    "therapist": "THERAPIST",
    "stimulator": "STIMULATOR",
    "status": "STATUS",
    "reason": "REASON",
    "time_why": "THIS TIME BECAUSE",
}


def appointment_facts(session: Session, rows: Sequence[Appointment]) -> list[dict[str, Any]]:
    """Each with its patient's code."""
    codes = codes_of(session, (row.patient_id for row in rows))
    return [
        {
            "appointment": row.id,
            "patient": codes[row.patient_id],
            "plan": row.plan_id,
            "number": row.number,
            "starts_at": row.starts_at,
            "ends_at": row.ends_at,
            "minutes": int((row.ends_at - row.starts_at).total_seconds()) // 60,
            "therapist": row.therapist,
            "stimulator": row.stimulator,
            "status": row.status,
            "reason": reasons(row.status, row.reason).of_status,
            "moved": row.moved,
            "time_why": reasons(row.status, row.reason).of_time,
            "session": row.session_id,
            "version": row.version,
        }
        for row in rows
    ]


def sentence(paper: Paper, facts: dict[str, Any], what: str) -> str:
    """One line, as "Appointment 3 of P-001 is booked: Mon 2026-03-02 10:00"."""
    needs = ", ".join(filter(None, (facts["therapist"], facts["stimulator"])))
    at = paper.shown(facts["starts_at"])
    return f"Appointment {facts['appointment']} of {facts['patient']} {what}: {at}{f', {needs}' if needs else ''}."
