"""A terminal with a person at it: the client's standard input and error, and its controlling terminal."""

import contextlib
import fcntl
import os
import select
import struct
import sys
import termios
from collections.abc import Sequence
from threading import Thread

from tests.pty.waiting import now_us

_SHELL = """
import fcntl, os, signal, sys, termios
os.setsid()
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
ready, go = os.pipe()
job = os.fork()
if job == 0:
    os.setpgid(0, 0)
    os.close(go)
    os.read(ready, 1)
    os.execv(sys.argv[1], sys.argv[1:])
signal.signal(signal.SIGHUP, lambda *_: os.killpg(job, signal.SIGHUP))
os.setpgid(job, job)
os.tcsetpgrp(0, job)
os.close(go)
os._exit(os.waitstatus_to_exitcode(os.waitpid(job, 0)[1]) & 0xFF)
"""
_SIZE = struct.pack("HHHH", 24, 120, 0, 0)
_LOOK_S = 0.02


class Terminal:
    """A pseudo-terminal that is read all the time, as a screen is."""

    def __init__(self) -> None:
        self._master, self.slave = os.openpty()
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, _SIZE)
        self._seen = bytearray()
        self._open = True
        self._reader = Thread(target=self._read, daemon=True)
        self._reader.start()

    @staticmethod
    def launched(command: Sequence[str]) -> list[str]:
        """The command as the foreground job of a small shell, whose terminal is its standard input: only so do Ctrl+C, Ctrl+Z
        and a closed window do what they do to a person. The shell ends with the job's exit code.
        """
        return [sys.executable, "-I", "-S", "-c", _SHELL, *command]

    @property
    def text(self) -> str:
        """Everything shown so far."""
        return self._seen.decode("utf-8", "replace")

    def press(self, keys: bytes) -> int:
        """Type; when (µs)."""
        at_us = now_us()
        os.write(self._master, keys)
        return at_us

    def freeze(self) -> int:
        """Ctrl-S in an outer terminal: nothing more is taken from the program; when (µs)."""
        at_us = now_us()
        termios.tcflow(self.slave, termios.TCOOFF)
        return at_us

    def close(self) -> int:
        """Close the window; when (µs)."""
        if not self._open:
            return now_us()
        self._open = False
        self._reader.join()
        with contextlib.suppress(termios.error):
            termios.tcflow(self.slave, termios.TCOON)
        os.close(self.slave)
        at_us = now_us()
        os.close(self._master)
        return at_us

    def _read(self) -> None:
        while self._open:
            if select.select([self._master], [], [], _LOOK_S)[0]:
                with contextlib.suppress(OSError):
                    self._seen += os.read(self._master, 4096)
