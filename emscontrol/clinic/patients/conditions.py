"""What patients are treated for: every cause that the seed document has, and what to expect of the nerve."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from emscontrol.clinic.book.actor import Actor
from emscontrol.clinic.book.entered import day_of, line_of, one_of
from emscontrol.clinic.patients.patients import patient_of
from emscontrol.clinic.staff.roles import require
from emscontrol.clinic.tables.people import Condition

PHYSIOLOGICAL: Final = "physiological"
NEUROGENIC: Final = "neurogenic"
OTHER: Final = "other"
GROUPS: Final = (PHYSIOLOGICAL, NEUROGENIC, OTHER)


@dataclass(frozen=True, slots=True)
class Cause:
    """One condition. `group` is the seed's own.

    `lmn` is what to expect of the lower motor neuron (intact, partial, absent, unknown): never a finding, each muscle is
    examined. `rows` are those of the table of clinical protocols that belong to it, `mark` how certain the two are, `mind`
    what to think of first.
    """

    words: str
    group: str
    lmn: str
    rows: tuple[str, ...]
    mark: str
    mind: str = ""


def _rows(text: str) -> tuple[str, ...]:
    return tuple(text.split())


CONDITIONS: Final[Mapping[str, Cause]] = {
    "disuse": Cause(
        "Immobility, disuse (cast, brace, after surgery)",
        PHYSIOLOGICAL,
        "intact",
        _rows("D01 D02 D10 D11 D12 D13 D14 D15 D16 D17"),
        "S",
    ),
    "sedentary": Cause(
        "Sedentary lifestyle, sitting work", PHYSIOLOGICAL, "intact", _rows("D07 D16"), "R80", "Exercise first."
    ),
    "malnutrition": Cause(
        "Severe malnutrition", PHYSIOLOGICAL, "intact", _rows("D23"), "X", "Correct nutrition first; refeeding risk."
    ),
    "bed_rest": Cause(
        "Prolonged bed rest, intensive care",
        PHYSIOLOGICAL,
        "intact",
        _rows("D03 D04 D05 D06 D21 C01 C04"),
        "S",
        "Bedsores, clots in the legs.",
    ),
    "als": Cause(
        "Amyotrophic lateral sclerosis (ALS)", NEUROGENIC, "partial", _rows("L05"), "R60", "Not by default; sources disagree."
    ),
    "polio": Cause(
        "Polio, post-polio syndrome", NEUROGENIC, "partial", _rows("L06"), "R80", "Overwork weakness: stop at new weakness."
    ),
    "carpal_tunnel": Cause("Carpal tunnel syndrome", NEUROGENIC, "partial", _rows("L03"), "X", "The surgeon agrees."),
    "spinal_cord_injury": Cause(
        "Spinal cord injury above the conus",
        NEUROGENIC,
        "unknown",
        _rows("N04 N09 N10 N11 N12 C04"),
        "R60",
        "About a fifth of the muscles at the level of the injury have lost their nerve. At or above T6: dysreflexia.",
    ),
    "conus_cauda": Cause(
        "Spinal cord injury of conus or cauda equina",
        NEUROGENIC,
        "absent",
        _rows("L01 L09"),
        "S",
        "Long pulses only, or nothing.",
    ),
    "multiple_sclerosis": Cause(
        "Multiple sclerosis (MS)", NEUROGENIC, "intact", _rows("N04 N07 N08"), "S", "Heat and fatigue."
    ),
    "guillain_barre": Cause("Guillain-Barré syndrome", NEUROGENIC, "partial", _rows("L04"), "R60", "Not while it progresses."),
    "stroke": Cause("Stroke", NEUROGENIC, "intact", _rows("N01 N02 N03 N04 N05 N06"), "S", "Shoulder: never through pain."),
    "peripheral_nerve": Cause(
        "Other injury or disorder of a nerve", NEUROGENIC, "unknown", _rows("L02 L07 L08 N13"), "S", "Examine each muscle."
    ),
    "burns": Cause("Severe burns", OTHER, "intact", _rows("D19"), "X", "Never on grafts younger than 3 weeks or open burns."),
    "alcohol": Cause(
        "Alcohol-related muscle disorder",
        OTHER,
        "unknown",
        _rows("D22"),
        "X",
        "Not in the acute phase; look for neuropathy, CK.",
    ),
    "corticosteroids": Cause(
        "Long-term corticosteroid medication", OTHER, "intact", _rows("D20"), "X", "Fragile skin; CK before and at 48 h."
    ),
    "fracture": Cause("Fracture or another injury", OTHER, "intact", _rows("D01 D02"), "R80", "Once it is stable."),
    "genetic": Cause(
        "Genetic condition of muscle",
        OTHER,
        "intact",
        _rows("G01 G02 G03 G04 G05 G06 G07"),
        "R60",
        "Duchenne and active myopathy: not at high intensity; heart check, CK.",
    ),
    "ageing": Cause("Ageing, sarcopenia", OTHER, "intact", _rows("D07 D08 D09 D18"), "S", "Exercise beside it."),
}


def add_condition(
    session: Session, actor: Actor, now: datetime, patient_id: int, condition: str, since: str = "", note: str = ""
) -> Condition:
    """Say what a patient is treated for; `since` is a day as precise as it is known. Raises UsageError."""
    require(actor, "patients")
    patient_of(session, patient_id)
    row = Condition(
        patient_id=patient_id,
        condition=one_of(condition, tuple(CONDITIONS), "condition"),
        since=day_of(since, "the day it began", now) if since else None,
        note=line_of(note, "note"),
    )
    session.add(row)
    session.flush()
    return row
