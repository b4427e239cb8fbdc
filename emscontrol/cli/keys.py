"""Single keys from a terminal: anything that can mean stop, means stop."""

import contextlib
import os
import select
import sys
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Final

STOP_KEYS: Final[Mapping[str, tuple[bytes, ...]]] = {
    "Space": (b" ",),
    "F12": (b"\x1b",),
    "Esc": (b"\x1b",),
    "S": (b"s", b"S"),
    "Q": (b"q", b"Q"),
    "Ctrl+C": (b"\x03",),
    "Ctrl+Q": (b"\x11",),
    "Ctrl+Z": (b"\x1a",),
}
"""The keys that stop, and the bytes that mean them. Keys that terminals spell as a sequence begin with an escape byte, which
stops: F12, and any other of them.
"""
STOP_BYTES: Final = frozenset(byte for spelt in STOP_KEYS.values() for byte in spelt)


class RawKeys:
    """Reads keys without Enter while it is open. Does nothing where standard input is no terminal."""

    def __init__(self) -> None:
        self._fd: int | None = None
        self._gone = False
        self._before: Any = None
        self._typed = b""

    def __enter__(self) -> "RawKeys":
        if os.name == "posix" and sys.stdin.isatty():
            import termios
            import tty

            self._fd = sys.stdin.fileno()
            self._before = termios.tcgetattr(self._fd)
            tty.setcbreak(self._fd, termios.TCSANOW)  # the usual TCSAFLUSH would throw away a stop that was pressed before
            _take_control_keys(self._fd)
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        if self._fd is not None and self._before is not None:
            import termios

            with contextlib.suppress(termios.error):
                termios.tcsetattr(self._fd, termios.TCSANOW, self._before)  # to wait for a frozen terminal could take for ever

    def stop_pressed(self) -> bool:
        """True when a key that means stop is waiting, and once when the terminal is gone. Never waits."""
        if self._fd is None or self._gone or not select.select([self._fd], [], [], 0)[0]:
            return False
        try:
            data = os.read(self._fd, 4096)
        except OSError:
            data = b""
        self._gone = not data
        self._typed += data
        return self._gone or any(key in data for key in STOP_BYTES)

    def typed(self) -> str:
        """What was typed up to the last look at the stop keys, and not taken yet."""
        taken, self._typed = self._typed, b""
        return taken.decode("ascii", "ignore")


def _take_control_keys(fd: int) -> None:
    """Ctrl+Z and Ctrl+Q come as keys: a terminal would suspend the program with one, and keep the other for itself.

    Ctrl+C stays a signal, which comes through however busy the program is.
    """
    import termios

    settings = termios.tcgetattr(fd)
    settings[0] &= ~termios.IXON
    settings[6][termios.VSUSP] = bytes([os.fpathconf(fd, "PC_VDISABLE")])
    termios.tcsetattr(fd, termios.TCSANOW, settings)
