"""`demo --book`: a practice clinic with two months behind it."""

import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from emscontrol.config import read_settings
from emscontrol.core.errors import UsageError
from emscontrol.core.units import counted

FOLDER = "practice"


def demo_book(home: str, keep: Path | None, patients: int | None, jobs: int) -> None:
    """Make it, with progress on a terminal, and say how to walk in. Raises UsageError and what making a book raises."""
    from sqlalchemy import func, select

    from emscontrol.clinic.tables.people import Patient
    from emscontrol.clinic.tables.plans import Appointment, Plan
    from emscontrol.clinic.tables.sessions import SessionEntry
    from emscontrol.practice.cast import cast
    from emscontrol.practice.clinic import make_clinic
    from emscontrol.practice.house import PIN

    folder = (keep or read_settings(home).data / FOLDER).absolute()
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as problem:
        raise UsageError(f"{folder} cannot be made: {problem.strerror}.", "Choose another folder with --keep.") from problem
    people = cast()[: patients or None]
    click.echo(
        f"PRACTICE: {counted(len(people), 'invented patient')}, every session played on a simulator. Minutes, not seconds."
    )
    with click.progressbar(length=100, label="Weeks", file=sys.stderr) as bar:
        book = make_clinic(folder, people, datetime.now(UTC), jobs, lambda done, of: bar.update(done * 100 // of - bar.pos))
    with book.reading() as session:
        counts = [
            session.scalar(select(func.count()).select_from(table)) for table in (Patient, Plan, Appointment, SessionEntry)
        ]
    book.close()
    things = ("patient", "plan", "appointment", "session")
    click.echo(f"{', '.join(counted(count or 0, thing) for count, thing in zip(counts, things, strict=True))} in {folder}.")
    click.echo(f"Walk in: emscontrol --home {folder} staff login anna   (PIN {PIN}; also ben, sven, sofia)")
    click.echo(f"         emscontrol --home {folder} agenda")
