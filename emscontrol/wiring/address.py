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


def require_simulator(text: str, options: str) -> None:
    """Raises UsageError, for options that belong to simulators alone, unless this is the address of one."""
    address = parse_address(text)
    if not address.simulated:
        raise UsageError(
            f"{options}, and {text} is a real one: a real stimulator is on a real person.",
            f"For the simulator write {address.model}@{SIMULATOR}.",
        )


def parse_address(text: str) -> DeviceAddress:
    """Read MODEL@PORT. Raises UsageError that names the known models."""
    model, at, port = text.partition("@")
    if model in MODELS and not port:
        raise UsageError(
            f"{text!r} does not say where.",
            f"Write {model}@{SIMULATOR} for the simulator, or {model}@PORT with a serial port or a URL.",
        )
    if model not in MODELS or not at or not port:
        raise UsageError(
            f"{text!r} is no stimulator.",
            f"Give it as MODEL@PORT with MODEL one of {', '.join(sorted(MODELS))} and PORT a serial port, a URL or "
            f"`{SIMULATOR}`, for example {DEFAULT_DEVICE} or p24@/dev/ttyACM0.",
        )
    return DeviceAddress(model, port)
