"""ScienceMode 3/4 frames: start and stop bytes, stuffing, length, checksum.

    F0  81 LENhi^55  81 LENlo^55  81 CRChi^55  81 CRClo^55  stuffed body  0F

LEN counts the whole frame on the wire; the CRC-16 (polynomial 0x1021, initial 0) is over the stuffed body. The body is a
16-bit prefix (6 bits packet number, 10 bits command) and the command's data.
"""

import binascii
import re
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

_ESCAPED: Final = re.compile(rb"\x81(.?)", re.DOTALL)
_SPECIAL: Final = re.compile(rb"[\xf0\x0f\x81]")
_WHOLE: Final = re.compile(rb"\xf0(?:[^\xf0\x0f\x81]++|\x81.)*+\x0f", re.DOTALL)


def stuff(body: bytes) -> bytes:
    """Escapes the three special bytes; the escape byte itself first."""
    for byte in (ESCAPE, START, STOP):
        body = body.replace(bytes((byte,)), bytes((ESCAPE, byte ^ KEY)))
    return body


def unstuff(body: bytes) -> bytes:
    """Undoes the escapes; any byte after the escape byte is taken as escaped, an escape byte at the very end as nothing."""
    return _ESCAPED.sub(lambda pair: bytes(byte ^ KEY for byte in pair[1]), body)


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
        if not self._frame and len(data) <= MAX_FRAME and _WHOLE.fullmatch(data):
            return [data]  # nearly always a host's write is one frame
        frames = []
        at = 0
        while at < len(data):
            if self._escaped:
                self._keep(data[at : at + 1])
                self._escaped = False
                at += 1
                continue
            special = _SPECIAL.search(data, at)
            end = special.start() if special else len(data)
            self._keep(data[at:end])
            if special and (frame := self._end_of_run(data[end])) is not None:
                frames.append(frame)
            at = end + 1
        return frames

    @property
    def inside(self) -> bool:
        """Whether a frame has begun and not ended."""
        return bool(self._frame)

    def forget(self) -> None:
        """Drops the frame that has begun."""
        self._frame.clear()
        self._escaped = False

    def _end_of_run(self, byte: int) -> bytes | None:
        """One of the special bytes, not escaped."""
        if byte == START:
            self._frame[:] = bytes((START,))
            return None
        inside = self.inside
        self._frame += bytes((byte,)) if inside else b""
        self._escaped = inside and byte == ESCAPE
        if not inside or byte == ESCAPE:
            return None
        frame = bytes(self._frame)
        self.forget()
        return frame

    def _keep(self, run: bytes) -> None:
        """Ordinary bytes; they count only inside a frame, and a frame without room for its stop byte is dropped."""
        if not self._frame:
            return
        self._frame += run[:MAX_FRAME]
        if len(self._frame) >= MAX_FRAME:
            self.forget()
