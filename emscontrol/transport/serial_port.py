"""A serial port, or whatever pyserial can open by URL (socket://, rfc2217://, spy://, loop://), as a ByteStream."""

import errno
import os
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar

from emscontrol.core.budget import T_WRITE
from emscontrol.core.errors import LinkBusy, LinkError, LinkLost, UsageError

if TYPE_CHECKING:
    from serial import Serial

if sys.platform == "win32":
    _TTY_ERRORS: tuple[type[Exception], ...] = (OSError,)
else:
    import fcntl
    import termios

    _TTY_ERRORS = (OSError, termios.error)  # termios.error is no OSError

READ_MAX: Final = 4096
NOT_LOCAL: Final = ("socket://", "rfc2217://", "loop://")  # what has no device file to lock
NETWORK: Final = ("socket://", "rfc2217://")
SLOW_PURGE: Final = "rfc2217://"  # a purge there waits seconds for the far end to confirm it
_BUSY: Final = (errno.EBUSY, errno.EAGAIN, errno.EWOULDBLOCK)
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class PortSettings:
    """How the line is set. `parity` is N, E, O, M or S; eight data bits always."""

    baud: int
    parity: str = "N"
    stop_bits: float = 1
    rts_cts: bool = False


def open_port(url: str, settings: PortSettings) -> "SerialStream":
    """Open a port for this program alone, with nothing stale in it.

    Raises LinkBusy when another program holds it, LinkError when it cannot be opened, UsageError for a URL that makes no sense.
    """
    import serial

    _refuse_without_port(url)
    try:
        port = serial.serial_for_url(
            url,
            baudrate=settings.baud,
            parity=settings.parity,
            stopbits=settings.stop_bits,
            rtscts=settings.rts_cts,
            timeout=0,
            write_timeout=T_WRITE / 1000,
            exclusive=None if url.startswith(NOT_LOCAL) or sys.platform == "win32" else True,
        )
    except ValueError as problem:
        raise UsageError(
            f"{url} cannot be opened: {problem}.", "A port is a name such as /dev/ttyUSB0 or COM3, or a URL."
        ) from problem
    except OSError as problem:
        raise _refused(url, problem) from problem
    stream = SerialStream(url, port)
    stream.settle()
    return stream


class SerialStream:
    """An open pyserial port; see `stream.ByteStream`. Make it with `open_port`."""

    def __init__(self, url: str, port: "Serial") -> None:
        self._url = url
        self._port: Final = port
        self._fd = _fileno(port)

    def settle(self) -> None:
        """Keep other programs out, and drop what arrived before. Raises LinkLost."""
        if sys.platform != "win32" and self._is_tty():
            # pyserial's lock only stops programs that ask for one; this stops every later open but root's
            self._guarded(lambda: fcntl.ioctl(self._tty(), termios.TIOCEXCL))
        self._guarded(self._port.reset_input_buffer)

    def read(self) -> bytes:
        """What has arrived, never waiting."""
        return self._guarded(lambda: self._port.read(READ_MAX))

    def write(self, data: bytes) -> None:
        """Hand over all of it within T_WRITE."""
        from serial import SerialTimeoutException

        try:
            self._port.write(data)
        except SerialTimeoutException as problem:
            remedy = "Check the stimulator; stop it with its own switch."
            raise LinkError(f"{self._url} took no bytes for {T_WRITE} ms.", remedy) from problem
        except _TTY_ERRORS as problem:
            raise self._hung_up(problem) from problem

    def discard_output(self) -> None:
        """Drop what has not left this computer; over a network there is nothing that can be dropped in time."""
        if not self._url.startswith(SLOW_PURGE):
            self._guarded(self._port.reset_output_buffer)

    def fileno(self) -> int | None:
        """The file descriptor, None where the port has none."""
        return self._fd

    def close(self) -> None:
        """Give the last bytes T_WRITE to leave, then let go: the system would otherwise wait up to 30 s for them."""
        if not self._port.is_open:
            return
        with suppress(*_TTY_ERRORS, LinkLost, NotImplementedError, AttributeError):
            give_up = time.monotonic() + T_WRITE / 1000
            while self._port.out_waiting and time.monotonic() < give_up:
                time.sleep(0.002)
            self.discard_output()
        if sys.platform != "win32" and self._is_tty():
            with suppress(*_TTY_ERRORS):
                fcntl.ioctl(self._tty(), termios.TIOCNXCL)
        with suppress(*_TTY_ERRORS):
            self._port.close()

    def _is_tty(self) -> bool:
        return self._fd is not None and os.isatty(self._fd)

    def _tty(self) -> int:
        return -1 if self._fd is None else self._fd

    def _guarded(self, call: Callable[[], _T]) -> _T:
        """Any trouble with an open port means that the other end is gone."""
        try:
            return call()
        except _TTY_ERRORS as problem:
            raise self._hung_up(problem) from problem

    def _hung_up(self, problem: Exception) -> LinkLost:
        return LinkLost(f"{self._url} hung up: {problem}.", "Current may still flow: pull the leads off the stimulator.")


def _refuse_without_port(url: str) -> None:
    """A network address that names no port reaches nothing; what opens it would say so in words of its own."""
    scheme, found, place = url.partition("://")
    if not found or f"{scheme}://" not in NETWORK:
        return
    host, colon, number = place.partition("/")[0].partition("?")[0].rpartition(":")
    if not (host and colon and number.isascii() and number.isdecimal() and 0 < int(number[:6]) < 65_536):
        raise UsageError(
            f"{url} does not say which port.", f"Write it as {scheme}://HOST:PORT, for example {scheme}://localhost:5000."
        )


def _fileno(port: "Serial") -> int | None:
    try:
        return port.fileno()
    except (AttributeError, OSError):
        return None


def _refused(url: str, problem: OSError) -> LinkError:
    number = problem.errno
    if number in _BUSY:
        return LinkBusy(f"{url} is in use by another program.", "End that first.")
    if number == errno.ENOENT:
        return LinkError(f"There is no port {url}.", "Plug the stimulator in; `emscontrol devices` lists the ports.")
    if number in (errno.EACCES, errno.EPERM):
        return LinkError(
            f"You may not use {url}.", "On most Linux systems the group `dialout` may; ask whoever keeps this computer."
        )
    return LinkError(f"{url} cannot be opened: {problem}.", "Check cable, name and settings.")
