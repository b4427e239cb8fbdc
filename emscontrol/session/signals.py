"""Signals as bytes in a pipe, so that the engine's one loop sees them like everything else."""

import contextlib
import os
import signal
from collections.abc import Iterator
from types import FrameType
from typing import Final

CAUGHT: Final = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGINT", "SIGHUP", "SIGBREAK") if hasattr(signal, name))


class SignalPipe:
    """Catches the signals that ask a program to end. Make it in the main thread."""

    def __init__(self) -> None:
        self._read_fd, self._write_fd = os.pipe()
        os.set_blocking(self._read_fd, False)
        os.set_blocking(self._write_fd, False)
        for number in CAUGHT:
            signal.signal(number, _taken)
        signal.set_wakeup_fd(self._write_fd, warn_on_full_buffer=False)

    def fileno(self) -> int:
        """What to select on."""
        return self._read_fd

    def read(self) -> Iterator[tuple[int, str]]:
        """(number, name) of each signal that came."""
        data = b""
        with contextlib.suppress(BlockingIOError):
            data = os.read(self._read_fd, 64)
        for number in data:
            yield number, signal.Signals(number).name


def _taken(number: int, frame: FrameType | None) -> None:
    """The wake-up pipe has it."""
