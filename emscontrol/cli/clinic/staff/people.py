"""`emscontrol staff list`, `add`, `role`, `secret` and `withdraw`."""

from datetime import datetime
from typing import Any

import click

from emscontrol.cli.clinic.command import book_command
from emscontrol.cli.clinic.desk import Desk
from emscontrol.cli.clinic.options import SEEN, WHY
from emscontrol.cli.clinic.secret import PIN_OPTION, read_pin
from emscontrol.clinic.book.actor import Actor
from emscontrol.clinic.staff.keep import add_staff, change_role, find_staff, list_staff, set_secret, withdraw_staff
from emscontrol.clinic.tables.people import Staff

ROLES = ("reader", "therapist", "specialist", "supervisor")
_COLUMNS = {"code": "CODE", "role": "ROLE", "name": "NAME", "qualification": "QUALIFICATION", "withdrawn_why": "GONE"}
_SHOWN = {key: heading for key, heading in _COLUMNS.items() if key != "withdrawn_why"}


@book_command
@click.option("--all", "everybody", is_flag=True, help="Also who does not work here any more.")
def list_all(desk: Desk, everybody: bool) -> None:
    """Everybody who works here."""
    with desk.reading("look") as (session, _, _now):
        rows = [staff_facts(row) for row in list_staff(session, withdrawn=everybody)]
    desk.paper.rows("staff", rows, _COLUMNS if everybody else _SHOWN, "Nobody works here yet.")


@book_command
@click.argument("code")
@click.option("--name", required=True, help="Name.")
@click.option("--role", type=click.Choice(ROLES), required=True, help="Role.")
@click.option("--qualification", default="", help="Qualification, as speech-language therapist.")
@PIN_OPTION
def add(desk: Desk, code: str, name: str, role: str, qualification: str, pin_stdin: bool) -> None:
    """Enter a member of staff, called CODE in everything he does."""
    desk.require("staff")
    pin = read_pin(pin_stdin, code, twice=True)
    with desk.writing("staff") as (session, actor, _):
        row = add_staff(session, actor, code=code, name=name, role=role, secret=pin, qualification=qualification)
    desk.paper.done(f"{row.code} works here as {row.role}.", staff_facts(row))


@book_command
@click.argument("code")
@click.argument("role", type=click.Choice(ROLES))
@click.option("--qualification", default=None, help="Qualification; as it was if left out.")
@SEEN
def role(desk: Desk, code: str, role: str, qualification: str | None, seen: int | None) -> None:
    """Give CODE another ROLE, at once and at every station."""
    with desk.writing("staff") as (session, actor, _):
        version = seen or find_staff(session, code).version
        row = change_role(session, actor, code, version, role, qualification)
    desk.paper.done(f"{row.code} is {row.role} now.", staff_facts(row))


@book_command
@click.argument("code", required=False)
@PIN_OPTION
def secret(desk: Desk, code: str | None, pin_stdin: bool) -> None:
    """A new PIN or passphrase, your own, or as a supervisor that of CODE. Every login of its owner ends."""
    whose = code or desk.holder(desk.now()).code
    _setter(desk, whose, desk.now())
    pin = read_pin(pin_stdin, whose, twice=True)
    now = desk.now()
    actor = _setter(desk, whose, now)
    with desk.book.writing(actor, now) as session:
        row = set_secret(session, actor, whose, pin, now)
    desk.paper.done(f"{row.code} has a new PIN or passphrase, and is to log in with it.", staff_facts(row))


@book_command
@click.argument("code")
@WHY
@SEEN
def withdraw(desk: Desk, code: str, why: str, seen: int | None) -> None:
    """CODE does not work here any more. What he did stays his."""
    with desk.writing("staff") as (session, actor, now):
        version = seen or find_staff(session, code).version
        row = withdraw_staff(session, actor, now, code, version, why)
    desk.paper.done(f"{row.code} does not work here any more.", staff_facts(row))


def _setter(desk: Desk, whose: str, now: datetime) -> Actor:
    """Who is logged in; he may choose a secret of his own where he may do nothing else yet."""
    holder = desk.holder(now)
    return holder if holder.code == whose else desk.actor(now)


def staff_facts(row: Staff) -> dict[str, Any]:
    """A member of staff as facts; never anything of the PIN."""
    return {
        "code": row.code,
        "name": row.name,
        "role": row.role,
        "qualification": row.qualification,
        "version": row.version,
        "withdrawn_at": row.withdrawn_at,
        "withdrawn_why": row.withdrawn_why,
    }
