"""What of the screening stands in the way at an appointment: of what was answered with yes, what counts under its pads."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.orm import Session

from emscontrol.clinic.agenda.due import Moment, against
from emscontrol.clinic.agenda.entry import STANDING, Due, due
from emscontrol.clinic.plans.steps import prescribed_now
from emscontrol.clinic.prescription.prescribe import facts_for
from emscontrol.clinic.tables.plans import Plan
from emscontrol.core.errors import EmsError
from emscontrol.safety.screening import judge_screening

Place = tuple[int, int | None]
"""A patient and a plan; None for an appointment without one."""


def standing(session: Session, places: Iterable[Place], moment: Moment) -> dict[Place, list[Due]]:
    """What has to be overridden or acknowledged before a session of this patient by this plan.

    One statement finds whoever has answered anything but no; only the plans of these few are judged, as a session's
    preparation does. Without a plan nobody knows where the pads would be, so all of it is told.
    """
    wanted = sorted(set(places), key=lambda place: (place[0], place[1] or 0))
    rules = against(session, sorted({patient for patient, _ in wanted}), moment)
    found: dict[Place, list[Due]] = {}
    for patient, plan in wanted:
        said = set(rules.get(patient, ()))
        counting = said if plan is None or not said else said & _refusing(session, plan, moment.at, said)
        if counting:
            found[patient, plan] = [due(STANDING, rules=", ".join(sorted(counting)))]
    return found


def _refusing(session: Session, plan_id: int, at: datetime, said: set[str]) -> set[str]:
    """The rules that refuse a session of this plan; all that was `said` where that cannot be judged."""
    plan = session.get_one(Plan, plan_id)
    try:
        verdict = judge_screening(facts_for(session, plan.patient_id, prescribed_now(session, plan)), at)
    except EmsError:
        return said
    return {finding.rule for finding in verdict.standing}
