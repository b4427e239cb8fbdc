"""What the record says by itself to questions of the screening: an answer no that is given for all of them does not fit it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from emscontrol.clinic.patients.conditions import CONDITIONS
from emscontrol.clinic.screening.facts import screening_facts
from emscontrol.clinic.tables.people import Condition
from emscontrol.safety.screening_body import implanted, latest_day
from emscontrol.safety.screening_facts import ScreeningFacts

BY_IMPLANT: Final = ("PACEMAKER", "ACTIVE_IMPLANT", "METAL_RECENT")
"""Questions that an implant answers, in the order of the list."""

FEELING: Final = "SENSATION"
_WITHOUT_FEELING: Final = ("reduced", "absent")


class Likely(NamedTuple):
    """A question to which a condition makes a yes likely; with `days` only while it began no longer ago, as far as is known."""

    rule: str
    days: int | None = None


BY_CONDITION: Final[Mapping[str, tuple[Likely, ...]]] = {
    "malnutrition": (Likely("MALNUT"),),
    "als": (Likely("ALS"),),
    "polio": (Likely("POSTPOLIO"),),
    "spinal_cord_injury": (Likely("OSTEOPOROSIS"), Likely("AD_T6")),
    "conus_cauda": (Likely("OSTEOPOROSIS"),),
    "guillain_barre": (Likely("GBS_ACUTE"),),
    "stroke": (Likely("ACUTE_STROKE", days=3),),
    "burns": (Likely("SKIN"),),
    "alcohol": (Likely("RHABDO"),),
    "fracture": (Likely("FRACTURE"),),
    "genetic": (Likely("MYOPATHY"),),
}
"""By condition [D]: the questions that ask for that very thing. Whether it is so is for whoever is asked, one at a time."""


def on_record(session: Session, patient_id: int, now: datetime) -> dict[str, str]:
    """{rule: what the record of this patient says to its question}. Raises BookError where others have changed a row of it."""
    facts = screening_facts(session, patient_id, (), frozenset(), None)
    return _conditions(session, patient_id, now) | _feeling(facts) | _implants(facts, now)


def implants_on_record(session: Session, patient_id: int, now: datetime) -> dict[str, str]:
    """The same of implants alone: they count as a yes whatever was answered."""
    return _implants(screening_facts(session, patient_id, (), frozenset(), None), now)


def _implants(facts: ScreeningFacts, now: datetime) -> dict[str, str]:
    return {rule: each.why for rule in BY_IMPLANT for each in implanted(rule, facts, now)}


def _feeling(facts: ScreeningFacts) -> dict[str, str]:
    numb = [each for each in facts.muscles if each.sensation in _WITHOUT_FEELING]
    said = ", ".join(f"feeling at {each.muscle} {each.side} is {each.sensation}" for each in numb)
    return {FEELING: said} if numb else {}


def _conditions(session: Session, patient_id: int, now: datetime) -> dict[str, str]:
    where = (Condition.patient_id == patient_id, Condition.withdrawn_at.is_(None))
    found = {}
    for row in session.scalars(select(Condition).where(*where).order_by(Condition.id)):
        for likely in BY_CONDITION.get(row.condition, ()):
            if _began_lately(row.since or "", likely.days, now):
                found[likely.rule] = f"{CONDITIONS[row.condition].words} is on record"
    return found


def _began_lately(since: str, days: int | None, now: datetime) -> bool:
    """A day that is not known whole, or not at all, counts as the latest that it may be."""
    day = latest_day(since) if since and days is not None else None
    return day is None or days is None or (now.astimezone(UTC).date() - day).days <= days
