"""`emscontrol appointment hours` and `holiday`."""

from datetime import date
from typing import Any

import click

from emscontrol.cli.clinic.command import book_command
from emscontrol.cli.clinic.desk import Desk
from emscontrol.cli.clinic.typed import DAY, Hours, day, hours_of_day, weekdays
from emscontrol.clinic.appointments.hours import list_holidays, list_hours, set_holiday, set_hours, withdraw_holiday
from emscontrol.clinic.appointments.opening import WEEKDAYS, clock
from emscontrol.clinic.tables.facts import ClinicHours
from emscontrol.core.errors import UsageError


@book_command
@click.argument("days", type=weekdays, required=False, metavar="[mon,tue,…]")
@click.argument("stretches", type=hours_of_day, nargs=-1, metavar="[08:00-12:30 …]")
@click.option("--closed", is_flag=True, help="These days the clinic is closed.")
def hours(desk: Desk, days: tuple[int, ...] | None, stretches: tuple[Hours, ...], closed: bool) -> None:
    """When the clinic is open; with days and stretches of time, from now on so. Without any hours it always is."""
    if days is None:
        with desk.reading("look") as (session, _, _now):
            rows = [_facts(row) for row in list_hours(session)]
        desk.paper.rows(
            "hours", rows, {"weekday": "DAY", "opens": "OPENS", "closes": "CLOSES"}, "No hours are set: always open."
        )
        return
    if bool(stretches) == closed:
        raise UsageError("When is the clinic open on these days?", "Give stretches like 08:00-12:30, or --closed.")
    with desk.writing("book") as (session, actor, now):
        rows = [_facts(row) for weekday in days for row in set_hours(session, actor, now, weekday, stretches)]
    told = ", ".join(f"{row['weekday']} {row['opens']}-{row['closes']}" for row in rows)
    desk.paper.done(f"Open: {told}." if rows else "Closed on these days.", {"hours": rows})


@book_command
@click.argument("on", type=day, required=False, metavar=f"[{DAY}]")
@click.argument("name", required=False)
@click.option("--open", "opened", is_flag=True, help="It is no holiday after all; NAME says why.")
def holiday(desk: Desk, on: date | None, name: str | None, opened: bool) -> None:
    """The days on which the clinic is closed; with a day and a NAME, one more."""
    if on is None:
        with desk.reading("look") as (session, _, _now):
            rows = [{"day": row.day, "name": row.name} for row in list_holidays(session, desk.today())]
        desk.paper.rows("holidays", rows, {"day": "DAY", "name": "NAME"}, "No holiday is to come.")
        return
    with desk.writing("book") as (session, actor, now):
        row = withdraw_holiday(session, actor, now, on, name or "") if opened else set_holiday(session, on, name or "")
    words = f"The clinic is open on {row.day} after all." if opened else f"The clinic is closed on {row.day}: {row.name}."
    desk.paper.done(words, {"day": row.day, "name": row.name, "closed": not opened})


def _facts(row: ClinicHours) -> dict[str, Any]:

    return {"weekday": WEEKDAYS[row.weekday], "opens": clock(row.opens_min), "closes": clock(row.closes_min)}
