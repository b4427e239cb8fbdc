"""What a backup says of itself, in a small JSON file beside the book in it."""

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final

from emscontrol.core.errors import BookError

FORMAT: Final = 1
PROGRAM: Final = "emscontrol"


@dataclass(frozen=True, slots=True)
class Contents:
    """What is in a book, so that a copy can be held against it: rows by table, changes in the audit and one hash of them."""

    uuid: str
    rows: dict[str, int]
    changes: int
    audit_sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """`origin` is sqlite or postgresql; `sha256` and `size_bytes` are of the file of the book in the backup."""

    taken_at: datetime
    origin: str
    schema: str
    encrypted: bool
    sha256: str
    size_bytes: int
    contents: Contents

    def to_json(self) -> str:
        """For the backup."""
        told = {"program": PROGRAM, "format": FORMAT} | asdict(self) | {"taken_at": self.taken_at.isoformat()}
        return json.dumps(told, indent=2)

    @classmethod
    def from_json(cls, text: str) -> "Manifest":
        """Read it back. Raises BookError when it is not one, or one of a newer program."""
        try:
            told = dict(json.loads(text))
            if told.pop("program") != PROGRAM:
                raise ValueError("another program made it")
            if told.pop("format") > FORMAT:
                raise BookError("This backup was made by a newer emscontrol.", "Restore it with that one.")
            moment = datetime.fromisoformat(told.pop("taken_at"))
            return cls(**told | {"taken_at": moment, "contents": Contents(**told["contents"])})
        except (ValueError, TypeError, KeyError, AttributeError) as problem:
            raise BookError(
                f"This is no backup of a book: {problem}.", "Name a file that emscontrol book backup made."
            ) from problem
