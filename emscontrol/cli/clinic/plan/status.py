"""`emscontrol plan pause`, `resume`, `finish` and `withdraw`."""

import click
from sqlalchemy.orm import Session

from emscontrol.cli.clinic.command import book_command
from emscontrol.cli.clinic.desk import Desk
from emscontrol.cli.clinic.options import SEEN, WHY
from emscontrol.cli.clinic.plan.facts import plan_facts
from emscontrol.clinic.appointments.numbering import count_of
from emscontrol.clinic.appointments.status import BOOKED
from emscontrol.clinic.book.rows import by_id
from emscontrol.clinic.plans.upkeep import turn
from emscontrol.clinic.plans.upkeep import withdraw as take_back
from emscontrol.clinic.tables.plans import Plan
from emscontrol.core.units import counted


@book_command
@click.argument("plan", type=int)
@SEEN
def pause(desk: Desk, plan: int, seen: int | None) -> None:
    """Nothing of PLAN is given until it is resumed."""
    _turn(desk, plan, seen, "pause")


@book_command
@click.argument("plan", type=int)
@SEEN
def resume(desk: Desk, plan: int, seen: int | None) -> None:
    """Go on with PLAN."""
    _turn(desk, plan, seen, "resume")


@book_command
@click.argument("plan", type=int)
@SEEN
def finish(desk: Desk, plan: int, seen: int | None) -> None:
    """PLAN is over."""
    _turn(desk, plan, seen, "finish")


@book_command
@click.argument("plan", type=int)
@WHY
@SEEN
def withdraw(desk: Desk, plan: int, why: str, seen: int | None) -> None:
    """Take PLAN back: it should not have been."""
    with desk.writing("plans") as (session, actor, now):
        row = take_back(session, actor, now, plan, seen or _version(session, plan), why)
        [facts] = plan_facts(session, [row])
        left = _still_booked(session, plan)
    desk.paper.done(f"Plan {plan} is withdrawn.", facts | {"still_booked": left})
    _tell_left(plan, left)


def _turn(desk: Desk, plan: int, seen: int | None, way: str) -> None:

    with desk.writing("plans") as (session, actor, _):
        row = turn(session, actor, plan, seen or _version(session, plan), way)
        [facts] = plan_facts(session, [row])
        left = 0 if way == "resume" else _still_booked(session, plan)
    desk.paper.done(f"Plan {plan} is {row.status}.", facts | {"still_booked": left})
    _tell_left(plan, left)


def _version(session: Session, plan: int) -> int:

    return by_id(session, Plan, plan, "plan").version


def _still_booked(session: Session, plan: int) -> int:

    return count_of(session, plan, frozenset({BOOKED}))


def _tell_left(plan: int, left: int) -> None:
    if left:
        words = f"{counted(left, 'appointment')} of it still stand in the calendar: emscontrol appointment list --plan {plan}"
        click.echo(words, err=True)
