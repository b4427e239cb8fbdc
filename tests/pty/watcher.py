"""A second client that only watches: what the engine tells, and when it arrived."""

import contextlib
import json
import socket
from itertools import pairwise
from threading import Thread
from typing import Any

from emscontrol.session.endpoint import Address
from tests.pty.waiting import LIMIT_S, now_us


class Watcher:
    """Listens from now on until the engine hangs up."""

    def __init__(self, engine: Address) -> None:
        self._socket = engine.connect(LIMIT_S)
        self.heard: list[tuple[int, dict[str, Any]]] = []
        self._thread = Thread(target=self._listen, daemon=True)
        self._thread.start()

    def first(self, kind: str) -> int | None:
        """When the first event of this kind arrived (µs)."""
        return next((at_us for at_us, m in list(self.heard) if m.get("event") == kind), None)

    def first_unknown(self) -> int | None:
        """When a view said for the first time that current may be flowing although none is wanted (µs)."""
        return next((at_us for at_us, m in list(self.heard) if m["type"] == "view" and m["output_unknown"]), None)

    def longest_gap_ms(self) -> float:
        """The longest time without a word of the engine's loop, which shows a view ten times a second."""
        times = [at_us for at_us, _ in list(self.heard)]
        return max(b - a for a, b in pairwise(times)) / 1_000

    def say(self, verb: str) -> int:
        """Ask for something; when (µs)."""
        at_us = now_us()
        self._socket.sendall(json.dumps({"do": verb}).encode() + b"\n")
        return at_us

    def close(self) -> None:
        """Hang up."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._socket.close()

    def _listen(self) -> None:
        rest = b""
        self._socket.settimeout(None)
        with contextlib.suppress(OSError):
            while data := self._socket.recv(1 << 16):
                at_us = now_us()
                *lines, rest = (rest + data).split(b"\n")
                self.heard += [(at_us, json.loads(line)) for line in lines if line]
