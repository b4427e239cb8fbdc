"""Frames on the line: head, CRC-32, byte stuffing, and the receiver that finds them.

code u8, seq u16, epoch u32, payload, CRC-32 (all little-endian), stuffed, 00
"""

import zlib
from struct import Struct
from typing import Final, NamedTuple

END: Final = b"\x00"
SHORTEST: Final = 11
LONGEST: Final = 235
MAX_STUFFED: Final = 240
"""Bytes before an end byte; what is longer is no frame."""
PATIENCE_US: Final = 100_000
"""Bytes later than this after the first of a frame do not complete it."""

NO_FRAME: Final = "no_frame"
INCOMPLETE: Final = "incomplete"
STUFFING_ERROR: Final = "stuffing_error"
LENGTH_ERROR: Final = "length_error"
CHECKSUM_ERROR: Final = "checksum_error"

_HEAD: Final = Struct("<BHI")
_CRC: Final = Struct("<I")
_LENGTH_BYTES: Final = tuple(bytes((length + 1,)) for length in range(LONGEST + 1))


class RawFrame(NamedTuple):
    """A sound frame. `data` is all of it before stuffing, which tells a repeat from another frame of the same number."""

    code: int
    seq: int
    epoch: int
    payload: bytes
    data: bytes


def pack(code: int, seq: int, epoch: int, payload: bytes) -> bytes:
    """One frame as it goes onto the line. Raises ValueError when it would be longer than a frame may be."""
    frame = _HEAD.pack(code, seq, epoch) + payload
    if len(frame) + _CRC.size > LONGEST:
        raise ValueError(f"the frame would have {len(frame) + _CRC.size} bytes; {LONGEST} is the most")
    return stuff(frame + _CRC.pack(zlib.crc32(frame)))


def stuff(frame: bytes) -> bytes:
    """Without zero bytes, and the end byte after it."""
    return b"".join([_LENGTH_BYTES[len(piece)] + piece for piece in frame.split(END)]) + END


def unstuff(stuffed: bytes) -> bytes | None:
    """What was stuffed, from the bytes before an end byte; None when it does not come out even."""
    pieces = []
    at = 0
    while at < len(stuffed):
        after = at + stuffed[at]
        pieces.append(stuffed[at + 1 : after])
        at = after
    return END.join(pieces) if at == len(stuffed) else None


def check(frame: bytes | None) -> str | None:
    """What is wrong with an unstuffed frame, None when it is sound."""
    if frame is None:
        return STUFFING_ERROR
    if not SHORTEST <= len(frame) <= LONGEST:
        return LENGTH_ERROR
    return None if zlib.crc32(frame[:-4]) == _CRC.unpack_from(frame, len(frame) - 4)[0] else CHECKSUM_ERROR


def open_frame(frame: bytes) -> RawFrame:
    """The parts of a frame that is long enough."""
    code, seq, epoch = _HEAD.unpack_from(frame)
    return RawFrame(code, seq, epoch, frame[_HEAD.size : -4], frame)


class Deframer:
    """Finds frames in a stream of bytes, in any portions. Holds no more than one frame.

    `dropped` counts what was no frame; the nothing between two end bytes is not counted.
    """

    def __init__(self) -> None:
        self.dropped = 0
        self._bytes = bytearray()
        self._first_us = 0
        self._too_long = False

    @property
    def inside(self) -> bool:
        """Whether bytes wait for their end byte."""
        return bool(self._bytes) or self._too_long

    @property
    def held(self) -> int:
        """How many bytes are kept."""
        return len(self._bytes)

    def feed(self, data: bytes, now_us: int) -> list[bytes]:
        """What these bytes complete, still stuffed and unchecked, without its end byte."""
        if self.inside:
            if now_us - self._first_us > PATIENCE_US:
                self.forget()
                self.dropped += 1
        elif 1 < len(data) <= MAX_STUFFED and data.find(END) == len(data) - 1:
            return [data[:-1]]  # nearly always a host's write is one frame
        *ended, rest = data.split(END)
        found = []
        for piece in ended:
            self._keep(piece, now_us)
            if self._too_long:
                self.dropped += 1
            elif self._bytes:
                found.append(bytes(self._bytes))
            self.forget()
        self._keep(rest, now_us)
        return found

    def frames(self, data: bytes, now_us: int) -> list[RawFrame]:
        """The sound frames that these bytes complete; the others are dropped and counted."""
        sound = []
        for stuffed in self.feed(data, now_us):
            frame = unstuff(stuffed)
            if frame is None or check(frame) is not None:
                self.dropped += 1
            else:
                sound.append(open_frame(frame))
        return sound

    def forget(self) -> None:
        """Drops half a frame."""
        self._bytes.clear()
        self._too_long = False

    def _keep(self, piece: bytes, now_us: int) -> None:
        if not piece or self._too_long:
            return
        if not self._bytes:
            self._first_us = now_us
        if len(self._bytes) + len(piece) > MAX_STUFFED:
            self._too_long = True
            self._bytes.clear()
        else:
            self._bytes += piece
