"""The stimulator's end of the engine's loop: a real port, or a simulator in the same process. Same three verbs."""

from typing import Protocol

from emscontrol.core.errors import LinkError, LinkLost
from emscontrol.transport.stream import ByteStream


class Link(Protocol):
    """Bytes to and from one stimulator. Raises LinkLost or LinkError when the port is gone or does not take bytes."""

    def read(self, now_us: int) -> bytes:
        """What has arrived, possibly nothing; never waits."""

    def write(self, data: bytes, now_us: int, urgent: bool) -> None:
        """Send. Urgent bytes go out alone: what still waits in the port is thrown away first."""

    def fileno(self) -> int | None:
        """What to select on, or None."""

    def due_us(self) -> int | None:
        """When something may arrive without a file descriptor telling so, or None."""

    def close(self) -> None:
        """Let go of the port."""


class TimedPort(Protocol):
    """A simulated stimulator on the end of a cable in memory."""

    @property
    def closed(self) -> bool:
        """True when the cable is out."""

    def write(self, data: bytes, now_us: int) -> int:
        """How many bytes went through."""

    def discard_output(self, now_us: int) -> None:
        """Throw away what was written and has not been taken yet."""

    def read(self, now_us: int) -> bytes:
        """What has arrived by now."""

    def due_us(self) -> int | None:
        """When it will do something by itself."""


class StreamLink:
    """A serial port or socket."""

    def __init__(self, stream: ByteStream) -> None:
        self._stream = stream

    def read(self, now_us: int) -> bytes:
        """See Link."""
        return self._stream.read()

    def write(self, data: bytes, now_us: int, urgent: bool) -> None:
        """See Link."""
        if urgent:
            self._stream.discard_output()
        self._stream.write(data)

    def fileno(self) -> int | None:
        """See Link."""
        return self._stream.fileno()

    def due_us(self) -> int | None:
        """See Link."""
        return None

    def close(self) -> None:
        """See Link."""
        self._stream.close()


class TimedLink:
    """A simulator in memory, on whatever clock the runner keeps."""

    def __init__(self, port: TimedPort) -> None:
        self._port = port
        self.last_us = 0

    def read(self, now_us: int) -> bytes:
        """See Link."""
        self.last_us = now_us
        data = self._port.read(now_us)
        if not data and self._port.closed:
            raise LinkLost("The simulated cable is out.")
        return data

    def write(self, data: bytes, now_us: int, urgent: bool) -> None:
        """See Link."""
        self.last_us = now_us
        if self._port.closed:
            raise LinkLost("The simulated cable is out.")
        if urgent:
            self._port.discard_output(now_us)
        if self._port.write(data, now_us) < len(data):
            raise LinkError("The simulated stimulator does not read.", "Check it, then start again.")

    def fileno(self) -> int | None:
        """See Link."""
        return None

    def due_us(self) -> int | None:
        """See Link. Nothing comes out of a cable that is out."""
        return None if self._port.closed else self._port.due_us()

    def close(self) -> None:
        """Nothing to let go of."""
