"""What a rule says: a value beside its limit, where the limit comes from, and what to do about it."""

from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Final, NamedTuple

from emscontrol.core.units import US_PER_S
from emscontrol.safety.limits import LIMITS

WARN_PERCENT: Final = LIMITS["WARN_PERCENT"].value

SHOWN_AS: Final = {
    "µA": (1_000, "mA"),
    "µA/s": (1_000, "mA/s"),
    "µA/cm²": (1_000, "mA/cm²"),
    "nA/cm²": (1_000_000, "mA/cm²"),
    "µW/cm²": (1_000_000, "W/cm²"),
    "µJ": (1_000, "mJ"),
    "pC": (1_000_000, "µC"),
    "pC/cm²": (1_000_000, "µC/cm²"),
    "µs": (1, "µs"),
    "µs a pulse": (1, "µs a pulse"),
}
"""How a person reads a figure: divided by what, and in which unit."""
DURATION_AS: Final = (US_PER_S, "s")
"""The same for the durations of a session, which are kept in µs as widths are: people count those in seconds."""


class Band(StrEnum):
    """How near a value is to its limit. Equal to the limit is still allowed."""

    OK = "ok"
    WARN = "warn"
    REFUSE = "refuse"


class Verdict(NamedTuple):
    """One rule applied once. `margin_percent` is what is left up to the limit, below zero when the limit is passed.

    `at_least` is True for the few limits that a value must not fall below (phase width, time from pulse to pulse). `duration`
    is True for a time of the session, in µs like every time, which its sentence tells in seconds.
    """

    rule: str
    quantity: str
    value: int
    limit: int
    unit: str
    source: str
    mark: str
    margin_percent: int
    band: Band
    remedy: str = ""
    at_least: bool = False
    duration: bool = False

    @property
    def usage(self) -> Fraction:
        """How much of the limit is used, exactly: 1 is at the limit, more is beyond it."""
        return usage(self.value, self.limit, self.at_least)

    def sentence(self) -> str:
        """The verdict in plain words: value, limit, unit, source, and what to do when there is something to do."""
        if not self.quantity:
            return f"{self.source} {self.remedy}".strip()
        side = "below" if self.at_least else "above"
        bound = "least" if self.at_least else "most"
        limit = shown(self.limit, self.unit, self.duration)
        relation = {
            Band.REFUSE: f"{side} the limit: at {bound} {limit} is allowed",
            Band.WARN: f"within the limit but near it: at {bound} {limit} is allowed",
            Band.OK: f"within the limit: at {bound} {limit} is allowed",
        }[self.band]
        what = f"{self.quantity[0].upper()}{self.quantity[1:]} is {shown(self.value, self.unit, self.duration)}, {relation}"
        advice = f" {self.remedy}" if self.remedy and self.band is not Band.OK else ""
        return f"{what} ({self.source}; certainty {self.mark}).{advice}"


class Judgement(NamedTuple):
    """All verdicts on one channel; channel 0 is the session as a whole."""

    channel: int
    verdicts: tuple[Verdict, ...]

    @property
    def refused(self) -> tuple[Verdict, ...]:
        """The verdicts that say no; empty when everything is allowed."""
        return tuple(verdict for verdict in self.verdicts if verdict.band is Band.REFUSE)

    @property
    def warned(self) -> tuple[Verdict, ...]:
        """The verdicts that allow but warn."""
        return tuple(verdict for verdict in self.verdicts if verdict.band is Band.WARN)

    @property
    def binding(self) -> Verdict:
        """The verdict with the least margin: the limit of which most is used, a passed one before all others."""
        return max(self.verdicts, key=lambda verdict: verdict.usage)


def usage(value: int, limit: int, at_least: bool = False) -> Fraction:
    """The share of a limit that a value uses; nothing is left of a limit of zero (then any value counts as twice the limit)."""
    part, whole = (limit, value) if at_least else (value, limit)
    if whole == 0:
        return Fraction(2 if part else 0)
    return Fraction(part, whole)


def margin_percent(value: int, limit: int, at_least: bool = False) -> int:
    """What is left up to the limit in whole percent, rounded down."""
    part, whole = (limit, value) if at_least else (value, limit)
    if whole == 0:
        return -100 if part else 100
    return (whole - part) * 100 // whole


def band_of(
    value: int, limit: int, at_least: bool = False, warn_percent: int = WARN_PERCENT, warn_beyond: bool = False
) -> Band:
    """REFUSE beyond the limit, WARN from `warn_percent` of it (only beyond that with `warn_beyond`), else OK.

    Nothing warns at a value of zero.
    """
    part, whole = (limit, value) if at_least else (value, limit)
    if part > whole:
        return Band.REFUSE
    if part > 0 and part * 100 >= whole * warn_percent + warn_beyond:
        return Band.WARN
    return Band.OK


def no_verdict(rule: str, reason: str, remedy: str) -> Verdict:
    """The refusal for a rule that could not be applied at all."""
    return Verdict(rule, "", 1, 0, "", reason, "D", -100, Band.REFUSE, remedy)


def shown(value: int, unit: str, duration: bool = False) -> str:
    """A figure as a person reads it, exact, always with its unit: `12.5 mA`, `6667 µs a pulse (149.99 Hz)`, `3600.0 s`."""
    divisor, name = DURATION_AS if duration else SHOWN_AS.get(unit, (1, unit))
    number = f"{Decimal(value) / divisor:f}"
    whole, _, decimals = number.partition(".")
    decimals = decimals.rstrip("0")
    if divisor > 1:
        decimals = decimals or "0"
    text = f"{whole}.{decimals}" if decimals else whole
    rate = f" ({Decimal(1_000_000) / value:.2f} Hz)" if unit == "µs a pulse" and value else ""
    return f"{text} {name}{rate}".strip()
