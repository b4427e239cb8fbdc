"""Where the lines of a journal go: a file with a reserve beside it, or memory.

The reserve is a small file that is filled before the session. When the journal can no longer be written (disk full, quota, file
size limit), the last lines go there, in place, where no new room is needed; `verify` reads both as one.
"""

import contextlib
import errno
import os
import sys
from pathlib import Path
from typing import Final, Protocol

from emscontrol.core.errors import StorageError

if sys.platform != "win32":
    import fcntl

RESERVE_BYTES: Final = 64 * 1024  # some 200 lines: a soft stop takes two seconds and writes far fewer
REST: Final = ".rest"
_NEW: Final = os.O_CREAT | os.O_EXCL | os.O_RDWR | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
_datasync: Final = getattr(os, "fdatasync", os.fsync)


class Sink(Protocol):
    """Takes whole lines. Never raises for trouble with the storage: `failure` tells, and what can be kept is kept."""

    @property
    def failure(self) -> StorageError | None:
        """The first trouble, or the worst since."""

    def write(self, line: bytes) -> None:
        """Hand one line to the operating system."""

    def sync(self) -> None:
        """Put what was written on the disk."""

    def close(self) -> None:
        """Sync and let go. May be called twice."""


class MemorySink:
    """Keeps the lines in a list, for sessions in virtual time."""

    def __init__(self) -> None:
        self.lines: Final[list[bytes]] = []
        self.failure: StorageError | None = None

    def write(self, line: bytes) -> None:
        """Keep it."""
        self.lines.append(line)

    def sync(self) -> None:
        """Memory has no disk."""

    def close(self) -> None:
        """Nothing is held."""


class FileSink:
    """A new file at `path`, mode 0600, locked while it is open.

    Raises StorageError when the file exists or it or its reserve cannot be made. With `sync` False nothing is forced to
    the disk.
    """

    def __init__(self, path: Path, sync: bool = True) -> None:
        self.path = path
        self.failure: StorageError | None = None
        self._sync = sync
        self._written = 0  # bytes of whole lines in the file that takes them now
        self._fd = -1
        self._rest = -1
        self._in_rest = False
        try:
            _make_folder(path.parent)
            self._fd = os.open(path, _NEW, 0o600)
            _lock(self._fd)
            self._rest = os.open(rest_of(path), _NEW, 0o600)
            _write_all(self._rest, bytes(RESERVE_BYTES), 0)
            if sync:
                os.fsync(self._rest)
                os.fsync(self._fd)
                _sync_folder(path.parent)
        except FileExistsError as problem:
            self._abandon()
            raise StorageError(
                f"{problem.filename} exists; a journal is never written over.", "Choose another name."
            ) from problem
        except OSError as problem:
            self._abandon()
            raise StorageError(
                f"The journal {path} cannot be opened: {problem.strerror}.", "No session without a journal."
            ) from problem

    def write(self, line: bytes) -> None:
        """Append a line; on failure cut off what was half written and go on in the reserve."""
        if self._fd < 0:
            return
        try:
            self._append(line)
        except OSError as problem:
            self._fall_back(problem)
            try:
                self._append(line)
            except OSError:
                self._lost()

    def sync(self) -> None:
        """Put the lines on the disk, and see that the file is still where it is looked for."""
        if self._fd < 0 or not self._sync:
            return
        try:
            _datasync(self._target)
            self._look()
        except OSError as problem:
            self._fall_back(problem)

    def close(self) -> None:
        """Sync, let go; the reserve is removed when it was not needed."""
        if self._fd < 0:
            return
        self.sync()
        with contextlib.suppress(OSError):  # what is left over is an empty file, which verify passes over
            os.ftruncate(self._rest, self._written if self._in_rest else 0)
        os.close(self._rest)
        os.close(self._fd)
        self._fd = -1
        if not self._in_rest:
            with contextlib.suppress(OSError):
                rest_of(self.path).unlink()

    @property
    def _target(self) -> int:
        return self._rest if self._in_rest else self._fd

    def _append(self, line: bytes) -> None:
        if self._in_rest and self._written + len(line) > RESERVE_BYTES:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        _write_all(self._target, line, self._written)
        self._written += len(line)

    def _look(self) -> None:
        """Raise OSError when the path no longer leads to the file that is written: deleted, or its folder gone."""
        path = rest_of(self.path) if self._in_rest else self.path
        if not os.path.samestat(os.stat(path), os.fstat(self._target)):
            raise OSError(errno.ENOENT, "another file has taken its place")

    def _fall_back(self, problem: OSError) -> None:
        if self._in_rest:
            self._lost()
            return
        with contextlib.suppress(OSError):  # a torn line stays then, and verify says so
            os.ftruncate(self._fd, self._written)
        self._in_rest, self._written = True, 0
        self.failure = StorageError(
            f"The journal {self.path} can no longer be written: {problem.strerror}.",
            f"What follows is kept in {rest_of(self.path).name} beside it, which was reserved for this.",
        )
        try:
            self._look()
        except OSError:
            self._lost()

    def _lost(self) -> None:
        self.failure = StorageError(
            f"The journal {self.path} can no longer be written, and neither can its reserve.",
            "The records up to this point are kept; what follows is lost.",
        )

    def _abandon(self) -> None:
        for fd, path in ((self._fd, self.path), (self._rest, rest_of(self.path))):
            if fd >= 0:
                os.close(fd)
                with contextlib.suppress(OSError):
                    path.unlink()
        self._fd = self._rest = -1


def rest_of(path: Path) -> Path:
    """Where the last lines of this journal are when the journal itself could no longer take them."""
    return path.with_name(path.name + REST)


def is_being_written(path: Path) -> bool:
    """True while a running session holds this journal. Always False on Windows, where it cannot be asked."""
    if sys.platform == "win32" or not path.is_file():  # asked before opening: a pipe would wait for ever, a port would react
        return False
    with contextlib.suppress(OSError):
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        try:
            fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(fd)
    return False


def _write_all(fd: int, data: bytes, at: int) -> None:
    """Write all of `data` at an offset. A short write without an error is tried on, which brings the error to light."""
    os.lseek(fd, at, os.SEEK_SET)
    view = memoryview(data)
    while view:
        written = os.write(fd, view)
        if written == 0:
            raise OSError(errno.EIO, "nothing more was taken")
        view = view[written:]


def _make_folder(folder: Path) -> None:
    """Make the folders that are missing, for this user alone; one that exists keeps its rights."""
    if not folder.is_dir():
        _make_folder(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)


def _lock(fd: int) -> None:
    if sys.platform != "win32":
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _sync_folder(folder: Path) -> None:
    """Put the new file's name on the disk; Windows and some network file systems cannot, and need not."""
    with contextlib.suppress(OSError):
        fd = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)
