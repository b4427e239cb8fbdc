"""What is in the body that current may disturb, or that disturbs current."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from emscontrol.clinic.book.actor import Actor
from emscontrol.clinic.book.entered import day_of, line_of, one_of
from emscontrol.clinic.patients.patients import patient_of
from emscontrol.clinic.staff.roles import require
from emscontrol.clinic.tables.people import Implant
from emscontrol.safety.screening_places import EVERY_SIDE, SIDES
from emscontrol.safety.screening_rules import BODY

KINDS: Final[Mapping[str, str]] = {
    "pacemaker": "cardiac pacemaker or defibrillator",
    "active": "another active implant: stimulator, pump, cochlear implant, loop recorder",
    "metal": "plate, nail, screw, prosthesis",
}
REGIONS: Final = ("", *sorted(BODY))
"""As the screening's rules name them; "" where it is everywhere or unknown."""


def add_implant(
    session: Session,
    actor: Actor,
    now: datetime,
    patient_id: int,
    *,
    kind: str,
    region: str = "",
    side: str = EVERY_SIDE,
    placed_on: str = "",
    note: str = "",
) -> Implant:
    """Enter one. What is not known may be left out, and counts as the worse case. Raises UsageError."""
    require(actor, "patients")
    patient_of(session, patient_id)
    row = Implant(
        patient_id=patient_id,
        kind=one_of(kind, tuple(KINDS), "kind of implant"),
        region=one_of(region, REGIONS, "region"),
        side=one_of(side, (EVERY_SIDE, *SIDES), "side"),
        placed_on=day_of(placed_on, "the day it was placed", now) if placed_on else None,
        note=line_of(note, "note"),
    )
    session.add(row)
    session.flush()
    return row
