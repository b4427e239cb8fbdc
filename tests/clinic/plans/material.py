"""Plans that have gone on for a while: sessions, outcomes, thresholds and answers put into the book."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from emscontrol.clinic.book.actor import Actor
from emscontrol.clinic.plans.prescribe import Order, prescribe
from emscontrol.clinic.tables.findings import Outcome, ScreeningAnswer, Threshold
from emscontrol.clinic.tables.plans import Plan, PlanChannel
from emscontrol.clinic.tables.sessions import SessionChannel, SessionEntry
from emscontrol.protocol.library import load_named
from emscontrol.protocol.load import LoadedProtocol, load_text
from tests.clinic.conftest import NOW, SPECIALIST

_numbers = count(1)

ORDER: dict[str, Any] = {
    "patient": "P-1",
    "goal": "climb stairs",
    "sessions_per_week": 3,
    "weeks": 6,
    "starts_on": date(2026, 3, 2),
    "therapist": "anna",
    "stimulator": "S-1",
    "sides": {1: "left", 2: "left"},
}


def order(**other: Any) -> Order:
    return Order(**(ORDER | other))


def plan_of(session: Session, name: str | LoadedProtocol, actor: Actor = SPECIALIST, **other: Any) -> Plan:
    """A plan with a protocol of the library, every channel on the left."""
    loaded = load_named(name) if isinstance(name, str) else name
    sides = {number: "left" for number, channel in loaded.protocol.channels.items() if channel.side.value == "either"}
    return prescribe(session, actor, loaded, order(**({"sides": sides} | other)))


def with_fraction(name: str, old: str, new: str) -> LoadedProtocol:
    return load_text(load_named(name).text.replace(f"fraction: {old}}}", f"fraction: {new}}}"))


def gentle_shoulder() -> LoadedProtocol:
    """The shoulder's protocol with 25 min in place of 32: half an hour more still fits the hour that a session may last."""
    return load_text(load_named("shoulder-subluxation-stroke").text.replace("duration_s: 1350", "duration_s: 945"))


def given(
    session: Session,
    plan: Plan,
    days: Sequence[float],
    *,
    contractions: int = 25,
    comfort_ua: int = 30_000,
    counts: bool = True,
) -> None:
    """Sessions so many days after NOW, 25 contractions prescribed each."""
    for day in days:
        number = next(_numbers)
        entry = SessionEntry(
            journal_id=f"{number:064}",
            patient_id=plan.patient_id,
            plan_id=plan.id,
            appointment_id=None,
            opened_at=NOW + timedelta(days=day),
            duration_us=1,
            result="completed",
            reason="",
            counts=counts,
            simulated=False,
            device="",
            staff="anna",
            protocol_sha256="",
            contractions_prescribed=25,
            contractions=contractions,
            pulses=1,
            charge_pc=1,
            finding="",
        )
        session.add(entry)
        session.flush()
        session.add(
            SessionChannel(
                session_id=entry.id,
                channel=1,
                muscle="quad_rf",
                side="left",
                comfort_ua=comfort_ua,
                peak_ua=comfort_ua,
                contractions=contractions,
                pulses=1,
                charge_pc=1,
                on_us=1,
                electrode_set_id=None,
            )
        )
    session.flush()


def outcomes(session: Session, day: float, **values: float) -> None:
    for measure, value in values.items():
        session.add(
            Outcome(
                patient_id=1,
                measure=measure,
                muscle="",
                side="",
                landmark="",
                value_milli=round(value * 1000),
                scale="",
                appointment_id=None,
                taken_at=NOW + timedelta(days=day),
                taken_by="anna",
                note="",
            )
        )
    session.flush()


def threshold(session: Session, day: float) -> None:
    """The comfort level of every muscle that has a plan."""
    for muscle in session.scalars(select(PlanChannel.muscle).distinct()).all():
        session.add(
            Threshold(
                patient_id=1,
                muscle=muscle,
                side="left",
                kind="comfort",
                area_mm2=4500,
                width_us=300,
                rate_mhz=None,
                amplitude_ua=30_000,
                how="by hand",
                journal_id=None,
                measured_at=NOW + timedelta(days=day),
                measured_by="anna",
            )
        )
    session.flush()


def answer(session: Session, day: float, rule: str, said: str) -> None:
    at = NOW + timedelta(days=day)
    session.add(
        ScreeningAnswer(
            patient_id=1,
            rule=rule,
            answer=said,
            places=[],
            note="",
            asked_at=at,
            asked_by="anna",
            due_at=at + timedelta(days=30),
            rules_sha256="",
        )
    )
    session.flush()


def day(number: float) -> datetime:
    return NOW + timedelta(days=number)
