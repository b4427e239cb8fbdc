"""The Stimulator port: what the engine asks of a device, and what a device tells.

A driver does no I/O and owns no clock. It takes commands, received bytes and the time, and returns bytes to write and events.
All times are µs of one monotonic clock.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol

from emscontrol.core.pulse import Outputs, Shape, Train


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a stimulator can do, in integers. `source` says where the figures come from.

    `common_grid` is True where all channels share one pulse clock that runs on while they are silent (RehaStim 2's channel
    list); False where a channel's train begins at the command that turns it on (P24). `slot_us` is the delay of each further
    channel inside the common grid. `watchdog_us` is how long the device goes on without hearing from the host. With
    `contractions` it makes a whole contraction by itself (an output's `swell`); rise, plateau and fall may each last up
    to `contraction_max_us`.
    """

    model: str
    name: str
    channels: int
    amplitude_max_ua: int
    amplitude_step_ua: int
    width_min_us: int
    width_max_us: int
    width_step_us: int
    period_min_us: int
    period_max_us: int
    period_step_us: int
    gap_min_us: int
    gap_max_us: int
    gap_default_us: int
    shapes: frozenset[Shape]
    burst_max: int
    common_grid: bool
    slot_us: int
    voltage_max_mv: int
    watchdog_us: int
    keepalive_us: int
    measures: frozenset[str]
    denervation: bool
    source: str
    contractions: bool = False
    contraction_max_us: int = 0


@dataclass(frozen=True, slots=True)
class Identity:
    """Who answered on the port. `serial` and `firmware` are the device's own words; empty where it has none."""

    model: str
    serial: str
    firmware: str
    protocol_version: str


@dataclass(frozen=True, slots=True)
class ChannelLimits:
    """The part of a channel's envelope that a stimulator can hold by itself: it refuses whatever passes one of these.

    `charge_max_pc` is the charge of one phase, `rise_max_ua_per_s` the fastest rise. `shapes` and `burst_max` are what the
    session needs beyond the train it is made ready with. Devices without such a lock ignore them.
    """

    amplitude_max_ua: int
    width_max_us: int
    period_min_us: int
    charge_max_pc: int
    rise_max_ua_per_s: int
    shapes: frozenset[Shape] = frozenset()
    burst_max: int = 1


class DeviceProfile(Protocol):
    """A stimulator model on paper: enough to compile for it, with no device attached."""

    @property
    def capabilities(self) -> Capabilities:
        """Ranges, steps, watchdog."""

    def quantise_train(self, train: Train) -> Train:
        """The nearest train the device can make that is no faster, no wider and no denser than asked."""

    def quantise_amplitude(self, train: Train, amplitude_ua: int) -> int:
        """The largest amplitude (µA) in the device's steps that is not above the one asked for."""

    def misfits(self, trains: Mapping[int, Train]) -> tuple[str, ...]:
        """Whole sentences saying why these trains (by channel) cannot run together on this device; empty when they can."""

    def slot_delays_us(self, channels: frozenset[int]) -> Mapping[int, int]:
        """How long after the start of the common clock's period each of these channels is served; 0 without a common clock."""


_GATE_KEY: Final = object()


class Cleared:
    """Outputs that the safety gate has passed. Drivers accept nothing else; only `safety/gate.py` can make one."""

    __slots__ = ("number", "outputs")

    def __init__(self, outputs: Outputs, number: int, key: object) -> None:
        if key is not _GATE_KEY:
            raise TypeError("only the safety gate clears outputs")
        self.outputs: Final = outputs
        self.number: Final = number


class Command(StrEnum):
    """What an acknowledgement belongs to."""

    CONNECT = "connect"
    PREPARE = "prepare"
    OUTPUTS = "outputs"
    STOP = "stop"
    STATUS = "status"
    CHECK = "check"


@dataclass(frozen=True, slots=True)
class Connected:
    """The handshake is complete."""

    identity: Identity


@dataclass(frozen=True, slots=True)
class Acked:
    """The device confirmed a command. `number` is the clearance number of outputs, 0 otherwise."""

    command: Command
    number: int = 0


@dataclass(frozen=True, slots=True)
class Refused:
    """The device said no; nothing of the command is in force."""

    command: Command
    code: int
    text: str
    number: int = 0


