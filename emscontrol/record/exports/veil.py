"""Exports without names: pseudonyms by a keyed hash, times moved by a constant of each patient, free text left out.

What is kept is named, not what is removed: a column or an argument that nobody has declared as harmless does not get through.
Whoever has the key and a patient's code can find the pseudonym again, so the key never leaves the station.
"""

import base64
import hmac
import json
import os
import re
import secrets
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from emscontrol.core.arguments import ArgType
from emscontrol.core.errors import StorageError, UsageError
from emscontrol.core.events import EVENTS, Event
from emscontrol.record.exports.tables import MODELS, TABLES, Column, Row, Value, Veil
from emscontrol.safety.sites import known_muscles

KEY_FILE: Final = "pseudonyms.key"
KEY_BYTES: Final = 32
LENGTH: Final = 12  # letters and digits of a pseudonym: 60 bits
SHIFT_LEAST_MIN: Final = 100 * 366 * 24 * 60  # a century on, so that nobody takes it for a date of the book
SHIFT_SPAN_MIN: Final = 100 * 365 * 24 * 60

FIGURES: Final = frozenset(set(ArgType) - {ArgType.TEXT, ArgType.OBJECT})
"""Types of arguments that hold figures and nothing else."""
NUMBERS_OF_THE_BOOK: Final = frozenset({("booked", "plan"), ("booked", "appointment")})
WORDS: Final[Mapping[tuple[str, str], frozenset[str]]] = {
    ("session_ended", "result"): frozenset({"completed", "stopped", "fault", "refused"}),
    ("state_changed", "from_state"): frozenset(
        {"idle", "connected", "armed", "running", "paused", "stopping", "ended", "fault"}
    ),
    ("state_changed", "to_state"): frozenset({"idle", "connected", "armed", "running", "paused", "stopping", "ended", "fault"}),
    ("stop_requested", "how"): frozenset({"at once", "ramp"}),
    ("threshold_found", "threshold"): frozenset({"sensory", "motor", "comfort"}),
    ("threshold_absent", "threshold"): frozenset({"sensory", "motor", "comfort"}),
    ("refused_by_device", "command"): frozenset({"connect", "prepare", "outputs", "stop", "status"}),
    ("uncertain", "command"): frozenset({"connect", "prepare", "outputs", "stop", "status"}),
    ("connected", "model"): MODELS,
}
"""Arguments in words that the program itself chooses, and which."""


class Pseudonyms:
    """Stands in for codes; the same key gives the same pseudonyms in every export."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def of(self, kind: str, *parts: str) -> str:
        """The pseudonym of something: twelve letters and digits."""
        return base64.b32encode(self._digest(kind, *parts))[:LENGTH].decode("ascii").lower()

    def shift(self, *parts: str) -> timedelta:
        """How far the times of one patient are moved: between one and two centuries on, to the minute."""
        return timedelta(minutes=SHIFT_LEAST_MIN + int.from_bytes(self._digest("shift", *parts)[:8]) % SHIFT_SPAN_MIN)

    def _digest(self, kind: str, *parts: str) -> bytes:
        told = json.dumps([kind, *parts]).encode("ascii")  # so that no two lists of parts are one text
        return hmac.digest(self._key, told, "sha256")


class SessionVeil:
    """Takes the names out of the rows of one session. `patient` is book and code, empty for a session outside the book."""

    def __init__(self, pseudonyms: Pseudonyms, patient: tuple[str, ...], journal_hash: str) -> None:
        self._pseudonyms = pseudonyms
        self._patient = patient
        self._shift = pseudonyms.shift(*(patient or (journal_hash,)))
        self.session = pseudonyms.of("session", journal_hash)
        self._takes: Final[Mapping[Veil, Callable[[Column, Value], Value]]] = {
            Veil.WORD: lambda column, value: value if value in column.words else None,
            Veil.MUSCLE: lambda _, value: value if value in known_muscles() else None,
            Veil.PSEUDONYM: self._pseudonym,
            Veil.SHIFTED: lambda _, value: self._shifted(value),
            Veil.LEFT_OUT: lambda _, value: None,
        }
        self._places = {name: self._changed(table.columns) for name, table in TABLES.items()}

    def __call__(self, table: str, row: Row) -> Row:
        """The row without names."""
        changed = list(row)
        for place, column, take in self._places[table]:
            changed[place] = take(column, row[place])
        return tuple(changed)

    def _changed(self, columns: tuple[Column, ...]) -> list[tuple[int, Column, Callable[[Column, Value], Value]]]:
        return [
            (place, column, self._takes[column.veil]) for place, column in enumerate(columns) if column.veil is not Veil.KEPT
        ]

    def _pseudonym(self, column: Column, value: Value) -> Value:
        if value is None:
            return None
        return self._pseudonyms.of(column.name, *(self._patient if column.name == "patient" else (str(value),)))

    def _shifted(self, value: Value) -> Value:
        """A time of day moved, in UTC; None for what is no time."""
        try:
            moved = datetime.fromisoformat(str(value)).astimezone(UTC) + self._shift
        except (ValueError, OverflowError):
            return None
        return moved.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moved.microsecond // 1000:03d}Z"


def nameless_arguments(event: Event) -> str | None:
    """The figures of an event and the words that the program chose, as JSON."""
    kept: dict[str, Any] = {}
    for name, value in event.args.items():
        place = (event.kind, name)
        figures = EVENTS[event.kind].args[name].type in FIGURES and place not in NUMBERS_OF_THE_BOOK
        if figures or (isinstance(value, str) and value in WORDS.get(place, ())):
            kept[name] = value
    return json.dumps(kept)


def pseudonyms_of(folder: Path) -> Pseudonyms:
    """With the key in this folder, mode 0600, which is made at first use. Raises StorageError, UsageError for a damaged one."""
    file = folder / KEY_FILE
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if file.is_file():
            return _read(file)
        fd = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as problem:
        raise StorageError(f"The key {file} cannot be made: {problem.strerror}.", "Mend the rights of its folder.") from problem
    key = secrets.token_bytes(KEY_BYTES)
    with open(fd, "wb") as out:
        out.write(key.hex().encode("ascii") + b"\n")
        out.flush()
        os.fsync(out.fileno())
    return Pseudonyms(key)


def _read(file: Path) -> Pseudonyms:
    try:
        text = file.read_text(encoding="ascii").strip()
    except (OSError, ValueError) as problem:
        raise StorageError(f"The key {file} cannot be read: {problem}.", "Mend its rights.") from problem
    if not re.fullmatch(rf"[0-9a-f]{{{2 * KEY_BYTES}}}", text):
        raise UsageError(
            f"{file} is no key for pseudonyms.", "Bring back a copy of it, or move it away to begin with new ones."
        )
    return Pseudonyms(bytes.fromhex(text))
