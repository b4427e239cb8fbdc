"""Lists of words and blocks: points of a pulse, trains per channel, pulses per channel."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from emscontrol.devices.declare.bits import Bits, Flag
from emscontrol.devices.declare.field import Explained, Field
from emscontrol.devices.declare.quantity import Scale
from emscontrol.devices.declare.refusal import BadParameter, Malformed, mapping, missing, refuse_unknown, sequence, wrong


@dataclass(frozen=True)
class Rows(Field):
    """One word per entry of a list; an entry is spelled as the plain list of the word's values, in order.

    A `Count` of an earlier word tells how many there are. With `none_without` (a flag of an earlier word) the list may be
    empty while that flag is not set.
    """

    name: str
    word: Bits
    meaning: str
    most: int
    none_without: str = ""

    @cached_property
    def keys(self) -> frozenset[str]:
        """The list's name."""
        return frozenset((self.name,))

    @property
    def needs(self) -> frozenset[str]:
        """The list's name."""
        return self.keys

    def write(self, params: Mapping[str, Any], out: bytearray) -> None:
        """Append one word per entry."""
        least = 0 if self.none_without and params.get(self.none_without) is False else 1
        names = [part.name for part in self.word.parts]
        for i, row in enumerate(sequence(self.name, params.get(self.name), self.most, least)):
            where = f"{self.name}[{i}]"
            values = sequence(where, row, len(names), len(names))
            try:
                self.word.write(dict(zip(names, values, strict=True)), out)
            except BadParameter as bad:
                raise bad.inside(where) from None

    def read(self, data: bytes, at: int, params: dict[str, Any]) -> int:
        """Fill the places that the count has left."""
        if self.none_without and at == len(data) and not params[self.none_without]:
            params[self.name] = []
            return at
        rows = params[self.name]
        for i in range(len(rows)):
            entry: dict[str, Any] = {}
            at = self.word.read(data, at, entry)
            rows[i] = list(entry.values())
        return at

    def explain(self) -> Iterator[Explained]:
        """The list and what an entry holds."""
        yield Explained(self.name, self.meaning, f"a list of 1 to {self.most}")
        yield from (Explained(f"{self.name}[].{it.name}", it.meaning, it.allowed) for it in self.word.explain())


@dataclass(frozen=True)
class PerChannel(Field):
    """A byte whose low bits say which channels follow, then one block of fields for each, ascending.

    `key` is what a block calls its channel, counted from 0. `flags` are the byte's further bits.
    """

    name: str
    key: str
    channels: int
    block: tuple[Field, ...]
    meaning: str
    flags: tuple[Flag, ...] = ()

    @cached_property
    def keys(self) -> frozenset[str]:
        """The list's name and those of the flags."""
        return frozenset((self.name, *(flag.name for flag in self.flags)))

    @property
    def needs(self) -> frozenset[str]:
        """The same: the flags tell this layout from the one without."""
        return self.keys

    @cached_property
    def _block_keys(self) -> frozenset[str]:
        return frozenset((self.key,)).union(*(field.keys for field in self.block))

    def write(self, params: Mapping[str, Any], out: bytearray) -> None:
        """Append the byte and the blocks."""
        if self.name not in params:
            raise missing(self.name, f"a list of at most {self.channels}")
        mask, blocks = 0, bytearray()
        for i, entry in enumerate(sequence(self.name, params[self.name], self.channels)):
            where = f"{self.name}[{i}]"
            values = mapping(where, entry)
            try:
                mask |= self._write_block(values, mask, blocks)
            except BadParameter as bad:
                raise bad.inside(where) from None
        for flag in self.flags:
            mask |= flag.bits(params)
        out.append(mask)
        out += blocks

    def _write_block(self, entry: Mapping[str, Any], mask: int, out: bytearray) -> int:
        refuse_unknown(entry, self._block_keys)
        bit = 1 << numbered(self.key, entry, 0, self.channels - 1)
        if mask >= bit:
            raise wrong(self.key, entry[self.key], "channels in ascending order, each once")
        for field in self.block:
            field.write(entry, out)
        return bit

    def read(self, data: bytes, at: int, params: dict[str, Any]) -> int:
        """Read the blocks of the channels that are set."""
        mask = data[at]
        at += 1
        for flag in self.flags:
            flag.put(mask, params)
            mask &= ~flag.mask
        if mask >> self.channels:
            raise Malformed("a channel that does not exist")
        blocks = []
        for channel in range(self.channels):
            if mask >> channel & 1:
                entry: dict[str, Any] = {self.key: channel}
                for field in self.block:
                    at = field.read(data, at, entry)
                blocks.append(entry)
        params[self.name] = blocks
        return at

    def explain(self) -> Iterator[Explained]:
        """The list, the flags and what a block holds."""
        yield Explained(self.name, self.meaning, f"a list of at most {self.channels}, ascending")
        yield from (Explained(flag.name, flag.meaning, flag.allowed) for flag in self.flags)
        yield Explained(f"{self.name}[].{self.key}", "the block's channel, counted from 0", f"0 to {self.channels - 1}")
        for field in self.block:
            yield from (Explained(f"{self.name}[].{it.name}", it.meaning, it.allowed) for it in field.explain())


