"""A wire between a station and the server that can be cut at any step of what is said over it."""

import contextlib
import socket
import struct
import threading
from dataclasses import dataclass
from enum import Enum

ENDS_OF_A_REQUEST = b"QSXp"  # query, sync, goodbye, password: what PostgreSQL answers at once
GOODBYE = b"X"
READY = b"Z"


class Where(Enum):
    """At which moment of one request and its answer."""

    BEFORE = "the server never hears it"
    IN_THE_REQUEST = "the server hears half of it"
    BEFORE_THE_ANSWER = "the server has done it, and nobody hears that"
    IN_THE_ANSWER = "half of the answer is heard"


@dataclass
class Cut:
    """Which request, counted from the last `arm`."""

    request: int
    where: Where


class Proxy:
    """Passes PostgreSQL's messages on, request by request. `requests` counts them; `cut` is done once."""

    def __init__(self, port: int) -> None:
        self._to = port
        self._ear = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._ear.getsockname()[1]
        self.requests = 0
        self._cut: Cut | None = None
        threading.Thread(target=self._listen, daemon=True).start()

    def arm(self, cut: Cut | None) -> None:
        """Count from here, and cut there."""
        self.requests, self._cut = 0, cut

    @property
    def has_cut(self) -> bool:
        """Whether the cut that was armed has been made."""
        return self._cut is None

    def close(self) -> None:
        """Let nobody in any more."""
        self._ear.close()

    def _listen(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                station, _ = self._ear.accept()
                threading.Thread(target=self._serve, args=(station,), daemon=True).start()

    def _serve(self, station: socket.socket) -> None:
        with station, socket.create_connection(("127.0.0.1", self._to)) as server, contextlib.suppress(OSError, EOFError):
            first = True
            while True:
                request = _request(station, first)
                first = False
                if request[:1] == GOODBYE:  # nobody waits for it, so it may come when another step is counted already
                    return
                number, self.requests = self.requests, self.requests + 1
                where = self._cut.where if self._cut is not None and self._cut.request == number else None
                if where is not None:
                    self._cut = None
                if where is Where.BEFORE:
                    return
                server.sendall(request[: len(request) // 2] if where is Where.IN_THE_REQUEST else request)
                if where is Where.IN_THE_REQUEST:
                    return
                answer = _answer(server)
                if where is Where.BEFORE_THE_ANSWER:
                    return
                station.sendall(answer[: len(answer) // 2] if where is Where.IN_THE_ANSWER else answer)
                if where is not None:
                    return


def _request(station: socket.socket, first: bool) -> bytes:
    if first:  # the greeting has no letter before its length
        head = _exactly(station, 4)
        return head + _exactly(station, struct.unpack("!I", head)[0] - 4)
    whole = b""
    while True:
        message = _message(station)
        whole += message
        if message[:1] in ENDS_OF_A_REQUEST:
            return whole


def _answer(server: socket.socket) -> bytes:
    whole = b""
    while True:
        message = _message(server)
        whole += message
        if message[:1] == READY:
            return whole


def _message(end: socket.socket) -> bytes:
    head = _exactly(end, 5)
    return head + _exactly(end, struct.unpack("!I", head[1:])[0] - 4)


def _exactly(end: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        more = end.recv(count - len(data))
        if not more:
            raise EOFError
        data += more
    return data
