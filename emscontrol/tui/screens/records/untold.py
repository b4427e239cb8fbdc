"""Sessions that nobody ended on purpose and that have not been told to anybody yet."""

import json
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Final

from emscontrol.core.errors import EmsError, JournalBroken
from emscontrol.record.closing import signed_as_due
from emscontrol.record.line import link, parse
from emscontrol.record.place import journal_folder
from emscontrol.record.sink import is_being_written, rest_of
from emscontrol.tui.screens.records.ending import Ended, surprising
from emscontrol.tui.screens.records.shelf import journals
from emscontrol.tui.screens.records.story import Story

FILE: Final = "told.json"  # the names of the journals that have been told, in the state folder
TAIL_BYTES: Final = 8192  # a closing line is some 300 bytes
_CLOSING: Final = "session_ended"


def untold(home: str) -> list[Path]:
    """Their journals, newest first: without an end and no engine at work on them, or ended because a screen was gone.

    One that was closed before any current is left out: nothing happened to anybody.
    """
    told = _told(home)
    return [path for path in journals(home) if path.name not in told and not is_being_written(path) and _strange(path)]


def mark_told(home: str, paths: Iterable[Path]) -> None:
    """They have been read by a person. Raises StorageError when that cannot be kept: then they are told again."""
    from emscontrol.record.whole_files import write_whole

    there = {path.name for path in journals(home)}
    names = sorted((_told(home) & there) | {path.name for path in paths})
    write_whole(_file(home), json.dumps({"told": names}) + "\n")


def read_story(path: Path) -> Story | str:
    """What its record tells, or a sentence why it tells nothing."""
    from emscontrol.clinic.sessions.content import journal_bytes
    from emscontrol.tui.screens.records.story import story_of

    try:
        return story_of(journal_bytes(path))
    except EmsError as problem:
        return problem.what


def _file(home: str) -> Path:
    return journal_folder(Path(home) if home else None).parent / FILE


def _told(home: str) -> set[str]:
    with suppress(OSError, ValueError, TypeError, KeyError):
        return {str(name) for name in json.loads(_file(home).read_text("utf-8"))["told"]}
    return set()


def _strange(path: Path) -> bool:
    reason = _reason(path)
    if reason is None:
        return True
    if not surprising(reason):
        return False
    story = read_story(path)
    if isinstance(story, str) or story.ending.how is Ended.ON_PURPOSE:
        return False
    return not story.ending.zero or any(channel.pulses for channel in story.channels)


def _reason(path: Path) -> str | None:
    """Why the session ended, by its last line; "" where it cannot be read.

    None where that is not its closing line, or one that anybody can have put there: without the signature that is due.
    """
    rest = rest_of(path)
    try:
        kept = rest.read_bytes().rstrip(b"\0") if rest.is_file() else b""
        tail = kept or _tail(path)
        last = tail.removesuffix(b"\n").rpartition(b"\n")[2]
        found = link(last) if tail.endswith(b"\n") else None
        if found is None or found.event != _CLOSING or not signed_as_due(path, found):
            return None
    except OSError:
        return ""
    try:
        return str(parse(last).event.args["reason"])
    except JournalBroken:
        return None


def _tail(path: Path) -> bytes:
    with path.open("rb") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - TAIL_BYTES))
        return file.read()
