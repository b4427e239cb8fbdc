"""The cable between host and simulated device, with its faults.

Works on bytes alone. The only thing it knows about the content is where a frame of the ScienceMode families ends, so that
single answers can be lost.
"""

import random
from collections import deque
from collections.abc import Iterator
from typing import Final

from firmware_sim.faults import FaultKind, FaultSchedule

MAX_WAITING: Final = 65_536
"""Bytes that may wait for a host that does not read; what does not fit is lost, as in a full driver buffer."""

MAX_UNREAD: Final = 4_096
"""Bytes that a port which is not read takes before the host's writes no longer go through."""

_STOP: Final = 0x0F
_ESCAPE: Final = 0x81


class FaultyLink:
    """Carries bytes both ways as the schedule of faults lets it. The same seed gives the same damage."""

    def __init__(self, faults: FaultSchedule, seed: int = 0) -> None:
        self._faults: Final = faults
        self._random: Final = random.Random(seed)  # noqa: S311 - damage that can be repeated, not a secret
        self._waiting: Final[deque[tuple[int, bytes]]] = deque()
        self._waiting_bytes = 0
        self._unread = bytearray()

    def to_device(self, data: bytes, now_us: int) -> bytes:
        """What of the host's bytes arrives at the device now."""
        if self._silent(FaultKind.DEAD_DOWNLINK, now_us):
            return b""
        data = self._damaged(data, now_us)
        return data * 2 if self._faults.active(FaultKind.DUPLICATE, now_us) else data

    def hold(self, data: bytes) -> int:
        """The port is not being read: keeps what fits and returns how many bytes that was."""
        room = max(0, MAX_UNREAD - len(self._unread))
        self._unread += data[:room]
        return min(room, len(data))

    def released(self) -> bytes:
        """What was held, once."""
        data = bytes(self._unread)
        self._unread.clear()
        return data

    def to_host(self, data: bytes, now_us: int) -> None:
        """The device says something; it can be fetched with `arrived` when it is due."""
        if not data:
            return
        kept = b"".join(frame for frame in _frames(data) if not self._faults.take(FaultKind.DROP_REPLY, now_us))
        if not kept or self._silent(FaultKind.DEAD_UPLINK, now_us):
            return
        kept = self._damaged(kept, now_us)[: MAX_WAITING - self._waiting_bytes]
        late = self._faults.active(FaultKind.LATE, now_us)
        ready_us = now_us + (round((late.argument or 0) * 1000) if late else 0)
        if kept:
            self._waiting.append((ready_us, kept))
            self._waiting_bytes += len(kept)

    def arrived(self, now_us: int) -> bytes:
        """What has reached the host up to now, once. What was said later never overtakes what is late."""
        parts = []
        while self._waiting and self._waiting[0][0] <= now_us:
            parts.append(self._waiting.popleft()[1])
        data = b"".join(parts)
        self._waiting_bytes -= len(data)
        return data

    def due_us(self) -> int | None:
        """When the next bytes reach the host; None when none are on their way."""
        return self._waiting[0][0] if self._waiting else None

    def cut(self) -> None:
        """Loses everything that is on its way, both ways."""
        self._waiting.clear()
        self._waiting_bytes = 0
        self._unread.clear()

    def _silent(self, one_way: FaultKind, now_us: int) -> bool:
        return any(self._faults.active(kind, now_us) for kind in (FaultKind.DEAD_LINK, one_way))

    def _damaged(self, data: bytes, now_us: int) -> bytes:
        if lose := self._faults.active(FaultKind.LOSE_BYTES, now_us):
            data = bytes(byte for byte in data if self._random.random() >= (lose.argument or 0))
        if garble := self._faults.active(FaultKind.GARBLE, now_us):
            data = bytes(
                byte ^ self._random.randint(1, 255) if self._random.random() < (garble.argument or 0) else byte for byte in data
            )
        return data


def _frames(data: bytes) -> Iterator[bytes]:
    """Cuts what the device says after each unescaped stop byte; a rest without one is the last piece."""
    start = 0
    escaped = False
    for at, byte in enumerate(data):
        if not escaped and byte == _STOP:
            yield data[start : at + 1]
            start = at + 1
        escaped = not escaped and byte == _ESCAPE
    if start < len(data):
        yield data[start:]
