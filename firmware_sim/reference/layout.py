"""How the fields of a payload lie on the line, and which values they take."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from struct import Struct
from typing import Any, Final

Params = dict[str, Any]

EACH: Final = "each"
"""The parameter that holds the list of what is repeated."""
TEXT_MAX: Final = 32


class Kind(StrEnum):
    """The types of the page, valued as the letters of `struct`; text is a length byte and UTF-8."""

    U8 = "B"
    I8 = "b"
    U16 = "H"
    U32 = "I"
    TEXT = "s"

    @property
    def bounds(self) -> tuple[int, int]:
        """The smallest and largest number of this type (of text: of its length)."""
        bits = 8 * Struct(self.value).size
        return {Kind.I8: (-128, 127), Kind.TEXT: (0, TEXT_MAX)}.get(self, (0, (1 << bits) - 1))


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its name, type and range; None = whatever the type holds."""

    name: str
    kind: Kind
    low: int | None = None
    high: int | None = None

    @property
    def bounds(self) -> tuple[int, int]:
        """The range."""
        low, high = self.kind.bounds
        return low if self.low is None else self.low, high if self.high is None else self.high


class Layout:
    """The fields of one payload in their order. Where `each` is given, its fields are repeated, as a group, `count` times.

    The group is the last part of a payload; `count` is the field before it.
    """

    def __init__(self, *fields: Field, each: tuple[Field, ...] = (), count: tuple[int, int] = (0, 8)) -> None:
        self.fields: Final = fields
        self.each: Final = each
        self.count: Final = count
        self._has_text: Final = any(field.kind is Kind.TEXT for field in fields)
        self._names: Final = tuple(field.name for field in fields)
        self._each_names: Final = tuple(field.name for field in each)
        kinds = "" if self._has_text else "".join(field.kind for field in fields)
        self._head: Final = Struct("<" + kinds + ("B" if each else ""))
        self._item: Final = Struct("<" + "".join(field.kind for field in each))
        self.checks: Final = tuple((field.name, *field.bounds) for field in fields)
        self.each_checks: Final = tuple((field.name, *field.bounds) for field in each)

    def fits(self, payload: bytes) -> bool:
        """Whether the payload has exactly the length that it has to have."""
        if self._has_text:
            return self._read_text(payload) is not None
        if not self.each:
            return len(payload) == self._head.size
        size = self._head.size
        return len(payload) >= size and len(payload) == size + payload[size - 1] * self._item.size

    def unpack(self, payload: bytes) -> Params:
        """The parameters in a payload that `fits`."""
        if self._has_text:
            return self._read_text(payload) or {}
        params: Params = dict(zip(self._names, self._head.unpack_from(payload), strict=False))
        if self.each:
            names = self._each_names
            rows = self._item.iter_unpack(payload[self._head.size :])
            params[EACH] = [dict(zip(names, row, strict=True)) for row in rows]
        return params

    def pack(self, params: Params) -> bytes:
        """The payload for these parameters, which are of the right type and size."""
        if self._has_text:
            return b"".join(_text(params[name]) for name in self._names)
        values = [params[name] for name in self._names]
        if not self.each:
            return self._head.pack(*values)
        rows = params[EACH]
        names = self._each_names
        items = (self._item.pack(*[row[name] for name in names]) for row in rows)
        return self._head.pack(*values, len(rows)) + b"".join(items)

    def pack_values(self, values: Sequence[int], rows: Sequence[Sequence[int]]) -> bytes:
        """As `pack`, from plain numbers in the order of the fields; `rows` are those of the group."""
        item = self._item
        return self._head.pack(*values, len(rows)) + b"".join([item.pack(*row) for row in rows])

    def _read_text(self, payload: bytes) -> Params | None:
        params: Params = {}
        at = 0
        for name in self._names:
            length = payload[at] if at < len(payload) else TEXT_MAX + 1
            text = payload[at + 1 : at + 1 + length]
            if length > TEXT_MAX or len(text) < length:
                return None
            params[name] = text.decode("utf-8", "replace")
            at += 1 + length
        return params if at == len(payload) else None


def _text(value: str) -> bytes:
    data = value.encode()
    return bytes((len(data),)) + data
