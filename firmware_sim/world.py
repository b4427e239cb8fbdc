"""A simulated stimulator on the end of a cable, in memory: the port that a virtual-time host writes to and reads from.

The real-time server runs the same port on the machine's clock, so faults behave alike in both.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from firmware_sim.device import SimulatedDevice, earliest
from firmware_sim.faults import Fault, FaultKind, FaultSchedule
from firmware_sim.link import FaultyLink
from firmware_sim.output import OutputStage
from firmware_sim.registry import device_class
from firmware_sim.scope import Scope


class SimulatedPort:
    """One device and its link. Without faults a written frame is answered at the same µs.

    Time is the caller's and never runs backwards: an earlier `now_us` counts as the latest one seen.
    """

    def __init__(self, device: SimulatedDevice, faults: Iterable[Fault] = (), seed: int = 0) -> None:
        self.device: Final = device
        self.faults: Final[FaultSchedule] = device.faults
        self.closed = False
        self._link: Final = FaultyLink(device.faults, seed)
        self._now_us = 0
        for fault in faults:
            self.faults.add(fault)

    @property
    def stage(self) -> OutputStage:
        """What really came out."""
        return self.device.stage

    def write(self, data: bytes, now_us: int) -> int:
        """The host writes. Returns how many bytes went through: fewer than given when the port is closed or not being read."""
        now_us = self._run(now_us)
        if self.closed:
            return 0
        if self.deaf(now_us):
            return self._link.hold(data)
        self._hear(data, now_us)
        return len(data)

    def read(self, now_us: int) -> bytes:
        """Everything that has reached the host up to now and was not read yet."""
        now_us = self._run(now_us)
        return b"" if self.closed else self._link.arrived(now_us)

    def due_us(self) -> int | None:
        """When something will next happen by itself: bytes for the host, a device's own deadline, the edge of a fault."""
        return earliest(self._link.due_us(), self._next_us())

    def deaf(self, now_us: int) -> bool:
        """Whether the device's side of the port has stopped reading."""
        return self.faults.active(FaultKind.DEAF, now_us) is not None

    def inject(self, fault: Fault, now_us: int) -> None:
        """A fault from now on (or, with `at_us`, from so long after the first output)."""
        now_us = self._run(now_us)
        self.faults.add(fault, now_us)
        self._apply(now_us)

    def power_cycle(self, now_us: int) -> None:
        """The device loses power for a moment; what is under way on the link is lost."""
        now_us = self._run(now_us)
        self._reboot(now_us)

    def _run(self, now_us: int) -> int:
        """Lets time pass, stopping at each deadline on the way, so that everything happens at its own µs."""
        now_us = max(now_us, self._now_us)
        while (due := self._next_us()) is not None and self._now_us < due <= now_us:
            self._step(due)
        self._step(now_us)
        return now_us

    def _next_us(self) -> int | None:
        return earliest(self.device.due_us(), self.faults.edge_after(self._now_us))

    def _step(self, now_us: int) -> None:
        said = self.device.advance(now_us)
        self._now_us = now_us
        self._link.to_host(said, now_us)
        self.faults.begin(self.stage.first_output_us)
        self._apply(now_us)

    def _hear(self, data: bytes, now_us: int) -> None:
        self.device.receive(self._link.to_device(data, now_us), now_us)
        self._step(now_us)

    def _apply(self, now_us: int) -> None:
        """Faults that are about the device as a whole or what is connected to it, whatever model it is."""
        if self.faults.has(FaultKind.ELECTRODE_OFF):
            for channel in self.stage.channels:
                off = self.faults.active(FaultKind.ELECTRODE_OFF, now_us, channel)
                self.stage.set_contact(channel, off is None, now_us)
        if self.faults.take(FaultKind.REBOOT, now_us):
            self._reboot(now_us)
        unplugged = self.faults.active(FaultKind.UNPLUG, now_us) is not None
        if unplugged and not self.closed:
            self._link.cut()
        self.closed = unplugged
        if not self.closed and not self.deaf(now_us) and (held := self._link.released()):
            self._hear(held, now_us)

    def _reboot(self, now_us: int) -> None:
        self._link.cut()
        self.device.power_cycle(now_us)


def make(
    model: str,
    *,
    scope: Scope | None = None,
    faults: Iterable[Fault] = (),
    seed: int = 0,
    watchdog_ms: int | None = None,
    body: Mapping[int, int] | None = None,
) -> SimulatedPort:
    """A new device of this model, just switched on, at the end of a cable.

    `watchdog_ms` replaces the device's own time without a host after which it stops; `body` is the resistance (Ω) between the
    electrodes of each channel, for channels that have one. Raises KeyError with the known names for an unknown model.
    """
    device = device_class(model)(scope=scope, faults=FaultSchedule(faults), watchdog_ms=watchdog_ms, loads_ohm=body)
    return SimulatedPort(device, seed=seed)
