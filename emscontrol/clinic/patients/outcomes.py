"""What was measured of a patient, each value once, with where and when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from emscontrol.clinic.book.actor import Actor
from emscontrol.clinic.book.entered import line_of
from emscontrol.clinic.book.rows import by_id
from emscontrol.clinic.patients.measures import Where, measure_of, parse_value
from emscontrol.clinic.patients.patients import patient_of
from emscontrol.clinic.patients.place import require_place
from emscontrol.clinic.patients.trends import Point
from emscontrol.clinic.staff.roles import require
from emscontrol.clinic.tables.findings import Outcome
from emscontrol.clinic.tables.plans import Appointment
from emscontrol.core.errors import UsageError
from emscontrol.safety.screening_answers import CLOCK_SKEW
from emscontrol.safety.screening_places import SIDES


@dataclass(frozen=True, slots=True)
class Entered:
    """One result as it was typed. `landmark` is where on the limb, or which joint and direction; "" where there is none."""

    measure: str
    text: str
    taken_at: datetime
    muscle: str = ""
    side: str = ""
    scale: str = ""
    landmark: str = ""
    appointment_id: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class SeriesOf:
    """What makes values comparable: the same measure and scale at the same place."""

    measure: str
    muscle: str = ""
    side: str = ""
    landmark: str = ""
    scale: str = ""


def record_outcome(session: Session, actor: Actor, now: datetime, patient_id: int, entered: Entered) -> Outcome:
    """Keep a result. Raises UsageError for a value out of range, a missing place, or an appointment of somebody else."""
    require(actor, "outcomes")
    patient_of(session, patient_id)
    value_milli = parse_value(entered.measure, entered.text, entered.scale)
    landmark = line_of(entered.landmark, "landmark")
    _check_place(entered, landmark)
    if entered.taken_at > now + CLOCK_SKEW:
        raise UsageError("This result is still to come.", "Give the time at which it was taken.")
    if entered.appointment_id is not None:
        appointment = by_id(session, Appointment, entered.appointment_id, "appointment")
        if appointment.patient_id != patient_id:
            raise UsageError(f"Appointment {appointment.id} is somebody else's.", "Look at the number.")
    row = Outcome(
        patient_id=patient_id,
        measure=entered.measure,
        muscle=entered.muscle,
        side=entered.side,
        landmark=landmark,
        value_milli=value_milli,
        scale=entered.scale,
        appointment_id=entered.appointment_id,
        taken_at=entered.taken_at,
        taken_by=actor.code,
        note=line_of(entered.note, "note"),
    )
    session.add(row)
    session.flush()
    return row


def list_outcomes(session: Session, patient_id: int, measure: str = "", limit: int = 100) -> Sequence[Outcome]:
    """The newest results, of one measure or of all."""
    query = select(Outcome).where(Outcome.patient_id == patient_id, Outcome.withdrawn_at.is_(None))
    if measure:
        query = query.where(Outcome.measure == measure)
    return session.scalars(query.order_by(Outcome.taken_at.desc(), Outcome.id.desc()).limit(limit)).all()


def series_of(session: Session, patient_id: int, measure: str) -> Mapping[SeriesOf, Sequence[Point]]:
    """All values of one measure in order, those that can be compared together."""
    columns = (Outcome.muscle, Outcome.side, Outcome.landmark, Outcome.scale, Outcome.taken_at, Outcome.value_milli)
    mine = (Outcome.patient_id == patient_id, Outcome.measure == measure, Outcome.withdrawn_at.is_(None))
    found: dict[SeriesOf, list[Point]] = {}
    for muscle, side, landmark, scale, taken_at, value_milli in session.execute(
        select(*columns).where(*mine).order_by(Outcome.taken_at, Outcome.id)
    ):
        found.setdefault(SeriesOf(measure, muscle, side, landmark, scale), []).append(Point(taken_at, value_milli))
    return found


def _check_place(entered: Entered, landmark: str) -> None:
    where = measure_of(entered.measure).where
    if where is Where.PERSON and (entered.muscle or entered.side):
        raise UsageError(f"{entered.measure} is of the whole person.", "Leave muscle and side out.")
    if where is Where.SIDE and (not landmark or entered.side not in SIDES):
        raise UsageError(
            f"{entered.measure} needs a side and its landmark.", "Say left or right, and as “10 cm above the patella” where."
        )
    if where is Where.MUSCLE or entered.muscle or (where is Where.FREE and entered.side):
        require_place(entered.muscle, entered.side)
