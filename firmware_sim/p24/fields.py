"""The kinds of data fields in ScienceMode 4 commands. Each reads itself from bytes into parameters and back.

Readers raise DataError, writers ValueError; both say which field and what is wrong with it.
"""

from dataclasses import dataclass
from typing import Any, Final, Protocol

Params = dict[str, Any]

CURRENT_ZERO: Final = 300
"""Code of 0 mA; a step is 0.5 mA."""
CURRENT_CODES: Final = range(601)


class DataError(ValueError):
    """The data of a command is not what the command's description says."""


class Reader:
    """Takes the data of a command apart from front to back."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def left(self) -> int:
        """Bytes not taken yet."""
        return len(self._data) - self._at

    def take(self, count: int) -> bytes:
        """The next bytes. Raises DataError when there are fewer."""
        if self.left < count:
            raise DataError(f"data ends {count - self.left} bytes too early")
        self._at += count
        return self._data[self._at - count : self._at]

    def number(self, size: int = 1) -> int:
        """The next bytes as one number, most significant first."""
        return int.from_bytes(self.take(size), "big")


class Field(Protocol):
    """One piece of a command's data."""

    def read(self, reader: Reader, params: Params) -> None:
        """Takes the field and adds what it says to the parameters."""

    def write(self, params: Params) -> bytes:
        """The field's bytes for these parameters."""


@dataclass(frozen=True, slots=True)
class Number:
    """An unsigned number of `size` bytes."""

    name: str
    size: int = 1

    def read(self, reader: Reader, params: Params) -> None:
        params[self.name] = reader.number(self.size)

    def write(self, params: Params) -> bytes:
        return whole(params, self.name, 0, 256**self.size - 1).to_bytes(self.size, "big")


@dataclass(frozen=True, slots=True)
class Flag:
    """A byte that is 0 or 1."""

    name: str

    def read(self, reader: Reader, params: Params) -> None:
        value = reader.number()
        if value > 1:
            raise DataError(f"{self.name} is {value}, neither 0 nor 1")
        params[self.name] = bool(value)

    def write(self, params: Params) -> bytes:
        return bytes((truth(params, self.name),))


@dataclass(frozen=True, slots=True)
class Bits:
    """A byte made of small numbers: (name, lowest bit, number of bits). All other bits are 0."""

    parts: tuple[tuple[str, int, int], ...]

    def read(self, reader: Reader, params: Params) -> None:
        value = rest = reader.number()
        for name, low, count in self.parts:
            params[name] = value >> low & (1 << count) - 1
            rest &= ~(((1 << count) - 1) << low)
        if rest:
            raise DataError(f"reserved bits are set (0x{rest:02x})")

    def write(self, params: Params) -> bytes:
        return bytes((sum(whole(params, name, 0, (1 << count) - 1, 0) << low for name, low, count in self.parts),))


@dataclass(frozen=True, slots=True)
class Numbers:
    """A fixed count of one-byte numbers, as a list."""

    name: str
    count: int

    def read(self, reader: Reader, params: Params) -> None:
        params[self.name] = list(reader.take(self.count))

    def write(self, params: Params) -> bytes:
        values = listed(params, self.name, self.count)
        return bytes(whole({self.name: value}, self.name, 0, 255) for value in values)


@dataclass(frozen=True, slots=True)
class Text:
    """A fixed count of characters, one byte each."""

    name: str
    count: int

    def read(self, reader: Reader, params: Params) -> None:
        params[self.name] = reader.take(self.count).decode("latin-1")

    def write(self, params: Params) -> bytes:
        value = params.get(self.name)
        if not isinstance(value, str) or len(value) != self.count or not value.isascii():
            raise ValueError(f"{self.name} is {value!r}, not {self.count} ASCII characters")
        return value.encode("ascii")


@dataclass(frozen=True, slots=True)
class Hex:
    """A fixed count of bytes, in hexadecimal."""

    name: str
    count: int

    def read(self, reader: Reader, params: Params) -> None:
        params[self.name] = reader.take(self.count).hex()

    def write(self, params: Params) -> bytes:
        value = params.get(self.name)
        try:
            data = bytes.fromhex(value) if isinstance(value, str) else b""
        except ValueError:
            data = b""
        if len(data) != self.count:
            raise ValueError(f"{self.name} is {value!r}, not {self.count} bytes in hexadecimal")
        return data


def whole(params: Params, name: str, low: int, high: int, default: int | None = None) -> int:
    """A whole number among the parameters. Raises ValueError when it is missing, of another type or out of range."""
    value = params.get(name, default)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise ValueError(f"{name} is {value!r}, not a whole number from {low} to {high}")
    return value


def truth(params: Params, name: str, default: bool | None = None) -> bool:
    """True or False (or 1 or 0) among the parameters."""
    value = params.get(name, default)
    if value not in (0, 1):
        raise ValueError(f"{name} is {value!r}, neither true nor false")
    return bool(value)


def listed(params: Params, name: str, count: int | range) -> list[Any]:
    """A list of so many elements among the parameters."""
    value = params.get(name)
    lengths = range(count, count + 1) if isinstance(count, int) else count
    if not isinstance(value, list | tuple) or len(value) not in lengths:
        wanted = str(count) if isinstance(count, int) else f"{lengths.start} to {lengths.stop - 1}"
        raise ValueError(f"{name} is {value!r}, not a list of {wanted}")
    return list(value)


def tidy(value: float) -> int | float:
    """The number without a point when it is whole."""
    return int(value) if float(value).is_integer() else value


def scaled(what: str, value: Any, scale: int, low: int, high: int) -> int:
    """`value` × `scale` as a whole code. Raises ValueError where the code does not exist; nothing is rounded."""
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value or abs(value) > high:
        raise ValueError(f"{what} is {value!r}, not a number that the device knows")
    code = value * scale
    if code != int(code) or not low <= code <= high:
        raise ValueError(f"{what} is {value!r}; it goes in steps of {1 / scale:g} from {low / scale:g} to {high / scale:g}")
    return int(code)


def read_point(reader: Reader) -> list[int | float]:
    """A point of a pulse: [duration µs, current mA], and the reserved low ten bits as a third number when they are not 0."""
    value = reader.number(4)
    point: list[int | float] = [value >> 20, tidy(((value >> 10 & 0x3FF) - CURRENT_ZERO) / 2)]
    return [*point, value & 0x3FF] if value & 0x3FF else point


def write_point(point: Any) -> bytes:
    """The four bytes of [duration µs, current mA]."""
    values = listed({"point": point}, "point", range(2, 4))
    duration = whole({"duration": values[0]}, "duration", 0, 4095)
    half_ma = scaled("current", values[1], 2, -CURRENT_ZERO, CURRENT_CODES.stop - 1 - CURRENT_ZERO)
    low = whole({"reserved": values[2]}, "reserved", 0, 0x3FF) if len(values) > 2 else 0
    return (duration << 20 | half_ma + CURRENT_ZERO << 10 | low).to_bytes(4, "big")
