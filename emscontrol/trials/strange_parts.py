"""The parts of a session that a mishap of the computer can reach: port, journal, time of day, the client that is told."""

from datetime import UTC, datetime, timedelta
from typing import Final

from emscontrol.core.errors import StorageError
from emscontrol.core.events import Event
from emscontrol.record.journal import Journal
from emscontrol.record.sink import MemorySink
from emscontrol.session.links import TimedLink, TimedPort

BEGAN: Final = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
KEPT_WRITES: Final = 40  # of the first writes of a session, so many are kept for looking at the pulses in them
POLL_BYTES: Final = 24  # a write that is longer carries a set point


class PlantedError(Exception):
    """Raised by a call that a trial makes fail."""


class Tripwire:
    """Names the call that raises the next time it is made; none when empty."""

    def __init__(self) -> None:
        self.place = ""

    def pass_by(self, place: str) -> None:
        """Raises PlantedError when it is this call's turn."""
        if self.place == place:
            self.place = ""
            raise PlantedError(f"{place} fails")


class StrangeLink(TimedLink):
    """A simulator on the end of a cable, watched, with calls that may raise."""

    def __init__(self, port: TimedPort, wire: Tripwire, written: list[bytes]) -> None:
        super().__init__(port)
        self._wire = wire
        self._written = written

    def read(self, now_us: int) -> bytes:
        """See Link."""
        if self._wire.place:
            self._wire.pass_by("read")
        return super().read(now_us)

    def write(self, data: bytes, now_us: int, urgent: bool) -> None:
        """See Link."""
        if self._wire.place:
            self._wire.pass_by("write")
        if len(data) > POLL_BYTES and len(self._written) < KEPT_WRITES:
            self._written.append(data)
        super().write(data, now_us, urgent)


class StrangeSink(MemorySink):
    """Lines in memory, on a disk that may take no more."""

    def __init__(self) -> None:
        super().__init__()
        self._lost = False

    def write(self, line: bytes) -> None:
        """Keep it, unless everything is lost."""
        if not self._lost:
            self.lines.append(line)

    def fail(self, lost: bool) -> None:
        """The disk takes no more from now on; what follows goes to the reserve, or is `lost`."""
        self._lost = self._lost or lost
        self.failure = StorageError("The journal can no longer be written: planted.", "No remedy.")


class StrangeJournal(Journal):
    """A journal in memory whose disk may be behind by `behind_us`, and whose time of day may jump."""

    def __init__(self, wire: Tripwire) -> None:
        self.sink = StrangeSink()
        self.behind_us = 0
        self.jumped_us = 0
        self._wire = wire
        super().__init__(self.sink, self._time_of_day, threaded=False)

    def append(self, event: Event, mono_us: int) -> None:
        """See Journal."""
        if self._wire.place:
            self._wire.pass_by("append")
        super().append(event, mono_us)

    def lag_us(self, now_us: int) -> int:
        """See Journal."""
        return self.behind_us

    def _time_of_day(self) -> str:
        if self._wire.place:
            self._wire.pass_by("wall clock")
        if not self.jumped_us:
            return "2026-03-01T09:00:00.000+00:00"
        return (BEGAN + timedelta(microseconds=self.jumped_us)).isoformat(timespec="milliseconds")
