"""Where a real-time simulator meets its hosts: a pseudo-terminal or a TCP port. One client at a time, one after another."""

import contextlib
import errno
import os
import socket
import sys
from typing import Final, Protocol

CHUNK: Final = 65_536
NO_CLIENT_POLL_S: Final = 0.005
"""How often a pseudo-terminal that nobody has open is looked at; the system gives no event for its opening."""


class EndpointError(OSError):
    """The port cannot be offered. The message says why and what to do."""


class Endpoint(Protocol):
    """One end of a serial line, as the server sees it. Nothing here blocks."""

    @property
    def address(self) -> str:
        """What a host opens: a path or a URL."""

    def waits_on(self) -> int | None:
        """The descriptor that becomes readable when there is something to do; None when one must look again after a while."""

    def read(self) -> bytes:
        """What the host has sent since the last call; nothing when there is no host."""

    def write(self, data: bytes) -> None:
        """Sends to the host. What there is no host or no room for is lost, as on a wire."""

    def unplug(self) -> None:
        """The port goes away under the host."""

    def replug(self) -> None:
        """The port comes back, perhaps under another address."""


class PtyEndpoint:
    """A pseudo-terminal in raw mode. After an unplug it comes back under a new name.

    Linux drops the parity bit of a pseudo-terminal, and the C library then refuses an even-parity setting that changes nothing
    else (EINVAL). So the speed is put back to 9600 whenever a host has changed it: the next setting always changes something.
    """

    def __init__(self) -> None:
        if sys.platform == "win32":
            raise EndpointError("pseudo-terminals do not exist on Windows; use --tcp 127.0.0.1:0")
        self._master: int | None = None
        self._connected = False
        self.address = ""
        self.replug()

    def waits_on(self) -> int | None:
        return self._master if self._connected else None

    def read(self) -> bytes:
        if self._master is None:
            return b""
        try:
            data = os.read(self._master, CHUNK)
        except BlockingIOError:
            self._connected = True
            self._restore_speed()
            return b""
        except OSError as error:
            if error.errno != errno.EIO:
                raise
            self._hung_up()
            return b""
        self._connected = True
        self._restore_speed()
        return data

    def write(self, data: bytes) -> None:
        if self._master is not None and self._connected:
            with contextlib.suppress(BlockingIOError):
                os.write(self._master, data)

    def unplug(self) -> None:
        if self._master is not None:
            os.close(self._master)
            self._master = None
        self._connected = False

    def replug(self) -> None:
        import tty

        try:
            master, slave = os.openpty()
        except OSError as error:
            raise EndpointError(
                error.errno, f"no pseudo-terminal to be had ({error.strerror}); use --tcp 127.0.0.1:0"
            ) from error
        self.address = os.ttyname(slave)
        tty.setraw(slave)
        os.close(slave)
        os.set_blocking(master, False)
        self._master = master
        self._restore_speed()

    def _hung_up(self) -> None:
        if self._connected and self._master is not None:
            import termios

            self._restore_speed()
            slave = os.open(self.address, os.O_RDWR | os.O_NOCTTY)
            termios.tcflush(slave, termios.TCIFLUSH)  # what the host left unread waits on its own side
            os.close(slave)
        self._connected = False

    def _restore_speed(self) -> None:
        import termios

        if self._master is None:
            return
        settings = termios.tcgetattr(self._master)
        if settings[4] != termios.B9600:
            settings[4] = settings[5] = termios.B9600
            termios.tcsetattr(self._master, termios.TCSANOW, settings)


class TcpEndpoint:
    """A TCP port; hosts open it as `socket://HOST:PORT`. Port 0 takes a free one and keeps it."""

    def __init__(self, host: str, port: int) -> None:
        self._host: Final = host
        self._port = port
        self._listener: socket.socket | None = None
        self._client: socket.socket | None = None
        self.replug()

    @property
    def address(self) -> str:
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"socket://{host}:{self._port}"

    def waits_on(self) -> int | None:
        waiting = self._client or self._listener
        return waiting.fileno() if waiting else None

    def read(self) -> bytes:
        if self._client is None and not self._accept():
            return b""
        try:
            data = self._client.recv(CHUNK) if self._client else b""
        except BlockingIOError:
            return b""
        except ConnectionError:
            data = b""
        if not data:
            self._drop_client()
        return data

    def write(self, data: bytes) -> None:
        if self._client is None:
            return
        try:
            self._client.send(data)
        except BlockingIOError:
            return
        except ConnectionError:
            self._drop_client()

    def unplug(self) -> None:
        self._drop_client()
        if self._listener:
            self._listener.close()
            self._listener = None

    def replug(self) -> None:
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        try:
            self._listener = socket.create_server((self._host, self._port), family=family)
        except OSError as error:
            why = f"cannot listen on {self._host}:{self._port}: {error.strerror or error}"
            raise EndpointError(error.errno, why) from error
        self._listener.setblocking(False)
        self._port = self._listener.getsockname()[1]

    def _accept(self) -> bool:
        if self._listener is None:
            return False
        try:
            self._client, _ = self._listener.accept()
        except BlockingIOError:
            return False
        self._client.setblocking(False)
        self._client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return True

    def _drop_client(self) -> None:
        if self._client:
            self._client.close()
            self._client = None
