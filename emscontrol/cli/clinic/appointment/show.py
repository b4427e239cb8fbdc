"""`emscontrol appointment list` and `show`."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import click
from sqlalchemy import select

from emscontrol.cli.clinic.appointment.facts import COLUMNS, appointment_facts
from emscontrol.cli.clinic.command import book_command
from emscontrol.cli.clinic.desk import Desk
from emscontrol.cli.clinic.typed import DAY, day
from emscontrol.clinic.book.rows import by_id
from emscontrol.clinic.patients.patients import find_patient
from emscontrol.clinic.sessions.adherence import given_at, given_words
from emscontrol.clinic.tables.facts import Audit
from emscontrol.clinic.tables.plans import Appointment

_SHOWN_MAX = 500


@book_command
@click.option("--patient", default=None, metavar="CODE", help="Only of this patient.")
@click.option("--plan", type=int, default=None, metavar="NUMBER", help="Only of this plan.")
@click.option("--therapist", default=None, metavar="CODE", help="Only of this therapist.")
@click.option(
    "--from", "since", type=day, default=None, metavar=DAY, help="From this day on; today, or all of one plan or patient."
)
@click.option("--to", "until", type=day, default=None, metavar=DAY, help="Up to and with this day.")
def list_all(
    desk: Desk, patient: str | None, plan: int | None, therapist: str | None, since: date | None, until: date | None
) -> None:
    """Appointments in the order of time, cancelled ones among them: up to 500."""
    query = select(Appointment).where(Appointment.withdrawn_at.is_(None))
    if since is None and patient is None and plan is None:
        since = desk.today()
    if since is not None:
        query = query.where(Appointment.starts_at >= desk.day_of(since)[0])
    if until is not None:
        query = query.where(Appointment.starts_at < desk.day_of(until)[1])
    if plan is not None:
        query = query.where(Appointment.plan_id == plan)
    if therapist is not None:
        query = query.where(Appointment.therapist == therapist)
    with desk.reading("look") as (session, _, _now):
        if patient is not None:
            query = query.where(Appointment.patient_id == find_patient(session, patient).id)
        found = session.scalars(query.order_by(Appointment.starts_at, Appointment.id).limit(_SHOWN_MAX + 1)).all()
        rows = appointment_facts(session, found[:_SHOWN_MAX])
    desk.paper.rows("appointments", rows, COLUMNS, "There is no such appointment.")
    if len(found) > _SHOWN_MAX:
        last = desk.paper.shown(rows[-1]["starts_at"])
        click.echo(f"There are more than these {_SHOWN_MAX}, after {last}: list them with --from, --to or --plan.", err=True)


@book_command
@click.argument("appointment", type=int)
def show(desk: Desk, appointment: int) -> None:
    """One appointment, with every time that it was moved from."""
    with desk.reading("look") as (session, _, _now):
        row = by_id(session, Appointment, appointment, "appointment")
        [facts] = appointment_facts(session, [row])
        facts["before"] = _before(session, appointment)
        entry = given_at(session, appointment)
        facts["given"] = entry and {"contractions": entry.contractions, "prescribed": entry.contractions_prescribed}
        given = f", {given_words(entry)}" if entry else ""
    paper = desk.paper
    lines = [
        f"Appointment {row.id} of {facts['patient']}: {row.status}{given}",
        f"  {paper.shown(row.starts_at)}, {facts['minutes']} min; {_whose(facts)}",
        f"  {_needs(facts)}; version {row.version}",
        *([f"  {facts['status']} because: {facts['reason']}"] if facts["reason"] else []),
        *([f"  {'moved' if row.moved else 'booked so'} because: {facts['time_why']}"] if facts["time_why"] else []),
        *(f"  was on {paper.shown(each['starts_at'])} until {each['by']} moved it" for each in facts["before"]),
    ]
    paper.lines(lines, facts)


def _whose(facts: Mapping[str, Any]) -> str:
    """Which session of which plan it is."""
    if facts["plan"] is None:
        return "of no plan"
    return f"session {facts['number']} of plan {facts['plan']}" if facts["number"] else f"of plan {facts['plan']}"


def _needs(facts: Mapping[str, Any]) -> str:
    """Who treats on what."""
    needs = [f"{what} {facts[what] or 'not settled'}" for what in ("therapist", "stimulator")]
    return ", ".join(needs)


def _before(session: Any, appointment: int) -> list[dict[str, Any]]:
    """The times that it had before, from its trace."""
    query = select(Audit).where(Audit.entity == "appointments", Audit.entity_id == appointment).order_by(Audit.version)
    return [
        {"starts_at": datetime.fromisoformat(entry.before["starts_at"]), "by": entry.who, "at": entry.at}
        for entry in session.scalars(query)
        if entry.before.get("starts_at")
    ]
