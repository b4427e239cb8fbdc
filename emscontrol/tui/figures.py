"""Figures in and out of text: milliamperes as they are typed, clocks, bars and large digits."""

import re
from decimal import Decimal
from typing import Final

from emscontrol.core.errors import UsageError
from emscontrol.core.units import US_PER_S, format_ma, ua_from_ma
from emscontrol.tui.glyphs import ascii_only

_TYPED: Final = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,3})?)(?: ?mA)?", re.ASCII)
BAR_STEPS: Final = " ▏▎▍▌▋▊▉█"
PLAIN_STEPS: Final = " ---===="


def typed_ua(text: str) -> int:
    """µA of a figure typed in mA. Raises UsageError with what is wrong (RC-47: a point, never a comma, nothing ignored)."""
    match = _TYPED.fullmatch(text.strip(" "))
    if match is None:
        raise UsageError(_objection(text), "Write it like 22.5: milliamperes, a point, at most three decimals.")
    amplitude_ua = ua_from_ma(Decimal(match[1]))
    if amplitude_ua == 0:
        raise UsageError("0 mA is no level that was measured.")
    return amplitude_ua


def _objection(text: str) -> str:
    if not text.strip():
        return "The level is missing."
    if "," in text:
        return f"{text!r} has a comma, which some read as a point and some as a thousand."
    return f"{text!r} is no figure in mA."


def big_ma(amplitude_ua: int) -> str:
    """The figure alone, with its decimals, without the unit."""
    return format_ma(amplitude_ua).removesuffix(" mA")


def clock(time_us: int) -> str:
    """Minutes and seconds, as 12:05; rounded up, so that it is 0:00 only when it is over."""
    minutes, seconds = divmod(-(-max(0, time_us) // US_PER_S), 60)
    return f"{minutes}:{seconds:02d}"


def seconds(time_us: int) -> str:
    """Seconds with one decimal and the unit."""
    return f"{max(0, time_us) / US_PER_S:.1f} s"


def bar(value: int, whole: int, width: int) -> str:
    """A bar of so many cells, filled to value/whole in eighths of a cell, plain ones in thirds. Anything above zero shows."""
    if whole <= 0 or width <= 0:
        return " " * max(0, width)
    eighths = min(width * 8, max(0, value) * width * 8 // whole)
    eighths = max(eighths, 1) if value > 0 else eighths
    full, rest = divmod(eighths, 8)
    if ascii_only():
        return ("#" * full + (PLAIN_STEPS[rest] if rest else "")).ljust(width, ".")
    return ("█" * full + (BAR_STEPS[rest] if rest else "")).ljust(width, "·")


_PLAIN_GLYPHS: Final = {
    "0": (" _ ", "| |", "|_|"),
    "1": ("   ", "  |", "  |"),
    "2": (" _ ", " _|", "|_ "),
    "3": (" _ ", " _|", " _|"),
    "4": ("   ", "|_|", "  |"),
    "5": (" _ ", "|_ ", " _|"),
    "6": (" _ ", "|_ ", "|_|"),
    "7": (" _ ", "  |", "  |"),
    "8": (" _ ", "|_|", "|_|"),
    "9": (" _ ", "|_|", " _|"),
    ".": (" ", " ", "."),
    "?": ("__ ", " _|", " . "),
}
_GLYPHS: Final = {
    "0": ("█▀█", "█ █", "▀▀▀"),
    "1": ("▀█ ", " █ ", "▀▀▀"),
    "2": ("▀▀█", "█▀▀", "▀▀▀"),
    "3": ("▀▀█", " ▀█", "▀▀▀"),
    "4": ("█ █", "▀▀█", "  ▀"),
    "5": ("█▀▀", "▀▀█", "▀▀▀"),
    "6": ("█▀▀", "█▀█", "▀▀▀"),
    "7": ("▀▀█", "  █", "  ▀"),
    "8": ("█▀█", "█▀█", "▀▀▀"),
    "9": ("█▀█", "▀▀█", "▀▀▀"),
    ".": (" ", " ", "▀"),
    "?": ("▀▀█", " █▀", " ▀ "),
}
BIG_ROWS: Final = 3


def big(text: str) -> tuple[str, str, str]:
    """Three rows of large digits."""
    glyphs = [(_PLAIN_GLYPHS if ascii_only() else _GLYPHS)[character] for character in text]
    first, second, third = (" ".join(glyph[row] for glyph in glyphs) for row in range(BIG_ROWS))
    return first, second, third
