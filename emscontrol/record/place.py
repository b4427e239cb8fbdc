"""Where journals are kept, how they are called, and whether there is room for one more."""

import os
import re
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from emscontrol.core.errors import StorageError

HOME_VARIABLE: Final = "EMSCONTROL_HOME"
SUFFIX: Final = ".jsonl"
ROOM_BYTES: Final = 64 * 2**20  # several long sessions; less means that the disk is about to fill
NAME_MAX: Final = 60  # characters of the protocol's id in a file name; far from the 255 bytes that file systems allow


def journal_folder(home: Path | None = None) -> Path:
    """The folder of all journals: below `home`, else $EMSCONTROL_HOME, else the system's place for records. Not made yet."""
    chosen = home or (Path(override) if (override := os.environ.get(HOME_VARIABLE)) else None)
    if chosen is not None:
        return chosen / "sessions"
    from platformdirs import user_state_path

    return user_state_path("emscontrol", appauthor=False) / "sessions"


def journal_name(protocol_id: str, opened: datetime) -> str:
    """A file name that sorts by time, as `2026-11-22T09-10-40.123Z_quadriceps.jsonl`. `opened` carries its offset.

    Whatever the id holds, the name has letters, digits, `_` and `-` after the time, so it stays in its folder on every system.
    """
    stamp = opened.astimezone(UTC).strftime("%Y-%m-%dT%H-%M-%S.") + f"{opened.microsecond // 1000:03d}Z"
    safe = re.sub(r"[^A-Za-z0-9_-]+", "-", protocol_id)[:NAME_MAX].strip("-") or "session"
    return f"{stamp}_{safe}{SUFFIX}"


def opened_at(path: Path) -> datetime | None:
    """The time in the name of a journal, None when it was named by hand."""
    try:
        return datetime.strptime(path.name.partition("_")[0], "%Y-%m-%dT%H-%M-%S.%fZ").replace(tzinfo=UTC)
    except ValueError:
        return None


def room_for_journal(folder: Path) -> None:
    """Look before opening. Raises StorageError when less than 64 MiB are free there or the folder cannot be asked."""
    existing = folder
    while not existing.exists() and existing != existing.parent:
        existing = existing.parent
    try:
        free = shutil.disk_usage(existing).free
    except OSError as problem:
        raise StorageError(
            f"The folder for journals, {folder}, cannot be used: {problem.strerror}.", "Name another one."
        ) from problem
    if free < ROOM_BYTES:
        raise StorageError(
            f"Only {free // 2**20} MiB are free for journals in {existing}; a session wants {ROOM_BYTES // 2**20}.",
            "Free some room, or name another folder.",
        )
    if not os.access(existing, os.W_OK | os.X_OK):
        raise StorageError(f"Nothing can be written in {existing}.", "Mend its rights, or name another folder.")
