"""The report of a session as a page for a browser, in a folder where people find it."""

import os
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Final

from emscontrol import __version__
from emscontrol.core.errors import StorageError
from emscontrol.record.place import HOME_VARIABLE
from emscontrol.tui.clinic_time import when

FOLDER: Final = "reports"


def report_folder(home: str) -> Path:
    """Below `home` or $EMSCONTROL_HOME where one was named, else among the user's documents. Not made yet."""
    chosen = home or os.environ.get(HOME_VARIABLE, "")
    if chosen:
        return Path(chosen) / FOLDER
    from platformdirs import user_documents_path

    return user_documents_path() / f"emscontrol {FOLDER}"


def write_session_report(home: str, journal: Path, now: datetime, zone: tzinfo | None) -> Path:
    """Write the report of this journal; one that was written before is replaced. Returns where it is.

    Raises UsageError for what is no journal, JournalBroken for one that makes no sense, StorageError.
    """
    from emscontrol.record.key_files import key_folder, known_keys
    from emscontrol.record.reports.session_read import read_session
    from emscontrol.record.reports.session_report import report_of
    from emscontrol.record.reports.write import write_report

    session = read_session(journal, known_keys(key_folder(home)))
    folder = report_folder(home)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as problem:
        raise StorageError(f"The folder {folder} cannot be made: {problem.strerror}.", "Mend its rights.") from problem
    target = folder / f"{journal.stem}.html"
    made = f"Made {when(now, zone)} by emscontrol {__version__}."
    write_report(report_of(session, made, zone), "html", target, overwrite=True)
    return target
