"""What a rule says when something does not hold, and the sign that it cannot be judged."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

Place = tuple[str | int, ...]
"""Keys and list positions (from 0) from the top of a file to a value."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong: where, what was found, what would be right. `on_key` points at the key instead of its value."""

    at: Place
    found: str
    right: str
    on_key: bool = False

    def below(self, place: Place) -> "Finding":
        """The same finding, seen from further up."""
        return Finding(place + self.at, self.found, self.right, self.on_key)


Findings = Iterator[Finding]


class NotKnown(Exception):
    """A value that a rule asks for is itself missing or wrong, so the rule cannot be judged."""


def plain(value: Decimal | int) -> str:
    """A figure without exponent and trailing zeros."""
    return f"{Decimal(value).normalize():f}"
