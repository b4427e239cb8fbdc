"""One controller a port: whoever comes second is told who was first.

The lock is one on a file of our own, so it works for every kind of port and carries the holder's name; the system drops it
when its process ends, however it ends. It keeps our own programs apart; `serial_port` keeps foreign ones out as far as the
system lets it.
"""

import hashlib
import os
import re
import sys
import time
from pathlib import Path
from typing import Final

from emscontrol.core.errors import LinkBusy, LinkError
from emscontrol.core.events import printable

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

HOLDER_MAX: Final = 200  # bytes of the holder's name that are kept
LOOKS: Final = 25
LOOK_S: Final = 0.02
_FLAGS: Final = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)


class PortLock:
    """Held from construction to `release`.

    `port` is the port or URL as given, `runtime_dir` this user's folder for run-time files (made with mode 0700), `program`
    what a second one is told. Raises LinkBusy naming program and process of the holder, LinkError when the lock cannot be made.
    """

    def __init__(self, port: str, runtime_dir: Path, program: str) -> None:
        self._path = lock_path(port, runtime_dir)
        try:
            runtime_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._fd = os.open(self._path, _FLAGS, 0o600)
        except OSError as problem:
            raise LinkError(f"The lock of {port} cannot be made: {problem}.", "Mend the rights of that folder.") from problem
        if not _try_lock(self._fd):
            holder = _holder(self._fd)
            os.close(self._fd)
            self._fd = -1
            raise LinkBusy(f"{port} is in use by {holder}.", "End that first; `emscontrol stop` stops its session.", holder)
        os.ftruncate(self._fd, 0)
        os.write(self._fd, f"{program[:HOLDER_MAX]} (process {os.getpid()})".encode())

    def release(self) -> None:
        """Let the next one in. May be called twice. The file stays: removing it would let two hold locks on two files."""
        if self._fd >= 0:
            os.ftruncate(self._fd, 0)
            os.close(self._fd)
            self._fd = -1


def lock_path(port: str, runtime_dir: Path) -> Path:
    """The lock file of a port, the same under each of the names that lead to it."""
    true_name = port if "://" in port else os.path.realpath(port)
    readable = re.sub(r"[^A-Za-z0-9]+", "-", true_name).strip("-")[-40:]
    return runtime_dir / f"port-{readable}-{hashlib.sha256(os.fsencode(true_name)).hexdigest()[:12]}.lock"


def _try_lock(fd: int) -> bool:
    try:
        if sys.platform == "win32":
            # a byte far behind the name: a locked byte cannot be read there
            os.lseek(fd, 1 << 20, os.SEEK_SET)
            msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)
            os.lseek(fd, 0, os.SEEK_SET)
        else:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _holder(fd: int) -> str:
    """Who holds it. One that has the lock since this very moment is given the time to write its name."""
    for _ in range(LOOKS):
        os.lseek(fd, 0, os.SEEK_SET)
        if told := os.read(fd, HOLDER_MAX * 4 + 40):
            return printable(told.decode("utf-8", "replace"))
        time.sleep(LOOK_S)
    return "another program"
