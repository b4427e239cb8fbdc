"""Taking back one thing of a patient's record: it stays in the book, and counts no more."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final, TypeAlias

from sqlalchemy.orm import Session

from emscontrol.clinic.book.actor import Actor
from emscontrol.clinic.book.entered import one_of
from emscontrol.clinic.book.rows import as_seen, by_id
from emscontrol.clinic.book.rows import withdraw as withdraw_row
from emscontrol.clinic.staff.roles import require
from emscontrol.clinic.tables.findings import Outcome, Threshold
from emscontrol.clinic.tables.people import Condition, ElectrodeSet, Implant, MuscleState
from emscontrol.core.errors import UsageError

Thing: TypeAlias = Condition | MuscleState | Implant | ElectrodeSet | Threshold | Outcome

THINGS: Final[Mapping[str, tuple[type[Thing], str]]] = {
    "condition": (Condition, "patients"),
    "muscle": (MuscleState, "patients"),
    "implant": (Implant, "patients"),
    "electrodes": (ElectrodeSet, "patients"),
    "threshold": (Threshold, "thresholds"),
    "outcome": (Outcome, "outcomes"),
}
"""What can be taken back, with the action that this is."""


def take_back(
    session: Session, actor: Actor, now: datetime, what: str, patient_id: int, number: int, version: int, why: str
) -> Thing:
    """Withdraw one thing of this very patient. Raises UsageError, NotAllowed, BookConflict."""
    table, action = THINGS[one_of(what, tuple(THINGS), "thing to take back")]
    require(actor, action)
    row: Thing = by_id(session, table, number, what)
    if row.patient_id != patient_id:
        raise UsageError(f"{what.capitalize()} {number} is somebody else's.", "Look at the number.")
    as_seen(session, row, version)
    withdraw_row(row, actor, now, why)
    session.flush()
    return row
