"""What is between the host and the stimulator: a cable that can be cramped and listened to, or something else altogether."""

import contextlib
import os
import select
import termios
import tty
from collections.abc import Callable
from threading import Lock, Thread

from tests.pty.waiting import now_us

_LOOK_S = 0.02
_CHUNK = 4096
Answer = Callable[[bytes], bytes]


class Cable:
    """A pseudo-terminal for the host. What the host sends is kept with its time, then passed on: to the pseudo-terminal of a
    simulator, or to `answer`, which says what comes back.

    `first` is said as soon as the host has said something (a board that resets when its port is opened prints its boot text
    then); `chatter` is said every 20 ms.
    """

    def __init__(self, device: str = "", answer: Answer | None = None, first: bytes = b"", chatter: bytes = b"") -> None:
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        self.address = os.ttyname(self._slave)
        self._device = os.open(device, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK) if device else None
        if self._device is not None:
            tty.setraw(self._device)
        self._answer = answer
        self._first = first
        self._chatter = chatter
        self._heard: list[tuple[int, bytes]] = []
        self._lock = Lock()
        self._open = True
        self._thread = Thread(target=self._carry, daemon=True)
        self._thread.start()

    def heard(self, since_us: int = 0) -> bytes:
        """What the host has sent since then."""
        with self._lock:
            return b"".join(data for at_us, data in self._heard if at_us >= since_us)

    def cramp(self) -> int:
        """From now on the port takes nothing more from the host, and the host's writes wait; when (µs)."""
        at_us = now_us()
        termios.tcflow(self._slave, termios.TCOOFF)
        return at_us

    def close(self) -> None:
        """Pull it."""
        if not self._open:
            return
        self._open = False
        self._thread.join()
        for fd in (self._master, self._slave, self._device):
            if fd is not None:
                os.close(fd)

    def _carry(self) -> None:
        ends = [fd for fd in (self._master, self._device) if fd is not None]
        while self._open:
            for end in select.select(ends, [], [], _LOOK_S)[0]:
                with contextlib.suppress(OSError):
                    self._pass_on(end, os.read(end, _CHUNK))
            if self._chatter:
                self._say(self._chatter)

    def _pass_on(self, end: int, data: bytes) -> None:
        if end != self._master:
            self._say(data)
            return
        with self._lock:
            self._heard.append((now_us(), data))
        if self._first:
            self._say(self._first)
            self._first = b""
        if self._device is not None:
            os.write(self._device, data)
        elif self._answer is not None:
            self._say(self._answer(data))

    def _say(self, data: bytes) -> None:
        if data and select.select([], [self._master], [], 0)[1]:
            os.write(self._master, data)
