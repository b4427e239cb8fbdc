"""MODEL@PORT: which stimulator, and where."""

from dataclasses import dataclass

from emscontrol.core.errors import UsageError
from emscontrol.devices.registry import DEFAULT_MODEL, MODELS

SIMULATOR = "sim"
DEFAULT_DEVICE = f"{DEFAULT_MODEL}@{SIMULATOR}"


@dataclass(frozen=True, slots=True)
class DeviceAddress:
    """A model and a port: a serial port, any pyserial URL, or `sim`."""

    model: str
    port: str

    @property
    def simulated(self) -> bool:
        """True when no person can be on the other end."""
        return self.port == SIMULATOR


def parse_address(text: str) -> DeviceAddress:
    """Read MODEL@PORT. Raises UsageError that names the known models."""
    model, at, port = text.partition("@")
    if model not in MODELS or not at or not port:
        raise UsageError(
            f"{text!r} is no stimulator.",
            f"Give it as MODEL@PORT with MODEL one of {', '.join(sorted(MODELS))} and PORT a serial port, a URL or "
            f"`{SIMULATOR}`, for example {DEFAULT_DEVICE} or p24@/dev/ttyACM0.",
        )
    return DeviceAddress(model, port)
