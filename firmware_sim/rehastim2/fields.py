"""The kinds of field that ScienceMode2 commands are made of: how many bytes, which values, in which unit.

Device counts (half milliseconds, channel bits, channels from 0) exist only here; outside stand ms, µs, mA and channels from 1.
"""

from dataclasses import dataclass
from typing import Any, Final, Protocol

PARAMETER_ERROR: Final = "parameter_error"


class BadValue(ValueError):
    """A value does not fit its field. The text names field, value and what would fit."""


class Field(Protocol):
    """One field of a command: a name, a fixed number of bytes, and both directions."""

    @property
    def name(self) -> str: ...

    @property
    def size(self) -> int: ...

    def read(self, data: bytes) -> Any:
        """The value in `size` bytes. Raises BadValue where no value has this code."""

    def write(self, value: Any) -> bytes:
        """The bytes of a value. Raises BadValue where the field cannot hold it."""


def whole(name: str, value: Any, low: int, high: int) -> int:
    """The value if it is a whole number from low to high. Raises BadValue otherwise (a truth value is no number)."""
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise BadValue(f"{name}: {value!r} is not a whole number from {low} to {high}")
    return value


@dataclass(frozen=True, slots=True)
class Integer:
    """A whole number, most significant byte first, two's complement where `signed`."""

    name: str
    low: int
    high: int
    size: int = 1
    signed: bool = False

    def read(self, data: bytes) -> int:
        return whole(self.name, int.from_bytes(data, "big", signed=self.signed), self.low, self.high)

    def write(self, value: Any) -> bytes:
        return whole(self.name, value, self.low, self.high).to_bytes(self.size, "big", signed=self.signed)


def u8(name: str, low: int = 0, high: int = 255) -> Integer:
    """One byte, 0 to 255 unless told."""
    return Integer(name, low, high)


def i8(name: str) -> Integer:
    """One signed byte: results and errors. Codes the sheet does not know are read as well."""
    return Integer(name, -128, 127, signed=True)


def u16(name: str, low: int = 0, high: int = 65535) -> Integer:
    """Two bytes, 0 to 65535 unless told."""
    return Integer(name, low, high, size=2)


def i16(name: str) -> Integer:
    """Two bytes, signed."""
    return Integer(name, -32768, 32767, size=2, signed=True)


@dataclass(frozen=True, slots=True)
class ChannelNumber:
    """One channel: 0 to 7 on the wire is channel 1 to 8."""

    name: str
    size: int = 1

    def read(self, data: bytes) -> int:
        return whole(self.name, data[0] + 1, 1, 8)

    def write(self, value: Any) -> bytes:
        return bytes((whole(self.name, value, 1, 8) - 1,))


@dataclass(frozen=True, slots=True)
class ChannelBits:
    """A set of channels as one byte, bit 0 = channel 1; outside an ascending list of channel numbers."""

    name: str
    size: int = 1

    def read(self, data: bytes) -> list[int]:
        return [channel for channel in range(1, 9) if data[0] & (1 << (channel - 1))]

    def write(self, value: Any) -> bytes:
        if not isinstance(value, list | tuple):
            raise BadValue(f"{self.name}: {value!r} is not a list of channel numbers")
        channels = [whole(self.name, channel, 1, 8) for channel in value]
        return bytes((sum(1 << (channel - 1) for channel in set(channels)),))


@dataclass(frozen=True, slots=True)
class HalfMilliseconds:
    """A time: code × 0.5 ms + `first_ms`. With `zero_is_none`, code 0 is None (one-shot) instead of the shortest time."""

    name: str
    first_ms: float
    highest_code: int
    size: int = 1
    zero_is_none: bool = False

    def read(self, data: bytes) -> float | None:
        code = whole(self.name, int.from_bytes(data, "big"), 0, self.highest_code)
        if code == 0 and self.zero_is_none:
            return None
        return code / 2 + self.first_ms

    def write(self, value: Any) -> bytes:
        if value is None and self.zero_is_none:
            return bytes(self.size)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise BadValue(f"{self.name}: {value!r} is not a time in ms")
        lowest = 1 if self.zero_is_none else 0
        doubled = (value - self.first_ms) * 2
        if not lowest <= doubled <= self.highest_code or doubled != int(doubled):
            low_ms, high_ms = lowest / 2 + self.first_ms, self.highest_code / 2 + self.first_ms
            raise BadValue(f"{self.name}: {value!r} ms is not a step of 0.5 ms from {low_ms} to {high_ms} ms")
        return int(doubled).to_bytes(self.size, "big")


GROUP_MODES: Final = ("single", "doublet", "triplet")


@dataclass(frozen=True, slots=True)
class GroupMode:
    """How many pulses a channel gets in each cycle: 0 single, 1 doublet, 2 triplet."""

    name: str
    size: int = 1

    def read(self, data: bytes) -> str:
        return GROUP_MODES[whole(self.name, data[0], 0, len(GROUP_MODES) - 1)]

    def write(self, value: Any) -> bytes:
        if value not in GROUP_MODES:
            raise BadValue(f"{self.name}: {value!r} is none of {', '.join(GROUP_MODES)}")
        return bytes((GROUP_MODES.index(value),))
