"""`emscontrol book create` and `show`. Neither needs a login: nobody is in a new book, and nothing of a person is shown."""

from typing import Any

import click
from sqlalchemy import func, select

from emscontrol.cli.clinic.command import book_command
from emscontrol.cli.clinic.desk import PRACTICE_NOTICE, Desk
from emscontrol.cli.clinic.printing import Paper
from emscontrol.clinic.book.opening import create_book
from emscontrol.clinic.tables.people import Patient, Staff
from emscontrol.clinic.tables.plans import Appointment, Plan
from emscontrol.clinic.tables.sessions import Journal, SessionEntry


@book_command
@click.option("--name", required=True, help="Name of the clinic.")
@click.option("--time-zone", required=True, metavar="AREA/CITY", help="Time zone of the clinic, as Europe/Berlin.")
@click.option(
    "--kind",
    type=click.Choice(["clinic", "practice"]),
    default="clinic",
    show_default=True,
    help="A practice book is for simulators only.",
)
def create(desk: Desk, name: str, time_zone: str, kind: str) -> None:
    """Make a new book, where the settings say, or among the user's data. What is there already is never touched."""
    book = create_book(desk.place(new=True), name=name, kind=kind, time_zone=time_zone, now=desk.now())
    about = book.about
    book.close()
    if about.practice:
        click.echo(PRACTICE_NOTICE, err=True)
    facts = {"made": True, "where": book.where, "uuid": about.uuid, "kind": about.kind}
    Paper(desk.as_json, about.zone).done(f"Made an empty book of {about.name} in {book.where}.", facts)
    click.echo("Next, its first supervisor: emscontrol staff first.", err=True)


@book_command
def show(desk: Desk) -> None:
    """What this book is, where it is, and how much is in it."""
    about = desk.book.about
    facts: dict[str, Any] = {
        "where": desk.book.where,
        "uuid": about.uuid,
        "kind": about.kind,
        "name": about.name,
        "time_zone": about.time_zone,
        "idle_lock_min": about.idle_lock_min,
        "threshold_days": about.threshold_days,
        "station": desk.station,
        "rows": _counts(desk),
    }
    lines = [
        f"{about.name}, a {about.kind} book in {desk.book.where}",
        f"  time zone {about.time_zone}; a login is locked after {about.idle_lock_min} minutes without a command",
        f"  thresholds are asked for again after {about.threshold_days} days; this station is {desk.station}",
        *(f"  {name}: {count}" for name, count in facts["rows"].items()),
    ]
    desk.paper.lines(lines, facts)


def _counts(desk: Desk) -> dict[str, int]:

    tables = {
        "staff": Staff,
        "patients": Patient,
        "plans": Plan,
        "appointments": Appointment,
        "sessions": SessionEntry,
        "journals": Journal,
    }
    with desk.book.reading() as session:
        return {name: session.scalar(select(func.count()).select_from(table)) or 0 for name, table in tables.items()}
