"""The port between a driver's bytes and whatever carries them."""

from typing import Protocol


class ByteStream(Protocol):
    """Bytes both ways. Owned by one thread. Nothing here waits longer than T_WRITE."""

    def read(self) -> bytes:
        """What has arrived, possibly nothing; never waits. Raises LinkLost when the other end hung up."""

    def write(self, data: bytes) -> None:
        """Hand over all of `data` within T_WRITE.

        Raises LinkLost when the other end hung up, LinkError when it does not take the bytes in time: a part of them may be on
        its way then, and `discard_output` drops the rest.
        """

    def discard_output(self) -> None:
        """Drop what was written and has not left this computer, so that a stop does not queue behind it. Raises LinkLost."""

    def fileno(self) -> int | None:
        """To wait on for input; None where there is nothing to wait on, and `read` must be asked in turn."""

    def close(self) -> None:
        """Let go. May be called twice, and after a hang-up; never raises."""
