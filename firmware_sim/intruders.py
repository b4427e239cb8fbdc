"""What else can be on the port: something that is no stimulator, and another program that writes to it."""

import random
from collections.abc import Callable, Mapping
from typing import Final

from firmware_sim.faults import FaultKind, FaultSchedule

NMEA: Final = b"$GPGGA,092750.000,5321.6802,N,00630.3372,W,1,8,1.03,61.7,M,55.2,M,,*76\r\n"
MODEM: Final = b"\r\nERROR\r\n"
CHATTER_US: Final = 200_000
RANDOM_BYTES: Final = 64

_ANSWERS: Final[Mapping[int, Callable[[bytes, random.Random], bytes]]] = {
    1: lambda heard, chance: b"",
    2: lambda heard, chance: MODEM,
    3: lambda heard, chance: heard,
    4: lambda heard, chance: chance.randbytes(RANDOM_BYTES),
}
"""Which stranger: what it answers to what it hears."""

_CHATTER: Final[Mapping[int, Callable[[random.Random], bytes]]] = {
    1: lambda chance: NMEA,
    2: lambda chance: b"",
    3: lambda chance: b"",
    4: lambda chance: chance.randbytes(RANDOM_BYTES),
}
"""Which stranger: what it says by itself, again and again."""


class _Periodic:
    """Something that happens every so often while a fault is in force, for the first time when it begins."""

    def __init__(self, kind: FaultKind, faults: FaultSchedule) -> None:
        self._kind: Final = kind
        self._faults: Final = faults
        self._due_us: int | None = None

    def due_us(self) -> int | None:
        """When it happens next; None while the fault is not in force."""
        return self._due_us

    def _times(self, now_us: int, pitch_us: int) -> int:
        """How many times it happens up to now."""
        if self._due_us is None:
            self._due_us = now_us
        times = max(0, (now_us - self._due_us) // pitch_us + 1)
        self._due_us += times * pitch_us
        return times


class Stranger(_Periodic):
    """Not a stimulator: a satellite receiver, a modem, an echo, random bytes."""

    def __init__(self, faults: FaultSchedule, chance: random.Random) -> None:
        super().__init__(FaultKind.STRANGER, faults)
        self._chance: Final = chance

    def hear(self, data: bytes, now_us: int) -> bytes:
        """What it answers."""
        fault = self._faults.active(self._kind, now_us)
        return _ANSWERS[int(fault.argument or 1)](data, self._chance) if fault and data else b""

    def pass_time(self, now_us: int) -> bytes:
        """What it says by itself."""
        fault = self._faults.active(self._kind, now_us)
        if fault is None:
            self._due_us = None
            return b""
        said = _CHATTER[int(fault.argument or 1)](self._chance)
        return said if self._times(now_us, CHATTER_US) else b""


class ForeignWriter(_Periodic):
    """Another program on the same port, which writes `frames` in turn."""

    def __init__(self, faults: FaultSchedule, frames: tuple[bytes, ...]) -> None:
        super().__init__(FaultKind.FOREIGN_WRITER, faults)
        self._frames: Final = frames
        self._written = 0

    def pass_time(self, now_us: int) -> bytes:
        """What it writes now."""
        fault = self._faults.active(self._kind, now_us)
        if fault is None or not self._frames:
            self._due_us = None
            return b""
        if not self._times(now_us, round((fault.argument or 1) * 1000)):
            return b""
        frame = self._frames[self._written % len(self._frames)]
        self._written += 1
        return frame
