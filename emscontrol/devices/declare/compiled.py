"""Declared fields turned into look-ups and structs, for frames that are sent often.

A miss in a look-up (KeyError, IndexError) means that the value is not legal; the caller leaves it to the command's plain
encoder, which refuses it with a sentence.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from struct import Struct
from typing import Any, Final

from emscontrol.devices.declare.bits import Bits, Part
from emscontrol.devices.declare.command import PACKET_NUMBER
from emscontrol.devices.declare.lists import Groups, Rows
from emscontrol.devices.declare.quantity import Scale

_CODE: Final = {1: "B", 2: "H", 4: "I"}


def repeated(encode: Callable[[str, Mapping[str, Any]], bytes], command: str, **params: Any) -> Callable[[int], bytes]:
    """A function from packet number to frame, for a request that is sent again and again: each frame is made once."""

    @lru_cache(maxsize=256)
    def write(packet_number: int) -> bytes:
        return encode(command, {PACKET_NUMBER: packet_number, **params})

    return write


def block_structs(words: tuple[Bits, ...], rows: Rows | Groups) -> tuple[Struct, ...]:
    """For each number of rows the struct of these words followed by that many rows."""
    head = "".join(_CODE[word.size] for word in words)
    return tuple(Struct(f">{head}{count}{_CODE[rows.word.size]}") for count in range(rows.most + 1))


def thousandths_coder(part: Part) -> Callable[[int], int]:
    """A function from thousandths of the part's unit (µs for ms) to bits, for ranges too large to list.

    A part with a finer scale gets the bits of its flag where only the finer scale can express the value. The function raises
    KeyError for any other value.
    """
    coarse = _shifted(part.scale, part.low)
    if part.finer is None:
        return coarse
    flag, scale = part.finer
    finer, mask = _shifted(scale, part.low), flag.mask

    def code(value: int) -> int:
        try:
            return coarse(value)
        except KeyError:
            return finer(value) | mask

    return code


def _shifted(scale: Scale, shift: int) -> Callable[[int], int]:
    low, high, step, offset = scale.thousandths()

    def code(value: int) -> int:
        count, rest = divmod(value - offset, step)
        if rest or not low <= value <= high:
            raise KeyError(value)
        return count << shift

    return code
