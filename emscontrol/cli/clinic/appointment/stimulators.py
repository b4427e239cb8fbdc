"""`emscontrol appointment stimulator`."""

from typing import Any

import click

from emscontrol.cli.clinic.command import book_command
from emscontrol.cli.clinic.desk import Desk
from emscontrol.clinic.stations.stimulators import (
    add_stimulator,
    change_stimulator,
    find_stimulator,
    list_stimulators,
    withdraw_stimulator,
)
from emscontrol.clinic.tables.facts import Stimulator
from emscontrol.core.errors import UsageError
from emscontrol.wiring.address import parse_address


@book_command
@click.argument("name", required=False)
@click.argument("device", required=False, metavar="[MODEL@PORT]")
@click.option("--serial", default=None, help="Its serial number.")
@click.option("--change", is_flag=True, help="NAME is there already, and is to have this device or number.")
@click.option("--gone", default=None, metavar="WHY", help="The clinic does not have NAME any more.")
def stimulator(desk: Desk, name: str | None, device: str | None, serial: str | None, change: bool, gone: str | None) -> None:
    """The clinic's stimulators; with a NAME and a device, as `emscontrol devices` lists them, one more."""
    if name is None:
        with desk.reading("look") as (session, _, _now):
            rows = [_facts(row) for row in list_stimulators(session)]
        columns = {"name": "NAME", "device": "DEVICE", "serial": "SERIAL"}
        desk.paper.rows("stimulators", rows, columns, "The clinic has no stimulator yet.")
        return
    if device is not None:
        parse_address(device)
    with desk.writing("book") as (session, actor, now):
        if gone is not None:
            row = withdraw_stimulator(session, actor, now, name, gone)
        elif change:
            version = find_stimulator(session, name).version
            row = change_stimulator(session, actor, name, version, device=device, serial=serial)
        elif device is None:
            raise UsageError(f"Which device is {name}?", "Give MODEL@PORT after the name, as p24@/dev/ttyACM0.")
        else:
            row = add_stimulator(session, actor, name=name, device=device, serial=serial or "")
    words = f"The clinic does not have {name} any more." if gone is not None else f"{row.name} is {row.device}."
    desk.paper.done(words, _facts(row))


def _facts(row: Stimulator) -> dict[str, Any]:
    return {"stimulator": row.id, "name": row.name, "device": row.device, "serial": row.serial, "version": row.version}
