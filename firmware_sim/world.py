"""A simulated stimulator on the end of a cable, in memory: the port that a virtual-time host writes to and reads from.

The real-time server runs the same port on the machine's clock, so faults behave alike in both.
"""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final

from firmware_sim.battery import empty_us
from firmware_sim.device import SimulatedDevice, earliest
from firmware_sim.faults import Fault, FaultKind, FaultSchedule, parse_fault
from firmware_sim.frames import SCIENCEMODE, FrameCutter
from firmware_sim.link import FaultyLink
from firmware_sim.model_faults import refuse_what_cannot_be
from firmware_sim.output import OutputStage
from firmware_sim.registry import device_class, foreign_frames, frame_cutter
from firmware_sim.scope import Scope
from firmware_sim.strikes import Strikes

if TYPE_CHECKING:
    from firmware_sim.body.patient import Patient

BOOT_TEXT: Final = b"\x00\xf0\x81U-Boot 2021.07 (Jul 05 2021)\r\nDRAM:  64 MiB\r\nStarting kernel ...\r\n\x0f\x00"
"""What a board prints while it starts, special bytes of the wire formats among it."""


class SimulatedPort:
    """One device and its link. Without faults a written frame is answered at the same µs.

    Time is the caller's and never runs backwards: an earlier `now_us` counts as the latest one seen.
    """

    def __init__(
        self,
        device: SimulatedDevice,
        faults: Iterable[Fault] = (),
        seed: int = 0,
        frames: FrameCutter = SCIENCEMODE,
        foreign: tuple[bytes, ...] = (),
        body: "Patient | None" = None,
    ) -> None:
        self.device: Final = device
        self.body: Final = body
        self.faults: Final[FaultSchedule] = device.faults
        self.closed = False
        self._link: Final = FaultyLink(device.faults, seed, frames, foreign)
        self._strikes: Final = Strikes(device.stage, device.faults, seed)
        self._now_us = 0
        self._powered = True
        self._calm = False
        for fault in faults:
            self.faults.add(fault)

    @property
    def stage(self) -> OutputStage:
        """What really came out."""
        return self.device.stage

    def write(self, data: bytes, now_us: int) -> int:
        """The host writes. Returns how many bytes went through: fewer than given when the port is closed or not being read."""
        if not self.faults.planned and now_us == self._now_us:
            self._hear(data, now_us)
            return len(data)
        now_us = self._run(now_us)
        if self.closed:
            return 0
        if self.faults.active(FaultKind.DEAF, now_us):
            return self._link.hold(data)
        room = self._link.room(now_us)
        heard = data if room is None else data[:room]
        self._hear(heard, now_us)
        return len(heard)

    def output_waiting(self, now_us: int) -> int:
        """How many bytes the host has written and the port has not taken from it yet."""
        return self._link.unread(self._run(now_us))

    def discard_output(self, now_us: int) -> None:
        """The host throws away what it has written and the port has not taken from it yet."""
        self._link.discard_unread(self._run(now_us))

    def read(self, now_us: int) -> bytes:
        """Everything that has reached the host up to now and was not read yet."""
        now_us = self._run(now_us)
        return b"" if self.closed else self._link.arrived(now_us)

    def due_us(self) -> int | None:
        """When something will next happen by itself: bytes for the host, a device's own deadline, the edge of a fault."""
        arrives_us = self._link.due_us()
        if arrives_us is not None and arrives_us <= self._now_us:
            return arrives_us  # there is no earlier moment
        return earliest(arrives_us, self._next_us())

    def deaf(self, now_us: int) -> bool:
        """Whether the device's side of the port takes nothing now."""
        return self.faults.active(FaultKind.DEAF, now_us) is not None or self._link.room(now_us) == 0

    def inject(self, fault: Fault, now_us: int) -> None:
        """A fault from now on (or, with `at_us`, from so long after the first output)."""
        now_us = self._run(now_us)
        self.faults.add(fault, now_us)
        self._step(now_us)

    def power_cycle(self, now_us: int) -> None:
        """The device loses power for a moment; what is under way on the link is lost."""
        now_us = self._run(now_us)
        self._reboot(now_us)

    def _run(self, now_us: int) -> int:
        """Lets time pass, stopping at each deadline on the way, so that everything happens at its own µs."""
        now_us = max(now_us, self._now_us)
        while now_us > self._now_us and (due := self._next_us()) is not None and self._now_us < due <= now_us:
            self._step(due)
        self._step(now_us)
        if self.body is not None:
            self.body.advance(now_us)
        return now_us

    def _next_us(self) -> int | None:
        due_us = self.device.due_us()
        if not self.faults.planned:
            return due_us
        if self._calm:
            return earliest(due_us, self.faults.edge_after(self._now_us))
        own_us = earliest(self._link.own_due_us(), self._strikes.due_us())
        battery_us = empty_us(self.faults, self._now_us) if self._powered else None
        return earliest(earliest(due_us, own_us), earliest(self.faults.edge_after(self._now_us), battery_us))

    def _step(self, now_us: int) -> None:
        if self.faults.planned and (heard := self._link.for_device(now_us)):
            self.device.receive(heard, now_us)
        said = self.device.advance(now_us)
        self._now_us = now_us
        if said:
            self._link.to_host(said, now_us)
        if self.faults.first_output_us is None:
            self.faults.begin(self.stage.first_output_us)
        if self.faults.planned:
            rests = self.faults.rest(now_us)
            if not (rests and self._calm):
                self._apply(now_us)
                self._calm = rests and self._link.is_idle  # the last fault is over, and all that it did is undone

    def _hear(self, data: bytes, now_us: int) -> None:
        if self.faults.planned:
            self._link.to_device(data, now_us)
        else:
            self._link.remember(data)
            self.device.receive(data, now_us)  # the same as over the link, which then holds nothing back
        self._step(now_us)

    def _apply(self, now_us: int) -> None:
        """Faults that are about the device as a whole or what is connected to it, whatever model it is."""
        self._strikes.pass_time(now_us)
        self._supply(now_us)
        if self.faults.take(FaultKind.REBOOT, now_us):
            self._reboot(now_us)
        if self.faults.take(FaultKind.BOOT_TEXT, now_us):
            self._reboot(now_us)
            self._link.speak(BOOT_TEXT, now_us)
        self._link.pass_time(now_us)
        if heard := self._link.for_device(now_us):
            self.device.receive(heard, now_us)
            self._link.to_host(self.device.advance(now_us), now_us)
        unplugged = self.faults.active(FaultKind.UNPLUG, now_us) is not None
        if unplugged and not self.closed:
            self._link.cut()
        self.closed = unplugged
        if not self.closed and not self.faults.active(FaultKind.DEAF, now_us) and (held := self._link.released()):
            self._hear(held, now_us)

    def _supply(self, now_us: int) -> None:
        """The device loses its power, and gets it back."""
        spent_us = empty_us(self.faults, now_us)
        if self._powered and spent_us is not None and spent_us <= now_us:
            self.faults.add(Fault(FaultKind.POWER_OFF), now_us)
        powered = self.faults.active(FaultKind.POWER_OFF, now_us) is None
        if powered != self._powered:
            self._powered = powered
            self._reboot(now_us)

    def _reboot(self, now_us: int) -> None:
        self._link.cut()
        self.device.power_cycle(now_us)


