"""The day's agenda in a file, to work from while the book is out of reach.

It holds what a session needs and nothing else of a patient, is at most `OLDEST` old when it is used, and says which book it
is from, and who kept it. It is sealed with the token of his login: under another login, or changed since, it is not used.
What is in an entry is the caller's: plain values that JSON can hold.
"""

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from emscontrol.core.errors import BookError, NotAllowed
from emscontrol.record.whole_files import write_whole

FILE: Final = "day.json"  # below the folder of state
FORMAT: Final = 2
OLDEST: Final = timedelta(hours=24)
AHEAD: Final = timedelta(minutes=5)  # clocks of two programs of one station do not differ by more
_REMEDY: Final = "Wait for the book. While it can be reached, the day is kept by: emscontrol agenda --keep."


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
    """A day's agenda as it was at `taken_at`. `book` is the uuid of its book, `place` where that is, `day` ISO 8601.

    `staff` kept it, in this `role`, which was asked of the book at that time; `idle_lock_min` is the book's.
    """

    book: str
    place: str
    practice: bool
    station: str
    staff: str
    role: str
    idle_lock_min: int
    day: str
    time_zone: str
    taken_at: datetime
    entries: tuple[DayEntry, ...]

    def without(self, appointment: int, why: str) -> "Day":
        """The same with nothing to run at this appointment any more."""
        entries = (
            replace(one, told=one.told | {"why": why}, prescription="") if one.appointment == appointment else one
            for one in self.entries
        )
        return replace(self, entries=tuple(entries))


def keep_day(file: Path, day: Day, token: str) -> None:
    """Keep it, sealed with this token, in the place of an older one. Raises StorageError."""
    told = {"format": FORMAT} | asdict(day) | {"taken_at": day.taken_at.astimezone(UTC).isoformat()}
    write_whole(file, json.dumps(told | {"seal": _seal(told, token)}) + "\n")


def read_day(file: Path, now: datetime, token_of: Callable[[str], str], *, book: str = "", place: str = "") -> Day:
    """What was kept. `token_of` gives the token of who is logged in at the book of this uuid, "" where nobody is.

    `book` and `place` are looked at where they are given. Raises BookError when there is none, when it is older than a day, of
    another book, from the future, or damaged, NotAllowed when it was not kept under that very login, or changed since.
    """
    told = _read(file)
    seal = told.pop("seal", "")
    day = _understood(file, told)
    if (book and day.book != book) or (place and day.place != place):
        raise BookError(f"The agenda that was kept is of another book ({day.place}).", _REMEDY)
    token = token_of(day.book)
    if not token:
        raise NotAllowed("Nobody is logged in here, and the book cannot be asked.", "Wait for the book, and log in.")
    if not hmac.compare_digest(_seal(told, token).encode(), str(seal).encode()):
        raise NotAllowed(
            "The agenda that was kept was kept under another login than that of now, or it was changed since.", _REMEDY
        )
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


def _seal(told: Mapping[str, Any], token: str) -> str:
    """Over everything that is kept, with a key that only who has this token can make."""
    key = hmac.digest(token.encode(), b"emscontrol: the day that is kept", "sha256")
    plain = json.dumps(told, sort_keys=True, separators=(",", ":"))
    return hmac.new(key, plain.encode(), hashlib.sha256).hexdigest()


def _read(file: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(file.read_text(encoding="utf-8")))
    except FileNotFoundError as problem:
        raise BookError("No agenda was kept on this station.", _REMEDY) from problem
    except (OSError, ValueError, TypeError) as problem:
        raise _unreadable(file, problem) from problem


def _understood(file: Path, told: Mapping[str, Any]) -> Day:
    try:
        parts = dict(told)
        if parts.pop("format") != FORMAT:
            raise ValueError("it is of another edition")
        entries = tuple(DayEntry(**entry) for entry in parts.pop("entries"))
        taken_at = datetime.fromisoformat(parts.pop("taken_at"))
        if taken_at.tzinfo is None:
            raise ValueError("it does not say when it is from")
        return Day(**parts, entries=entries, taken_at=taken_at)
    except (ValueError, TypeError, KeyError, AttributeError) as problem:
        raise _unreadable(file, problem) from problem


def _unreadable(file: Path, problem: Exception) -> BookError:
    return BookError(f"The agenda that was kept in {file} cannot be read: {problem}.", _REMEDY)
