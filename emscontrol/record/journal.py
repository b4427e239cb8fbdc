"""The journal of one session: each event becomes a line of a hash chain, in the order of `append`.

Formatting and chaining happen in the caller, which takes microseconds; a thread of its own brings the lines to the disk.
Trouble with the storage never raises out of `append`: the engine looks at `failure` and `lag_us` in each of its turns and
ends the session.
"""

from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from emscontrol.core.errors import StorageError
from emscontrol.core.events import Event, make
from emscontrol.record.line import CHECKPOINT_US, FIRST_PREV, LINE_MAX, SIGNED, encode
from emscontrol.record.signing import Signer
from emscontrol.record.sink import FileSink, MemorySink, Sink
from emscontrol.record.writer import Entry, Writer

QUEUE_MAX: Final = 4096  # lines; a session makes some tens a second, so the age of the oldest is what ends it, long before
VIRTUAL_WALL: Final = "2000-01-01T00:00:00.000+00:00"  # on sessions whose time is not the world's


def _virtual_wall() -> str:
    return VIRTUAL_WALL


class Journal:
    """One open journal. Make it with `create` or `in_memory`.

    `wall_clock` gives the time of day for people, ISO 8601 with offset; durations come from the monotonic times alone.
    """

    def __init__(
        self,
        sink: Sink,
        wall_clock: Callable[[], str],
        threaded: bool,
        path: Path | None = None,
        signer: Signer | None = None,
    ) -> None:
        self.path: Final = path
        self._sink = sink
        self._signer = signer
        self._writer = Writer(sink, signer) if threaded else None
        self._wall_clock = wall_clock
        self._waiting: deque[tuple[int, int]] = deque()  # number and monotonic time of lines not on the disk yet
        self._n = 0
        self._unsigned = False  # whether records follow the last signed one
        self._signed_us = 0
        self._prev = FIRST_PREV
        self._failure: StorageError | None = None
        self._closed = False

    @classmethod
    def create(
        cls,
        path: Path,
        wall_clock: Callable[[], str],
        *,
        threaded: bool = True,
        sync: bool = True,
        signer: Signer | None = None,
    ) -> "Journal":
        """Open a new journal, file mode 0600, missing folders 0700; an existing file is never touched.

        `threaded=False` writes in the caller, `sync=False` forces nothing to the disk: both for virtual time. Without a
        `signer` it is chained and not signed. Raises StorageError.
        """
        return cls(FileSink(path, sync), wall_clock, threaded, path, signer)

    @classmethod
    def in_memory(cls, wall_clock: Callable[[], str] = _virtual_wall, signer: Signer | None = None) -> "Journal":
        """A journal without a file; `lines` holds what the file would."""
        return cls(MemorySink(), wall_clock, threaded=False, signer=signer)

    @property
    def failure(self) -> StorageError | None:
        """Why the record can no longer be kept as it should, None while all is well. Once set it stays."""
        return self._failure or self._sink.failure or (self._signer.failure if self._signer else None)

    @property
    def lines(self) -> Sequence[bytes]:
        """The lines of a journal in memory, newlines included; empty for one with a file."""
        return self._sink.lines if isinstance(self._sink, MemorySink) else ()

    @property
    def last(self) -> tuple[int, str]:
        """Number and hash of the newest record: an exported copy of these two finds a later rewrite of the whole journal."""
        return self._n, self._prev

    def append(self, event: Event, mono_us: int) -> None:
        """Chain the event to the record. Never blocks on the disk (when threaded) and never raises for it."""
        if self._closed:
            self._refuse("it is closed")
            return
        signer = self._signer
        if event.kind not in SIGNED:  # where turns are far apart, as in a rehearsal above real time
            self.tend(mono_us)
        line, digest = encode(
            self._n + 1, mono_us, self._wall_clock(), event, self._prev, signer.public if signer and not self._n else ""
        )
        if len(line) > LINE_MAX:
            self._refuse(f"a record of {len(line)} bytes is longer than a line may be")
            return
        to_sign = digest if signer and event.kind in SIGNED else ""
        if self._writer is None:
            self._sink.write(signer.signed(line, to_sign) if signer else line)
            if event.row.durable:
                self._sink.sync()
        elif self._has_room():
            self._waiting.append((self._n + 1, mono_us))
            self._writer.put(Entry(self._n + 1, line, event.row.durable, to_sign))
        else:
            self._refuse(f"{QUEUE_MAX} records wait for the disk")
            return
        self._n, self._prev = self._n + 1, digest
        self._unsigned = not to_sign
        if to_sign:
            self._signed_us = mono_us

    def tend(self, now_us: int) -> None:
        """A checkpoint when records have been without a signature for a minute. Ask in each turn; costs nothing until then."""
        if self._unsigned and self._signer and not self._closed and now_us - self._signed_us >= CHECKPOINT_US:
            self.append(make("checkpoint"), now_us)

    def lag_us(self, now_us: int) -> int:
        """Age of the oldest record that is not on the disk, 0 when all are. More than T_JOURNAL ends the session."""
        if not self._waiting:
            return 0
        self._forget_synced()
        return max(0, now_us - self._waiting[0][1]) if self._waiting else 0

    def close(self, last: Sequence[Event] = (), mono_us: int = 0, timeout_s: float = 3.0) -> None:
        """Append the last events (totals, session_ended), write and sync everything, let go. May be called twice.

        `failure` tells afterwards whether the record is whole; a disk that hangs is given up after `timeout_s`.
        """
        if self._closed:
            return
        for event in last:
            self.append(event, mono_us)
        self._closed = True
        if self._writer is None:
            self._sink.close()
        elif not self._writer.close(timeout_s):
            self._refuse(f"the disk did not take the last records within {timeout_s} s")

    def _has_room(self) -> bool:
        if len(self._waiting) >= QUEUE_MAX:
            self._forget_synced()
        return len(self._waiting) < QUEUE_MAX

    def _forget_synced(self) -> None:
        synced = self._writer.synced if self._writer else self._n
        while self._waiting and self._waiting[0][0] <= synced:
            self._waiting.popleft()

    def _refuse(self, why: str) -> None:
        where = self.path or "in memory"
        self._failure = self._failure or StorageError(
            f"The journal {where} is not complete: {why}.", f"It is whole up to record {self._n}."
        )
