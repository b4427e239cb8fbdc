"""pyserial's `Serial` for `ems-sim://` URLs: what a program opens, reads and writes, with a simulator at the other end.

Settings of the line (speed, parity, handshake) are kept and change nothing: a simulated line has no speed.
"""

import errno
import io
import sys
from typing import TYPE_CHECKING, Any

from serial import PortNotOpenError, SerialBase, SerialException, SerialTimeoutException
from serial.serialutil import to_bytes  # type: ignore[attr-defined]  # missing from the published types

from firmware_sim.serial_urls.address import AddressError, parse_address
from firmware_sim.serial_urls.live import Busy, LiveSimulator
from firmware_sim.serial_urls.outlets import find, unplug_from
from firmware_sim.server import clock_us

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


class Serial(SerialBase):
    """A serial port with a simulated stimulator at its other end; one thread may read while another writes.

    Without `name=` in the URL the device is switched on by `open` and off by `close`; with a name it goes on, as a real one.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._live: LiveSimulator | None = None
        self._hang_ups = 0
        self._stop_reading = False
        self._stop_writing = False
        super().__init__(*args, **kwargs)

    def open(self) -> None:
        """Finds or switches on the simulator. Raises SerialException with what is wrong in the URL, or who has the port."""
        if self.is_open:
            raise SerialException("Port is already open.")
        if self.port is None:
            raise SerialException("Port must be configured before it can be used.")
        try:
            live = find(parse_address(self.port))
            live.connect(f"a port of this process ({self.port})", clock_us())
        except AddressError as error:
            raise SerialException(f"could not open port {error}") from None
        except Busy as error:
            raise SerialException(errno.EBUSY, f"could not open port {self.port}: {error} has it; one at a time") from None
        if live.closed:
            unplug_from(live)
            raise SerialException(errno.ENOENT, f"could not open port {self.port}: it is unplugged")
        self._live = live
        self._hang_ups = live.hang_ups
        self._stop_reading = self._stop_writing = False
        self.is_open = True

    def close(self) -> None:
        """Hangs up; a thread that is reading returns with what it has."""
        live = self._live
        if live is not None:
            with live.changed:
                self._live = None
                self.is_open = False
            unplug_from(live)

    def __del__(self) -> None:
        """A port that is forgotten closes; not while Python ends, when a thread may have died with the lock in its hands."""
        if not sys.is_finalizing():
            self.close()

    @property
    def in_waiting(self) -> int:
        """How many bytes can be read at once."""
        return self._plugged().waiting(clock_us())

    @property
    def out_waiting(self) -> int:
        """How many written bytes the device has not taken; more than 0 only while it is deaf."""
        return self._plugged().unsent(clock_us())

    def read(self, size: int = 1, /) -> bytes:
        """Up to `size` bytes; fewer when `timeout` or, after a byte, `inter_byte_timeout` (s) is over, or on `cancel_read`."""
        live = self._plugged()
        data = bytearray()
        begun_us = quiet_us = clock_us()
        with live.changed:
            while len(data) < size and self.is_open and not self._stop_reading:
                self._plugged()
                now_us = clock_us()
                if some := live.read(now_us, size - len(data)):
                    data += some
                    quiet_us = now_us
                    continue
                end_us = _earlier(_after(begun_us, self.timeout), _after(quiet_us, self.inter_byte_timeout) if data else None)
                if end_us is not None and now_us >= end_us:
                    break
                live.wait(now_us, end_us)
            self._stop_reading = False
        return bytes(data)

    def write(self, b: "ReadableBuffer", /) -> int:
        """Sends and returns how many bytes went. Raises SerialTimeoutException when `write_timeout` (s) is over.

        It waits only for a device that has stopped reading its port; with `write_timeout` 0 never.
        """
        live = self._plugged()
        data = to_bytes(b)
        sent = 0
        begun_us = clock_us()
        with live.changed:
            while self.is_open and not self._stop_writing:
                self._plugged()
                now_us = clock_us()
                sent += live.write(data[sent:], now_us)
                if sent == len(data) or self.write_timeout == 0:
                    break
                end_us = _after(begun_us, self.write_timeout)
                if end_us is not None and now_us >= end_us:
                    raise SerialTimeoutException("Write timeout")
                live.wait(now_us, end_us)
            self._stop_writing = False
        return sent

    def flush(self) -> None:
        """Waits until the device has taken everything, or `cancel_write`."""
        live = self._plugged()
        with live.changed:
            while self.is_open and not self._stop_writing and self.out_waiting:
                live.wait(clock_us())
            self._stop_writing = False

    def reset_input_buffer(self) -> None:
        """Throws away what was received and not read."""
        self._plugged().read(clock_us())

    def reset_output_buffer(self) -> None:
        """Throws away what was written and not yet taken by the device."""
        self._plugged().forget_unsent(clock_us())

    def cancel_read(self) -> None:
        """Ends the read that is under way in another thread, or the next one."""
        self._cancel(reading=True)

    def cancel_write(self) -> None:
        """Ends the write that is under way in another thread, or the next one."""
        self._cancel(reading=False)

    @property
    def cts(self) -> bool:
        """Always clear to send."""
        return self._plugged().on

    @property
    def dsr(self) -> bool:
        """Always ready."""
        return self._plugged().on

    @property
    def ri(self) -> bool:
        """Never rings."""
        return not self._plugged().on

    @property
    def cd(self) -> bool:
        """Always there."""
        return self._plugged().on

    def set_buffer_size(self, rx_size: int = 4096, tx_size: int | None = None) -> None:
        """As on Windows, where programs ask for larger buffers; these here are large enough."""

    def fileno(self) -> int:
        """There is none: raises io.UnsupportedOperation."""
        raise io.UnsupportedOperation("an ems-sim:// port has no file descriptor to wait on; programs that need one take a pty")

    def _reconfigure_port(self, force_update: bool = False) -> None:
        """Speed, parity and the rest are kept by the base class."""

    def _update_rts_state(self) -> None:
        """Nothing hangs on RTS."""

    def _update_dtr_state(self) -> None:
        """Nothing hangs on DTR."""

    def _update_break_state(self) -> None:
        """The devices know no break."""

    def _plugged(self) -> LiveSimulator:
        """The simulator. Raises SerialException when the port is closed, or was unplugged since it was opened."""
        live = self._live
        if live is None:
            raise PortNotOpenError
        live.run(clock_us())
        if not live.on:
            raise SerialException(errno.EIO, f"{self.port}: the simulator was switched off")
        if live.hang_ups != self._hang_ups:
            raise SerialException(errno.EIO, f"{self.port}: unplugged (device disconnected); close the port and open it again")
        return live

    def _cancel(self, *, reading: bool) -> None:
        live = self._live
        if live is None:
            return
        with live.changed:
            if reading:
                self._stop_reading = True
            else:
                self._stop_writing = True
            live.changed.notify_all()


def _after(start_us: int, seconds: float | None) -> int | None:
    return None if seconds is None else start_us + round(seconds * 1e6)


def _earlier(one_us: int | None, other_us: int | None) -> int | None:
    return min((at for at in (one_us, other_us) if at is not None), default=None)
