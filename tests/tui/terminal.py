"""A real pseudo-terminal with the session screen in it, read back through a terminal emulator in memory."""

import contextlib
import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Callable
from pathlib import Path

import pyte

from emscontrol.tui.seen_state import SEEN_S

ROOT = Path(__file__).parent.parent.parent
POLL_S = 0.02
WHOLE_S = 0.5


class Terminal:
    """One program on one pseudo-terminal. `read` False leaves its output where it is, as a terminal that hangs does."""

    def __init__(
        self, arguments: list[str], columns: int = 80, rows: int = 24, environment: dict[str, str] | None = None
    ) -> None:
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self.output = bytearray()
        self._told: tuple[int, str] | None = None  # what stood there after so many bytes: to put it together is dear
        self.reading = True
        self.pid, self.fd = pty.fork()
        if self.pid == 0:  # pragma: no cover -- the child
            os.chdir(ROOT)
            os.environ.update({"TERM": "xterm-256color", "COLUMNS": "", "LINES": "", **(environment or {})})
            os.environ.pop("COLUMNS")
            os.environ.pop("LINES")
            os.execv(sys.executable, [sys.executable, *arguments])
        os.set_blocking(self.fd, False)
        self.resize(columns, rows)

    def resize(self, columns: int, rows: int) -> None:
        """Another size, as when a window is dragged."""
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self._screen.resize(rows, columns)
        self._told = None

    def type(self, data: bytes) -> None:
        """Bytes of the keyboard."""
        while data:
            try:
                data = data[os.write(self.fd, data) :]
            except BlockingIOError:
                time.sleep(POLL_S)

    def pump(self, wait_s: float = 0.0) -> None:
        """Take what the program has written."""
        if not self.reading or not select.select([self.fd], [], [], wait_s)[0]:
            return
        with contextlib.suppress(OSError):
            data = os.read(self.fd, 1 << 16)
            self.output += data
            self._stream.feed(data.replace(b"\x1b[<u", b"").replace(b"\x1b[>25u", b""))

    @property
    def text(self) -> str:
        """What stands on the screen."""
        if self._told is None or self._told[0] != len(self.output):
            self._told = (len(self.output), "\n".join(self._screen.display))
        return self._told[1]

    def wait(self, condition: Callable[[], bool], within_s: float = 15.0) -> None:
        """Until the condition holds; fails with the picture of the screen."""
        end_s = time.monotonic() + within_s
        while not condition():
            self.pump(POLL_S)
            if time.monotonic() > end_s:
                raise AssertionError(f"not within {within_s} s:\n{self.text}")
        self._take_the_whole_picture()

    def _take_the_whole_picture(self) -> None:
        """A picture comes in pieces: what the rest of it says is read too before somebody judges it."""
        end_s = time.monotonic() + WHOLE_S
        known = -1
        while known < len(self.output) and time.monotonic() < end_s:
            known = len(self.output)
            self.pump(POLL_S)

    def wait_for(self, words: str, within_s: float = 15.0) -> None:
        """Until these words stand on the screen."""
        self.wait(lambda: words in self.text, within_s)

    def look(self) -> None:
        """As long as somebody looks before the next key that changes the state; an earlier one does not count."""
        end_s = time.monotonic() + SEEN_S + 0.3
        while time.monotonic() < end_s:
            self.pump(POLL_S)

    def wait_for_exit(self, within_s: float = 10.0) -> int:
        """Until the program ends; its exit status."""
        end_s = time.monotonic() + within_s
        while time.monotonic() < end_s:
            self.pump(POLL_S)
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.pid = 0
                self._read_the_rest()
                return os.waitstatus_to_exitcode(status)
        raise AssertionError(f"still running:\n{self.text}")

    def _read_the_rest(self) -> None:
        """What a program wrote last is still in its terminal when the program is gone."""
        known = -1
        while known < len(self.output):
            known = len(self.output)
            self.pump()

    def hang_up(self) -> None:
        """The window is closed: nobody reads any more, and the program is told by its terminal."""
        os.close(self.fd)
        self.fd = -1
        self.reading = False

    def close(self) -> None:
        """End it."""
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
            self.pid = 0
        if self.fd >= 0:
            os.close(self.fd)
