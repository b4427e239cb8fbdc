"""The thread that signs lines and brings them to the disk, so that neither delays the engine."""

import time
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Final, NamedTuple

from emscontrol.core.errors import StorageError
from emscontrol.record.signing import Signer
from emscontrol.record.sink import Sink

# a quarter of T_JOURNAL: a record that is older than that budget means a disk in trouble, not the usual rhythm
SYNC_EVERY_S: Final = 0.25


class Entry(NamedTuple):
    """One line on its way to the disk. `durable` asks for a sync as soon as the queue is empty, `digest` for a signature."""

    n: int
    line: bytes
    durable: bool
    digest: str = ""


class Writer:
    """Owns the sink from the first line to the last. `synced` is the number of the newest record on the disk."""

    def __init__(self, sink: Sink, signer: Signer | None = None) -> None:
        self.synced = 0
        self._sink = sink
        self._signer = signer
        self._queue: SimpleQueue[Entry | None] = SimpleQueue()
        # a daemon: a disk that hangs must not keep the process, and with it the port, alive
        self._thread = Thread(target=self._run, name="journal", daemon=True)
        self._thread.start()

    @property
    def failure(self) -> StorageError | None:
        """What the sink says, else why nothing can be signed."""
        return self._sink.failure or (self._signer.failure if self._signer else None)

    def put(self, entry: Entry) -> None:
        """Hand over one line; returns at once."""
        self._queue.put(entry)

    def close(self, timeout_s: float) -> bool:
        """Write what is queued, sync, end the thread. False when the disk took longer than the time-out."""
        self._queue.put(None)
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        if self._signer is not None:
            self._signer.ready()
        while self._batch():
            pass
        self._sink.close()

    def _batch(self) -> bool:
        """Write lines until a sync is due, then sync. False when the journal is to be closed."""
        entry = self._queue.get()
        due = time.monotonic() + SYNC_EVERY_S
        newest, urgent = self.synced, False
        while entry is not None:
            self._sink.write(entry.line if self._signer is None else self._signer.signed(entry.line, entry.digest))
            newest, urgent = entry.n, urgent or entry.durable
            if (urgent and self._queue.empty()) or (wait := due - time.monotonic()) <= 0:
                break
            try:
                entry = self._queue.get(timeout=wait)
            except Empty:
                break
        self._sink.sync()
        self.synced = newest
        return entry is not None
