"""Rows that only journals and plans make, for tests of what looks at them."""

from datetime import datetime, timedelta

from emscontrol.clinic.tables.plans import Appointment, Plan, PlanChannel, PlanStep, ProtocolText
from emscontrol.clinic.tables.sessions import SessionChannel, SessionEntry


def session_entry(patient_id: int, journal: str, at: datetime, plan_id: int | None = None, **other: object) -> SessionEntry:
    """A session that counts, of ten contractions of ten."""
    row = SessionEntry(
        journal_id=journal,
        patient_id=patient_id,
        plan_id=plan_id,
        opened_at=at,
        duration_us=1_200_000_000,
        result="completed",
        reason="the program is over",
        counts=True,
        simulated=False,
        device="p24@sim",
        staff="anna",
        protocol_sha256="f" * 64,
        contractions_prescribed=10,
        contractions=10,
        pulses=1000,
        charge_pc=1_000_000,
        finding="",
    )
    for key, value in other.items():
        setattr(row, key, value)
    return row


def session_channel(session_id: int, channel: int, muscle: str, side: str, electrode_set: int | None) -> SessionChannel:
    """One channel of it."""
    return SessionChannel(
        session_id=session_id,
        channel=channel,
        muscle=muscle,
        side=side,
        comfort_ua=23_000,
        peak_ua=23_000,
        contractions=10,
        pulses=1000,
        charge_pc=1_000_000,
        on_us=50_000_000,
        electrode_set_id=electrode_set,
    )


def protocol_text() -> ProtocolText:
    """A protocol that plans can hang on; nobody plays it here."""
    return ProtocolText(sha256="f" * 64, protocol="p", revision=1, title="Quadriceps, high rate", use="standard", text="")


def plan_of(patient_id: int) -> Plan:
    """Eighteen sessions of the protocol above."""
    return Plan(
        patient_id=patient_id,
        protocol_sha256="f" * 64,
        goal="climb stairs",
        status="active",
        sessions_per_week=3,
        weeks=6,
        rest_min_h=24,
        starts_on="2026-03-02",
        slot_min=60,
        therapist="anna",
        stimulator="stim 1",
        progression="default",
        prescribed_by="anna",
    )


def plan_channel(plan_id: int) -> PlanChannel:
    """Its one channel."""
    return PlanChannel(plan_id=plan_id, channel=1, muscle="quad_all", side="left", area_mm2=4500)


def plan_step(plan_id: int, at: datetime) -> PlanStep:
    """A proposal that waits."""
    return PlanStep(plan_id=plan_id, number=1, rule="P3", changes={}, reason="", facts={}, proposed_at=at, decision="open")


def appointment(patient_id: int, plan_id: int, at: datetime, status: str) -> Appointment:
    """One hour."""
    return Appointment(
        patient_id=patient_id,
        plan_id=plan_id,
        starts_at=at,
        ends_at=at + timedelta(hours=1),
        therapist="anna",
        stimulator="stim 1",
        status=status,
        reason="",
        moved=0,
    )
