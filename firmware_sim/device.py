"""What a simulated stimulator is to everything around it.

A device does no I/O and owns no clock: bytes from the host and the time come in, bytes for the host come out. All times are µs
of one monotonic clock, real or virtual, that the caller owns.
"""

from typing import Protocol

from firmware_sim.faults import FaultSchedule
from firmware_sim.output import OutputStage


class SimulatedDevice(Protocol):
    """One stimulator. Any bytes at all are accepted, in any portions; none of the calls ever raises because of them.

    Time never runs backwards between calls. At one and the same µs a command comes before a pulse: `advance(now_us)` delivers
    the pulses that begin before `now_us`, so an output switched off at `now_us` does not deliver a pulse that was due then.
    """

    @property
    def stage(self) -> OutputStage:
        """What really comes out of the electrodes."""

    @property
    def faults(self) -> FaultSchedule:
        """What is wrong with the device and its link, and when."""

    def receive(self, data: bytes, now_us: int) -> None:
        """Bytes of the host arrive. Buffers stay bounded however much is sent."""

    def advance(self, now_us: int) -> bytes:
        """Lets time pass up to `now_us` and returns what the device says to the host meanwhile."""

    def due_us(self) -> int | None:
        """When the device will next do something by itself (reply ready, watchdog, ramp step); None when it only waits."""

    def power_cycle(self, now_us: int) -> None:
        """Loses power and gets it back at once: output zero, state as after switching on. What was in its buffers is gone."""


def earliest(one_us: int | None, other_us: int | None) -> int | None:
    """The earlier of two moments of which either may never come."""
    if one_us is None or other_us is None:
        return other_us if one_us is None else one_us
    return min(one_us, other_us)
