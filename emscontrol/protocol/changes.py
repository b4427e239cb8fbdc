"""What may be changed in a protocol as a plan goes on: a small set of figures, each with its bounds, and never a current.

All are differences to the file as it was prescribed, so that several changes add up in any order.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from decimal import Decimal
from typing import Any, Final

from emscontrol.core.errors import UsageError


@dataclass(frozen=True, slots=True)
class Change:
    """One figure that may change: most and least of the difference, how many of it make one `unit`, and where it acts."""

    low: int
    high: int
    per_unit: int
    unit: str
    words: str
    where: str


CHANGES: Final[Mapping[str, Change]] = {
    "on_ms": Change(-60_000, 60_000, 1000, "s", "time on", "strongest phases with the cycle of the main one"),
    "off_ms": Change(-600_000, 600_000, 1000, "s", "time off", "strongest phases with the cycle of the main one"),
    "contractions": Change(-1000, 1000, 1, "", "contractions", "main phase, where contractions are counted"),
    "work_s": Change(-28_800, 28_800, 1, "s", "length of the main phase", "main phase, where it has a duration"),
    "fraction_milli": Change(-950, 950, 1000, "", "fraction of comfort", "strongest phases"),
    "rate_mhz": Change(-50_000, 50_000, 1000, "Hz", "rate", "every phase: a channel keeps one rate through a session"),
    "width_us": Change(-500, 500, 1, "µs", "pulse width", "every phase: comfort is measured at one width"),
}
"""Every change by name. The bounds are plausibility [D]; what the result may be is for the rules of protocol files to say."""


@dataclass(frozen=True, slots=True)
class Changes:
    """Differences to a protocol, 0 where nothing changes. Raises UsageError when one is out of its bounds."""

    on_ms: int = 0
    off_ms: int = 0
    contractions: int = 0
    work_s: int = 0
    fraction_milli: int = 0
    rate_mhz: int = 0
    width_us: int = 0

    def __post_init__(self) -> None:
        for name, change in CHANGES.items():
            value = getattr(self, name)
            if type(value) is not int or not change.low <= value <= change.high:
                raise UsageError(
                    f"A change of {change.words} by {value!r} is out of bounds.",
                    f"{name} takes a whole number from {change.low} to {change.high}.",
                )

    def __bool__(self) -> bool:
        return any(getattr(self, name) for name in CHANGES)

    def plus(self, other: "Changes") -> "Changes":
        """Both together. Raises UsageError when the sum is out of bounds."""
        return Changes(**{name: getattr(self, name) + getattr(other, name) for name in CHANGES})

    def undone(self) -> "Changes":
        """What takes these back."""
        return Changes(**{name: -getattr(self, name) for name in CHANGES})

    def words(self) -> str:
        """For people, as `time off -10 s, contractions +5`; "nothing" where nothing changes."""
        return ", ".join(_words(CHANGES[name], value) for name, value in self.to_json().items()) or "nothing"

    def to_json(self) -> dict[str, int]:
        """The differences that are there, by name."""
        return {name: value for name, value in asdict(self).items() if value}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Changes":
        """Read them back. Raises UsageError for an unknown name or a value out of bounds."""
        unknown = sorted(set(data) - {field.name for field in fields(cls)})
        if unknown:
            raise UsageError(f"There is no change called {', '.join(unknown)}.", f"Known are {', '.join(CHANGES)}.")
        return cls(**data)


def _words(change: Change, value: int) -> str:
    return f"{change.words} {value / Decimal(change.per_unit):+f} {change.unit}".strip()