@dataclass(frozen=True, slots=True)
class Uncertain:
    """No acknowledgement came, repeats included. The command may be in force or not."""

    command: Command
    text: str
    number: int = 0


@dataclass(frozen=True, slots=True)
class ReadBack:
    """What the device says of itself: `output_on` is None when it does not tell, `active` the channels it says it drives."""

    output_on: bool | None
    active: frozenset[int]
    text: str = ""


@dataclass(frozen=True, slots=True)
class ElectrodeFault:
    """The device found an electrode open or out of range. `channel` is None where it does not say which."""

    channel: int | None
    text: str


@dataclass(frozen=True, slots=True)
class Impedance:
    """The answer to an electrode check. `ohm` is None where nothing is connected (or more than the device can tell)."""

    channel: int
    ohm: int | None
    text: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What a device measures on one channel.

    `amplitude_ua` is the peak of the last pulse, `set_ua` what the device says it wanted there, `pulses` how many it has
    delivered since it was made ready (bursts count each pulse), `impedance_ohm` None where it cannot tell.
    """

    channel: int
    amplitude_ua: int
    set_ua: int
    pulses: int
    impedance_ohm: int | None
    clipped: bool


@dataclass(frozen=True, slots=True)
class Telemetry:
    """What a measuring device says of its channels. `device_us` is its own clock (µs, may wrap and start anywhere)."""

    readings: tuple[Reading, ...]
    device_us: int


@dataclass(frozen=True, slots=True)
class DeviceFault:
    """The device reports a fault of its own, reset itself, or was stopped by its own switch."""

    code: int
    text: str


@dataclass(frozen=True, slots=True)
class LinkSilent:
    """Nothing valid has been heard for T_LINK_LOST although an answer is due."""

    silent_us: int


@dataclass(frozen=True, slots=True)
class Battery:
    """Charge of the device's battery in percent."""

    level_percent: int


@dataclass(frozen=True, slots=True)
class Noise:
    """Bytes that are no frame of this protocol, or a damaged one; dropped."""

    text: str


DeviceEvent = (
    Connected
    | Acked
    | Refused
    | Uncertain
    | ReadBack
    | Telemetry
    | Impedance
    | ElectrodeFault
    | DeviceFault
    | LinkSilent
    | Battery
    | Noise
)


class Stimulator(DeviceProfile, Protocol):
    """One stimulator, as the gate and the engine see it: bytes and times in, bytes and events out.

    Every method that returns bytes returns what is to be written now, possibly nothing. At most one command is
    outstanding at a time besides a keep-alive; `stop` overrides whatever is outstanding.
    """

    def connect(self, now_us: int) -> bytes:
        """Begin the handshake; `Connected` follows, or `Refused`/`Uncertain` with Command.CONNECT."""

    def prepare(self, trains: Mapping[int, Train], limits: Mapping[int, ChannelLimits], now_us: int) -> bytes:
        """Make the device ready for these channels with no current on any; `Acked(PREPARE)` follows.

        A device that can hold limits by itself is given `limits`, and has read them back before it is ready.
        """

    def check_electrode(self, channel: int, now_us: int) -> bytes:
        """Measure the impedance of a channel at rest; `Impedance` follows. Raises DeviceMisfit where it cannot be measured."""

    def send(self, cleared: Cleared, now_us: int) -> bytes:
        """Put these outputs in force. Raises RuntimeError when a command is outstanding (ask `busy` first)."""

    def stop(self, now_us: int) -> bytes:
        """Turn all output off, now. Needs no clearance, drops what is outstanding, may be called at any time and repeatedly."""

    def read_back(self, now_us: int) -> bytes:
        """Ask the device what it is doing; `ReadBack` follows."""

    def tick(self, now_us: int) -> bytes:
        """Repeats and keep-alives that are due. Time-outs become events of the next `receive`."""

    def receive(self, data: bytes, now_us: int) -> list[DeviceEvent]:
        """Take bytes from the wire (possibly none) and tell what they and the time mean. Never raises for any bytes."""

    @property
    def busy(self) -> bool:
        """True while a command waits for its acknowledgement."""

    @property
    def gives_way(self) -> bool:
        """True while outputs are outstanding of which `send` may drop what is not written yet, for outputs at zero."""

    def due_us(self) -> int | None:
        """When `tick` is needed next, or None."""
