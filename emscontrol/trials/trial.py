"""What one trial is made of, and what is known of it afterwards. Plain values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from firmware_sim.faults import Fault
from firmware_sim.host_faults import HostKind
from firmware_sim.scope import ScopeLine


@dataclass(frozen=True, slots=True)
class HostFault:
    """Something that goes wrong in the computer, `at_us` after the first current (`from_output`) or after the opening.

    `length_us` is how long a standstill lasts, how far a clock jumps, or how far a journal is behind; `place` names the call
    that raises.
    """

    kind: HostKind
    at_us: int
    from_output: bool
    length_us: int = 0
    place: str = ""


@dataclass(frozen=True, slots=True)
class DeviceFault:
    """A fault of the simulator, `fault.at_us` after the first current, or without that `after_us` after the opening."""

    fault: Fault
    after_us: int = 0


@dataclass(frozen=True, slots=True)
class Trial:
    """One session as drawn from its seed.

    `protocol` is the protocol file as plain data, `from_text` whether it goes through YAML. `comfort_ua` and `motor_ua` are by
    channel; `startled_us` is how long after the first trouble the operator presses STOP, None when nobody does; `body` names a
    simulated body, None is a lead with any resistance.
    """

    seed: int
    model: str
    protocol: Mapping[str, Any]
    from_text: bool
    comfort_ua: Mapping[int, int]
    motor_ua: Mapping[int, int]
    device_faults: tuple[DeviceFault, ...]
    host_faults: tuple[HostFault, ...]
    operator_seed: int
    patience_us: int
    startled_us: int | None = None
    body: str | None = None

    @property
    def calm(self) -> bool:
        """True when nothing goes wrong but what the operator does."""
        return not self.device_faults and not self.host_faults

    @property
    def troubles(self) -> tuple[str, ...]:
        """Names of all that goes wrong, for tables."""
        return tuple(str(f.fault.kind) for f in self.device_faults) + tuple(str(f.kind) for f in self.host_faults)


@dataclass(frozen=True, slots=True)
class Seen:
    """One line of the oscilloscope, and how many lines the journal had at that moment."""

    line: ScopeLine
    journalled: int


@dataclass(frozen=True, slots=True)
class Deed:
    """Something the operator did. `refusal` is empty when it was accepted; `state` is that before it.

    `journalled` is how many lines the journal had by then.
    """

    at_us: int
    name: str
    refusal: str
    state: str
    journalled: int


@dataclass(frozen=True, slots=True)
class Struck:
    """A fault that came: its name with argument, from when until when (None: to the end), and its numbers.

    `journalled` is how many lines the journal had by then; None where only the device knew the moment.
    """

    kind: str
    from_us: int
    until_us: int | None
    argument: float | None = None
    second: float | None = None
    journalled: int | None = None


@dataclass(slots=True)
class Evidence:
    """All that is known of a trial once it is over. Times are µs of the virtual clock."""

    trial: Trial
    scope: list[Seen] = field(default_factory=list)
    journal: Sequence[bytes] = ()
    deeds: list[Deed] = field(default_factory=list)
    struck: list[Struck] = field(default_factory=list)
    written: list[bytes] = field(default_factory=list)
    ended_us: int = 0
    watched_us: int = 0
    closed: bool = False
    engine_gone: bool = False
    raised_us: int | None = None
    state: str = ""
    result: str = ""
    reason: str = ""
    totals: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    delivered: Mapping[int, tuple[int, int]] = field(default_factory=dict)
    still_on: bool = False
    crash: str = ""
    refused: str = ""
