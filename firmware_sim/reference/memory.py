"""What the device remembers of the command before, so that a repeat does nothing twice."""

from enum import Enum
from typing import Final

SEQ_COUNT: Final = 65_536
OLDER: Final = 32_768
"""A number that is this much ahead or more is one that is behind."""


class Age(Enum):
    """How a frame stands to the last command."""

    NEWER = "newer"
    REPEAT = "repeat"
    STALE = "stale"


class Memory:
    """The number, the bytes and the answer of the last command carried out; nothing after a start."""

    def __init__(self) -> None:
        self.answer = b""
        self._seq: int | None = None
        self._frame = b""

    def age(self, seq: int, frame: bytes) -> Age:
        """Whether this frame is new, a repeat, or neither."""
        ahead = 1 if self._seq is None else (seq - self._seq) % SEQ_COUNT
        if ahead == 0:
            return Age.REPEAT if frame == self._frame else Age.STALE
        return Age.NEWER if ahead < OLDER else Age.STALE

    def is_older(self, seq: int) -> bool:
        """Whether this number lies before the last one."""
        return self._seq is not None and (seq - self._seq) % SEQ_COUNT >= OLDER

    def keep(self, seq: int, frame: bytes, answer: bytes) -> None:
        """This is the last command now."""
        self._seq, self._frame, self.answer = seq, frame, answer
