"""`emscontrol export --format ics`: the appointments of the clinic's book, to take home or for another calendar."""

import re
import sys
from dataclasses import dataclass
from pathlib import Path

from emscontrol.cli.clinic.desk import Desk
from emscontrol.core.errors import UsageError


@dataclass(frozen=True, slots=True)
class Calendar:
    """What was asked for: whose, from which day on, and where to. Without `output` and `folder` it goes to standard output.

    Without `since` they are those from today on, with `everything` also what is over.
    """

    patient: str
    since: str
    everything: bool
    output: Path | None
    folder: Path | None
    overwrite: bool


def export_calendar(home: str, wanted: Calendar) -> Path | None:
    """Write them; returns the file, None for standard output.

    Raises UsageError when there are none, or when the file is there and nothing is to be replaced; BookError without a book.
    """
    content = _content(home, wanted)
    if not content.count(b"BEGIN:VEVENT"):
        raise UsageError("No appointment is among those.", "Look with --all, a day that is earlier, or another code.")
    if wanted.output is None and wanted.folder is None:
        sys.stdout.write(content.decode())
        return None
    return _written(content, wanted)


def _content(home: str, wanted: Calendar) -> bytes:
    from emscontrol.clinic.appointments.calendar import calendar_of
    from emscontrol.record.exports.many import day_begins

    desk = Desk(home)
    try:
        with desk.reading("look") as (session, _, _now):
            about = desk.book.about
            today = None if wanted.everything else desk.day_of(desk.today())[0]
            since = day_begins(wanted.since, about.zone) if wanted.since else today
            return calendar_of(session, about, patient=wanted.patient, since=since)
    finally:
        desk.close()


def _written(content: bytes, wanted: Calendar) -> Path:
    from emscontrol.record.exports.place import ExportFolder

    own = re.sub(r"[^A-Za-z0-9_.-]+", "-", wanted.patient).strip("-.")
    target = wanted.output or (wanted.folder or Path()) / f"{'-'.join(filter(None, ('appointments', own)))}.ics"
    with ExportFolder(target.parent, wanted.overwrite) as place:
        place.new(target.name).write_bytes(content)
    return target
