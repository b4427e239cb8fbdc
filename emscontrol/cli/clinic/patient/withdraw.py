"""`emscontrol patient withdraw`."""

import click

from emscontrol.cli.clinic.command import book_command
from emscontrol.cli.clinic.desk import Desk
from emscontrol.cli.clinic.options import SEEN, WHY
from emscontrol.clinic.book.rows import by_id
from emscontrol.clinic.patients.patients import find_patient, withdraw_patient
from emscontrol.clinic.patients.withdrawing import THINGS, take_back
from emscontrol.core.errors import UsageError


@book_command
@click.argument("patient")
@click.argument("what", type=click.Choice([thing for thing in THINGS if thing != "outcome"]), required=False)
@click.argument("number", type=int, required=False)
@WHY
@SEEN
def withdraw(desk: Desk, patient: str, what: str | None, number: int | None, why: str, seen: int | None) -> None:
    """Take PATIENT back; with WHAT and NUMBER one thing of the record. Nothing is deleted, and it counts no more."""
    if (what is None) != (number is None):
        raise UsageError("What is to be withdrawn?", "Name one thing with its number, as threshold 3, or neither.")
    permission = "patients" if what is None else THINGS[what][1]
    with desk.writing(permission) as (session, actor, now):
        row = find_patient(session, patient)
        if what is None or number is None:
            withdraw_patient(session, actor, now, row.id, seen or row.version, why)
        else:
            version = seen or by_id(session, THINGS[what][0], number, what).version
            take_back(session, actor, now, what, row.id, number, version, why)
    thing = f"{patient} is" if what is None else f"{what.capitalize()} {number} of {patient} is"
    desk.paper.done(f"{thing} withdrawn.", {"patient": patient, "what": what, "number": number, "withdrawn": True})
