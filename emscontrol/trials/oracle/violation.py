"""What a check says when something must not be."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Violation:
    """One finding: the check, when (µs of the virtual clock), and what, in a sentence."""

    check: str
    at_us: int
    sentence: str
