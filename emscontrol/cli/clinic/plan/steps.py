"""`emscontrol plan rules`, `propose`, `accept` and `refuse`."""

from zoneinfo import ZoneInfo

import click
from sqlalchemy.orm import Session

from emscontrol.cli.clinic.command import book_command
from emscontrol.cli.clinic.desk import Desk
from emscontrol.cli.clinic.options import SEEN, WHY
from emscontrol.cli.clinic.plan.facts import code_of, step_facts, step_words
from emscontrol.cli.clinic.printing import Paper
from emscontrol.clinic.book.rows import by_id
from emscontrol.clinic.plans.progression import what_ends
from emscontrol.clinic.plans.rules import progression, rule_set
from emscontrol.clinic.plans.steps import accept as take
from emscontrol.clinic.plans.steps import open_step, outlook, propose_step
from emscontrol.clinic.plans.steps import refuse as turn_down
from emscontrol.clinic.tables.plans import Plan, PlanStep
from emscontrol.core.errors import UsageError


@book_command
@click.argument("plan", type=int)
def propose(desk: Desk, plan: int) -> None:
    """Look whether PLAN should go on, back or rest, and write that down as a proposal. Nothing changes until it is accepted."""
    with desk.writing("progression") as (session, _, now):
        row = by_id(session, Plan, plan, "plan")
        found = outlook(session, row, now)
        step = propose_step(session, row, now)
        ends = what_ends(found, code_of(session, row)) if found else ""
        facts = {"plan": plan, "reason": found and found.reason, "ends": ends, "proposal": step and step_facts(step)}
    if step is None:
        why = f" {found.reason} {ends}".rstrip() if found is not None else " No rule asks for anything now."
        desk.paper.done(f"Plan {plan} stays as it is.{why}", facts)
        return
    desk.paper.done(f"Proposal {step.number} of plan {plan}: {step_words(step)}. {step.reason}", facts)
    click.echo(f"Decide it: emscontrol plan accept {plan}, or emscontrol plan refuse {plan} --why …", err=True)


@book_command
@click.argument("plan", type=int)
@SEEN
def accept(desk: Desk, plan: int, seen: int | None) -> None:
    """Accept the proposal that waits on PLAN; from the next session on the protocol is so."""
    with desk.writing("progression") as (session, actor, now):
        waiting = _waiting(session, plan)
        step = take(session, actor, now, waiting.id, seen or waiting.version)
        facts = step_facts(step)
    desk.paper.done(f"Accepted for plan {plan}: {step_words(step)}.", facts)


@book_command
@click.argument("plan", type=int)
@WHY
@SEEN
def refuse(desk: Desk, plan: int, why: str, seen: int | None) -> None:
    """Refuse the proposal that waits on PLAN. Its rule proposes nothing again before another session."""
    with desk.writing("progression") as (session, actor, now):
        waiting = _waiting(session, plan)
        step = turn_down(session, actor, now, waiting.id, seen or waiting.version, why)
        facts = step_facts(step)
    desk.paper.done(f"Refused for plan {plan}: {step_words(step)}.", facts)


@book_command
@click.argument("name", required=False)
def rules(desk: Desk, name: str | None) -> None:
    """How a plan may go on: the sets of rules, or every rule of the set NAME. Needs neither a book nor a login."""
    paper = Paper(desk.as_json, ZoneInfo("UTC"))
    if name is None:
        sets = [
            {"name": each.name, "rest_min_h": each.rest_min_h, "title": each.title, "rules": [rule.id for rule in each.rules]}
            for each in progression().sets.values()
        ]
        paper.rows("sets", sets, {"name": "NAME", "rest_min_h": "REST H", "title": "FOR"}, "")
        return
    found = rule_set(name)
    rows = [{"rule": each.id, "do": each.do, "mark": each.mark, "text": each.text} for each in found.rules]
    paper.rows("rules", rows, {"rule": "RULE", "do": "DOES", "mark": "MARK", "text": "TEXT"}, "")


def _waiting(session: Session, plan: int) -> PlanStep:
    """The open proposal of a plan. Raises UsageError when there is none."""
    by_id(session, Plan, plan, "plan")
    step = open_step(session, plan)
    if step is None:
        raise UsageError(f"No proposal waits on plan {plan}.", f"Look whether there is one: emscontrol plan propose {plan}")
    return step
