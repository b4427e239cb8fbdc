"""`emscontrol staff first`, `login`, `logout` and `whoami`."""

import click

from emscontrol.cli.clinic.command import book_command
from emscontrol.cli.clinic.desk import Desk
from emscontrol.cli.clinic.secret import PIN_OPTION, read_pin
from emscontrol.clinic.book.opening import FIRST_START
from emscontrol.clinic.staff.entry import log_in, log_out
from emscontrol.clinic.staff.keep import first_supervisor
from emscontrol.clinic.staff.own_secret import CHOOSE, is_to_choose
from emscontrol.clinic.staff.roles import PERMISSIONS, may


@book_command
@click.argument("code")
@click.option("--name", required=True, help="Name.")
@click.option("--qualification", default="", help="Qualification, as physiotherapist.")
@PIN_OPTION
def first(desk: Desk, code: str, name: str, qualification: str, pin_stdin: bool) -> None:
    """The first supervisor of a new book, called CODE. Afterwards only a supervisor enters staff."""
    book = desk.book
    pin = read_pin(pin_stdin, code, twice=True)
    with book.writing(FIRST_START, desk.now()) as session:
        row = first_supervisor(session, code=code, name=name, secret=pin, qualification=qualification)
    desk.paper.done(f"{row.code} is the first supervisor.", {"code": row.code, "role": row.role})
    click.echo(f"Next: emscontrol staff login {row.code}", err=True)


@book_command
@click.argument("code")
@PIN_OPTION
def login(desk: Desk, code: str, pin_stdin: bool) -> None:
    """Log in as CODE at this station, in place of whoever is logged in here, who is told."""
    book = desk.book
    token = log_in(book, code, read_pin(pin_stdin, code), desk.station, desk.now())
    before = _log_out(desk)
    desk.keep_login(token)
    actor = desk.holder(desk.now())
    facts = {"code": actor.code, "role": actor.role, "station": actor.station, "idle_lock_min": book.about.idle_lock_min}
    replaced = before if before != actor.code else ""
    words = f"{actor.code} ({actor.role}) is logged in at {actor.station}."
    facts |= {"logged_out": replaced}
    desk.paper.done(f"{words} {replaced} was logged in here and is logged out." if replaced else words, facts)
    if is_to_choose(book, actor.code):
        click.echo(f"Somebody else has set this PIN, and it opens nothing yet. {CHOOSE}", err=True)


@book_command
def logout(desk: Desk) -> None:
    """Log out at this station."""
    was = _log_out(desk)
    desk.paper.done(f"{was} is logged out." if was else "Nobody was logged in here.", {"logged_out": was})


@book_command
def whoami(desk: Desk) -> None:
    """Who is logged in here, and what he may do."""
    actor = desk.actor(desk.now())
    able = {action: permission.words for action, permission in PERMISSIONS.items() if may(actor, action)}
    lines = [f"{actor.code}, {actor.role}, at {actor.station}; may", *(f"  {words}" for words in able.values())]
    desk.paper.lines(lines, {"code": actor.code, "role": actor.role, "station": actor.station, "may": list(able)})


def _log_out(desk: Desk) -> str:
    """End the login that is kept here, and who it was of; "" for nobody."""
    token = desk.forget_login()
    return log_out(desk.book, token, desk.station, desk.now()) if token else ""
