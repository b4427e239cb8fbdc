"""Frames of ScienceMode2: start and stop bytes, byte stuffing, length and checksum (protocol description 1.24, "Framing").

    F0  81 CRC^55  81 LEN^55  body (stuffed)  0F

LEN and CRC are taken over the body as it is on the wire, after stuffing, and are themselves always sent escaped.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

START: Final = 0xF0
STOP: Final = 0x0F
ESCAPE: Final = 0x81
KEY: Final = 0x55
ALWAYS_ESCAPED: Final = frozenset({START, STOP, ESCAPE})

HEADER_BYTES: Final = 4  # 81 CRC 81 LEN, between the start byte and the body
MAX_INNER_BYTES: Final = HEADER_BYTES + 255  # LEN is one byte, so no frame holds more between its start and stop bytes
REMEMBERED: Final = 4096  # so many different frames are taken apart once only: polls and their answers repeat themselves
_WHOLE: Final = re.compile(rb"\xf0((?:[^\xf0\x0f\x81]++|\x81.)*+)\x0f", re.DOTALL)

NOT_A_FRAME: Final = "framing_error"
WRONG_LENGTH: Final = "length_error"
WRONG_CHECKSUM: Final = "checksum_error"
CUT_SHORT: Final = "incomplete_frame"


def _crc_table(polynomial: int) -> bytes:
    table = bytearray()
    for start in range(256):
        register = start
        for _ in range(8):
            register = (register << 1) ^ (polynomial if register & 0x80 else 0)
            register &= 0xFF
        table.append(register)
    return bytes(table)


_CRC: Final = _crc_table(0x07)


def crc8(data: bytes) -> int:
    """CRC-8, polynomial x⁸+x²+x+1, from 0, not reflected; `crc8(b"123456789") == 0xF4`."""
    register = 0
    for byte in data:
        register = _CRC[register ^ byte]
    return register


def stuff(body: bytes) -> bytes:
    """The body as it travels: each F0, 0F and 81 becomes 81 and the byte XOR 55. 55 itself stays as it is."""
    out = bytearray()
    for byte in body:
        out += bytes((ESCAPE, byte ^ KEY)) if byte in ALWAYS_ESCAPED else bytes((byte,))
    return bytes(out)


def unstuff(wire: bytes) -> bytes:
    """The body as it was meant. Any byte after 81 is restored, not only the three that need it: some clients escape more."""
    out = bytearray()
    escaped = False
    for byte in wire:
        if escaped:
            out.append(byte ^ KEY)
            escaped = False
        elif byte == ESCAPE:
            escaped = True
        else:
            out.append(byte)
    return bytes(out)


def build(packet_number: int, command_number: int, data: bytes = b"") -> bytes:
    """One whole frame. Says nothing about whether command and data belong together."""
    body = stuff(bytes((packet_number, command_number)) + data)
    head = bytes((START, ESCAPE, crc8(body) ^ KEY, ESCAPE, len(body) ^ KEY))
    return head + body + bytes((STOP,))


@dataclass(frozen=True, slots=True)
class RawFrame:
    """What lay between a start and a stop byte. `error` is None, or why the body cannot be trusted."""

    body: bytes
    error: str | None = None


@lru_cache(maxsize=REMEMBERED)
def _open(inner: bytes) -> RawFrame:
    if len(inner) < HEADER_BYTES or inner[0] != ESCAPE or inner[2] != ESCAPE:
        return RawFrame(b"", NOT_A_FRAME)
    wire = inner[HEADER_BYTES:]
    body = unstuff(wire)
    if len(body) < 2:
        return RawFrame(b"", NOT_A_FRAME)
    if inner[3] ^ KEY != len(wire):
        return RawFrame(body, WRONG_LENGTH)
    if inner[1] ^ KEY != crc8(wire):
        return RawFrame(body, WRONG_CHECKSUM)
    return RawFrame(body)


class FrameReader:
    """Cuts a byte stream into frames. Takes any bytes in any pieces, never raises, holds at most one frame.

    A second unescaped start byte means that the frame before it was cut off: it is dropped without a word, as the device
    does. A frame longer than its length byte could say is dropped as well, and the next start byte is waited for.
    """

    def __init__(self) -> None:
        self._inner = bytearray()
        self._inside = False
        self._escaped = False

    @property
    def buffered(self) -> int:
        """Bytes of the frame that is not yet complete."""
        return len(self._inner)

    @property
    def inside(self) -> bool:
        """Whether a start byte has come and its stop byte has not."""
        return self._inside

    def reset(self) -> None:
        """Forget a frame that is not yet complete."""
        self._begin(inside=False)

    def feed(self, data: bytes) -> Iterator[RawFrame]:
        """The frames that these bytes complete, damaged ones included. Exhaust it: bytes are taken as it is read."""
        whole = None if self._inside else _WHOLE.fullmatch(data)
        if whole is not None and len(whole[1]) <= MAX_INNER_BYTES:
            yield _open(whole[1])  # nearly always a host's write is one frame
            return
        for byte in data:
            if not self._inside:
                if byte == START:
                    self._begin(inside=True)
            elif self._escaped:
                self._escaped = False
                self._keep(byte)
            elif byte == START:
                self._begin(inside=True)
            elif byte == STOP:
                inner = bytes(self._inner)
                self._begin(inside=False)
                yield _open(inner)
            else:
                self._escaped = byte == ESCAPE
                self._keep(byte)

    def _begin(self, *, inside: bool) -> None:
        self._inner.clear()
        self._inside = inside
        self._escaped = False

    def _keep(self, byte: int) -> None:
        if len(self._inner) < MAX_INNER_BYTES:
            self._inner.append(byte)
        else:
            self._begin(inside=False)
