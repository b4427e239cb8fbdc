"""`emscontrol outcome add`, `list` and `withdraw`."""

from datetime import date, time
from typing import Any

import click

from emscontrol.cli.clinic.command import book_command
from emscontrol.cli.clinic.desk import Desk
from emscontrol.cli.clinic.found import taken_at
from emscontrol.cli.clinic.options import AT, NOTE, ON, WHY
from emscontrol.cli.clinic.screen.facts import looked_at
from emscontrol.clinic.agenda.skin import skin_in_the_way
from emscontrol.clinic.book.rows import by_id
from emscontrol.clinic.patients.measures import measure_of, shown
from emscontrol.clinic.patients.outcomes import Entered, list_outcomes, record_outcome
from emscontrol.clinic.patients.patients import find_patient
from emscontrol.clinic.patients.withdrawing import take_back
from emscontrol.clinic.prescription.memory import SKIN
from emscontrol.clinic.tables.findings import Outcome

_COLUMNS = {
    "outcome": "NUMBER",
    "taken_at": "TAKEN",
    "measure": "MEASURE",
    "place": "PLACE",
    "shown": "VALUE",
    "taken_by": "BY",
    "note": "NOTE",
}


@book_command
@click.argument("patient")
@click.argument("measure")
@click.argument("value")
@click.option("--muscle", default="", metavar="ID", help="Muscle, where the measure is of one.")
@click.option("--side", type=click.Choice(["left", "right"]), default=None, help="Side, where the measure is of one.")
@click.option("--landmark", default="", help="Where on the limb, or which joint and direction.")
@click.option("--scale", default="", help="Where the measure has more than one, as 6-20 or cr10.")
@click.option("--appointment", type=int, default=None, metavar="NUMBER", help="The appointment at which it was taken.")
@NOTE
@ON
@AT
def add(
    desk: Desk,
    patient: str,
    measure: str,
    value: str,
    muscle: str,
    side: str | None,
    landmark: str,
    scale: str,
    appointment: int | None,
    note: str,
    on: date | None,
    at: time | None,
) -> None:
    """A result of PATIENT: VALUE of MEASURE, as 4- or 12.5. One below zero comes last, after two dashes: -- -5."""
    measure_of(measure)
    with desk.writing("outcomes") as (session, actor, now):
        entered = Entered(
            measure=measure,
            text=value,
            taken_at=taken_at(desk, now, on, at),
            muscle=muscle,
            side=side or "",
            scale=scale,
            landmark=landmark,
            appointment_id=appointment,
            note=note,
        )
        row = record_outcome(session, actor, now, find_patient(session, patient).id, entered)
    facts = outcome_facts(row)
    said = f"{patient}: {' '.join(filter(None, (measure, facts['place'])))} {facts['shown']}."
    if measure == SKIN:
        with desk.reading("look") as (session, _, _now):
            why = skin_in_the_way(session, row.patient_id, desk.zone)
        facts |= {"blocks_next_session": bool(why)}
        said = f"{said} This blocks the next session until a specialist has looked. {looked_at(patient)}" if why else said
    desk.paper.done(said, facts)


@book_command
@click.argument("patient")
@click.argument("measure", required=False)
@click.option("--limit", type=click.IntRange(1), default=100, show_default=True, help="At most so many.")
def list_all(desk: Desk, patient: str, measure: str | None, limit: int) -> None:
    """The newest results of PATIENT, of one MEASURE or of all."""
    if measure is not None:
        measure_of(measure)
    with desk.reading("look") as (session, _, _now):
        found = list_outcomes(session, find_patient(session, patient).id, measure or "", limit)
    desk.paper.rows("outcomes", [outcome_facts(row) for row in found], _COLUMNS, f"Nothing was measured of {patient}.")


@book_command
@click.argument("patient")
@click.argument("outcome", type=int)
@WHY
def withdraw(desk: Desk, patient: str, outcome: int, why: str) -> None:
    """Take the result OUTCOME (a number of `outcome list`) of PATIENT back."""
    with desk.writing("outcomes") as (session, actor, now):
        version = by_id(session, Outcome, outcome, "outcome").version
        take_back(session, actor, now, "outcome", find_patient(session, patient).id, outcome, version, why)
    desk.paper.done(f"Result {outcome} of {patient} is withdrawn.", {"patient": patient, "outcome": outcome, "withdrawn": True})


def outcome_facts(row: Outcome) -> dict[str, Any]:
    """One result."""
    return {
        "outcome": row.id,
        "measure": row.measure,
        "muscle": row.muscle,
        "side": row.side,
        "landmark": row.landmark,
        "place": " ".join(filter(None, (row.muscle, row.side, row.landmark))),
        "value": row.value_milli / 1000,
        "shown": shown(row.measure, row.value_milli, row.scale),
        "scale": row.scale,
        "appointment": row.appointment_id,
        "taken_at": row.taken_at,
        "taken_by": row.taken_by,
        "note": row.note,
    }
