"""What earlier sessions left behind: journals without an end, and whether the clock agrees with the newest of them."""

import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from emscontrol.core.errors import UsageError
from emscontrol.core.events import Event, make, printable
from emscontrol.record.chain import CLOSING
from emscontrol.record.closing import signed_as_due
from emscontrol.record.line import link
from emscontrol.record.place import SUFFIX, opened_at
from emscontrol.record.sink import is_being_written
from emscontrol.record.verify import VerifyReport, verify

TAIL_BYTES: Final = 4096  # a closing line is some 300 bytes
OLDEST_YEAR: Final = 2026  # no session was recorded before this program existed
SLACK: Final = timedelta(minutes=1)  # two computers that share a folder may differ a little


@dataclass(frozen=True, slots=True)
class Interrupted:
    """A journal that was not closed: the record of a crash, or a damaged file."""

    path: Path
    report: VerifyReport

    def event(self) -> Event:
        """For the journal of the next session, which cites it."""
        return make("earlier_journal", file=self.path.name, finding=self.report.sentence().rstrip("."))


def find_interrupted(folder: Path) -> list[Interrupted]:
    """The journals without an end since the newest closed one, newest first; running ones are left out. None is altered.

    Older ones were found at an earlier start, and the session after that start cites them.
    """
    found = []
    for path in sorted(folder.glob(f"*{SUFFIX}"), reverse=True):
        if is_being_written(path):
            continue
        try:
            if _is_closed(path):
                break
            report = verify(path, reckon=False)  # an engine is about to start
        except (OSError, UsageError):
            continue  # not ours to read: another user's file, or removed this moment
        if report.ok and report.ended:
            break
        found.append(Interrupted(path, report))
    return found


def clock_doubt(folder: Path, now: datetime) -> Event | None:
    """A `clock_suspect` when the time of day is before the newest journal in the folder, or before there were any."""
    if now.year < OLDEST_YEAR:
        return make("clock_suspect", text=f"it says {now.isoformat(timespec='seconds')}, before this program existed")
    times = [(opened, path.name) for path in folder.glob(f"*{SUFFIX}") if (opened := opened_at(path))]
    if not times or now >= max(times)[0] - SLACK:
        return None
    return make(
        "clock_suspect", text=f"it says {now.isoformat(timespec='seconds')}, before the record {printable(max(times)[1])}"
    )


def _is_closed(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - TAIL_BYTES))
        tail = file.read()
    if not tail.endswith(b"\n"):
        return False
    last = link(tail[:-1].rpartition(b"\n")[2])
    return last is not None and last.event == CLOSING and signed_as_due(path, last)