@dataclass(frozen=True)
class Groups(Field):
    """Words up to the end of the data, one per channel.

    `key` numbers them from 1 in the parameters but is not transmitted: it is checked where it is given, and told where there
    are as many groups as channels, so that there is no doubt.
    """

    name: str
    key: str
    word: Bits
    most: int
    meaning: str

    @cached_property
    def keys(self) -> frozenset[str]:
        """The list's name."""
        return frozenset((self.name,))

    @property
    def needs(self) -> frozenset[str]:
        """The list's name."""
        return self.keys

    def write(self, params: Mapping[str, Any], out: bytearray) -> None:
        """Append one word per entry."""
        if self.name not in params:
            raise missing(self.name, f"a list of at most {self.most}")
        last = 0
        for i, entry in enumerate(sequence(self.name, params[self.name], self.most, 1)):
            where = f"{self.name}[{i}]"
            values = mapping(where, entry)
            try:
                last = self._write_group(values, last, out)
            except BadParameter as bad:
                raise bad.inside(where) from None

    def _write_group(self, entry: Mapping[str, Any], last: int, out: bytearray) -> int:
        refuse_unknown(entry, self.word.keys | {self.key})
        number = numbered(self.key, entry, 1, self.most) if self.key in entry else last + 1
        if number <= last:
            raise wrong(self.key, number, "channels in ascending order, each once")
        self.word.write(entry, out)
        return number

    def read(self, data: bytes, at: int, params: dict[str, Any]) -> int:
        """Read words to the end. Their channel numbers are not in the frame."""
        groups = []
        while at < len(data):
            entry: dict[str, Any] = {}
            at = self.word.read(data, at, entry)
            groups.append(entry)
        if len(groups) == self.most:
            groups = [{self.key: number, **group} for number, group in enumerate(groups, 1)]
        if not 1 <= len(groups) <= self.most:
            raise Malformed(f"{len(groups)} groups")
        params[self.name] = groups
        return at

    def explain(self) -> Iterator[Explained]:
        """The list and what an entry holds."""
        yield Explained(self.name, self.meaning, f"a list of 1 to {self.most}, ascending")
        yield Explained(f"{self.name}[].{self.key}", "the channel, counted from 1; not transmitted", f"1 to {self.most}")
        yield from (Explained(f"{self.name}[].{it.name}", it.meaning, it.allowed) for it in self.word.explain())


def numbered(key: str, entry: Mapping[str, Any], first: int, last: int) -> int:
    """A list entry's channel number. Raises BadParameter."""
    scale = Scale(first, last)
    if key not in entry:
        raise missing(key, scale.allowed)
    return scale.count(key, entry[key])