def plan_faults(model: str, texts: Iterable[str]) -> tuple[Fault, ...]:
    """The faults that are written here, for this model.

    Raises FaultTextError for a text that cannot be understood and for a fault that the model cannot have.
    """
    faults = tuple(parse_fault(text) for text in texts)
    if faults:
        refuse_what_cannot_be(model, len(device_class(model)().stage.channels), faults)
    return faults


def make(
    model: str,
    *,
    scope: Scope | None = None,
    faults: Iterable[Fault] = (),
    seed: int = 0,
    watchdog_ms: int | None = None,
    body: "str | Patient | None" = None,
    loads_ohm: Mapping[int, int] | None = None,
) -> SimulatedPort:
    """A new device of this model, just switched on, at the end of a cable.

    `watchdog_ms` replaces the device's own time without a host after which it stops. `body` is who has the electrodes on: the
    name of a body (its random course follows `seed`) or a person; `loads_ohm` are plain resistances instead (Ω by channel).
    Raises KeyError with the known names for an unknown model, FaultTextError for a fault that this model cannot have, and
    BodyError with the known names for an unknown body.
    """
    planned = tuple(faults)
    device = device_class(model)(scope=scope, faults=FaultSchedule(planned), watchdog_ms=watchdog_ms, loads_ohm=loads_ohm)
    refuse_what_cannot_be(model, len(device.stage.channels), planned)
    patient = None if body is None else _patient(body, seed)
    if patient is not None:
        device.stage.connect(patient)
    return SimulatedPort(device, seed=seed, frames=frame_cutter(model), foreign=foreign_frames(model), body=patient)


def _patient(body: "str | Patient", seed: int) -> "Patient":
    from firmware_sim.body.patient import Patient

    return Patient.named(body, seed) if isinstance(body, str) else body
