"""Files of a station that nothing that is written out may replace: its keys, the lists beside them, and the book."""

from pathlib import Path
from typing import Final

NAMES: Final = frozenset({"station.json", "known.json", "distrusted.json", "pseudonyms.key", "book.sqlite"})
"""As the station calls them: an encrypted book and the key of the pseudonyms look like nothing from within."""
PARTS: Final = ("-wal", "-shm", "-journal")  # that SQLite keeps beside a book
BEGINNINGS: Final = (b"SQLite format 3\0", b'{\n "seed":', b'{\n "format": 1,\n "keys":')
"""Of a book, of a station's key, and of a list of keys, whatever they are called."""


def is_irreplaceable(target: Path) -> bool:
    """Whether this file is one of them. Raises OSError when it cannot be read."""
    names = {target.name, target.resolve().name}  # of a link, and of what it leads to
    if any(name.removesuffix(part) in NAMES for name in names for part in ("", *PARTS)):
        return True
    with target.open("rb") as file:
        return file.read(max(map(len, BEGINNINGS))).startswith(BEGINNINGS)
