"""Marks and burns of the skin that keep the next session from starting, told wherever somebody prepares one."""

from collections.abc import Sequence
from datetime import tzinfo
from functools import cache

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from emscontrol.clinic.agenda.due import THESE, Dues, among
from emscontrol.clinic.agenda.entry import SKIN, due
from emscontrol.clinic.prescription.memory import HARMED_MILLI, require_whole_skin
from emscontrol.clinic.prescription.memory import SKIN as MEASURE
from emscontrol.clinic.tables.findings import Outcome
from emscontrol.core.errors import EmsError


def skin_in_the_way(session: Session, patient_id: int, zone: tzinfo) -> str:
    """Why no session of this patient can start for the sake of the skin, in a sentence; "" where nothing is in the way.

    Judged as it is when a session is prepared, its day told in `zone`. A result that was changed behind the program's back is
    in the way too.
    """
    try:
        require_whole_skin(session, patient_id, zone)
    except EmsError as problem:
        return problem.what
    return ""


def skin(session: Session, patients: Sequence[int], zone: tzinfo) -> Dues:
    """Patients whose skin is in the way. One statement finds whoever ever had harm; only these few are judged."""
    found: Dues = {}
    for patient in session.scalars(_ever_harmed(), {THESE: patients}).all():
        why = skin_in_the_way(session, patient, zone)
        if why:
            found[patient] = [due(SKIN, why=why)]
    return found


@cache
def _ever_harmed() -> Select[int]:
    harm = (Outcome.measure == MEASURE, Outcome.value_milli >= HARMED_MILLI)
    return select(Outcome.patient_id).where(among(Outcome.patient_id), *harm).distinct()
