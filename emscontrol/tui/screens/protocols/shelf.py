"""Protocol files as lines to choose from: the library's, a folder's, one file's; and which of them are asked for."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from emscontrol.core.errors import ProtocolFileError
from emscontrol.protocol.library import library_folder
from emscontrol.protocol.load import LoadedProtocol, load_file
from emscontrol.protocol.parts import Evidence, LmnStatus, Use
from emscontrol.tui.language import _

SHORT_PULSE_MAX_US: Final = 1_000  # longer ones are for muscles without a nerve
SUFFIXES: Final = frozenset({".yaml", ".yml"})
USE_WORDS: Final = {
    Use.STANDARD: "standard",
    Use.SPECIALIST: "specialist",
    Use.NOT_RECOMMENDED: "NOT RECOMMENDED",
}
AT_LEAST: Final[tuple[tuple[Evidence, ...], ...]] = (
    tuple(Evidence),
    (Evidence.A,),
    (Evidence.A, Evidence.B),
    (Evidence.A, Evidence.B, Evidence.C),
)
"""The evidence that is asked for, in the order in which a key goes through it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One file. `protocol` is None for one that cannot be used; then `problems` say what is wrong, each with its line."""

    path: str
    loaded: LoadedProtocol | None
    problems: tuple[str, ...] = ()
    remedy: str = ""

    @property
    def title(self) -> str:
        """What people read in the list."""
        return self.loaded.protocol.title if self.loaded else Path(self.path).name

    @property
    def muscles(self) -> str:
        """The channels by their labels."""
        return ", ".join(c.label for _, c in sorted(self.loaded.protocol.channels.items())) if self.loaded else ""

    @property
    def long_pulses(self) -> bool:
        """Whether any pulse is longer than 1 ms a phase."""
        phases = self.loaded.protocol.phases if self.loaded else ()
        return any(group.pulse_width_us > SHORT_PULSE_MAX_US for phase in phases for group in phase.groups)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the list is narrowed to: words that must all occur, evidence, muscles without a nerve only."""

    words: str = ""
    evidence: tuple[Evidence, ...] = AT_LEAST[0]
    denervated: bool = False

    def fits(self, entry: Entry) -> bool:
        """A file that cannot be used fits as long as only words are asked for."""
        if entry.loaded is None:
            return not self.denervated and self.evidence == AT_LEAST[0] and self._says(Path(entry.path).name)
        protocol = entry.loaded.protocol
        if protocol.evidence not in self.evidence or (self.denervated and protocol.lmn_status is not LmnStatus.DAMAGED):
            return False
        text = (protocol.title, protocol.indication, protocol.id, entry.muscles, use_words(protocol.use))
        return self._says(" ".join(text))

    def _says(self, text: str) -> bool:
        return all(word in text.casefold() for word in self.words.casefold().split())


def use_words(use: Use) -> str:
    """The class of a protocol, by word."""
    return _(USE_WORDS[use])


def read_shelf(place: str) -> tuple[Entry, ...]:
    """The protocols of a folder, or the one file; the library for "". By title, files that cannot be used at the end.

    Raises ProtocolFileError for a folder that holds none.
    """
    folder = Path(place).expanduser() if place else library_folder()
    if place and not folder.is_dir():
        return (_entry(folder),)
    entries = sorted((_entry(file) for file in _files(folder)), key=lambda e: (e.loaded is None, e.title.casefold()))
    if not entries:
        raise ProtocolFileError(f"{folder} holds no protocol files.", remedy="Their names end in .yaml; give another path.")
    return tuple(entries)


def _files(folder: Path) -> Iterator[Path]:
    try:
        yield from (file for file in sorted(folder.iterdir()) if file.suffix in SUFFIXES)
    except OSError as problem:
        raise ProtocolFileError(f"{folder} cannot be read: {problem.strerror}.", remedy="Give another path.") from problem


def _entry(file: Path) -> Entry:
    try:
        return Entry(str(file), load_file(file))
    except ProtocolFileError as problem:
        return Entry(str(file), None, problem.problems, problem.remedy)


def narrowed(entries: Sequence[Entry], asked: Asked) -> list[Entry]:
    """Those that fit, in their order."""
    return [entry for entry in entries if asked.fits(entry)]
