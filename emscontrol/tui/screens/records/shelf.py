"""The journals of this station: which there are, and each at a glance. One is read again only when its file has changed."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from emscontrol.core.errors import EmsError, JournalBroken
from emscontrol.record.keys import KeyRing
from emscontrol.record.place import SUFFIX, journal_folder, opened_at
from emscontrol.record.sink import is_being_written, rest_of

if TYPE_CHECKING:
    from emscontrol.clinic.sessions.read_journal import JournalFacts


class State(StrEnum):
    """What a record is worth, in the word that people read."""

    INTACT = "intact"
    DISTRUSTED = "not trusted"  # intact, but somebody else may have the key that it is signed with
    UNKNOWN_KEY = "unknown key"
    UNSIGNED = "not signed"
    BROKEN = "not intact"
    NO_END = "no end"
    RUNNING = "running now"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Glance:
    """One journal in a row of the list; what could not be read is empty. `patient` is "" for a session without the book.

    `signature` tells by whose key it is signed.
    """

    path: Path
    state: State
    finding: str
    opened_at: datetime | None
    title: str = ""
    patient: str = ""
    device: str = ""
    simulated: bool = False
    result: str = ""
    reason: str = ""
    contractions: int = 0
    prescribed: int = 0
    signature: str = ""


def stations(home: str) -> KeyRing:
    """The keys of stations that are known here. Raises StorageError when they cannot be read."""
    from emscontrol.record.key_files import key_folder, known_keys

    return known_keys(key_folder(home))


def journals(home: str) -> list[Path]:
    """The files, newest first; their names begin with the time."""
    return sorted(journal_folder(Path(home) if home else None).glob(f"*{SUFFIX}"), reverse=True)


def place_of(home: str, journal: str) -> Path:
    """Where a journal is that is told by its path or by the name of its file."""
    path = Path(journal)
    return path if path.is_absolute() or path.exists() else journal_folder(Path(home) if home else None) / path.name


def look(path: Path, known: KeyRing) -> Glance:
    """Read one whole journal and check it; `known` are the keys of stations."""
    from emscontrol.clinic.sessions.content import journal_bytes
    from emscontrol.tui.screens.records.story import story_of

    running = is_being_written(path)  # asked first: one that ends meanwhile is told as running, never as interrupted
    try:
        story = story_of(journal_bytes(path), known.names())
    except EmsError as problem:
        state = State.RUNNING if running else State.BROKEN if isinstance(problem, JournalBroken) else State.UNREADABLE
        return Glance(path, state, problem.what, opened_at(path))
    facts = story.facts
    ended = facts.intact and not running  # the closing line of a record that is not intact is not to be trusted
    return Glance(
        path=path,
        state=State.RUNNING if running else _state(facts, known),
        finding=facts.finding,
        opened_at=opened_at(path) or story.opened_at,
        title=story.title,
        patient=facts.booked.patient if facts.booked else "",
        device=facts.device,
        simulated=facts.simulated,
        result=facts.result if ended else "",
        reason=facts.reason if ended else "",
        contractions=facts.contractions,
        prescribed=facts.contractions_prescribed,
        signature=facts.signature,
    )


def _state(facts: "JournalFacts", known: KeyRing) -> State:
    """What matters most of it."""
    if not facts.intact:
        return State.BROKEN
    if facts.key in known.distrusted():
        return State.DISTRUSTED
    if not facts.closed:
        return State.NO_END
    if not facts.key:
        return State.UNSIGNED
    return State.INTACT if facts.signer and facts.key not in known.mistrusted() else State.UNKNOWN_KEY


class Shelf:
    """What is known already. It can be thrown away at any time."""

    def __init__(self) -> None:
        self._known: dict[Path, tuple[tuple[int, ...], Glance]] = {}
        self._stations = KeyRing()

    def trust(self, stations: KeyRing) -> None:
        """Whose keys are known and trusted; with other ones than before everything is looked at anew."""
        if stations != self._stations:
            self._stations = stations
            self._known.clear()

    def known(self, path: Path) -> Glance | None:
        """At a glance, if it was read and the file is still as it was."""
        mark, glance = self._known.get(path, ((), None))
        return glance if glance is not None and mark == _mark(path) else None

    def read(self, paths: list[Path], anew: bool = False) -> Iterator[Glance]:
        """One after the other in this order; `anew` also those that have not changed."""
        for path in paths:
            glance = None if anew else self.known(path)
            if glance is None:
                mark = _mark(path)
                glance = look(path, self._stations)
                if glance.state is not State.RUNNING:
                    self._known[path] = (mark, glance)
            yield glance


def _mark(path: Path) -> tuple[int, ...]:
    """Changes when the file or its reserve does; for one that is gone it is empty."""
    marks: list[int] = []
    for file in (path, rest_of(path)):
        try:
            found = file.stat()
        except OSError:
            continue
        marks += [found.st_ino, found.st_size, found.st_mtime_ns]
    return tuple(marks)
