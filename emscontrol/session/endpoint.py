"""Where clients reach an engine: a socket in the user's own run-time folder, and a small file that says where it is.

Unix sockets where the system has them; elsewhere a loopback port and a secret that only this user can read.
"""

import contextlib
import json
import os
import secrets
import socket
from dataclasses import dataclass
from pathlib import Path

from emscontrol.core.errors import StorageError

SOCKET_PATH_MAX = 100  # bytes; systems allow 104 to 108
HAS_UNIX = hasattr(socket, "AF_UNIX")


@dataclass(frozen=True, slots=True)
class Address:
    """How to reach one engine. `host` and `port` only without unix sockets; `secret` must be in the first line then."""

    pid: int
    device: str
    path: str = ""
    host: str = ""
    port: int = 0
    secret: str = ""

    def connect(self, timeout_s: float) -> socket.socket:
        """A connected socket. Raises OSError when nobody listens."""
        client = socket.socket(socket.AF_UNIX if self.path else socket.AF_INET, socket.SOCK_STREAM)
        try:
            client.settimeout(timeout_s)
            client.connect(self.path or (self.host, self.port))
        except OSError:
            client.close()
            raise
        return client


def read_address(file: Path) -> Address | None:
    """The address in a file, or None when it is not one (any more)."""
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
        return Address(**data)
    except (OSError, ValueError, TypeError):
        return None


class Endpoint:
    """A listening socket and the file that announces it. Closing removes both."""

    def __init__(self, folder: Path, device: str, unix: bool = HAS_UNIX) -> None:
        self._file = folder / f"engine-{os.getpid()}.json"
        path = folder / f"engine-{os.getpid()}.sock"
        if unix and len(os.fsencode(path)) > SOCKET_PATH_MAX:
            raise StorageError(f"The path {path} is too long for a socket.", "Choose a shorter --home.")
        if unix:
            path.unlink(missing_ok=True)
            self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            self.listener.bind(str(path))
            self.address = Address(os.getpid(), device, path=str(path))
        else:
            self.listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            self.listener.bind(("127.0.0.1", 0))
            host, port = self.listener.getsockname()
            self.address = Address(os.getpid(), device, host=host, port=port, secret=secrets.token_hex(16))
        self.listener.listen(16)
        self.listener.setblocking(False)
        self._announce()

    def _announce(self) -> None:
        text = json.dumps({name: getattr(self.address, name) for name in Address.__slots__})
        beside = self._file.with_suffix(".new")
        fd = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(fd, "w", encoding="utf-8") as out:
            out.write(text)
        beside.replace(self._file)

    def close(self) -> None:
        """Stop listening and take the announcement away."""
        self.listener.close()
        with contextlib.suppress(OSError):
            self._file.unlink(missing_ok=True)
            if self.address.path:
                Path(self.address.path).unlink(missing_ok=True)
