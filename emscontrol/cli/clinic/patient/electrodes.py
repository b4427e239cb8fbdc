"""`emscontrol patient electrodes`."""

from datetime import date
from typing import Any

import click

from emscontrol.cli.clinic.command import book_command
from emscontrol.cli.clinic.desk import Desk
from emscontrol.cli.clinic.typed import DAY, PADS, area_mm2, day
from emscontrol.clinic.patients.electrode_sets import USES_MAX, SetState, open_set, sets_of
from emscontrol.clinic.patients.patients import find_patient
from emscontrol.core.errors import UsageError

_COLUMNS = {
    "set": "NUMBER",
    "label": "LABEL",
    "area_cm2": "CM²",
    "opened_on": "OPENED",
    "uses": "USES",
    "uses_max": "OF",
    "due": "RENEW",
}


@book_command
@click.argument("patient")
@click.argument("label", required=False)
@click.option("--pads", type=area_mm2, default=None, metavar=PADS, help="Size of the smaller electrode in cm, as 5x9.")
@click.option("--opened", type=day, default=None, metavar=DAY, help="The day it was opened; today if left out.")
@click.option("--uses-before", type=click.IntRange(0), default=0, help="Uses that no session of this book has counted.")
@click.option(
    "--uses-max", type=click.IntRange(1, USES_MAX), default=USES_MAX, show_default=True, help="Renewed after so many."
)
def electrodes(
    desk: Desk, patient: str, label: str | None, pads: int | None, opened: date | None, uses_before: int, uses_max: int
) -> None:
    """The electrode sets of PATIENT; with a LABEL, as "quad_all left", a new set that was opened."""
    if label is None:
        with desk.reading("look") as (session, _, _now):
            number = find_patient(session, patient).id
            rows = [set_facts(each) for each in sets_of(session, [number], desk.today()).get(number, [])]
        desk.paper.rows("electrodes", rows, _COLUMNS, _none_yet(patient))
        return
    if pads is None:
        raise UsageError("The size of these electrodes is missing.", "Give --pads WxH in cm, as 5x9.")
    with desk.writing("patients") as (session, actor, now):
        number = find_patient(session, patient).id
        day_opened = (opened or desk.today()).isoformat()
        row = open_set(
            session,
            actor,
            now,
            number,
            label=label,
            area_mm2=pads,
            opened_on=day_opened,
            uses_before=uses_before,
            uses_max=uses_max,
        )
        [state] = [each for each in sets_of(session, [number], desk.today())[number] if each.id == row.id]
    desk.paper.done(f"{patient} has new electrodes {row.label}, {pads / 100:g} cm², set {row.id}.", set_facts(state))


def _none_yet(patient: str) -> str:
    return f"{patient} has no electrodes yet. Add them: {how_to_add(patient, 'MUSCLE SIDE')}"


def how_to_add(patient: str, place: str) -> str:
    """The command that enters a new set."""
    return f'emscontrol patient electrodes {patient} "{place}" --pads WxH'


def set_facts(state: SetState) -> dict[str, Any]:
    """One set as it is today."""
    return {
        "set": state.id,
        "label": state.label,
        "area_cm2": state.area_mm2 / 100,
        "opened_on": state.opened_on,
        "uses": state.uses,
        "uses_max": state.uses_max,
        "due": state.due,
        "version": state.version,
    }
