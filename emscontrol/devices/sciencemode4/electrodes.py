"""The electrode errors of ScienceMode 3's current data: four channels a byte."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from emscontrol.devices.declare.field import Explained, Field
from emscontrol.devices.declare.refusal import BadParameter, Malformed, missing, sequence, wrong

_RUNNING: Final = 0x10  # bit 4 of each byte; bits 0 to 3 are its four channels
_KEYS: Final = frozenset(("running", "electrode_error"))
_CHANNELS: Final = 8  # the list always has the P24's eight channels; those that are not transmitted are false


@dataclass(frozen=True)
class ElectrodeErrors(Field):
    """`size` bytes with a bit "running" and four electrode errors each; running is true when any byte says so."""

    size: int

    @property
    def keys(self) -> frozenset[str]:
        """Both values."""
        return _KEYS

    @property
    def needs(self) -> frozenset[str]:
        """Both values."""
        return _KEYS

    def write(self, params: Mapping[str, Any], out: bytearray) -> None:
        """Append the bytes."""
        for key, allowed in (("running", "true or false"), ("electrode_error", "a list of 8, each true or false")):
            if key not in params:
                raise missing(key, allowed)
        errors = sequence("electrode_error", params["electrode_error"], _CHANNELS, _CHANNELS)
        for name, value in (("running", params["running"]), *((f"electrode_error[{i}]", e) for i, e in enumerate(errors))):
            if not isinstance(value, bool):
                raise wrong(name, value, "true or false")
        if any(errors[4 * self.size :]):
            raise BadParameter(
                "electrode_error", "names a channel that is not transmitted", f"true in the first {4 * self.size} only"
            )
        running = _RUNNING if params["running"] else 0
        for first in range(0, 4 * self.size, 4):
            out.append(running | sum(error << bit for bit, error in enumerate(errors[first : first + 4])))

    def read(self, data: bytes, at: int, params: dict[str, Any]) -> int:
        """Put both values into the parameters."""
        end = at + self.size
        values = data[at:end]
        if len(values) < self.size or any(byte & 0xE0 for byte in values):
            raise Malformed("not the bytes of electrode errors")
        params["running"] = any(byte & _RUNNING for byte in values)
        errors = [bool(byte >> bit & 1) for byte in values for bit in range(4)]
        params["electrode_error"] = errors + [False] * (_CHANNELS - len(errors))
        return end

    def explain(self) -> Iterator[Explained]:
        """Both values."""
        yield Explained("running", "stimulation is running", "true or false")
        yield Explained("electrode_error", "electrode errors, channel 0 first", "a list of 8, each true or false")
