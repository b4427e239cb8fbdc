"""The models that can be simulated, by name. Nothing is imported before it is asked for."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any, Final, Literal, Protocol, cast

from firmware_sim.device import SimulatedDevice
from firmware_sim.faults import FaultSchedule
from firmware_sim.frames import COBS, SCIENCEMODE, FrameCutter
from firmware_sim.scope import Scope

MODELS: Final[dict[str, tuple[str, str, str]]] = {
    "p24": ("firmware_sim.p24.device", "P24", "HASOMED P24 Science, ScienceMode 4, 8 channels"),
    "rehastim2": ("firmware_sim.rehastim2.device", "RehaStim2", "HASOMED RehaStim 2, ScienceMode 2, 8 channels"),
    "reference": ("firmware_sim.reference.device", "Reference", "reference stimulator, open protocol, 8 channels, long pulses"),
}
"""Model: (module, class, what it is). The module's package also holds `wire`, the codec."""

FRAMES: Final[dict[str, FrameCutter]] = {"p24": SCIENCEMODE, "rehastim2": SCIENCEMODE, "reference": COBS}
"""Model: where its frames end on the wire."""

FOREIGN: Final[dict[str, tuple[tuple[str, dict[str, Any]], ...]]] = {
    "p24": (
        ("get_stim_status", {"packet_number": 61}),
        (
            "ml_update",
            {
                "packet_number": 62,
                "channels": [{"channel": 7, "ramp": 0, "period_ms": 20.0, "points": [[200, 5.0], [200, -5.0]]}],
            },
        ),
    ),
    "rehastim2": (
        ("GetStimulationMode", {"packet_number": 200}),
        ("StopChannelListMode", {"packet_number": 201}),
    ),
    "reference": (
        ("STATUS", {"seq": 60_000}),
        ("HELLO", {"seq": 60_001, "version_min": 1, "version_max": 1}),
    ),
}
"""Model: what another program that knows the protocol, and not us, writes in turn: a question, then a command of its own."""

Sender = Literal["host", "device"]


class DeviceClass(Protocol):
    """How a device is built."""

    def __call__(
        self,
        *,
        scope: Scope | None = None,
        faults: FaultSchedule | None = None,
        watchdog_ms: int | None = None,
        loads_ohm: Mapping[int, int] | None = None,
    ) -> SimulatedDevice:
        """A device that has just been switched on."""


class Frame(Protocol):
    """A decoded frame: a command with its parameters, or the error that makes it worthless."""

    @property
    def command(self) -> str | None:
        """The command's name as in the sheet; None when not even that can be told."""

    @property
    def params(self) -> dict[str, Any]:
        """The parameters, with the names and units of the sheet's vectors."""

    @property
    def error(self) -> str | None:
        """What is wrong with the frame, None when nothing is."""


@dataclass(frozen=True, slots=True)
class Codec:
    """The two directions of a model's wire format."""

    module: Any

    def decode(self, data: bytes, sender: Sender) -> list[Frame]:
        """All frames in these bytes. Never raises for any bytes."""
        return cast("list[Frame]", self.module.decode(data, sender))

    def encode(self, command: str, params: dict[str, Any]) -> bytes:
        """One frame. Raises ValueError with a sentence when the command or a parameter is not as it must be."""
        return cast("bytes", self.module.encode(command, params))


def device_class(model: str) -> DeviceClass:
    """The class of a model. Raises KeyError naming the known models."""
    module, name, _ = _entry(model)
    return cast("DeviceClass", getattr(import_module(module), name))


def codec(model: str) -> Codec:
    """The codec of a model. Raises KeyError naming the known models."""
    module, _, _ = _entry(model)
    return Codec(import_module(f"{module.rpartition('.')[0]}.wire"))


def frame_cutter(model: str) -> FrameCutter:
    """Where a model's frames end. Raises KeyError naming the known models."""
    _entry(model)
    return FRAMES[model]


@cache
def foreign_frames(model: str) -> tuple[bytes, ...]:
    """What another program on the port of such a model writes. Raises KeyError naming the known models."""
    module = codec(model)
    return tuple(module.encode(command, params) for command, params in FOREIGN.get(model, ()))


def _entry(model: str) -> tuple[str, str, str]:
    if model not in MODELS:
        raise KeyError(f"no model is called {model!r}; there are {', '.join(MODELS)}")
    return MODELS[model]
