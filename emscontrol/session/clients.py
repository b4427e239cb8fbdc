"""The clients of one engine: who is connected, who operates, whose lease runs. Never waits for any of them."""

import contextlib
import os
import socket
import struct
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

from emscontrol.core import budget
from emscontrol.core.units import US_PER_MS
from emscontrol.session.endpoint import Endpoint
from emscontrol.session.messages import LINE_MAX

BACKLOG_MAX: Final = 1 << 20  # a client that lets so many bytes wait is cut off
VIEW_BACKLOG_MAX: Final = 32 * 1024  # with so many waiting, pictures are left out
CLIENTS_MAX: Final = 16


@dataclass(slots=True)
class Client:
    """One connection."""

    sock: socket.socket
    name: str = "a client"
    operator: bool = False
    admitted: bool = False
    greeted: bool = False
    seen_us: int = 0
    inbox: bytearray = field(default_factory=bytearray)
    outbox: bytearray = field(default_factory=bytearray)

    def queue(self, line: bytes) -> None:
        """To be sent as soon as the client takes it."""
        self.outbox += line

    def flush(self) -> bool:
        """Send what goes now. False when the client is gone or hopelessly behind."""
        try:
            if self.outbox:
                sent = self.sock.send(self.outbox)
                del self.outbox[:sent]
        except BlockingIOError:
            pass
        except OSError:
            return False
        return len(self.outbox) <= BACKLOG_MAX

    def lines(self) -> Iterator[bytes] | None:
        """Whole lines that have arrived; None when the client is gone or sends a line without end."""
        try:
            data = self.sock.recv(65536)
        except BlockingIOError:
            return iter(())
        except OSError:
            return None
        if not data:
            last, self.inbox = bytes(self.inbox), bytearray()
            return iter((last,)) if last.strip() else None
        self.inbox += data
        *whole, rest = bytes(self.inbox).split(b"\n")
        self.inbox = bytearray(rest)
        return iter(whole) if len(rest) <= LINE_MAX else None


class Clients:
    """All connections of one engine. The first that says hello as operator operates; nobody else can, until it has gone."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self.all: dict[int, Client] = {}

    @property
    def operator(self) -> Client | None:
        """The client whose lease counts."""
        return next((c for c in self.all.values() if c.operator), None)

    def accept(self, now_us: int) -> Client | None:
        """Take a new connection, if there is one and it is this user's."""
        try:
            sock, _ = self._endpoint.listener.accept()
        except OSError:
            return None
        sock.setblocking(False)
        if not _of_this_user(sock):
            sock.close()
            return None
        client = Client(sock, admitted=not self._endpoint.address.secret, seen_us=now_us)
        self.all[sock.fileno()] = client
        return client

    def superfluous(self) -> Client | None:
        """Who must go before a newcomer is taken: a newcomer may want to stop. Never the operator; silent ones first."""
        if len(self.all) < CLIENTS_MAX:
            return None
        others = (client for client in self.all.values() if not client.operator)
        return min(others, key=lambda client: (client.greeted, client.seen_us), default=None)

    def drop(self, client: Client) -> None:
        """Forget a connection."""
        self.all = {fd: c for fd, c in self.all.items() if c is not client}
        with contextlib.suppress(OSError):
            client.sock.close()

    def tell(self, line: bytes) -> None:
        """Queue a line for everybody."""
        for client in self.all.values():
            if client.admitted:
                client.queue(line)

    def show(self, line: Callable[[], bytes]) -> None:
        """Queue a picture for those who keep up."""
        ready = [c for c in self.all.values() if c.admitted and len(c.outbox) < VIEW_BACKLOG_MAX]
        if ready:
            made = line()
            for client in ready:
                client.queue(made)

    def overdue(self, now_us: int) -> Client | None:
        """The operator, when its lease has run out."""
        operator = self.operator
        if operator is not None and now_us - operator.seen_us > budget.T_UI_LEASE * US_PER_MS:
            return operator
        return None

    def secret_fits(self, secret: object) -> bool:
        """True when no secret is needed or this is it."""
        wanted = self._endpoint.address.secret
        return not wanted or secret == wanted

    def close(self, wait_s: float) -> None:
        """Let everybody go, after at most `wait_s` for each to take its last lines."""
        for client in list(self.all.values()):
            with contextlib.suppress(OSError):
                client.sock.settimeout(wait_s)
                client.sock.sendall(client.outbox)
            self.drop(client)


def _of_this_user(sock: socket.socket) -> bool:
    """False when the system knows that another user is on the other end; root, who can stop anything anyway, may.

    Where it cannot be asked, the folder's mode (unix sockets) or the secret (loopback) keeps others out.
    """
    if sys.platform != "linux" or sock.family != socket.AF_UNIX:
        return True
    _, uid, _ = struct.unpack("3i", sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i")))
    return uid in (os.getuid(), 0)
