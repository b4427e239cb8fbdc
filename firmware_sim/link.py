"""The cable between host and simulated device, with its faults, and what else can be found on it."""

import random
from typing import Final

from firmware_sim.faults import FaultKind, FaultSchedule
from firmware_sim.frames import SCIENCEMODE, FrameCutter
from firmware_sim.intruders import ForeignWriter, Stranger
from firmware_sim.lane import DOWN, MAX_WAITING, UP, Lane

__all__ = ["MAX_UNREAD", "MAX_WAITING", "FaultyLink"]

MAX_UNREAD: Final = 4_096
"""Bytes that a port which is not read, or slowly, takes before the host's writes no longer go through."""


class FaultyLink:
    """Carries bytes both ways as the schedule of faults lets it. The same seed gives the same damage.

    `foreign` are the frames that another program on the same port would write.
    """

    def __init__(
        self, faults: FaultSchedule, seed: int = 0, frames: FrameCutter = SCIENCEMODE, foreign: tuple[bytes, ...] = ()
    ) -> None:
        chance = random.Random(seed)  # noqa: S311 - damage that can be repeated, not a secret
        self._faults: Final = faults
        self._frames: Final = frames
        self._down: Final = Lane(DOWN, faults, frames, chance)
        self._up: Final = Lane(UP, faults, frames, chance)
        self._stranger: Final = Stranger(faults, chance)
        self._foreign: Final = ForeignWriter(faults, foreign)
        self._unread = bytearray()

    def to_device(self, data: bytes, now_us: int) -> None:
        """The host says something; `for_device` gives it out when it has arrived."""
        if answer := self._stranger.hear(data, now_us):
            self._up.insert(answer, now_us)
        if not self._severed(now_us):
            self._down.put(data, now_us)

    def remember(self, data: bytes) -> None:
        """The host has said something to a device that hears at once; a replay may want it later."""
        self._down.remember(data)

    def for_device(self, now_us: int) -> bytes:
        """What of the host's bytes has reached the device up to now, once."""
        return self._down.take(now_us)

    def to_host(self, data: bytes, now_us: int) -> None:
        """The device says something; it can be fetched with `arrived` when it is due."""
        if data and not (self._faults.planned and self._severed(now_us)):
            self._up.put(data, now_us)

    def arrived(self, now_us: int) -> bytes:
        """What has reached the host up to now, once."""
        return self._up.take(now_us)

    def pass_time(self, now_us: int) -> None:
        """Does what is due by itself. Needed only while faults are planned."""
        self._down.pass_time(now_us)
        self._up.pass_time(now_us)
        self._up.insert(self._stranger.pass_time(now_us), now_us)
        self._down.insert(self._foreign.pass_time(now_us), now_us)
        if starts := self._faults.take(FaultKind.START_BYTES, now_us):
            flood = bytes((self._frames.start,)) * int(starts.argument or 0)
            self._down.insert(flood, now_us)
            self._up.insert(flood, now_us)

    @property
    def is_idle(self) -> bool:
        """True when `pass_time` has nothing to do, and nothing to do later, while no fault is in force."""
        held_back = self._unread or self._down.waiting_bytes
        return not held_back and self._down.is_idle and self._up.is_idle

    def own_due_us(self) -> int | None:
        """When something happens on the cable by itself that the device can notice."""
        times = (self._down.due_us(), self._stranger.due_us(), self._foreign.due_us())
        return min((time for time in times if time is not None), default=None)

    def due_us(self) -> int | None:
        """When the next bytes reach the host; None when none are on their way."""
        return self._up.due_us()

    def room(self, now_us: int) -> int | None:
        """How many bytes the host can still write while the port is read slowly; None = any number."""
        if self._faults.active(FaultKind.SLOW_READER, now_us) is None:
            return None
        return max(0, MAX_UNREAD - self._down.waiting_bytes)

    def unread(self, now_us: int) -> int:
        """How many of the host's bytes the port has not taken from it yet."""
        slow = self._faults.active(FaultKind.SLOW_READER, now_us) is not None
        return len(self._unread) + (self._down.waiting_bytes if slow else 0)

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

    def discard_unread(self, now_us: int) -> None:
        """The host throws away what it has written and nobody has read yet."""
        self._unread.clear()
        if self.room(now_us) is not None:
            self._down.discard()

    def speak(self, data: bytes, now_us: int) -> None:
        """Bytes reach the host that are no answer of the device's firmware, such as the text of a boot loader."""
        self._up.insert(data, now_us)

    def cut(self) -> None:
        """Loses everything that is on its way, both ways."""
        self._down.lose_all()
        self._up.lose_all()
        self._unread.clear()

    def _severed(self, now_us: int) -> bool:
        return self._down.severed(now_us) is not None or self._up.severed(now_us) is not None
