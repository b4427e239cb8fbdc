"""Numbers, text and bytes that fill whole bytes."""

import struct
from abc import abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from emscontrol.devices.declare.field import Explained, Field
from emscontrol.devices.declare.quantity import Scale
from emscontrol.devices.declare.refusal import BadParameter, Malformed, missing, sequence, wrong


@dataclass(frozen=True)
class Single(Field):
    """A field with one name and no default; the kinds below say how its value is written."""

    name: str
    meaning: str

    @cached_property
    def keys(self) -> frozenset[str]:
        """The field's name."""
        return frozenset((self.name,))

    @cached_property
    def needs(self) -> frozenset[str]:
        """The field's name."""
        return self.keys

    @property
    @abstractmethod
    def allowed(self) -> str:
        """The legal values in words."""

    def explain(self) -> Iterator[Explained]:
        """The one value."""
        yield Explained(self.name, self.meaning, self.allowed)

    def given(self, params: Mapping[str, Any]) -> Any:
        """The value. Raises BadParameter when it is missing."""
        if self.name not in params:
            raise missing(self.name, self.allowed)
        return params[self.name]


@dataclass(frozen=True)
class Number(Single):
    """A number of its own, big endian. `code` is its letter in `struct`; `null_count` is the count that stands for null."""

    code: str
    scale: Scale
    null_count: int | None = None

    @cached_property
    def _packer(self) -> struct.Struct:
        return struct.Struct(f">{self.code}")

    @cached_property
    def _spelled(self) -> tuple[float | None, ...]:
        """What each value of a one-byte field stands for; empty for longer ones."""
        packer = self._packer
        return tuple(self._value(packer.unpack(bytes((byte,)))[0]) for byte in range(256)) if packer.size == 1 else ()

    def _value(self, count: int) -> float | None:
        return None if count == self.null_count else self.scale.quantity(count)

    @property
    def allowed(self) -> str:
        """The legal values in words."""
        return self.scale.allowed + ("" if self.null_count is None else ", or null")

    def write(self, params: Mapping[str, Any], out: bytearray) -> None:
        """Append the number."""
        value = self.given(params)
        if value is None and self.null_count is not None:
            out += self._packer.pack(self.null_count)
        else:
            out += self._packer.pack(self.scale.count(self.name, value, self.allowed))

    def read(self, data: bytes, at: int, params: dict[str, Any]) -> int:
        """Put the number into the parameters, whatever its value: a limit holds for what is sent, not for what is heard."""
        spelled = self._spelled
        if spelled:
            params[self.name] = spelled[data[at]]
            return at + 1
        end = at + self._packer.size
        if end > len(data):
            raise Malformed(f"data end before {self.name}")
        params[self.name] = self._value(self._packer.unpack_from(data, at)[0])
        return end


@dataclass(frozen=True)
class Fixed(Single):
    """A byte that always holds the same number in this layout; `quiet` keeps it out of the parameters."""

    value: int
    quiet: bool = False

    @cached_property
    def needs(self) -> frozenset[str]:
        """Nothing where it is quiet."""
        return frozenset() if self.quiet else self.keys

    @property
    def allowed(self) -> str:
        """The one legal value."""
        return str(self.value)

    def agrees(self, params: Mapping[str, Any]) -> bool:
        """True when the parameters do not say otherwise."""
        value = params.get(self.name, self.value)
        return value == self.value and not isinstance(value, bool)

    def write(self, params: Mapping[str, Any], out: bytearray) -> None:
        """Append the byte. Raises BadParameter when another value is asked for, or none where one is due."""
        value = params.get(self.name, self.value) if self.quiet else self.given(params)
        if value != self.value or isinstance(value, bool):
            raise wrong(self.name, value, self.allowed)
        out.append(self.value)

    def read(self, data: bytes, at: int, params: dict[str, Any]) -> int:
        """Malformed when the byte is another one."""
        if data[at] != self.value:
            raise Malformed(f"{self.name} is not {self.value}")
        if not self.quiet:
            params[self.name] = self.value
        return at + 1


