"""Frames of the ScienceMode family: start, escaped check bytes, stuffed body, stop.

    F0 | 81 check^55 … | stuffed body | 0F

Inside the body F0, 0F and 81 are sent as 81 and the byte XOR 55; the check bytes (length, checksum) are always sent so. The
byte after 81 is data whatever it is, so F0 outside such a pair always begins a frame.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

START: Final = 0xF0
STOP: Final = 0x0F
ESCAPE: Final = 0x81
KEY: Final = 0x55

REMEMBERED: Final = 4096  # so many different frames are opened once only: answers to polls repeat themselves
_KEYED: Final = bytes(byte ^ KEY for byte in range(256))
_PAIRS: Final = {bytes((ESCAPE, byte)): bytes((byte ^ KEY,)) for byte in range(256)}
_PAIR: Final = re.compile(rb"\x81.", re.DOTALL)
# A start byte and what follows it up to a stop byte (the group is set), to the next unescaped start byte, which cuts the frame
# off, or to the end of what has arrived. Every byte is looked at once: the repeats are possessive, and no attempt fails.
_CANDIDATE: Final = re.compile(rb"\xf0(?:[^\xf0\x0f\x81]++|\x81.)*+(?:(\x0f)|(?=\xf0)|\x81?\Z)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame from the wire.

    `command` is empty and `params` hold what is certain where `error` says why the frame is not to be trusted:
    `header_error`, `length_error`, `checksum_error` (damaged), `unknown_command`, `parameter_error` (intact, but no command
    of this device or not its layout; `params` then hold packet_number, command_number, data_hex). `raw` is what arrived.
    Equal frames may share their `params`, which are not to be changed.
    """

    command: str
    params: dict[str, Any]
    error: str | None
    raw: bytes


class Framing:
    """How one protocol of the family closes its frames.

    `check` gives the `check_bytes` plain check bytes of a stuffed body in the order of the wire, `length_bytes` says which of
    them are the length, `frame_max` is the longest frame on the wire.
    """

    def __init__(self, check: Callable[[bytes], bytes], check_bytes: int, length_bytes: slice, frame_max: int) -> None:
        self.frame_max: Final = frame_max
        self._check = check
        self._length_bytes = length_bytes
        self._body_at = 1 + 2 * check_bytes
        self._escapes = slice(1, self._body_at, 2)
        self._checks = slice(2, self._body_at, 2)
        self._escaped = bytes((ESCAPE,)) * check_bytes
        self.opened: Final = lru_cache(maxsize=REMEMBERED)(self._opened)
        self._template = bytes((START,)) + bytes((ESCAPE, *b"%c")) * check_bytes + b"%b" + bytes((STOP,))

    def frame(self, body: bytes) -> bytes:
        """The whole frame around a plain body."""
        stuffed = stuff(body)
        return self._template % (*self._check(stuffed).translate(_KEYED), stuffed)

    def _opened(self, raw: bytes) -> bytes | None:
        """The plain body of a candidate from start to stop byte; None where its checks do not agree.

        Any byte after 81 is unescaped: clients escape more than they must.
        """
        stuffed = raw[self._body_at : -1]
        if raw[self._checks].translate(_KEYED) != self._check(stuffed) or raw[self._escapes] != self._escaped:
            return None
        return _PAIR.sub(_unescaped, stuffed) if b"\x81" in stuffed else stuffed

    def damage(self, raw: bytes) -> str:
        """Which check a candidate that does not open fails first: header, length or checksum."""
        if raw[self._escapes] != self._escaped:
            return "header_error"
        found = raw[self._checks].translate(_KEYED)[self._length_bytes]
        right = self._check(raw[self._body_at : -1])[self._length_bytes]
        return "checksum_error" if found == right else "length_error"


def stuff(body: bytes) -> bytes:
    """The body as it goes on the wire."""
    return body.replace(b"\x81", b"\x81\xd4").replace(b"\xf0", b"\x81\xa5").replace(b"\x0f", b"\x81\x5a")


def _unescaped(pair: re.Match[bytes]) -> bytes:
    return _PAIRS[pair[0]]


class FrameDecoder:
    """Bytes in any portions in, frames out. Holds at most one unfinished frame; `dropped` counts bytes that belonged to none.

    `read` makes a Frame of a plain body and the raw frame.
    """

    def __init__(self, framing: Framing, read: Callable[[bytes, bytes], Frame]) -> None:
        self._framing = framing
        self._read = read
        self._rest = b""
        self.dropped = 0

    @property
    def pending(self) -> int:
        """Bytes of the frame that has begun and not ended."""
        return len(self._rest)

    def feed(self, data: bytes) -> list[Frame]:
        """Take received bytes, return the frames they complete, damaged ones included. Never raises for any bytes."""
        buffer = self._rest + data if self._rest else bytes(data)
        self._rest = b""
        frames = []
        seen = 0
        while candidate := _CANDIDATE.search(buffer, seen):
            start, end = candidate.span()
            self.dropped += start - seen
            seen = end
            if candidate.lastindex:
                frames.append(self._frame(buffer[start:end]))
            elif end == len(buffer):
                self._rest = self._kept(buffer[start:end])
            else:
                self.dropped += end - start
        self.dropped += len(buffer) - seen
        return frames

    def _frame(self, raw: bytes) -> Frame:
        framing = self._framing
        too_long = len(raw) - framing.frame_max
        body = framing.opened(raw) if too_long <= 0 else None
        if body is not None:
            return self._read(body, raw)
        inner = self._inner(raw)
        if inner is not None:
            return inner
        if too_long <= 0:
            return Frame("", {}, framing.damage(raw), raw)
        self.dropped += too_long
        return Frame("", {}, "length_error", raw[:-too_long])

    def _inner(self, raw: bytes) -> Frame | None:
        """The whole frame that ends a damaged candidate, when noise before it ended in an escape byte and hid its start."""
        at = raw.find(b"\xf0\x81", max(1, len(raw) - self._framing.frame_max))
        while at > 0:
            body = self._framing.opened(raw[at:])
            if body is not None:
                self.dropped += at
                return self._read(body, raw[at:])
            at = raw.find(b"\xf0\x81", at + 1)
        return None

    def _kept(self, begun: bytes) -> bytes:
        """An unfinished frame, or what could still be the beginning of one when it has grown longer than any frame is."""
        if len(begun) <= self._framing.frame_max:
            return begun
        tail = begun[-self._framing.frame_max :]
        at = tail.find(b"\xf0")
        kept = tail[at:] if at >= 0 else b""
        self.dropped += len(begun) - len(kept)
        return kept
