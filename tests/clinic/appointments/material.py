"""A small clinic to book in: people, a stimulator, plans, opening hours."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from emscontrol.clinic.appointments.hours import set_hours
from emscontrol.clinic.tables.facts import Stimulator
from emscontrol.clinic.tables.people import Patient, Staff
from emscontrol.clinic.tables.plans import Appointment, Plan, PlanChannel, ProtocolText
from tests.clinic.conftest import NOW, SUPERVISOR

BERLIN = ZoneInfo("Europe/Berlin")
EIGHT_TO_SIX = (8 * 60, 18 * 60)
HASH = "0" * 64


def people(session: Session, patients: int = 3) -> None:
    """Two therapists, two stimulators, patients P-1, P-2, …, and a protocol that nobody reads."""
    for code in ("anna", "bert"):
        session.add(Staff(code=code, name=code, role="therapist", qualification="", secret="x"))
    for name in ("S-1", "S-2"):
        session.add(Stimulator(name=name, device="p24@/dev/ttyACM0", serial=""))
    for number in range(1, patients + 1):
        session.add(Patient(code=f"P-{number}", birth_year=1958, notes=""))
    session.add(ProtocolText(sha256=HASH, protocol="x", revision=1, title="Strength", use="standard", text="x"))
    session.flush()


def open_weekdays(session: Session, *stretches: tuple[int, int]) -> None:
    """Open from Monday to Friday."""
    for weekday in range(5):
        set_hours(session, SUPERVISOR, NOW, weekday, stretches or (EIGHT_TO_SIX,))


def plan(
    session: Session,
    patient: int = 1,
    muscles: tuple[tuple[str, str], ...] = (("quad_all", "left"),),
    *,
    per_week: int = 3,
    weeks: int = 6,
    rest_h: int = 48,
    starts_on: str = "2026-03-02",
    slot_min: int = 45,
    therapist: str = "anna",
    stimulator: str = "S-1",
) -> int:
    """A plan of a patient; its number."""
    row = Plan(
        patient_id=patient,
        protocol_sha256=HASH,
        goal="stairs",
        status="active",
        sessions_per_week=per_week,
        weeks=weeks,
        rest_min_h=rest_h,
        starts_on=starts_on,
        slot_min=slot_min,
        therapist=therapist,
        stimulator=stimulator,
        progression="strength",
        prescribed_by="anna",
    )
    session.add(row)
    session.flush()
    for channel, (muscle, side) in enumerate(muscles, start=1):
        session.add(PlanChannel(plan_id=row.id, channel=channel, muscle=muscle, side=side, area_mm2=4500))
    session.flush()
    return row.id


def at(text: str, zone: ZoneInfo = BERLIN) -> datetime:
    """A time of the clinic's clock as a moment: `2026-03-02 10:00`."""
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


def shown(moments: list[datetime], zone: ZoneInfo = BERLIN) -> list[str]:
    """Moments as the clinic's clock shows them."""
    return [f"{moment.astimezone(zone):%a %Y-%m-%d %H:%M}" for moment in moments]


def of_plan(session: Session, plan_id: int) -> list[Appointment]:
    """Every appointment of a plan in the order of time."""
    query = select(Appointment).where(Appointment.plan_id == plan_id).order_by(Appointment.starts_at, Appointment.id)
    return list(session.scalars(query))


def minutes(number: int) -> timedelta:
    """So many minutes."""
    return timedelta(minutes=number)
