"""How the screening of one patient stands, in a line for each plan that goes on."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from emscontrol.cli.clinic.planned import screened
from emscontrol.clinic.plans.slots import ACTIVE
from emscontrol.clinic.plans.upkeep import plans
from emscontrol.clinic.screening.answering import due_questions, holds, newest_answers
from emscontrol.clinic.tables.people import Patient
from emscontrol.clinic.tables.plans import Plan
from emscontrol.core.errors import EmsError
from emscontrol.core.units import counted
from emscontrol.safety.screening import judge_screening
from emscontrol.safety.screening_facts import Answer


def screening_brief(session: Session, patient: Patient, now: datetime) -> list[dict[str, Any]]:
    """For each active plan what is in the way, how many questions wait, and when it is due; one row without a plan."""
    newest = newest_answers(session, patient.id)
    holding = [row for row in newest.values() if holds(row, now)]
    common = {
        "patient": patient.code,
        "asked": bool(newest),
        "due": len(due_questions(session, patient.id, now)),
        "next_due_at": min((row.due_at for row in holding), default=None),
    }
    against = sorted(row.rule for row in holding if row.answer != Answer.NO)
    active = plans(session, patient.code, ACTIVE)
    rows = [common | {"plan": plan.id} | _judged(session, plan, now) for plan in active]
    return rows or [common | {"plan": None, "blocks": against, "problem": ""}]


def brief_line(row: Mapping[str, Any]) -> str:
    """One of these rows for people, its times in words already."""
    plan = "no plan yet" if row["plan"] is None else f"plan {row['plan']}"
    if row["problem"]:
        return f"{plan}: cannot be judged: {row['problem']}"
    asked = "never made" if not row["asked"] else ""
    blocks = f"in the way: {', '.join(row['blocks'])}" if row["blocks"] else ""
    if row["due"]:
        waits = f"{counted(row['due'], 'question')} to ask: emscontrol screen ask {row['patient']}"
        return f"{plan}: {'; '.join(filter(None, (asked, blocks, waits)))}"
    until = f"the next question is due on {row['next_due_at']}"
    why = f"; why: emscontrol screen show {row['patient']}" if blocks else ""
    return f"{plan}: {blocks or 'clear'}; {until}{why}"


def _judged(session: Session, plan: Plan, now: datetime) -> dict[str, Any]:
    """What stands in the way of this plan; what only waits to be asked is counted elsewhere."""
    try:
        verdict = judge_screening(screened(session, plan), now)
    except EmsError as problem:
        return {"blocks": [], "problem": str(problem)}
    said = [each for each in verdict.standing if not each.unasked]
    return {"blocks": [f"{each.rule} ({each.standing.value.replace('_', ' ')})" for each in said], "problem": ""}
