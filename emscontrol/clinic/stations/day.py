"""The day's agenda in a file, to work from while the book is out of reach.

It holds what a session needs and nothing else of a patient, is at most `OLDEST` old when it is used, and says which book it
is from. What is in an entry is the caller's: plain values that JSON can hold.
"""

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from emscontrol.clinic.stations.files import write_whole
from emscontrol.core.errors import BookError

FILE: Final = "day.json"  # below the folder of state
FORMAT: Final = 1
OLDEST: Final = timedelta(hours=24)
AHEAD: Final = timedelta(minutes=5)  # clocks of two programs of one station do not differ by more
_REMEDY: Final = "Wait for the book, or run the session without an appointment."


@dataclass(frozen=True, slots=True)
class DayEntry:
    """One appointment. `told` is what the agenda says of it, `prescription` what a session needs, as one line of JSON.

    `prescription` is "" where the session may not be run; `told` says why.
    """

    appointment: int
    told: dict[str, Any]
    prescription: str


@dataclass(frozen=True, slots=True)
class Day:
    """A day's agenda as it was at `taken_at`. `book` is the uuid of its book, `place` where that is, `day` ISO 8601."""

    book: str
    place: str
    practice: bool
    station: str
    day: str
    time_zone: str
    taken_at: datetime
    entries: tuple[DayEntry, ...]


def keep_day(file: Path, day: Day) -> None:
    """Keep it, in the place of an older one. Raises StorageError."""
    told = {"format": FORMAT} | asdict(day) | {"taken_at": day.taken_at.astimezone(UTC).isoformat()}
    write_whole(file, json.dumps(told) + "\n")


def read_day(file: Path, now: datetime, *, book: str = "", place: str = "") -> Day:
    """What was kept. `book` and `place` are looked at where they are given.

    Raises BookError when there is none, when it is older than a day, of another book, from the future, or damaged.
    """
    day = _read(file)
    if (book and day.book != book) or (place and day.place != place):
        raise BookError(f"The agenda that was kept is of another book ({day.place}).", _REMEDY)
    if day.taken_at > now + AHEAD:
        raise BookError(
            f"The agenda that was kept is from {day.taken_at:%Y-%m-%d %H:%M} UTC, and this station's clock is before that.",
            "Set the clock right.",
        )
    if now - day.taken_at > OLDEST:
        raise BookError(
            f"The agenda that was kept is of {day.taken_at:%Y-%m-%d %H:%M} UTC: older than {OLDEST // timedelta(hours=1)} h.",
            _REMEDY,
        )
    return day


def _read(file: Path) -> Day:
    try:
        told = dict(json.loads(file.read_text(encoding="utf-8")))
        if told.pop("format") != FORMAT:
            raise ValueError("it is of another edition")
        entries = tuple(DayEntry(**entry) for entry in told.pop("entries"))
        taken_at = datetime.fromisoformat(told.pop("taken_at"))
        if taken_at.tzinfo is None:
            raise ValueError("it does not say when it is from")
        return Day(**told, entries=entries, taken_at=taken_at)
    except FileNotFoundError as problem:
        raise BookError("No agenda was kept on this station.", _REMEDY) from problem
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as problem:
        raise BookError(f"The agenda that was kept in {file} cannot be read: {problem}.", _REMEDY) from problem
