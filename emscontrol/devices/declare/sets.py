"""Whole bytes that hold small lists: channels as bits, truths as bits, states as nibbles."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from emscontrol.devices.declare.plain import Single
from emscontrol.devices.declare.quantity import Scale
from emscontrol.devices.declare.refusal import BadParameter, Malformed, sequence, wrong

_BYTE = range(256)


@dataclass(frozen=True)
class ChannelSet(Single):
    """A byte in which bit 0 stands for channel 1, as the list of channels that are set."""

    @property
    def allowed(self) -> str:
        """The legal values in words."""
        return "a list of different channels, each 1 to 8"

    def write(self, params: Mapping[str, Any], out: bytearray) -> None:
        """Append the byte."""
        mask = 0
        for channel in sequence(self.name, self.given(params), 8):
            bit = 1 << Scale(1, 8).count(self.name, channel) - 1
            if mask & bit:
                raise BadParameter(self.name, f"holds channel {channel} twice", self.allowed)
            mask |= bit
        out.append(mask)

    def read(self, data: bytes, at: int, params: dict[str, Any]) -> int:
        """Put the list into the parameters."""
        mask = data[at]
        params[self.name] = [bit + 1 for bit in range(8) if mask >> bit & 1]
        return at + 1


@dataclass(frozen=True)
class FlagSet(Single):
    """A byte as a list of eight truths, bit 0 first."""

    @property
    def allowed(self) -> str:
        """The legal values in words."""
        return "a list of 8, each true or false"

    @cached_property
    def _spelled(self) -> tuple[list[bool], ...]:
        return tuple([bool(byte >> bit & 1) for bit in range(8)] for byte in _BYTE)

    def write(self, params: Mapping[str, Any], out: bytearray) -> None:
        """Append the byte."""
        values = sequence(self.name, self.given(params), 8, 8)
        for bit, value in enumerate(values):
            if not isinstance(value, bool):
                raise wrong(f"{self.name}[{bit}]", value, "true or false")
        out.append(sum(value << bit for bit, value in enumerate(values)))

    def read(self, data: bytes, at: int, params: dict[str, Any]) -> int:
        """Put the list into the parameters."""
        params[self.name] = self._spelled[data[at]].copy()
        return at + 1


@dataclass(frozen=True)
class Nibbles(Single):
    """`size` bytes as a list of numbers of four bits, the low half of each byte first."""

    size: int
    scale: Scale

    @property
    def allowed(self) -> str:
        """The legal values in words."""
        return f"a list of {2 * self.size}, each {self.scale.allowed}"

    @cached_property
    def _spelled(self) -> tuple[tuple[int, int], ...]:
        return tuple((byte & 0x0F, byte >> 4) for byte in _BYTE)

    def write(self, params: Mapping[str, Any], out: bytearray) -> None:
        """Append the bytes."""
        values = sequence(self.name, self.given(params), 2 * self.size, 2 * self.size)
        counts = [self.scale.count(f"{self.name}[{i}]", value) for i, value in enumerate(values)]
        out += bytes(low | high << 4 for low, high in zip(counts[::2], counts[1::2], strict=True))

    def read(self, data: bytes, at: int, params: dict[str, Any]) -> int:
        """Put the list into the parameters."""
        end = at + self.size
        if end > len(data):
            raise Malformed(f"data end inside {self.name}")
        spelled = self._spelled
        params[self.name] = [state for byte in data[at:end] for state in spelled[byte]]
        return end
