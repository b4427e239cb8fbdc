"""A recorder that lies between: it passes everything on and tells what passed, and when."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from emscontrol.transport.stream import ByteStream


@dataclass(frozen=True, slots=True)
class Passed:
    """Bytes that passed: to or from the device, or dropped (`discard`, without bytes); monotonic time in µs; hex."""

    direction: Literal["to", "from", "discard"]
    t_us: int
    hex: str


class Tap:
    """A stream that tells `record` of whatever passes. Bytes are told before they are written, so a write that fails shows."""

    def __init__(self, stream: ByteStream, record: Callable[[Passed], None], clock_us: Callable[[], int]) -> None:
        self._stream = stream
        self._record = record
        self._clock_us = clock_us

    def read(self) -> bytes:
        """As the stream's."""
        data = self._stream.read()
        if data:
            self._record(Passed("from", self._clock_us(), data.hex()))
        return data

    def write(self, data: bytes) -> None:
        """As the stream's."""
        self._record(Passed("to", self._clock_us(), data.hex()))
        self._stream.write(data)

    def discard_output(self) -> None:
        """As the stream's."""
        self._record(Passed("discard", self._clock_us(), ""))
        self._stream.discard_output()

    def fileno(self) -> int | None:
        """As the stream's."""
        return self._stream.fileno()

    def close(self) -> None:
        """As the stream's."""
        self._stream.close()
