"""The pads of one patient: their uses are counted from the sessions, and their renewal is asked for."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from dateutil.relativedelta import relativedelta
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from emscontrol.clinic.book.actor import Actor
from emscontrol.clinic.book.entered import day_of, line_of
from emscontrol.clinic.patients.patients import patient_of
from emscontrol.clinic.patients.thresholds import AREA_MAX_MM2
from emscontrol.clinic.staff.roles import require
from emscontrol.clinic.tables.people import ElectrodeSet
from emscontrol.clinic.tables.sessions import SessionChannel, SessionEntry
from emscontrol.core.errors import UsageError
from emscontrol.safety.screening_places import SIDES
from emscontrol.safety.screening_rules import BODY
from emscontrol.safety.sites import known_muscles, likely_muscles

USES_MAX: Final = 30  # [S RS2]
MONTHS_MAX: Final = 3  # [S RS2]

_USES_LIMIT: Final = 1000


@dataclass(frozen=True, slots=True)
class SetState:
    """One set as it is today. `due` says in a sentence why it is to be renewed, "" while it is good."""

    id: int
    version: int
    label: str
    area_mm2: int
    opened_on: str
    uses: int
    uses_max: int
    due: str


def open_set(
    session: Session,
    actor: Actor,
    now: datetime,
    patient_id: int,
    *,
    label: str,
    area_mm2: int,
    opened_on: str,
    uses_before: int = 0,
    uses_max: int = USES_MAX,
) -> ElectrodeSet:
    """A new set. `label` says where it goes, in ids of muscles, regions and sides; `opened_on` is a whole day; `uses_before` is
    what no session of this book has counted. Raises UsageError.
    """
    require(actor, "patients")
    patient_of(session, patient_id)
    if not 0 < area_mm2 <= AREA_MAX_MM2:
        raise UsageError(f"{area_mm2} mm² is no size of an electrode.", f"Up to {AREA_MAX_MM2} mm².")
    if not 0 <= uses_before <= _USES_LIMIT or not 0 < uses_max <= USES_MAX:
        raise UsageError("That is no number of uses.", f"At most {USES_MAX} before a set is renewed.")
    day = day_of(opened_on, "the day the set was opened", now)
    if len(day) != len("2026-03-14"):
        raise UsageError("The day the set was opened is needed whole.", "Write it as 2026-03-14.")
    row = ElectrodeSet(
        patient_id=patient_id,
        label=_label(label),
        area_mm2=area_mm2,
        opened_on=day,
        uses_before=uses_before,
        uses_max=uses_max,
    )
    session.add(row)
    session.flush()
    return row


def sets_of(session: Session, patient_ids: Iterable[int], today: date) -> dict[int, list[SetState]]:
    """The sets of these patients by patient, the newest first, in one query."""
    sessions = func.count(func.distinct(SessionEntry.id))
    used = (SessionEntry.id == SessionChannel.session_id) & SessionEntry.counts
    columns = (
        ElectrodeSet.patient_id,
        ElectrodeSet.id,
        ElectrodeSet.version,
        ElectrodeSet.label,
        ElectrodeSet.area_mm2,
        ElectrodeSet.opened_on,
        ElectrodeSet.uses_before,
        ElectrodeSet.uses_max,
    )
    query = (
        select(*columns, sessions)
        .outerjoin(SessionChannel, SessionChannel.electrode_set_id == ElectrodeSet.id)
        .outerjoin(SessionEntry, used)
        .where(ElectrodeSet.patient_id.in_(list(patient_ids)), ElectrodeSet.withdrawn_at.is_(None))
        .group_by(*columns)
        .order_by(ElectrodeSet.opened_on.desc(), ElectrodeSet.id.desc())
    )
    found: dict[int, list[SetState]] = {}
    for patient_id, number, version, label, area_mm2, opened_on, uses_before, uses_max, counted in session.execute(query):
        uses = uses_before + counted
        due = why_renewed(uses, uses_max, opened_on, today)
        found.setdefault(patient_id, []).append(SetState(number, version, label, area_mm2, opened_on, uses, uses_max, due))
    return found


def set_in_use(session: Session, patient_id: int, area_mm2: int, muscle: str, side: str) -> int | None:
    """The set that is meant for a channel: the newest of this size that is not used or named for another place."""
    where = (ElectrodeSet.patient_id == patient_id, ElectrodeSet.area_mm2 == area_mm2, ElectrodeSet.withdrawn_at.is_(None))
    newest = (ElectrodeSet.opened_on.desc(), ElectrodeSet.id.desc())
    rows = session.execute(select(ElectrodeSet.id, ElectrodeSet.label).where(*where).order_by(*newest)).all()
    places = select(SessionChannel.electrode_set_id, SessionChannel.muscle, SessionChannel.side)
    used = session.execute(places.where(SessionChannel.electrode_set_id.in_([row.id for row in rows])).distinct()).all()
    elsewhere = {number for number, *place in used if place != [muscle, side]}
    fitting = [row for row in rows if row.id not in elsewhere and _may_be_for(row.label, muscle, side)]
    named = [row for row in fitting if muscle in row.label.casefold().split()]
    return next((row.id for row in (*named, *fitting)), None)


def why_renewed(uses: int, uses_max: int, opened_on: str, today: date) -> str:
    """Why a set is to be renewed, "" while it is good."""
    if uses >= uses_max:
        return f"Used {uses} times; a set is renewed after {uses_max}."
    if today >= date.fromisoformat(opened_on) + relativedelta(months=MONTHS_MAX):
        return f"Opened on {opened_on}; a set is renewed after {MONTHS_MAX} months."
    return ""


def _label(typed: str) -> str:
    """Where a set goes. A word that is mistyped would let the set go anywhere. Raises UsageError that names what there is."""
    label = line_of(typed, "label", needed=True)
    words = label.casefold().split()
    unknown = [word for word in words if word not in (*known_muscles(), *BODY, *SIDES) and not word.isdigit()]
    if unknown:
        raise UsageError(
            f"{unknown[0]!r} is no muscle, no region and no side, so nobody knows where these electrodes go.",
            f"Muscles: {likely_muscles(unknown[0])}. Regions: {', '.join(sorted(BODY))}. Sides: {', '.join(SIDES)}.",
        )
    if not any(word in (*known_muscles(), *BODY) for word in words):
        raise UsageError(f"{label!r} does not say where these electrodes go.", "Write a muscle and its side, as quad_all left.")
    return label


def _may_be_for(label: str, muscle: str, side: str) -> bool:
    """A label that names another side or another muscle is for that."""
    words: Sequence[str] = label.casefold().split()
    other_side = any(other in words for other in SIDES if other != side) and side not in words
    other_muscle = any(other in words for other in known_muscles() if other != muscle) and muscle not in words
    return not other_side and not other_muscle
