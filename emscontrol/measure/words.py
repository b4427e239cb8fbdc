"""The words by which an operator moves a procedure: what was felt and seen at the step just given, or what to do next."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class Word(StrEnum):
    """One word of the operator about the step that has just been given."""

    NOTHING = "nothing"  # neither felt nor seen
    FELT = "felt"  # felt, no contraction
    CONTRACTS = "contracts"  # felt, and the muscle contracts visibly
    UNFELT = "unfelt"  # the muscle contracts, nothing is felt
    LIMIT = "limit"  # the most that is still comfortable
    TOO_MUCH = "too-much"  # beyond comfort: off at once, one step down
    UP = "up"  # one step up, nothing is said about this one
    DOWN = "down"  # one step down
    AGAIN = "again"  # the same step once more
    DONE = "done"  # end here with what is known


MEANINGS: Final[Mapping[Word, str]] = {
    Word.NOTHING: "nothing is felt or seen",
    Word.FELT: "felt, no contraction",
    Word.CONTRACTS: "felt and contracts",
    Word.UNFELT: "contracts, not felt",
    Word.LIMIT: "comfortable limit",
    Word.TOO_MUCH: "too much",
    Word.UP: "step up",
    Word.DOWN: "step down",
    Word.AGAIN: "the same again",
    Word.DONE: "done",
}

KEYS: Final[Mapping[str, Word]] = {
    "n": Word.NOTHING,
    "f": Word.FELT,
    "c": Word.CONTRACTS,
    "x": Word.UNFELT,
    "l": Word.LIMIT,
    "t": Word.TOO_MUCH,
    "+": Word.UP,
    "-": Word.DOWN,
    "a": Word.AGAIN,
    "d": Word.DONE,
}
"""One key a word, the same wherever words are typed. None of them is a stop key, and Space stays STOP."""

WHEN_HELD: Final = (Word.AGAIN, Word.DOWN, Word.UP, Word.DONE)
"""What is meant while a step is only offered: give it, offer a lower or a higher one, or end. Nothing flows by UP or DOWN."""

AT_ONCE: Final = frozenset({Word.TOO_MUCH, Word.DOWN, Word.DONE})
"""What may be said while a step is still rising; everything else judges a step, so it waits until the step has been given."""

SAYS_FELT: Final[Mapping[Word, bool]] = {
    Word.NOTHING: False,
    Word.FELT: True,
    Word.CONTRACTS: True,
    Word.UNFELT: False,
    Word.TOO_MUCH: True,
}
"""Whether a word says that the step was felt; words that are missing say nothing of it (a limit may be what is seen)."""

SAYS_CONTRACTS: Final[Mapping[Word, bool]] = {
    Word.NOTHING: False,
    Word.FELT: False,
    Word.CONTRACTS: True,
    Word.UNFELT: True,
}
"""The same for a visible contraction."""
