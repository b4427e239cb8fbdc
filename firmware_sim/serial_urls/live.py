"""A simulator that lives in the program's own process, on the machine's monotonic clock, shared by the threads of that process.

Whoever looks (the program, the oscilloscope's reader) first lets the time pass that has gone by, deadline by deadline. So the
device's watchdog and its faults act at their own µs even when nobody called in between, and nothing need run in the background.
"""

import threading
from typing import Final

from firmware_sim.faults import Fault, FaultKind
from firmware_sim.link import MAX_WAITING
from firmware_sim.scope import Scope
from firmware_sim.world import SimulatedPort

SHORTEST_WAIT_S: Final = 0.0002
LONGEST_WAIT_S: Final = 0.05


class Busy(Exception):
    """Somebody else has the line. The message says who."""


class LiveSimulator:
    """One device on the clock, with one line for one client at a time.

    `changed` is the lock for everything here, and is notified whenever bytes arrive, a fault is added or the line goes away.
    All times are µs of `firmware_sim.server.clock_us`.
    """

    def __init__(self, port: SimulatedPort, scope: Scope, now_us: int) -> None:
        self.port: Final = port
        self.scope: Final = scope
        self.changed: Final = threading.Condition()
        self.switched_on_us: Final = now_us
        self.hang_ups = 0
        self.on = True
        self._client: str | None = None
        self._received = bytearray()
        self._now_us = now_us
        self._was_closed = False
        self.run(now_us)

    @property
    def closed(self) -> bool:
        """Whether the line is unplugged now."""
        return self.port.closed

    def check_channel(self, channel: int | None) -> None:
        """Raises ValueError with the channels there are for one that the device does not have."""
        channels = self.port.stage.channels
        if channel is not None and channel not in channels:
            raise ValueError(f"there is no channel {channel}; the channels are {channels[0]} to {channels[-1]}")

    def run(self, now_us: int) -> None:
        """Lets time pass up to `now_us`. An unplug that was over before anybody looked still counts as a hang-up."""
        with self.changed:
            while self.on and (due_us := self.port.due_us()) is not None and self._now_us < due_us < now_us:
                self._step(due_us)
            if self.on:
                self._step(now_us)

    def connect(self, client: str, now_us: int) -> None:
        """Takes the line; what the device said before is lost. Raises Busy when another has it."""
        with self.changed:
            self.run(now_us)
            if self._client is not None:
                raise Busy(self._client)
            self._client = client
            self._received.clear()

    def disconnect(self) -> None:
        """Leaves the line; the device goes on. What was not read is lost, what was not sent yet still goes out."""
        with self.changed:
            self._client = None
            self._received.clear()
            self.changed.notify_all()

    def write(self, data: bytes, now_us: int) -> int:
        """The client sends. Returns how many bytes went through or into the buffer of a port that is not being read."""
        with self.changed:
            self.run(now_us)
            if not self.on or self.closed:
                return 0
            taken = self.port.write(data, now_us)
            self._step(now_us)
            return taken

    def read(self, now_us: int, size: int | None = None) -> bytes:
        """What has reached the client, once; no more than `size` bytes."""
        with self.changed:
            self.run(now_us)
            data = bytes(self._received[:size])
            del self._received[:size]
            return data

    def waiting(self, now_us: int) -> int:
        """How many bytes have reached the client and were not read."""
        with self.changed:
            self.run(now_us)
            return len(self._received)

    def unsent(self, now_us: int) -> int:
        """How many bytes of the client wait for a device that does not read its port."""
        with self.changed:
            self.run(now_us)
            return self.port.output_waiting(now_us) if self.on else 0

    def forget_unsent(self, now_us: int) -> None:
        """Throws away what waits to be sent."""
        with self.changed:
            self.run(now_us)
            if self.on:
                self.port.discard_output(now_us)

    def deaf(self, now_us: int) -> bool:
        """Whether the device's side of the port has stopped reading."""
        return self.port.deaf(now_us)

    def due_us(self) -> int | None:
        """When something will next happen by itself."""
        with self.changed:
            return self.port.due_us() if self.on else None

    def wait(self, now_us: int, until_us: int | None = None) -> None:
        """Sleeps until something is due, somebody notifies, or `until_us`. Call it with `changed` held, then look again."""
        due = [at for at in (self.due_us(), until_us) if at is not None]
        seconds = min([LONGEST_WAIT_S, *((at - now_us) / 1e6 for at in due)])
        self.changed.wait(max(SHORTEST_WAIT_S, seconds))

    def inject(self, fault: Fault, now_us: int) -> None:
        """One more fault, from now on or as its `at_us` says."""
        with self.changed:
            self.run(now_us)
            self.port.inject(fault, now_us)
            self._step(now_us)
            self.changed.notify_all()

    def clear(self, kind: FaultKind, now_us: int) -> None:
        """Ends all faults of a kind."""
        with self.changed:
            self.run(now_us)
            self.port.faults.clear(kind)
            self._step(now_us)
            self.changed.notify_all()

    def power_cycle(self, now_us: int) -> None:
        """The device loses power for a moment."""
        with self.changed:
            self.run(now_us)
            self.port.power_cycle(now_us)
            self.changed.notify_all()

    def switch_off(self, now_us: int) -> None:
        """For good: output zero, the oscilloscope's last lines written. A second call does nothing."""
        with self.changed:
            if not self.on:
                return
            self.power_cycle(now_us)
            self.scope.finish(now_us)
            self.on = False
            self.changed.notify_all()

    def _step(self, now_us: int) -> None:
        now_us = max(now_us, self._now_us)
        said = self.port.read(now_us)
        self._now_us = now_us
        was_closed, self._was_closed = self._was_closed, self.closed
        if self.closed and not was_closed:
            self.hang_ups += 1
            self._received.clear()
            self.changed.notify_all()
        if said:
            self._received += said[: max(0, MAX_WAITING - len(self._received))]
            self.changed.notify_all()
