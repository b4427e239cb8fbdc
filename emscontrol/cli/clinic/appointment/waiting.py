"""`emscontrol appointment wait`, `waiting`, `take` and `stop-waiting`."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import click
from sqlalchemy.orm import Session

from emscontrol.cli.clinic.appointment.facts import appointment_facts, sentence
from emscontrol.cli.clinic.command import book_command
from emscontrol.cli.clinic.desk import Desk
from emscontrol.cli.clinic.found import codes_of
from emscontrol.cli.clinic.options import NOTE, WHY
from emscontrol.cli.clinic.typed import DAY, day
from emscontrol.clinic.appointments.waiting import Slot, slot_of, who_waits
from emscontrol.clinic.appointments.waiting import stop_waiting as take_off
from emscontrol.clinic.appointments.waiting import take as give
from emscontrol.clinic.appointments.waiting import wait as put_on_list
from emscontrol.clinic.appointments.waiting import waiting as everybody
from emscontrol.clinic.book.rows import by_id
from emscontrol.clinic.tables.plans import Appointment, Waiting
from emscontrol.core.arguments import printable

_COLUMNS = {
    "entry": "ENTRY",
    "patient": "PATIENT",
    "plan": "PLAN",
    "not_before": "FROM",
    "not_after": "TO",
    "since": "WAITS SINCE",
    "note": "NOTE",
}


@book_command
@click.argument("plan", type=int)
@click.option("--from", "since", type=day, required=True, metavar=DAY, help="From this day on.")
@click.option("--to", "until", type=day, required=True, metavar=DAY, help="Up to and with this day.")
@NOTE
def wait(desk: Desk, plan: int, since: date, until: date, note: str) -> None:
    """The patient of PLAN would take a slot that becomes free."""
    with desk.writing("appointments") as (session, _, now):
        row = put_on_list(session, plan, desk.day_of(since)[0], desk.day_of(until)[1], note, now)
        [facts] = _facts(session, [row])
    desk.paper.done(f"{facts['patient']} is on the waiting list, entry {row.id}.", facts)


@book_command
@click.option("--slot", type=int, default=None, metavar="APPOINTMENT", help="Only who could take the slot of this appointment.")
def waiting(desk: Desk, slot: int | None) -> None:
    """Who would take a slot that is free, the longest waiting first."""
    cannot: list[dict[str, Any]] = []
    with desk.reading("look") as (session, _, now):
        if slot is None:
            found = everybody(session, now)
        else:
            asked = who_waits(session, _slot(session, slot), now, desk.book.about)
            found = [row for row, why in asked if not why]
            whys = {row.id: why for row, why in asked if why}
            cannot = [facts | {"why": whys[facts["entry"]]} for facts in _facts(session, [row for row, why in asked if why])]
        rows = _facts(session, found)
    desk.paper.rows("waiting", rows, _COLUMNS, "Nobody waits." if slot is None else "Nobody who waits could take it.")
    for each in cannot:
        click.echo(printable(f"Not {each['patient']} (entry {each['entry']}): {each['why']}"), err=True)


@book_command
@click.argument("entry", type=int)
@click.argument("appointment", type=int)
def take(desk: Desk, entry: int, appointment: int) -> None:
    """Give the slot of the cancelled APPOINTMENT to who waits as ENTRY.

    A session of his plan that is still to book is booked then; else the next one comes forward.
    """
    with desk.writing("appointments") as (session, _, now):
        row = give(session, entry, _slot(session, appointment), now, desk.book.about)
        [facts] = appointment_facts(session, [row])
    desk.paper.done(sentence(desk.paper, facts, "is booked"), facts)


@book_command
@click.argument("entry", type=int)
@WHY
def stop_waiting(desk: Desk, entry: int, why: str) -> None:
    """Take ENTRY off the waiting list."""
    with desk.writing("appointments") as (session, actor, now):
        row = take_off(session, actor, now, entry, why)
        [facts] = _facts(session, [row])
    desk.paper.done(f"{facts['patient']} does not wait any more.", facts)


def _slot(session: Session, appointment: int) -> Slot:
    """The time of an appointment. Whether it is free is looked at when it is taken."""
    return slot_of(by_id(session, Appointment, appointment, "appointment"))


def _facts(session: Session, rows: Sequence[Waiting]) -> list[dict[str, Any]]:
    codes = codes_of(session, (row.patient_id for row in rows))
    return [
        {
            "entry": row.id,
            "patient": codes[row.patient_id],
            "plan": row.plan_id,
            "not_before": row.not_before,
            "not_after": row.not_after,
            "since": row.since,
            "note": row.note,
        }
        for row in rows
    ]
