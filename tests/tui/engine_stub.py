"""An engine in a test's own hands: speaks the lines of docs/engine-protocol.md over real sockets.

It says what the test wants it to say, and keeps what it is asked. For what a simulated stimulator cannot be made to do at the
right moment: silence, death, unknown output.
"""

import json
import select
import socket
import threading
from typing import Any

import pytest

from emscontrol.session.handle import EngineHandle

DEVICE = "p24@sim"


def view(state: str = "running", **changes: Any) -> dict[str, Any]:
    """A view of two channels."""
    return {
        "type": "view",
        "state": state,
        "output_unknown": False,
        "latched": "",
        "result": "",
        "reason": "",
        "phase": "work",
        "phase_index": 1,
        "phases": 1,
        "contraction": 3,
        "contractions": 12,
        "doing": "hold",
        "doing_left_us": 4_200_000,
        "at_us": 60_000_000,
        "left_us": 600_000_000,
        "channels": {
            "1": _row("rectus femoris", 18_500 if state == "running" else 0),
            "2": _row("vastus medialis", 12_000 if state == "running" else 0),
        },
        **changes,
    }


def _row(label: str, amplitude_ua: int) -> dict[str, Any]:
    figures = {"target_ua": 20_000, "cap_ua": 25_000, "pulses": 1234, "contractions": 3}
    return {"label": label, "amplitude_ua": amplitude_ua, **figures}


class StubAddress:
    """Where the screen finds the second connection."""

    pid = None
    secret = ""

    def __init__(self, far: list[socket.socket]) -> None:
        self._far = far

    def connect(self, timeout_s: float) -> socket.socket:
        near, far = socket.socketpair()
        self._far.append(far)
        return near


class EngineStub:
    """Two connections: the operator's, and the one of the direct road."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, second: bool = True) -> None:
        self._near, self._main = socket.socketpair()
        self._others: list[socket.socket] = []
        self._inbox: dict[socket.socket, bytes] = {}
        addresses = [StubAddress(self._others)] if second else []
        monkeypatch.setattr("emscontrol.tui.link.start_engine", lambda spec, name: EngineHandle(self._near))
        monkeypatch.setattr("emscontrol.tui.link.running_engines", lambda home: addresses)
        self._lock = threading.Lock()
        self._picture: dict[str, Any] | None = None
        self._ended = threading.Event()
        threading.Thread(target=self._repeat, daemon=True).start()
        self.asked: list[dict[str, Any]] = []  # on the operator's connection
        self.direct: list[dict[str, Any]] = []  # on the other

    def say(self, *lines: dict[str, Any]) -> None:
        """To everybody. A view is repeated ten times a second, as an engine does, until `hush`."""
        with self._lock:
            self._picture = next((line for line in lines if line["type"] == "view"), self._picture)
            self._send(*lines)

    def hush(self) -> None:
        """No more views."""
        with self._lock:
            self._picture = None

    def _repeat(self) -> None:
        while not self._ended.wait(0.1):
            with self._lock:
                if self._picture is not None and not self._ended.is_set():
                    self._send(self._picture)

    def _send(self, *lines: dict[str, Any]) -> None:
        for sock in (self._main, *self._others):
            sock.sendall(b"".join(json.dumps(line).encode() + b"\n" for line in lines))

    def greet(self, simulated: bool = True) -> None:
        """As an engine begins."""
        self.say({"type": "hello", "version": 1, "pid": 1, "device": DEVICE, "journal": "/j.jsonl", "simulated": simulated})

    def event(self, kind: str, severity: str, sentence: str) -> None:
        """Something happened."""
        self.say({"type": "event", "t_us": 1_000_000, "event": kind, "severity": severity, "sentence": sentence, "args": {}})

    def close_session(self, unknown: bool = False) -> None:
        """Its last line, and the end of both connections."""
        self.say(
            {"type": "closed", "result": "stopped", "reason": "stopped by operator", "journal": "/j", "output_unknown": unknown}
        )
        self.die()

    def die(self) -> None:
        """The connections end without a word."""
        self._ended.set()
        with self._lock:
            self._hang_up()

    def _hang_up(self) -> None:
        for sock in (self._main, *self._others):
            sock.close()

    def listen(self) -> None:
        """Take in what has been asked."""
        for sock, heard in ((self._main, self.asked), *((other, self.direct) for other in self._others)):
            if sock.fileno() < 0:
                continue
            while select.select([sock], [], [], 0)[0]:
                data = sock.recv(65536)
                if not data:
                    break
                *lines, self._inbox[sock] = (self._inbox.get(sock, b"") + data).split(b"\n")
                heard.extend(json.loads(line) for line in lines if line)

    def verbs(self) -> list[str]:
        """What the operator's connection has asked for, beats left out."""
        self.listen()
        return [line["do"] for line in self.asked if line["do"] != "beat"]
