"""A simulated stimulator in real time, on a pseudo-terminal or a TCP port.

The device lives on the machine's monotonic clock from start to end: a host that hangs up changes nothing for it, its own
watchdog goes on, and the next host finds it as it is.
"""

import select
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final, Protocol, TextIO

from firmware_sim.endpoints import NO_CLIENT_POLL_S, Endpoint
from firmware_sim.scope import Scope

LONGEST_WAIT_S: Final = 0.05
"""The loop wakes at least so often, to see a signal and settings that a host has changed."""

DEAF_WAIT_S: Final = 0.01


def clock_us() -> int:
    """The machine's monotonic clock (µs); on Linux the same for all processes."""
    return time.monotonic_ns() // 1000


class ServedPort(Protocol):
    """What the server needs of a port; `firmware_sim.world.SimulatedPort` says what each means."""

    @property
    def closed(self) -> bool:
        """Whether it is unplugged."""

    def write(self, data: bytes, now_us: int) -> int:
        """The host writes."""

    def read(self, now_us: int) -> bytes:
        """Everything that has reached the host."""

    def due_us(self) -> int | None:
        """When something will next happen by itself."""

    def deaf(self, now_us: int) -> bool:
        """Whether the device has stopped reading."""

    def power_cycle(self, now_us: int) -> None:
        """The device loses power for a moment."""


class Server:
    """Runs one port on one endpoint until it is told to stop."""

    def __init__(self, port: ServedPort, endpoint: Endpoint, scope: Scope | None = None, out: TextIO | None = None) -> None:
        self._port: Final[ServedPort] = port
        self._endpoint: Final = endpoint
        self._scope: Final = scope
        self._out: Final = sys.stdout if out is None else out
        self._plugged = True
        self._stopping = False

    def stop(self, *_signal: int | FrameType | None) -> None:
        """Ends `run` at its next look, at most 50 ms later. May be used as a signal handler."""
        self._stopping = True

    def run(self) -> None:
        """Says the address as one line, then serves. At the end the device is switched off and the oscilloscope closed."""
        self._announce()
        while not self._stopping:
            self._pass(clock_us())
            self._wait()
        now_us = clock_us()
        self._port.power_cycle(now_us)
        self._endpoint.unplug()
        if self._scope is not None:
            self._scope.finish(now_us)

    def _pass(self, now_us: int) -> None:
        said = self._port.read(now_us)
        self._follow_plug()
        if not self._port.deaf(now_us) and (data := self._endpoint.read()):
            now_us = clock_us()
            self._port.write(data, now_us)
            said += self._port.read(now_us)
        if said:
            self._endpoint.write(said)
        if self._scope is not None:
            self._scope.heartbeat(now_us)

    def _follow_plug(self) -> None:
        plugged = not self._port.closed
        if plugged != self._plugged:
            self._plugged = plugged
            if plugged:
                self._endpoint.replug()
                self._announce()
            else:
                self._endpoint.unplug()

    def _wait(self) -> None:
        now_us = clock_us()
        due = [self._port.due_us(), self._scope.heartbeat_due_us() if self._scope else None]
        seconds = min([LONGEST_WAIT_S, *((time - now_us) / 1e6 for time in due if time is not None)])
        descriptor = self._endpoint.waits_on()
        if self._port.deaf(now_us):
            time.sleep(max(0.0, min(seconds, DEAF_WAIT_S)))
        elif descriptor is None:
            time.sleep(max(0.0, min(seconds, NO_CLIENT_POLL_S)))
        else:
            select.select([descriptor], [], [], max(0.0, seconds))

    def _announce(self) -> None:
        print(self._endpoint.address, file=self._out, flush=True)


@contextmanager
def stopped_by_signals(server: Server) -> Iterator[None]:
    """Lets SIGTERM and SIGINT end the server in an orderly way."""
    numbers = (signal.SIGTERM, signal.SIGINT)
    before = [signal.signal(number, server.stop) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)
