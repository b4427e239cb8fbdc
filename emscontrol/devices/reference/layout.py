"""A payload of the command table as `struct` reads and writes it: named values to bytes and back, ranges included."""

from collections.abc import Mapping
from struct import Struct
from typing import Any, Final, Protocol, TypeGuard

from emscontrol.devices.declare.refusal import BadParameter, Malformed, mapping, missing, sequence, wrong
from emscontrol.devices.reference.commands import Each, Field, Layout

LIST: Final = "each"
"""The parameter that holds what is repeated; the count before it on the line is that of its entries."""

_CODES: Final = {"u8": "B", "u16": "H", "u32": "I", "i8": "b"}
_SPANS: Final = {"u8": (0, 0xFF), "u16": (0, 0xFFFF), "u32": (0, 0xFFFF_FFFF), "i8": (-128, 127)}
_TEXT_MAX: Final = 32


class Payload(Protocol):
    """One payload: `keys` are its parameters."""

    keys: frozenset[str]

    def write(self, params: Mapping[str, Any]) -> bytes:
        """The bytes of these parameters. Raises BadParameter for one that is missing, no whole number, or out of range."""

    def read(self, data: bytes, params: dict[str, Any]) -> None:
        """Put the values into the parameters. Raises Malformed for another length and for a value out of range."""


def payload_of(layout: Layout) -> Payload:
    """The compiled form of a layout."""
    if any(isinstance(part, Field) and part.kind == "text" for part in layout):
        return _Texts(layout)
    return _Listed(layout) if layout and isinstance(layout[-1], Each) else _Plain(layout)


class _Fields:
    """Integers one after the other."""

    def __init__(self, fields: tuple[Field, ...]) -> None:
        self.names: Final = tuple(field.name for field in fields)
        self.struct: Final = Struct("<" + "".join(_CODES[field.kind] for field in fields))
        self._spans = tuple((field.name, *_span(field)) for field in fields)
        self._checked = tuple((place, *_span(field)) for place, field in enumerate(fields) if field.high is not None)

    def write(self, params: Mapping[str, Any]) -> bytes:
        values = []
        for name, low, high in self._spans:
            value = params.get(name)
            if (type(value) is not int and not is_whole(value)) or not low <= value <= high:
                raise _refused(params, name, low, high)
            values.append(value)
        return self.struct.pack(*values)

    def named(self, values: tuple[int, ...]) -> dict[str, Any]:
        """The values by their names. Raises Malformed for one out of range."""
        for place, low, high in self._checked:
            if not low <= values[place] <= high:
                raise Malformed(f"{self.names[place]} is {values[place]}")
        return dict(zip(self.names, values, strict=True))


class _Plain:
    """A payload of fixed length."""

    def __init__(self, layout: Layout) -> None:
        self._fields = _Fields(tuple(part for part in layout if isinstance(part, Field)))
        self.keys = frozenset(self._fields.names)

    def write(self, params: Mapping[str, Any]) -> bytes:
        return self._fields.write(params)

    def read(self, data: bytes, params: dict[str, Any]) -> None:
        fields = self._fields
        if len(data) != fields.struct.size:
            raise Malformed(f"{len(data)} bytes")
        params |= fields.named(fields.struct.unpack(data))


class _Listed:
    """Fields, the last of which is a count, and then so many rows."""

    def __init__(self, layout: Layout) -> None:
        fields = tuple(part for part in layout if isinstance(part, Field))
        (each,) = (part for part in layout if isinstance(part, Each))
        if fields[-1].name != each.of:
            raise ValueError(f"the count {each.of} must stand right before what it counts")
        self._count = fields[-1]
        self._head = _Fields(fields)
        self._rows = _Fields(each.fields)
        self._most = each.most
        self.keys = frozenset(self._head.names) - {each.of} | {LIST}

    def write(self, params: Mapping[str, Any]) -> bytes:
        if LIST not in params:
            raise missing(LIST, f"a list of at most {self._most}")
        entries = sequence(LIST, params[LIST], self._most, self._count.low)
        rows = []
        for place, entry in enumerate(entries):
            try:
                given = mapping("entry", entry)
                if len(given) > len(self._rows.names):
                    refuse_strange(given, self._rows.names)
                rows.append(self._rows.write(given))
            except BadParameter as bad:
                raise bad.inside(f"{LIST}[{place}]") from None
        return self._head.write({**params, self._count.name: len(rows)}) + b"".join(rows)

    def read(self, data: bytes, params: dict[str, Any]) -> None:
        head, rows = self._head, self._rows
        if len(data) < head.struct.size:
            raise Malformed(f"{len(data)} bytes")
        params |= head.named(head.struct.unpack_from(data))
        if len(data) != head.struct.size + params.pop(self._count.name) * rows.struct.size:
            raise Malformed(f"{len(data)} bytes")
        params[LIST] = [rows.named(values) for values in rows.struct.iter_unpack(data[head.struct.size :])]


class _Texts:
    """Texts, each behind its length."""

    def __init__(self, layout: Layout) -> None:
        self._names = tuple(part.name for part in layout if isinstance(part, Field))
        self.keys = frozenset(self._names)

    def write(self, params: Mapping[str, Any]) -> bytes:
        data = bytearray()
        for name in self._names:
            text = params.get(name)
            raw = text.encode("utf-8", "replace") if isinstance(text, str) else None
            if raw is None or len(raw) > _TEXT_MAX:
                allowed = f"a text of at most {_TEXT_MAX} bytes"
                raise wrong(name, text, allowed) if name in params else missing(name, allowed)
            data += bytes((len(raw),)) + raw
        return bytes(data)

    def read(self, data: bytes, params: dict[str, Any]) -> None:
        at = 0
        for name in self._names:
            length = data[at] if at < len(data) else _TEXT_MAX + 1
            raw = data[at + 1 : at + 1 + length]
            if length > _TEXT_MAX or len(raw) < length:
                raise Malformed("a text does not end")
            try:
                params[name] = raw.decode("utf-8")
            except UnicodeDecodeError:
                raise Malformed("a text is not UTF-8") from None
            at += 1 + length
        if at != len(data):
            raise Malformed("data go on after the last text")


def is_whole(value: object) -> TypeGuard[int]:
    """Whether this is a whole number; true and false are none."""
    return type(value) is int or (isinstance(value, int) and not isinstance(value, bool))


def refuse_strange(params: Mapping[str, Any], known: "frozenset[str] | tuple[str, ...]") -> None:
    """Raise BadParameter when there is a key that the layout does not have."""
    for key in params:
        if key not in known:
            raise BadParameter(str(key), "is not a parameter", ", ".join(sorted(known)) or "none")


def _span(field: Field) -> tuple[int, int]:
    low, high = _SPANS[field.kind]
    return (low, high) if field.high is None else (field.low, field.high)


def _refused(params: Mapping[str, Any], name: str, low: int, high: int) -> BadParameter:
    allowed = f"a whole number, {low} to {high}"
    return wrong(name, params[name], allowed) if name in params else missing(name, allowed)
