"""Real journals of simulated sessions, and people, plans and appointments for them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy.orm import Session

from emscontrol.clinic.tables.facts import Stimulator
from emscontrol.clinic.tables.people import Patient, Staff
from emscontrol.clinic.tables.plans import Appointment, Plan, PlanChannel, ProtocolText
from emscontrol.core.events import Event, make
from emscontrol.protocol.load import load_text
from emscontrol.protocol.travel import to_line
from emscontrol.record.journal import Journal
from emscontrol.record.replay import read_records
from emscontrol.record.signing import Signer
from emscontrol.session.spec import SessionSpec
from emscontrol.wiring.rehearsal import rehearse_session
from tests.clinic.conftest import NOW
from tests.session.rig import SHORT

COMFORT_UA = {"1": 20_000, "2": 25_000}


@dataclass(frozen=True)
class Book:
    """What a journal says of its book."""

    uuid: str
    patient: str = "P-1"
    plan: int = 1
    appointment: int = 1
    number: int = 1
    contractions: int = 4


@lru_cache(maxsize=16)
def recorded(model: str = "reference", text: str = SHORT, fault: str = "") -> tuple[bytes, ...]:
    """The lines of a whole session's journal."""
    loaded = load_text(text)
    with TemporaryDirectory() as folder:
        spec = SessionSpec(
            device=f"{model}@sim",
            protocol=to_line(loaded.protocol),
            protocol_text=loaded.text,
            sha256=loaded.sha256,
            comfort_ua={str(c): COMFORT_UA[str(c)] for c in loaded.protocol.channels},
            journal=str(Path(folder) / "a.jsonl"),
            faults=(fault,) if fault else (),
        )
        rehearse_session(spec, lambda event, at_us: None)
        return tuple(Path(spec.journal).read_bytes().splitlines(keepends=True))


def booked(
    book: Book,
    at: datetime = NOW,
    *,
    real: bool = False,
    lines: tuple[bytes, ...] | None = None,
    signer: Signer | None = None,
) -> bytes:
    """The same session as one of a book: opened `at`, with the booking where the engine puts it; `real` for a real device."""
    records = list(read_records(lines or recorded()))
    journal = Journal.in_memory(lambda: at.isoformat(timespec="milliseconds"), signer)
    for record in records:
        event = record.event
        if event.kind == "session_opened" and real:
            event = Event(event.kind, dict(event.args) | {"simulated": False, "port": "p24@/dev/ttyACM0"})
        journal.append(event, record.t_us)
        if record.n == 1:
            journal.append(_booked(book), record.t_us)
    return b"".join(journal.lines)


def unbooked() -> bytes:
    return b"".join(recorded())


def _booked(book: Book) -> Event:
    places = {"1": ("quad_rf", 4500), "2": ("quad_vm", 2500)}
    return make(
        "booked",
        book=book.uuid,
        patient=book.patient,
        plan=book.plan,
        appointment=book.appointment,
        number=book.number,
        staff="anna",
        contractions=book.contractions,
        channels={
            channel: {"muscle": muscle, "side": "left", "area_mm2": area, "electrode_set": None}
            for channel, (muscle, area) in places.items()
        },
        screening="Nothing stands in the way.",
    )


def people(session: Session) -> None:
    """A therapist, a stimulator and a patient."""
    session.add(Staff(code="anna", name="Anna", role="therapist", qualification="", secret="x"))
    session.add(Stimulator(name="S-1", device="p24@/dev/ttyACM0", serial=""))
    session.add(Patient(code="P-1", birth_year=1958, notes=""))
    session.flush()


def planned(session: Session, appointments: int = 3, text: str = SHORT) -> tuple[int, list[int]]:
    """A plan of the patient with appointments every second day from NOW; its number and theirs."""
    people(session)
    loaded = load_text(text)
    protocol = loaded.protocol
    session.add(
        ProtocolText(
            sha256=loaded.sha256, protocol=protocol.id, revision=1, title=protocol.title, use="standard", text=loaded.text
        )
    )
    session.flush()
    plan = Plan(
        patient_id=1,
        protocol_sha256=loaded.sha256,
        goal="stairs",
        status="active",
        sessions_per_week=3,
        weeks=6,
        rest_min_h=48,
        starts_on="2026-03-02",
        slot_min=45,
        therapist="anna",
        stimulator="S-1",
        progression="strength",
        prescribed_by="anna",
    )
    session.add(plan)
    session.flush()
    for number, channel in protocol.channels.items():
        session.add(
            PlanChannel(
                plan_id=plan.id,
                channel=number,
                muscle=channel.muscle,
                side=channel.side.value,
                area_mm2=channel.electrode.area_mm2,
            )
        )
    made = [
        appointment(session, plan.id, number, NOW + timedelta(days=2 * (number - 1))) for number in range(1, appointments + 1)
    ]
    return plan.id, made


def appointment(session: Session, plan: int, number: int, at: datetime) -> int:
    row = Appointment(
        patient_id=1,
        plan_id=plan,
        number=number,
        starts_at=at,
        ends_at=at + timedelta(minutes=45),
        therapist="anna",
        stimulator="S-1",
        status="booked",
        reason="",
        moved=0,
    )
    session.add(row)
    session.flush()
    return row.id
