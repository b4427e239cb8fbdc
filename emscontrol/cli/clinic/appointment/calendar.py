"""`emscontrol appointment calendar`."""

from pathlib import Path

import click

from emscontrol.cli.clinic.command import book_command
from emscontrol.cli.clinic.desk import Desk
from emscontrol.clinic.appointments.calendar import calendar_of
from emscontrol.clinic.appointments.subscription import write_subscription
from emscontrol.core.errors import UsageError


@book_command
@click.option("--patient", default="", metavar="CODE", help="Only of this patient.")
@click.option("--therapist", default="", metavar="CODE", help="Only of this therapist.")
@click.option("--all", "everything", is_flag=True, help="Also what is over.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, readable=False, dir_okay=False),
    default=None,
    help="A file that a calendar program subscribes to; replaced whole when something has changed.",
)
def calendar(desk: Desk, patient: str, therapist: str, everything: bool, output: Path | None) -> None:
    """Appointments as iCalendar, on standard output if no file is named. Patients are codes in it, never names."""
    if output is None and desk.as_json:
        raise UsageError("A calendar is no JSON.", "Give --output with --json, or leave --json out.")
    with desk.reading("look") as (session, _, _now):
        since = None if everything else desk.day_of(desk.today())[0]
        content = calendar_of(session, desk.book.about, patient=patient, therapist=therapist, since=since)
    if output is None:
        click.echo(content.decode(), nl=False)
        return
    changed = write_subscription(output, content)
    words = f"Wrote {output}." if changed else f"{output} is up to date."
    desk.paper.done(words, {"file": str(output), "changed": changed})
