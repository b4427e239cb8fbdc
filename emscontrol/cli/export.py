"""`emscontrol export`."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from emscontrol.core.errors import ExitCode, UsageError
from emscontrol.core.units import counted

if TYPE_CHECKING:
    from emscontrol.record.exports.many import Progress

LOGS = ("csv", "json")  # of one journal, into one file or to standard output
TABLES = ("csv", "jsonl", "parquet", "edf", "bids", "fhir")  # of any number of journals, into a folder
CALENDAR = "ics"  # of the appointments in the clinic's book
PLACE = click.Path(path_type=Path, readable=False)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was typed."""

    journals: tuple[Path, ...]
    kind: str
    output: Path | None
    folder: Path | None
    since: str
    patient: str
    everything: bool
    anonymous: bool
    skip_damaged: bool
    overwrite: bool


@click.command()
@click.argument("journals", nargs=-1, type=PLACE)
@click.option("--format", "kind", type=click.Choice(sorted({*LOGS, *TABLES, CALENDAR})), required=True, help="What to write.")
@click.option(
    "-o",
    "--output",
    type=PLACE,
    default=None,
    help="The log of one JOURNAL, or the calendar, into this file; else standard output.",
)
@click.option(
    "--to", "folder", type=PLACE, default=None, help="Everything of one or many JOURNALS, or the calendar, into this folder."
)
@click.option(
    "--since", default="", metavar="DAY", help="Records of this user, or appointments, from this day on, as 2026-11-22."
)
@click.option("--patient", default="", metavar="CODE", help="Records of this user, or appointments, that are of this patient.")
@click.option("--all", "everything", is_flag=True, help="Of appointments also what is over.")
@click.option("--anonymous", is_flag=True, help="Pseudonyms for codes, times moved, free text left out.")
@click.option("--skip-damaged", is_flag=True, help="Leave out journals that do not verify, and name them.")
@click.option("--overwrite", "--force", "overwrite", is_flag=True, help="Replace files that are there.")
@click.pass_context
def export(
    ctx: click.Context,
    journals: tuple[Path, ...],
    kind: str,
    output: Path | None,
    folder: Path | None,
    since: str,
    patient: str,
    everything: bool,
    anonymous: bool,
    skip_damaged: bool,
    overwrite: bool,
) -> None:
    """JOURNALS for a spreadsheet, a script or a laboratory.

    One JOURNAL as a log, csv or json: into a file with -o. One or many as tables with a data dictionary (csv, jsonl, parquet),
    as EDF+, in the manner of BIDS or as FHIR bundles: into a folder with --to. Instead of names of journals, --since and
    --patient choose. As ics the appointments of the clinic's book, which are in no journal.

    Journals are files of this account, protected by it alone: no login is asked for, with --patient neither. Appointments are
    in the book, and somebody must be logged in.
    """
    wanted = Wanted(journals, kind, output, folder, since, patient, everything, anonymous, skip_damaged, overwrite)
    if everything and (since or kind != CALENDAR):
        raise UsageError("--all is for appointments, and is every day.", "Give --format ics with it, and no --since.")
    if kind == CALENDAR:
        _calendar(ctx.obj, wanted)
        return
    if folder is not None:
        ctx.exit(_into_folder(ctx.obj, wanted, folder))
    told = {"--since": since, "--patient": patient, "--anonymous": anonymous, "--skip-damaged": skip_damaged}
    chosen = next((option for option, given in told.items() if given), "")
    if chosen or len(journals) != 1 or kind not in LOGS:
        raise UsageError(
            f"{f'{chosen} wants' if chosen else 'Many journals, or this format, want'} a folder.", "Name it with --to FOLDER."
        )
    _log(ctx.obj, journals[0], wanted)


