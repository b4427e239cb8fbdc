"""Quantities as integers of the smallest unit, and their way in and out of text.

Inside the program a current is whole microamperes, a time whole microseconds, an area whole square millimetres, so that
"equal to the limit" is exact. Milliamperes and seconds exist only at the edges (files, screens).
"""

from decimal import Decimal
from fractions import Fraction

UA_PER_MA = 1_000
US_PER_MS = 1_000
US_PER_S = 1_000_000
MN_PER_N = 1_000


def ua_from_ma(amplitude_ma: Decimal | int) -> int:
    """Whole µA for a mA figure. Raises ValueError when it is not finite or finer than 1 µA."""
    return _exact(Decimal(amplitude_ma) * UA_PER_MA, "1 µA")


def us_from_s(time_s: Decimal | int) -> int:
    """Whole µs for a figure in seconds. Raises ValueError when it is not finite or finer than 1 µs."""
    return _exact(Decimal(time_s) * US_PER_S, "1 µs")


def us_from_ms(time_ms: Decimal | int) -> int:
    """Whole µs for a figure in milliseconds. Raises ValueError when it is not finite or finer than 1 µs."""
    return _exact(Decimal(time_ms) * US_PER_MS, "1 µs")


def period_us_from_hz(rate_hz: Decimal | int) -> int:
    """The period (µs) of a rate in pulses per second, rounded up, so that the rate is never more than asked.

    Raises ValueError when the rate is not a finite number above zero.
    """
    rate = Decimal(rate_hz)
    if not rate.is_finite() or rate <= 0:
        raise ValueError(f"a rate must be a number above zero, not {rate_hz}")
    return -(-US_PER_S * 10**6 // int(rate * 10**6))


def mm2_from_cm2(area_cm2: Decimal | Fraction) -> int:
    """Whole mm² for an area in cm², rounded down, so that no density is understated."""
    return int(Fraction(area_cm2) * 100)


def format_ma(amplitude_ua: int) -> str:
    """mA with the decimals that are there and at least one, as `12.5 mA`: always a point, always the unit."""
    return f"{_trimmed(Decimal(amplitude_ua) / UA_PER_MA)} mA"


def format_s(time_us: int) -> str:
    """Seconds with at most three decimals, as `6.0 s`."""
    return f"{_trimmed((Decimal(time_us) / US_PER_S).quantize(Decimal('0.001')))} s"


def counted(number: int, thing: str) -> str:
    """A number of things in words, as `1 contraction` and `2 contractions`."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def _exact(value: Decimal, step: str) -> int:
    if not value.is_finite():
        raise ValueError(f"{value} is not a finite number")
    if value != value.to_integral_value():
        raise ValueError(f"finer than {step}, the smallest step that is kept")
    return int(value)


def _trimmed(value: Decimal) -> str:
    text = f"{value:f}"
    whole, _, decimals = text.partition(".")
    return f"{whole}.{decimals.rstrip('0') or '0'}"