@dataclass(frozen=True)
class Numbers(Single):
    """A fixed count of equal numbers as a list."""

    count: int
    code: str
    scale: Scale

    @cached_property
    def _packer(self) -> struct.Struct:
        return struct.Struct(f">{self.count}{self.code}")

    @property
    def allowed(self) -> str:
        """The legal values in words."""
        return f"a list of {self.count}, each {self.scale.allowed}"

    def write(self, params: Mapping[str, Any], out: bytearray) -> None:
        """Append the numbers."""
        values = sequence(self.name, self.given(params), self.count, self.count)
        out += self._packer.pack(*(self.scale.count(f"{self.name}[{i}]", value) for i, value in enumerate(values)))

    def read(self, data: bytes, at: int, params: dict[str, Any]) -> int:
        """Put the list into the parameters."""
        end = at + self._packer.size
        if end > len(data):
            raise Malformed(f"data end inside {self.name}")
        params[self.name] = [self.scale.quantity(count) for count in self._packer.unpack_from(data, at)]
        return end


@dataclass(frozen=True)
class Text(Single):
    """A fixed count of characters, one byte each (ISO 8859-1, in which any byte is some character)."""

    length: int

    @property
    def allowed(self) -> str:
        """The legal values in words."""
        return f"{self.length} characters"

    def write(self, params: Mapping[str, Any], out: bytearray) -> None:
        """Append the characters."""
        value = self.given(params)
        if not isinstance(value, str) or len(value) != self.length or max(value) > "\xff":
            raise wrong(self.name, value, self.allowed)
        out += value.encode("latin-1")

    def read(self, data: bytes, at: int, params: dict[str, Any]) -> int:
        """Put the text into the parameters."""
        end = at + self.length
        if end > len(data):
            raise Malformed(f"data end inside {self.name}")
        params[self.name] = data[at:end].decode("latin-1")
        return end


@dataclass(frozen=True)
class Hex(Single):
    """A fixed count of bytes, spelled as hexadecimal digits."""

    length: int

    @property
    def allowed(self) -> str:
        """The legal values in words."""
        return f"{2 * self.length} hexadecimal digits"

    def write(self, params: Mapping[str, Any], out: bytearray) -> None:
        """Append the bytes."""
        value = self.given(params)
        if not isinstance(value, str) or len(value) != 2 * self.length or not set(value.lower()) <= set("0123456789abcdef"):
            raise wrong(self.name, value, self.allowed)
        out += bytes.fromhex(value)

    def read(self, data: bytes, at: int, params: dict[str, Any]) -> int:
        """Put the digits into the parameters."""
        end = at + self.length
        if end > len(data):
            raise Malformed(f"data end inside {self.name}")
        params[self.name] = data[at:end].hex()
        return end


@dataclass(frozen=True)
class When(Field):
    """A field that is there only while another, earlier one has a certain value."""

    other: str
    value: int
    field: Single

    @property
    def keys(self) -> frozenset[str]:
        """The inner field's name."""
        return self.field.keys

    @property
    def needs(self) -> frozenset[str]:
        """Nothing: whether it is needed depends on the other."""
        return frozenset()

    def write(self, params: Mapping[str, Any], out: bytearray) -> None:
        """Append the inner field, or refuse it where it has no place."""
        if params[self.other] == self.value:
            self.field.write(params, out)
        elif self.field.name in params:
            raise BadParameter(self.field.name, f"is given although {self.other} is {params[self.other]}", "nothing")

    def read(self, data: bytes, at: int, params: dict[str, Any]) -> int:
        """Read the inner field where it has a place."""
        return self.field.read(data, at, params) if params[self.other] == self.value else at

    def explain(self) -> Iterator[Explained]:
        """The inner value and its condition."""
        for it in self.field.explain():
            yield Explained(it.name, it.meaning, f"{it.allowed}; only where {self.other} is {self.value}")