def _calendar(home: str, wanted: Wanted) -> None:
    from emscontrol.cli.export_calendar import Calendar, export_calendar

    if wanted.journals or wanted.skip_damaged:
        raise UsageError(
            "Appointments are in the clinic's book and in no journal.",
            "Leave JOURNALS and --skip-damaged out; choose with --patient and --since.",
        )
    if wanted.anonymous:
        raise UsageError(
            "There is no calendar without names: of an appointment without its day and code nothing is left.",
            "Export the sessions that were given, as csv, with --anonymous.",
        )
    if wanted.output is not None and wanted.folder is not None:
        raise UsageError("One place is enough.", "Give --to FOLDER or -o FILE.")
    asked = Calendar(wanted.patient, wanted.since, wanted.everything, wanted.output, wanted.folder, wanted.overwrite)
    file = export_calendar(home, asked)
    if file is not None:
        click.echo(f"Wrote {file}.", err=True)


def _log(home: str, journal: Path, wanted: Wanted) -> None:
    from emscontrol.record.export import export as export_journal
    from emscontrol.record.export import write_export
    from emscontrol.record.key_files import key_folder, known_keys

    ring = known_keys(key_folder(home))
    if wanted.output is None:
        export_journal(journal, wanted.kind, sys.stdout, ring)
        return
    write_export(journal, wanted.kind, wanted.output, overwrite=wanted.overwrite, ring=ring)
    click.echo(f"Wrote {wanted.output}.", err=True)


def _into_folder(home: str, wanted: Wanted, folder: Path) -> int:
    from emscontrol.cli.garbage import look_seldom
    from emscontrol.config import read_settings
    from emscontrol.record.exports.formats import FORMATS
    from emscontrol.record.exports.many import export_sessions
    from emscontrol.record.exports.veil import pseudonyms_of
    from emscontrol.record.key_files import key_folder, known_keys

    if wanted.output is not None or wanted.kind not in TABLES:
        raise UsageError(
            "A folder takes csv, jsonl, parquet, edf, bids or fhir, and no -o.", "Choose one of them with --format."
        )
    look_seldom()
    paths = _paths(home, wanted)
    pseudonyms = pseudonyms_of(read_settings(home).data) if wanted.anonymous else None
    with _bar(paths) as progress:
        done = export_sessions(
            paths,
            FORMATS[wanted.kind],
            folder,
            overwrite=wanted.overwrite,
            pseudonyms=pseudonyms,
            skip_damaged=wanted.skip_damaged,
            distrusted=known_keys(key_folder(home)).mistrusted(),
            progress=progress,
        )
    for path in done.left_out:
        click.echo(f"Left out, because it does not verify: {path}", err=True)
    click.echo(f"Wrote {done.sessions} session{'' if done.sessions == 1 else 's'} to {folder}.", err=True)
    return int(ExitCode.JOURNAL if done.left_out else ExitCode.FINE)


def _paths(home: str, wanted: Wanted) -> list[Path]:
    """The journals that were named, or those chosen among the user's own."""
    from emscontrol.record.exports.many import day_begins, select
    from emscontrol.record.place import journal_folder

    choosing = bool(wanted.since or wanted.patient)
    if choosing == bool(wanted.journals):
        raise UsageError("Which sessions?", "Name journals, or choose with --since DAY, --patient CODE or both.")
    if not choosing:
        return list(wanted.journals)
    since = day_begins(wanted.since) if wanted.since else None
    kept = journal_folder(Path(home) if home else None)
    paths = select(kept, since, wanted.patient)
    if not paths:
        raise _none_among(select(kept, None, ""), kept, wanted)
    return paths


def _none_among(all_of_them: list[Path], folder: Path, wanted: Wanted) -> UsageError:
    """Among which records nothing was found."""
    if not all_of_them:
        return UsageError(f"There is no record in {folder}.", "Name journals, or say with --home where they are.")
    which = [f"of patient {wanted.patient}"] * bool(wanted.patient) + [f"from {wanted.since} on"] * bool(wanted.since)
    code = "A code that no record has may be mistyped. " if wanted.patient else ""
    return UsageError(
        f"None of the {counted(len(all_of_them), 'record')} in {folder} is {' and '.join(which)}.",
        f"{code}Look with another code or an earlier day.",
    )


@contextmanager
def _bar(paths: list[Path]) -> "Iterator[Progress]":
    """A bar on standard error while journals are read, when a person is looking."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    size = sum(path.stat().st_size for path in paths if path.is_file())
    with click.progressbar(length=size, label="Exporting", file=sys.stderr) as bar:
        yield bar.update
