"""Fields inside one big-endian word, named by their bits as the data sheets do."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from emscontrol.devices.declare.field import REQUIRED, Explained, Field
from emscontrol.devices.declare.quantity import Scale
from emscontrol.devices.declare.refusal import Malformed, missing, sequence, wrong


@dataclass(frozen=True)
class Part:
    """Bits `high` to `low` of a word hold a scaled number.

    `default` makes the parameter optional; `quiet` leaves it out of decoded parameters where it has its default. `finer` is a
    flag of the same word and the scale that holds while that flag is set.
    """

    name: str
    high: int
    low: int
    scale: Scale
    meaning: str
    default: Any = REQUIRED
    quiet: bool = False
    finer: "tuple[Flag, Scale] | None" = None

    @property
    def mask(self) -> int:
        """The bits of the word that belong to this part."""
        return (1 << self.high + 1) - (1 << self.low)

    @property
    def allowed(self) -> str:
        """The legal values in words."""
        if self.finer is None:
            return self.scale.allowed
        flag, scale = self.finer
        return f"{self.scale.allowed} (with {flag.name}: {scale.allowed})"

    def bits(self, params: Mapping[str, Any]) -> int:
        """This part of the word for these parameters. Raises BadParameter."""
        value = params.get(self.name, self.default)
        if value is REQUIRED:
            raise missing(self.name, self.allowed)
        scale = self.scale
        if self.finer is not None and self.finer[0].bits(params):
            scale = self.finer[1]
        return scale.count(self.name, value, self.allowed) << self.low

    def put(self, word: int, params: dict[str, Any]) -> None:
        """Put this part of a word into the parameters."""
        scale = self.scale
        if self.finer is not None and word & self.finer[0].mask:
            scale = self.finer[1]
        value = scale.quantity((word & self.mask) >> self.low)
        if not (self.quiet and value == self.default):
            params[self.name] = value

    def bits_by_value(self) -> dict[int, int]:
        """Every legal value and its bits, for small ranges: the range check and the coding in one look-up."""
        scale = self.scale
        count, last = scale.count(self.name, scale.low), scale.count(self.name, scale.high)
        return {int(scale.quantity(c)): c << self.low for c in range(count, last + 1)}

    def bits_by_thousandth(self) -> dict[int, int]:
        """The same by value in thousandths of the unit (µA for a part in mA)."""
        low, high, step, offset = self.scale.thousandths()
        return {value: (value - offset) // step << self.low for value in range(low, high + 1, step)}


@dataclass(frozen=True)
class Named:
    """Bits `high` to `low` of a word hold one of several named values."""

    name: str
    high: int
    low: int
    names: Mapping[str, int]
    meaning: str

    @property
    def mask(self) -> int:
        """The bits of the word that belong to this part."""
        return (1 << self.high + 1) - (1 << self.low)

    @property
    def allowed(self) -> str:
        """The legal values in words."""
        return ", ".join(self.names)

    def bits(self, params: Mapping[str, Any]) -> int:
        """This part of the word for these parameters. Raises BadParameter."""
        if self.name not in params:
            raise missing(self.name, self.allowed)
        value = params[self.name]
        if not isinstance(value, str) or value not in self.names:
            raise wrong(self.name, value, self.allowed)
        return self.names[value] << self.low

    def put(self, word: int, params: dict[str, Any]) -> None:
        """Put the name into the parameters; Malformed where the number has none."""
        number = (word & self.mask) >> self.low
        for name, value in self.names.items():
            if value == number:
                params[self.name] = name
                return
        raise Malformed(f"{self.name} {number} has no name")

    def bits_by_name(self) -> dict[str, int]:
        """Every name and its bits."""
        return {name: number << self.low for name, number in self.names.items()}


@dataclass(frozen=True)
class Flag:
    """One bit of a word; `default` and `quiet` as for a Part."""

    name: str
    bit: int
    meaning: str
    default: Any = REQUIRED
    quiet: bool = False
    allowed: str = "true or false"

    @property
    def mask(self) -> int:
        """The bit as a word."""
        return 1 << self.bit

    def bits(self, params: Mapping[str, Any]) -> int:
        """The bit for these parameters. Raises BadParameter."""
        value = params.get(self.name, self.default)
        if value is REQUIRED:
            raise missing(self.name, self.allowed)
        if not isinstance(value, bool):
            raise wrong(self.name, value, self.allowed)
        return self.mask if value else 0

    def put(self, word: int, params: dict[str, Any]) -> None:
        """Put the flag into the parameters."""
        value = word & self.mask != 0
        if not (self.quiet and value == self.default):
            params[self.name] = value


@dataclass(frozen=True)
class Count:
    """Bits `high` to `low` of a word hold the number of entries of a list that follows, less one."""

    name: str
    high: int
    low: int
    meaning: str
    default: Any = REQUIRED

    @property
    def mask(self) -> int:
        """The bits of the word that belong to this part."""
        return (1 << self.high + 1) - (1 << self.low)

    @property
    def most(self) -> int:
        """The longest list whose number of entries can be told."""
        return (self.mask >> self.low) + 1

    @property
    def allowed(self) -> str:
        """The legal values in words."""
        return f"a list of 1 to {self.most}"

    def bits(self, params: Mapping[str, Any]) -> int:
        """The count for these parameters. Raises BadParameter."""
        if self.name not in params:
            raise missing(self.name, self.allowed)
        entries = len(sequence(self.name, params[self.name], self.most))
        return max(entries - 1, 0) << self.low

    def put(self, word: int, params: dict[str, Any]) -> None:
        """Leave an empty place for each entry, for the list field to fill."""
        params[self.name] = [None] * (((word & self.mask) >> self.low) + 1)

    def bits_by_length(self) -> list[int]:
        """The bits for a list of each length; index 0 is unused."""
        return [max(length - 1, 0) << self.low for length in range(self.most + 1)]


@dataclass(frozen=True)
class Bits(Field):
    """A word of `size` bytes, most significant first. Bits that belong to no part are zero, or the word is malformed."""

    size: int
    parts: tuple[Part | Named | Flag | Count, ...]

    @cached_property
    def keys(self) -> frozenset[str]:
        """The names of the parts."""
        return frozenset(part.name for part in self.parts)

    @cached_property
    def needs(self) -> frozenset[str]:
        """The names of the parts without a default."""
        return frozenset(p.name for p in self.parts if isinstance(p, Named) or p.default is REQUIRED)

    @cached_property
    def spare(self) -> int:
        """The bits that belong to no part."""
        used = 0
        for part in self.parts:
            used |= part.mask
        return ~used

    def word(self, params: Mapping[str, Any]) -> int:
        """The whole word. Raises BadParameter."""
        word = 0
        for part in self.parts:
            word |= part.bits(params)
        return word

    def write(self, params: Mapping[str, Any], out: bytearray) -> None:
        """Append the word."""
        out += self.word(params).to_bytes(self.size, "big")

    def read(self, data: bytes, at: int, params: dict[str, Any]) -> int:
        """Put every part into the parameters."""
        end = at + self.size
        if end > len(data):
            raise Malformed("data end inside a word")
        word = int.from_bytes(data[at:end], "big")
        if word & self.spare:
            raise Malformed("a reserved bit is set")
        for part in self.parts:
            part.put(word, params)
        return end

    def explain(self) -> Iterator[Explained]:
        """Every part."""
        return (Explained(part.name, part.meaning, part.allowed) for part in self.parts)

    def part(self, name: str) -> Any:
        """The part with this name, for code that is compiled from the table. Raises KeyError."""
        return {part.name: part for part in self.parts}[name]
