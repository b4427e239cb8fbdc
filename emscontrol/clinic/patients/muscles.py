"""Nerve and feeling of one muscle of one side, as last examined."""

from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from emscontrol.clinic.book.actor import Actor
from emscontrol.clinic.book.entered import line_of, one_of
from emscontrol.clinic.patients.patients import patient_of
from emscontrol.clinic.patients.place import require_place
from emscontrol.clinic.staff.roles import require
from emscontrol.clinic.tables.people import MuscleState
from emscontrol.core.errors import UsageError
from emscontrol.safety.screening_answers import CLOCK_SKEW

LMN: Final = ("intact", "partial", "absent", "unknown")
SENSATION: Final = ("normal", "reduced", "absent", "unknown")


def examine(
    session: Session,
    actor: Actor,
    now: datetime,
    *,
    patient_id: int,
    muscle: str,
    side: str,
    lmn: str,
    sensation: str,
    how: str,
    examined_at: datetime,
) -> MuscleState:
    """Write down a finding, in place of the one before, which stays in the audit.

    Raises UsageError for a finding from the future or older than the one that is there, SafetyRefusal for an unknown muscle.
    """
    require(actor, "patients")
    patient_of(session, patient_id)
    require_place(muscle, side)
    if examined_at > now + CLOCK_SKEW:
        raise UsageError("This examination is still to come.", "Give the time at which it took place.")
    row = state_of(session, patient_id, muscle, side, withdrawn=True)
    if row is None:
        row = MuscleState(patient_id=patient_id, muscle=muscle, side=side)
        session.add(row)
    elif row.withdrawn_at is None and row.examined_at > examined_at:
        raise UsageError(
            f"{muscle} {side} was examined later, on {row.examined_at:%Y-%m-%d %H:%M} UTC.", "The newest finding counts."
        )
    row.lmn = one_of(lmn, LMN, "state of the lower motor neuron")
    row.sensation = one_of(sensation, SENSATION, "state of the feeling")
    row.how, row.examined_at = line_of(how, "way it was examined", needed=True), examined_at
    row.withdrawn_at = row.withdrawn_by = row.withdrawn_why = None
    session.flush()
    return row


def state_of(session: Session, patient_id: int, muscle: str, side: str, withdrawn: bool = False) -> MuscleState | None:
    """The finding of one muscle of one side; `withdrawn` gives also one that was taken back."""
    where = (MuscleState.patient_id == patient_id, MuscleState.muscle == muscle, MuscleState.side == side)
    row = session.scalars(select(MuscleState).where(*where)).one_or_none()
    return row if row is None or withdrawn or row.withdrawn_at is None else None
