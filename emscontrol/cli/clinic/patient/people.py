"""`emscontrol patient add`, `list`, `change`, `name` and `forget-name`."""

from typing import Any

import click

from emscontrol.cli.clinic.command import book_command, on_a_terminal
from emscontrol.cli.clinic.desk import Desk
from emscontrol.cli.clinic.options import SEEN
from emscontrol.clinic.patients.patients import (
    add_patient,
    change_patient,
    find_patient,
    list_patients,
    name_of,
    search_patients,
    set_name,
)
from emscontrol.clinic.patients.patients import forget_name as forget
from emscontrol.clinic.tables.people import Patient
from emscontrol.core.errors import UsageError
from emscontrol.core.units import counted

_COLUMNS = {"code": "CODE", "birth_year": "BORN", "family": "FAMILY", "given": "GIVEN"}
_LIMIT = 50


@book_command
@click.argument("code")
@click.option("--born", type=int, default=None, metavar="YEAR", help="Year of birth.")
@click.option("--notes", default="", help="Notes.")
def add(desk: Desk, code: str, born: int | None, notes: str) -> None:
    """Enter a patient, called CODE everywhere."""
    with desk.writing("patients") as (session, actor, now):
        row = add_patient(session, actor, now, code=code, birth_year=born, notes=notes)
    desk.paper.done(f"{row.code} is a patient.", patient_facts(row))
    click.echo(f"Next: emscontrol patient condition {row.code}, and emscontrol screen ask {row.code}", err=True)


@book_command
@click.argument("words", nargs=-1)
@click.option("--after", default="", metavar="CODE", help="Only codes after this one.")
@click.option("--limit", type=click.IntRange(1), default=_LIMIT, show_default=True, help="At most so many.")
def list_all(desk: Desk, words: tuple[str, ...], after: str, limit: int) -> None:
    """Patients by code; with WORDS those that have all of them in code or name."""
    with desk.reading("look") as (session, _, _now):
        found = search_patients(session, " ".join(words), limit) if words else list_patients(session, after, limit)
    rows = [{key: getattr(line, key) for key in _COLUMNS} for line in found]
    desk.paper.rows("patients", rows, _COLUMNS, "There is no such patient." if words else "There is no patient yet.")
    if len(rows) == limit:
        click.echo(f"The first {counted(limit, 'patient')}; on with --after {rows[-1]['code']}, or --limit.", err=True)


@book_command
@click.argument("code")
@click.option("--code", "new_code", default=None, help="Another code, while no record names the patient.")
@click.option("--born", type=int, default=None, metavar="YEAR", help="Year of birth; 0 for unknown.")
@click.option("--notes", default=None, help="Notes, in place of those that are there.")
@SEEN
def change(desk: Desk, code: str, new_code: str | None, born: int | None, notes: str | None, seen: int | None) -> None:
    """Change code, year of birth or notes of the patient CODE."""
    if new_code is None and born is None and notes is None:
        raise UsageError("Nothing is to be changed.", "Give --code, --born or --notes.")
    with desk.writing("patients") as (session, actor, now):
        row = find_patient(session, code)
        year = row.birth_year if born is None else born or None
        kept = row.notes if notes is None else notes
        row = change_patient(
            session, actor, now, row.id, seen or row.version, code=new_code or code, birth_year=year, notes=kept
        )
    desk.paper.done(f"{row.code} is changed, version {row.version}.", patient_facts(row))


@book_command
@click.argument("code")
@click.option("--given", default="", help="Given name.")
@click.option("--family", required=True, help="Family name.")
@click.option("--contact", default="", help="How to reach the patient.")
def name(desk: Desk, code: str, given: str, family: str, contact: str) -> None:
    """Say who CODE is. Names stand apart from everything else, and in no record, export or trace."""
    with desk.writing("patients") as (session, actor, _):
        set_name(session, actor, find_patient(session, code).id, given=given, family=family, contact=contact)
    desk.paper.done(f"{code} has a name now.", {"patient": code, "named": True})


@book_command
@click.argument("code")
@click.option("--yes", is_flag=True, help="Do not ask whether it is meant.")
def forget_name(desk: Desk, code: str, yes: bool) -> None:
    """Take the name of CODE away for good. Backups that were made before still have it."""
    desk.require("patients")
    with desk.reading("patients") as (session, _, _now):
        number = find_patient(session, code).id
        named = name_of(session, number) is not None
    if named and not yes:
        if not on_a_terminal():
            raise UsageError("A name that is forgotten cannot be had back.", "Give --yes if that is meant.")
        click.confirm(f"Forget who {code} is, for good?", abort=True, err=True)
    with desk.writing("patients") as (session, actor, _):
        forget(session, actor, number)
    words = f"The name of {code} is forgotten." if named else f"{code} has no name."
    desk.paper.done(words, {"patient": code, "named": False})


def patient_facts(row: Patient) -> dict[str, Any]:
    """A patient as facts, without a name."""
    return {"code": row.code, "birth_year": row.birth_year, "notes": row.notes, "version": row.version}
