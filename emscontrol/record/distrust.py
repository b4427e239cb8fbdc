"""Keys that are no longer trusted, since when and why, and those that follow one: a list that only grows, beside the keys.

How many there are, and a hash of them, stand with the known keys too, so that a list that was taken away or cut short is told.

What such a key signed before may be genuine. But whoever has it can sign a record of any date, and nothing
in the file shows it.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias, TypeVar

from emscontrol.core.errors import StorageError
from emscontrol.core.events import printable
from emscontrol.record.signing import key_id
from emscontrol.record.whole_files import write_whole

FILE: Final = "distrusted.json"
FORMAT: Final = 1
WHY_MAX: Final = 200
_HEX: Final = frozenset("0123456789abcdef")
FILE_MAX: Final = 2**20


@dataclass(frozen=True, slots=True)
class Distrust:
    """A public key (hex) that is no longer trusted, `since` when (ISO 8601) and `why`."""

    public: str
    since: str
    why: str

    @property
    def words(self) -> str:
        """For beside the name of the station."""
        return f"no longer trusted since {self.since[:10]} ({self.why})"

    def meaning(self) -> str:
        """What it means for a record that this key signed."""
        return (
            f"Its key is {self.words}. A record of before may be genuine; but whoever has the key can sign another with any "
            "date, so it counts only as far as its last hash agrees with a copy that was kept elsewhere before."
        )


@dataclass(frozen=True, slots=True)
class Doubt:
    """A public key (hex) that a `gone` one signed, which is no longer trusted, or another that follows it."""

    public: str
    gone: Distrust

    @property
    def words(self) -> str:
        """For beside the name of the station."""
        return f"follows {key_id(self.gone.public)}, which is no longer trusted"

    def meaning(self) -> str:
        """What it means for a record that this key signed."""
        return (
            f"Its key follows {key_id(self.gone.public)}, which is {self.gone.words}: whoever has that one could have made it. "
            "Unless the people there say that this is their key's id, it counts only as far as its last hash agrees with a "
            "copy that was kept elsewhere before."
        )


Mistrust: TypeAlias = Distrust | Doubt
"""Why a key is not trusted."""


@dataclass(frozen=True, slots=True)
class Vouch:
    """A public key (hex) that is its station's own, whoever signed it: somebody has asked there, `since` when and `why`."""

    public: str
    since: str
    why: str

    @property
    def words(self) -> str:
        """For beside the name of the station."""
        return f"vouched for since {self.since[:10]} ({self.why})"


_Judged = TypeVar("_Judged", Distrust, Vouch)


def is_reason(text: str) -> bool:
    """Whether this can stand as a reason."""
    return 0 < len(text.strip()) <= WHY_MAX and printable(text) == text


def read_distrusts(folder: Path) -> tuple[Distrust, ...]:
    """Those of a folder of keys, none where nobody was distrusted. Raises StorageError for a list that is damaged."""
    file = folder / FILE
    try:
        if not file.exists():
            return ()
        with file.open(encoding="utf-8") as stream:
            found = json.loads(stream.read(FILE_MAX))
        if found["format"] != FORMAT:
            raise ValueError("it has another format")
        return tuple(judged(Distrust, row) for row in found["keys"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as problem:
        raise StorageError(
            f"{file}, the list of keys that are not trusted, cannot be read: {problem!s:.200}.",
            "Put it right from a copy, or move it away and distrust those keys again.",
        ) from problem


def seal_of(distrusts: Sequence[Distrust]) -> dict[str, Any]:
    """How many there are, and what they say: for beside the known keys."""
    text = json.dumps([asdict(each) for each in distrusts], sort_keys=True)
    return {"count": len(distrusts), "sha256": hashlib.sha256(text.encode()).hexdigest()}


def hold_against(folder: Path, seal: Any, distrusts: Sequence[Distrust]) -> None:
    """Nothing, where the list still begins with what stood in it when the seal was made. Raises StorageError."""
    count = seal["count"] if isinstance(seal, dict) and type(seal.get("count")) is int else -1
    if count < 0 or seal != seal_of(distrusts[:count]):
        raise StorageError(
            f"{folder / FILE}, the list of keys that are not trusted, has lost what stood in it.",
            "Put it back from a copy; without one remove known.json beside it too, trust the other stations' keys again, and "
            "distrust those keys again.",
        )


def write_distrusts(folder: Path, distrusts: tuple[Distrust, ...]) -> None:
    """Keep them. Raises StorageError."""
    write_whole(folder / FILE, json.dumps({"format": FORMAT, "keys": [asdict(each) for each in distrusts]}, indent=1) + "\n")


def judged(kind: type[_Judged], row: dict[str, Any]) -> _Judged:
    """What is kept of one key. Raises ValueError, TypeError or AttributeError for anything else."""
    found = kind(**row)
    if not (len(found.public) == 64 and _HEX.issuperset(found.public) and is_reason(found.why) and found.since.isprintable()):
        raise ValueError("a key or a reason is not what it should be")
    return found
