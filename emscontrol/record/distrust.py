"""Keys that are no longer trusted, since when and why: a list that only grows, beside the keys.

What such a key signed before may be genuine. But whoever has it can sign a record of any date, and nothing
in the file shows it.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from emscontrol.core.errors import StorageError
from emscontrol.core.events import printable
from emscontrol.record.whole_files import write_whole

FILE: Final = "distrusted.json"
FORMAT: Final = 1
WHY_MAX: Final = 200
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
        return tuple(_distrust(row) for row in found["keys"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as problem:
        raise StorageError(
            f"{file}, the list of keys that are not trusted, cannot be read: {problem!s:.200}.",
            "Put it right from a copy, or move it away and distrust those keys again.",
        ) from problem


def write_distrusts(folder: Path, distrusts: tuple[Distrust, ...]) -> None:
    """Keep them. Raises StorageError."""
    write_whole(folder / FILE, json.dumps({"format": FORMAT, "keys": [asdict(each) for each in distrusts]}, indent=1) + "\n")


def _distrust(row: dict[str, Any]) -> Distrust:
    found = Distrust(**row)
    if not (len(found.public) == 64 and bytes.fromhex(found.public) and is_reason(found.why) and found.since.isprintable()):
        raise ValueError("a key or a reason is not what it should be")
    return found
