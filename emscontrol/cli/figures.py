"""Amplitudes and sizes as they are typed: a point for decimals, no unit, and nothing that has to be guessed."""

import re
from decimal import Decimal
from fractions import Fraction

from emscontrol.core.errors import UsageError
from emscontrol.core.units import mm2_from_cm2, ua_from_ma

_MA = re.compile(r"[0-9]{1,3}(\.[0-9]{1,3})?", re.ASCII)
_PADS = re.compile(r"(?P<width>[0-9]{1,2}(\.[0-9])?)x(?P<height>[0-9]{1,2}(\.[0-9])?)", re.ASCII)


def read_ua(text: str, option: str) -> int:
    """µA from milliamperes like 22.5. Raises UsageError that names the option."""
    if _MA.fullmatch(text) is None or not Decimal(text):
        raise UsageError(f"{option} {text!r} is no current.", "Write it like 22.5: milliamperes with a point, no unit.")
    return ua_from_ma(Decimal(text))


def read_area_mm2(text: str, option: str) -> int:
    """mm² from a size in cm like 5x9. Raises UsageError that names the option."""
    match = _PADS.fullmatch(text)
    area = Fraction(match["width"]) * Fraction(match["height"]) if match is not None else Fraction(0)
    if not area:
        raise UsageError(f"{option} {text!r} is no size.", "Write it like 5x9: width and height in cm.")
    return mm2_from_cm2(area)
