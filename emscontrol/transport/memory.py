"""Two streams joined in memory, for sessions in virtual time and for tests."""

from collections.abc import Callable
from typing import Final

from emscontrol.core.errors import LinkError, LinkLost

CAPACITY: Final = 19_000  # bytes until a reader that has stopped is felt; what a pseudo-terminal holds


class MemoryStream:
    """One end of a pair; make both with `pair`."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._arrived = bytearray()
        self._peer = self
        self._hung_up = False
        self.passing: Callable[[bytes], bytes] | None = None  # may drop, repeat or garble what this end writes

    def read(self) -> bytes:
        """What has arrived. Raises LinkLost once the other end is closed and everything before that was read."""
        data = bytes(self._arrived)
        self._arrived.clear()
        if not data and self._hung_up:
            raise LinkLost("The other end hung up.", "Current may still flow: pull the leads off the stimulator.")
        return data

    def write(self, data: bytes) -> None:
        """Deliver at once. Raises LinkLost, or LinkError when the other end has stopped reading: what fits is delivered."""
        if self._hung_up:
            raise LinkLost("The other end hung up.", "Current may still flow: pull the leads off the stimulator.")
        data = self.passing(data) if self.passing else data
        room = self._capacity - len(self._peer._arrived)
        self._peer._arrived += data[: max(0, room)]
        if len(data) > room:
            raise LinkError("The stimulator takes no more bytes.", "Check it, and stop it with its own switch.")

    def discard_output(self) -> None:
        """Drop what the other end has not read yet."""
        self._peer._arrived.clear()

    def fileno(self) -> None:
        """There is nothing to wait on."""

    def close(self) -> None:
        """Hang up: both ends are lost."""
        self._hung_up = self._peer._hung_up = True

    def join(self, peer: "MemoryStream") -> None:
        """Make `peer` the other end."""
        self._peer, peer._peer = peer, self


def pair(capacity: int = CAPACITY) -> tuple[MemoryStream, MemoryStream]:
    """Two joined ends. Each holds at most `capacity` bytes that were not read."""
    host, device = MemoryStream(capacity), MemoryStream(capacity)
    host.join(device)
    return host, device
