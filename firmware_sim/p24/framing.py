"""ScienceMode 3/4 frames: start and stop bytes, stuffing, length, checksum.

    F0  81 LENhi^55  81 LENlo^55  81 CRChi^55  81 CRClo^55  stuffed body  0F

LEN counts the whole frame on the wire; the CRC-16 (polynomial 0x1021, initial 0) is over the stuffed body. The body is a
16-bit prefix (6 bits packet number, 10 bits command) and the command's data.
"""

import binascii
from typing import Final

START: Final = 0xF0
STOP: Final = 0x0F
ESCAPE: Final = 0x81
KEY: Final = 0x55
HEADER: Final = 9
MAX_FRAME: Final = 1200

CHECKSUM_ERROR: Final = "checksum_error"
LENGTH_ERROR: Final = "length_error"
HEADER_ERROR: Final = "header_error"
INCOMPLETE: Final = "incomplete"
NO_FRAME: Final = "no_frame"


def stuff(body: bytes) -> bytes:
    """Escapes the three special bytes."""
    out = bytearray()
    for byte in body:
        if byte in (START, STOP, ESCAPE):
            out += bytes((ESCAPE, byte ^ KEY))
        else:
            out.append(byte)
    return bytes(out)


def unstuff(body: bytes) -> bytes:
    """Undoes the escapes; any byte after the escape byte is taken as escaped."""
    out = bytearray()
    escaped = False
    for byte in body:
        if escaped:
            out.append(byte ^ KEY)
            escaped = False
        elif byte == ESCAPE:
            escaped = True
        else:
            out.append(byte)
    return bytes(out)


def pack(packet_number: int, command_number: int, data: bytes) -> bytes:
    """One frame. Raises ValueError when it would be longer than a frame may be."""
    prefix = (packet_number << 10 | command_number).to_bytes(2, "big")
    body = stuff(prefix + data)
    length = len(body) + HEADER + 1
    if length > MAX_FRAME:
        raise ValueError(f"the frame would have {length} bytes; {MAX_FRAME} is the most")
    header = bytearray((START,))
    for byte in length.to_bytes(2, "big") + binascii.crc_hqx(body, 0).to_bytes(2, "big"):
        header += bytes((ESCAPE, byte ^ KEY))
    return bytes(header) + body + bytes((STOP,))


def check(frame: bytes) -> str | None:
    """What is wrong with a frame from start to stop byte, None when it is sound."""
    if len(frame) < HEADER + 3 or any(frame[at] != ESCAPE for at in (1, 3, 5, 7)):
        return HEADER_ERROR
    length, crc = (int.from_bytes((frame[at] ^ KEY, frame[at + 2] ^ KEY), "big") for at in (2, 6))
    if length != len(frame):
        return LENGTH_ERROR
    if crc != binascii.crc_hqx(frame[HEADER:-1], 0):
        return CHECKSUM_ERROR
    return None


class Deframer:
    """Finds frames in a stream of bytes, in any portions.

    An unescaped start byte begins a new frame wherever it stands; what grows longer than a frame may be is thrown away. The
    memory in use is that of one frame.
    """

    def __init__(self) -> None:
        self._frame = bytearray()
        self._escaped = False

    def feed(self, data: bytes) -> list[bytes]:
        """The frames that these bytes complete, from start to stop byte, unchecked."""
        return [frame for byte in data if (frame := self._take(byte)) is not None]

    @property
    def inside(self) -> bool:
        """Whether a frame has begun and not ended."""
        return bool(self._frame)

    def forget(self) -> None:
        """Drops the frame that has begun."""
        self._frame.clear()
        self._escaped = False

    def _take(self, byte: int) -> bytes | None:
        if not self._escaped and byte == START:
            self._frame[:] = bytes((START,))
            return None
        if not self._frame:
            return None
        self._frame.append(byte)
        if self._escaped:
            self._escaped = False
        elif byte == ESCAPE:
            self._escaped = True
        elif byte == STOP:
            frame = bytes(self._frame)
            self.forget()
            return frame
        if len(self._frame) >= MAX_FRAME:
            self.forget()
        return None
