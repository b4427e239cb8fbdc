"""`emscontrol patient condition`, `conditions`, `muscle` and `implant`."""

from datetime import date, time
from typing import Any
from zoneinfo import ZoneInfo

import click

from emscontrol.cli.clinic.command import book_command
from emscontrol.cli.clinic.desk import Desk
from emscontrol.cli.clinic.found import taken_at
from emscontrol.cli.clinic.options import AT, MUSCLE, NOTE, ON, SIDE
from emscontrol.cli.clinic.printing import Paper
from emscontrol.clinic.patients.conditions import CONDITIONS, add_condition
from emscontrol.clinic.patients.implants import KINDS, REGIONS, add_implant
from emscontrol.clinic.patients.muscles import LMN, SENSATION, examine
from emscontrol.clinic.patients.patients import find_patient
from emscontrol.clinic.tables.people import Condition, Implant, MuscleState

_SINCE = "YYYY[-MM[-DD]]"


@book_command
@click.argument("patient")
@click.argument("condition", type=click.Choice(list(CONDITIONS)), metavar="CONDITION")
@click.option("--since", default="", metavar=_SINCE, help="When it began, as precisely as it is known.")
@NOTE
def condition(desk: Desk, patient: str, condition: str, since: str, note: str) -> None:
    """What PATIENT is treated for. `emscontrol patient conditions` lists them."""
    with desk.writing("patients") as (session, actor, now):
        row = add_condition(session, actor, now, find_patient(session, patient).id, condition, since, note)
    cause = CONDITIONS[condition]
    desk.paper.done(f"{patient}: {cause.words}.{f' {cause.mind}' if cause.mind else ''}", condition_facts(row))


@book_command
def conditions(desk: Desk) -> None:
    """The conditions that there are, and what to expect of the nerve. Needs neither a book nor a login."""
    rows = [
        {"condition": name, "group": each.group, "lmn": each.lmn, "words": each.words, "mind": each.mind, "mark": each.mark}
        for name, each in CONDITIONS.items()
    ]
    columns = {"condition": "CONDITION", "group": "GROUP", "lmn": "NERVE", "words": "WHAT", "mind": "MIND"}
    Paper(desk.as_json, ZoneInfo("UTC")).rows("conditions", rows, columns, "")


@book_command
@click.argument("patient")
@MUSCLE
@SIDE
@click.option("--lmn", type=click.Choice(LMN), required=True, help="Its nerve (lower motor neuron).")
@click.option("--sensation", type=click.Choice(SENSATION), required=True, help="Feeling of the skin over it.")
@click.option("--how", required=True, help="How it was examined, as EMG, 1 ms test, pinprick.")
@ON
@AT
def muscle(
    desk: Desk, patient: str, muscle: str, side: str, lmn: str, sensation: str, how: str, on: date | None, at: time | None
) -> None:
    """Nerve and feeling of one muscle of PATIENT, in place of what was found before, which stays in the trace."""
    with desk.writing("patients") as (session, actor, now):
        row = examine(
            session,
            actor,
            now,
            patient_id=find_patient(session, patient).id,
            muscle=muscle,
            side=side,
            lmn=lmn,
            sensation=sensation,
            how=how,
            examined_at=taken_at(desk, now, on, at),
        )
    desk.paper.done(f"{muscle} {side} of {patient}: nerve {lmn}, feeling {sensation}.", muscle_facts(row))


@book_command
@click.argument("patient")
@click.argument("kind", type=click.Choice(list(KINDS)))
@click.option(
    "--region",
    type=click.Choice([each for each in REGIONS if each]),
    default=None,
    help="Where; everywhere or unknown if left out.",
)
@click.option("--side", type=click.Choice(["left", "right"]), default=None, help="Its side; both or unknown if left out.")
@click.option("--placed", default="", metavar=_SINCE, help="When it was placed, as precisely as it is known.")
@NOTE
def implant(desk: Desk, patient: str, kind: str, region: str | None, side: str | None, placed: str, note: str) -> None:
    """Something in the body of PATIENT that current may disturb. What is not known counts as the worse case."""
    with desk.writing("patients") as (session, actor, now):
        number = find_patient(session, patient).id
        row = add_implant(
            session, actor, now, number, kind=kind, region=region or "", side=side or "", placed_on=placed, note=note
        )
    desk.paper.done(
        f"{patient}: {KINDS[kind]}, {row.region or 'everywhere or unknown'} {row.side}".rstrip() + ".", implant_facts(row)
    )


def condition_facts(row: Condition) -> dict[str, Any]:
    """One condition."""
    return {"number": row.id, "condition": row.condition, "since": row.since, "note": row.note}


def muscle_facts(row: MuscleState) -> dict[str, Any]:
    """One finding."""
    return {
        "number": row.id,
        "muscle": row.muscle,
        "side": row.side,
        "lmn": row.lmn,
        "sensation": row.sensation,
        "how": row.how,
        "examined_at": row.examined_at,
    }


def implant_facts(row: Implant) -> dict[str, Any]:
    """One implant."""
    return {
        "number": row.id,
        "kind": row.kind,
        "region": row.region,
        "side": row.side,
        "placed_on": row.placed_on,
        "note": row.note,
    }
