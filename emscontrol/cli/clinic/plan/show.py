"""`emscontrol plan list` and `show`."""

from typing import Any

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from emscontrol.cli.clinic.command import book_command
from emscontrol.cli.clinic.desk import Desk
from emscontrol.cli.clinic.plan.adherence import adherence_facts, adherence_lines
from emscontrol.cli.clinic.plan.facts import channel_facts, plan_facts, step_facts
from emscontrol.clinic.book.rows import by_id
from emscontrol.clinic.plans.pinned import newer
from emscontrol.clinic.plans.progression import what_ends
from emscontrol.clinic.plans.steps import changes_now, outlook
from emscontrol.clinic.plans.upkeep import channels, plans
from emscontrol.clinic.sessions.adherence import adherence
from emscontrol.clinic.tables.plans import Plan, PlanStep

_COLUMNS = {
    "plan": "PLAN",
    "patient": "PATIENT",
    "protocol": "PROTOCOL",
    "status": "STATUS",
    "starts_on": "STARTS",
    "sessions_per_week": "A WEEK",
    "weeks": "WEEKS",
    "therapist": "THERAPIST",
    "goal": "GOAL",
}


@book_command
@click.option("--patient", default=None, metavar="CODE", help="Only of this patient.")
@click.option("--status", type=click.Choice(["active", "paused", "finished"]), default=None, help="Only those that stand so.")
def list_all(desk: Desk, patient: str | None, status: str | None) -> None:
    """The plans, the newest first."""
    with desk.reading("look") as (session, _, _now):
        rows = plan_facts(session, plans(session, patient, status))
    desk.paper.rows("plans", rows, _COLUMNS, "There is no such plan.")


@book_command
@click.argument("plan", type=int)
def show(desk: Desk, plan: int) -> None:
    """PLAN: what is given where, how far it has come, what was decided, and what is proposed next."""
    with desk.reading("look") as (session, _, now):
        row = by_id(session, Plan, plan, "plan")
        [facts] = plan_facts(session, [row])
        given = adherence(session, plan, now)
        library, ahead = newer(session, row.protocol_sha256), outlook(session, row, now)
        facts |= {
            "withdrawn_why": row.withdrawn_why,
            "channels": channel_facts(channels(session, plan)),
            "changed_by": changes_now(session, row).words(),
            "steps": _steps(session, row),
            "outlook": ahead and ahead.reason,
            "ends": what_ends(ahead, facts["patient"]) if ahead else "",
            "library": library and library.sentence(),
            "adherence": adherence_facts(given),
        }
    desk.paper.lines([*_lines(facts), *adherence_lines(given), *_next_lines(facts)], facts)


def _steps(session: Session, plan: Plan) -> list[dict[str, Any]]:

    query = select(PlanStep).where(PlanStep.plan_id == plan.id, PlanStep.withdrawn_at.is_(None)).order_by(PlanStep.number)
    return [step_facts(step) for step in session.scalars(query)]


def _lines(facts: dict[str, Any]) -> list[str]:
    whole = facts["sessions_per_week"] * facts["weeks"]
    status = f"withdrawn: {facts['withdrawn_why']}" if facts["withdrawn_why"] else facts["status"]
    protocol = f"{facts['title']} ({facts['protocol']}, revision {facts['revision']})"
    return [
        f"Plan {facts['plan']} of {facts['patient']}: {protocol}, {status}",
        f"  goal: {facts['goal']}",
        f"  {facts['sessions_per_week']} a week for {facts['weeks']} weeks from {facts['starts_on']}, {whole} sessions of "
        f"{facts['slot_min']} min, {facts['rest_min_h']} h of rest",
        f"  therapist {facts['therapist']}, stimulator {facts['stimulator']}, prescribed by {facts['prescribed_by']}; "
        f"version {facts['version']}",
        *(
            f"  channel {each['channel']}: {each['muscle']} {each['side']}, pads of {each['area_cm2']:g} cm²"
            for each in facts["channels"]
        ),
        *([f"  {facts['library']}"] if facts["library"] else []),
    ]


def _next_lines(facts: dict[str, Any]) -> list[str]:
    lines = [f"Progression {facts['progression']}; changed so far: {facts['changed_by']}"]
    for step in facts["steps"]:
        by = f" by {step['decided_by']}" if step["decided_by"] else ""
        why = f" ({step['decided_why']})" if step["decided_why"] else ""
        lines.append(f"  {step['number']} {step['decision']}{by}: {step['words']}. {step['reason']}{why}")
    if facts["ends"]:
        lines.append(f"  held: {facts['outlook']} {facts['ends']}")
    elif facts["outlook"] and not any(step["decision"] == "open" for step in facts["steps"]):
        lines.append(f"  next: {facts['outlook']} To have it as a proposal: emscontrol plan propose {facts['plan']}")
    return lines
