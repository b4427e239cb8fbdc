"""Where a frame ends on the wire of each family: all that the cable knows about what it carries."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class FrameCutter:
    """A frame ends with an `end` byte that no `escape` byte stands before; `start` is the byte that a frame begins with."""

    end: int
    escape: int | None
    start: int

    def frames(self, data: bytes) -> list[bytes]:
        """The frames in these bytes, each with its end byte; a rest without one is the last piece."""
        pieces = []
        first = 0
        escaped = False
        for at, byte in enumerate(data):
            if not escaped and byte == self.end:
                pieces.append(data[first : at + 1])
                first = at + 1
            escaped = not escaped and byte == self.escape
        if first < len(data):
            pieces.append(data[first:])
        return pieces


SCIENCEMODE: Final = FrameCutter(end=0x0F, escape=0x81, start=0xF0)
COBS: Final = FrameCutter(end=0x00, escape=None, start=0x00)
