"""`emscontrol report`."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from emscontrol.core.errors import EmsError, ExitCode, UsageError

if TYPE_CHECKING:
    from datetime import tzinfo

    from emscontrol.config import Settings
    from emscontrol.record.reports.blocks import Report

KINDS = ("html", "pdf", "text")  # the names of `emscontrol.record.reports.write.FORMATS`, which is not loaded for a list
ENDINGS = {".html": "html", ".htm": "html", ".pdf": "pdf", ".txt": "text"}
PLACE = click.Path(path_type=Path, readable=False)


@click.command()
@click.argument("journal", type=PLACE, required=False)
@click.option("--patient", default=None, metavar="CODE", help="The weeks of this patient of the book, instead of a JOURNAL.")
@click.option("--plan", type=int, default=None, metavar="N", help="The weeks of this plan of the book, instead of a JOURNAL.")
@click.option("--format", "kind", type=click.Choice(KINDS), default=None, help="What to write; else by the ending of FILE.")
@click.option("-o", "--output", type=PLACE, default=None, metavar="FILE", help="Into this file; text else to standard output.")
@click.option("--overwrite", is_flag=True, help="Replace a file that is there.")
@click.pass_context
def report(
    ctx: click.Context,
    journal: Path | None,
    patient: str | None,
    plan: int | None,
    kind: str | None,
    output: Path | None,
    overwrite: bool,
) -> None:
    """What was delivered, for people to read: one page of a JOURNAL, or the weeks of a patient or a plan of the book.

    As a page for a browser (html), as pdf, or as text. Exit code 3 when a journal is not intact.
    """
    chosen = chosen_format(kind, output)
    if sum(each is not None for each in (journal, patient, plan)) != 1:
        raise UsageError("A report of what?", "Name one of a JOURNAL, --patient CODE and --plan N.")
    made, code = _of_session(ctx.obj, journal) if journal else _of_weeks(ctx.obj, patient, plan)
    hand_out(made, chosen, output, overwrite)
    ctx.exit(int(code))


def _of_session(home: str, journal: Path) -> "tuple[Report, ExitCode]":
    from emscontrol.record.key_files import key_folder, known_keys
    from emscontrol.record.reports.session_read import read_session
    from emscontrol.record.reports.session_report import report_of

    session = read_session(journal, known_keys(key_folder(home)))
    zone = _clinic_zone(home, str(session.booked["book"])) if session.booked else None
    return report_of(session, made_now(zone), zone), session.verified.exit_code


def _clinic_zone(home: str, book: str) -> "tzinfo | None":
    """The time zone of the book of this name; None where it is not the one at hand, or cannot be opened without a question."""
    from emscontrol.desk.desk import StationDesk

    desk = StationDesk(home, _passphrase_unasked)
    try:
        about = desk.book.about
        return about.zone if about.uuid == book else None
    except EmsError:
        return None
    finally:
        desk.close()


def _passphrase_unasked(settings: "Settings", _: bool) -> str:
    """From its file: a session's report does not need the book, so nobody is asked for it."""
    from emscontrol.desk.passphrase import passphrase_in

    if settings.passphrase_file is None:
        raise UsageError("The book is encrypted.", "Name the file of its passphrase in the settings.")
    return passphrase_in(settings.passphrase_file)


def _of_weeks(home: str, patient: str | None, plan: int | None) -> "tuple[Report, ExitCode]":
    from emscontrol.cli.report_course import course_of_the_book

    return course_of_the_book(home, patient, plan)


def chosen_format(kind: str | None, output: Path | None) -> str:
    """What was asked for, else what the file's name says, else text. Raises UsageError where a file is needed."""
    chosen = kind or (ENDINGS.get(output.suffix.lower()) if output else "text")
    if chosen is None:
        raise UsageError(f"The name of {output} does not say what to write.", "Choose it with --format html, pdf or text.")
    if output is None and chosen != "text":
        raise UsageError(f"A report as {chosen} goes into a file.", "Name it with -o FILE.")
    return chosen


def hand_out(report: "Report", kind: str, output: Path | None, overwrite: bool) -> None:
    """Write a report into its file, or to standard output."""
    from emscontrol.cli.places import new_file
    from emscontrol.record.reports.write import FORMATS, write_report

    if output is None:
        click.echo(FORMATS[kind](report).decode("utf-8"), nl=False)
        return
    if not overwrite:
        new_file(output, "-o", replaces="--overwrite")
    write_report(report, kind, output, overwrite=overwrite)
    click.echo(f"Wrote {output}.", err=True)


def made_now(zone: "tzinfo | None" = None) -> str:
    """When and by what a report is made, on the clock of `zone` or else of this computer."""
    from datetime import datetime

    from emscontrol import __version__
    from emscontrol.record.reports.words import time_of_day

    return f"Made {time_of_day(datetime.now().astimezone(zone).isoformat())} by emscontrol {__version__}."
