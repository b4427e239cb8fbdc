"""Figures and places as a report tells them. What is not known stands as such, never as zero."""

from datetime import datetime, timedelta, tzinfo
from decimal import Decimal
from typing import Final

from emscontrol.core.errors import SafetyRefusal
from emscontrol.core.units import UA_PER_MA, US_PER_S
from emscontrol.safety.sites import described_site

UNKNOWN: Final = "not known"
NO_SIDE: Final = "side not recorded"
LONGEST: Final = 240  # of a text that somebody wrote, in a line of a report
PC_PER_MC: Final = 10**9
MM2_PER_CM2: Final = 100


def ma(amplitude_ua: int | None, unit: bool = True) -> str:
    """mA to the last digit that is there, one at the least."""
    if amplitude_ua is None:
        return UNKNOWN
    return f"{_trimmed(Decimal(amplitude_ua) / UA_PER_MA)}{' mA' if unit else ''}"


def tenths_of_ma(amplitude_ua: int | None) -> str:
    """mA to a tenth, for a mean, whose further digits nobody sets."""
    return UNKNOWN if amplitude_ua is None else f"{Decimal(amplitude_ua) / UA_PER_MA:.1f} mA"


def clock(time_us: int | None, tenths: bool = False) -> str:
    """Minutes and seconds, rounded down: 3:07, with tenths 3:07.4, before the start -0:12."""
    if time_us is None:
        return UNKNOWN
    seconds = abs(time_us) // US_PER_S
    sign = "-" if time_us < 0 and seconds else ""
    hours, minutes = divmod(seconds // 60, 60)
    part = f".{abs(time_us) // (US_PER_S // 10) % 10}" if tenths else ""
    return f"{sign}{f'{hours}:{minutes:02d}' if hours else minutes}:{seconds % 60:02d}{part}"


def charge(charge_pc: int | None) -> str:
    """mC to a thousandth."""
    return UNKNOWN if charge_pc is None else f"{Decimal(charge_pc) / PC_PER_MC:.3f} mC"


def whole(number: int | None) -> str:
    """A count."""
    return UNKNOWN if number is None else str(number)


def area(area_mm2: int | None) -> str:
    """cm² of a pad."""
    return UNKNOWN if area_mm2 is None else f"{_trimmed(Decimal(area_mm2) / MM2_PER_CM2)} cm²"


def muscle(name: str | None, side: str | None) -> str:
    """The muscle as the catalogue calls it, and the side; a word that the catalogue does not have stands as it is.

    A side that is not told, or was left open, is said to be not recorded.
    """
    if not name:
        return UNKNOWN
    try:
        known = described_site(name).name
    except SafetyRefusal:
        known = name
    return short(f"{known}, {NO_SIDE if side in (None, '', 'either') else side}", 80)


def time_of_day(wall: str, zone: tzinfo | None = None) -> str:
    """Day, time and distance from UTC of an ISO time, on the clock of `zone` or as it was written; one that is none stands."""
    try:
        told = datetime.fromisoformat(wall)
        if zone and told.tzinfo:
            told = told.astimezone(zone)
    except (ValueError, OverflowError):
        return short(wall, 40) or UNKNOWN
    offset = told.isoformat(timespec="seconds")[len("2026-11-29T22:20:56") :]
    return f"{told:%Y-%m-%d %H:%M:%S} {'UTC' if told.utcoffset() == timedelta(0) else offset and f'UTC{offset}'}".strip()


def short(text: str, most: int = LONGEST) -> str:
    """The text, or its beginning and how much of it is left out."""
    return text if len(text) <= most else f"{text[:most]}… ({len(text) - most} letters more)"


def _trimmed(value: Decimal) -> str:
    whole_part, _, decimals = f"{value:f}".partition(".")
    return f"{whole_part}.{decimals.rstrip('0') or '0'}"
