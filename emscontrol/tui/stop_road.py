"""The direct road of a STOP: from the thread that reads the terminal to the engine, on a connection of its own.

Nothing on it waits: not for the screen, not for the engine, not for a lock.
"""

import contextlib
import json
import socket
import time
from typing import Final, Protocol

DIRECT: Final = "direct road"


class Spare(Protocol):
    """Another connection to the same engine, for when this one is gone."""

    def say(self, verb: str, **fields: object) -> None:
        """Send one request."""


def stop_line(cause: str) -> bytes:
    """A stop as it is sent; the line feed before it ends whatever half line may have gone before."""
    return b"\n" + json.dumps({"do": "stop", "who": "operator", "cause": cause}).encode() + b"\n"


class StopRoad:
    """At most one session at a time. `expect` before its engine is started, `open` when it listens, `close` when it is over.

    A STOP that is pressed between `expect` and `open` is kept in `pressed`, and whoever opens has to obey it.
    """

    def __init__(self) -> None:
        self._sock: socket.socket | None = None
        self._spare: Spare | None = None
        self.expecting = False
        self.pressed = ""
        self.seen = ""
        self.seen_s = 0.0

    def note(self, words: str) -> None:
        """A STOP key was read from the terminal, whether or not there is anything to stop; when, on the monotonic clock."""
        self.seen_s = time.monotonic()
        self.seen = words

    def expect(self) -> None:
        """A session is about to begin: from now on STOP counts."""
        if not self.expecting:
            self.pressed = ""
        self.expecting = True

    def open(self, sock: socket.socket | None, spare: Spare) -> None:
        """The engine listens. Without a connection of its own, stops go the spare way."""
        if sock is not None:
            sock.setblocking(False)
        self._spare = spare
        self._sock = sock

    @property
    def sock(self) -> socket.socket | None:
        """The connection, None when there is none."""
        return self._sock

    def press(self, words: str) -> bool:
        """Send a stop. True when it is on its way by this road. May be called in any thread, at any time, repeatedly."""
        if not self.expecting:
            return False
        self.pressed = self.pressed or words
        sock, spare = self._sock, self._spare
        with contextlib.suppress(OSError):
            if sock is not None:
                sock.send(stop_line(f"{words} ({DIRECT})"))
                return True
        if spare is not None:
            spare.say("stop", who="operator", cause=words)
        return False

    def drain(self) -> None:
        """Throw away what the engine tells everybody; forget the connection when it has ended."""
        sock = self._sock
        if sock is None:
            return
        try:
            while data := sock.recv(1 << 16):
                del data
        except BlockingIOError:
            return
        except OSError:
            pass
        self._sock = None
        sock.close()

    def close(self) -> None:
        """The session is over."""
        self.expecting = False
        sock, self._sock, self._spare = self._sock, None, None
        if sock is not None:
            sock.close()
