"""A second client that only watches: what the engine tells, and when it arrived."""

import contextlib
import json
import socket
from itertools import pairwise
from threading import Event, Thread
from typing import Any

from emscontrol.session.endpoint import Address
from tests.pty.waiting import LIMIT_S, now_us

FEEL_S = 0.01


class Watcher:
    """Listens from now on until the engine hangs up."""

    def __init__(self, engine: Address) -> None:
        self._socket = engine.connect(LIMIT_S)
        self.heard: list[tuple[int, dict[str, Any]]] = []
        self._gone = Event()
        self._still_us = 0
        self._threads = [Thread(target=work, daemon=True) for work in (self._listen, self._feel)]
        for thread in self._threads:
            thread.start()

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

    def starved_ms(self) -> float:
        """How much longer than it wanted this process was left standing at the most, by the computer and not by the engine."""
        return self._still_us / 1_000

    def say(self, verb: str) -> int:
        """Ask for something; when (µs)."""
        at_us = now_us()
        self._socket.sendall(json.dumps({"do": verb}).encode() + b"\n")
        return at_us

    def close(self) -> None:
        """Hang up."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._gone.set()
        for thread in self._threads:
            thread.join()
        self._socket.close()

    def _feel(self) -> None:
        before_us = now_us()
        while not self._gone.wait(FEEL_S):
            at_us = now_us()
            self._still_us = max(self._still_us, at_us - before_us - round(FEEL_S * 1e6))
            before_us = at_us

    def _listen(self) -> None:
        rest = b""
        self._socket.settimeout(None)
        with contextlib.suppress(OSError):
            while data := self._socket.recv(1 << 16):
                at_us = now_us()
                *lines, rest = (rest + data).split(b"\n")
                self.heard += [(at_us, json.loads(line)) for line in lines if line]
