"""The known word that an unknown one was probably meant to be."""

import difflib
from collections.abc import Iterable
from typing import Final

_ALIKE_MIN: Final = 0.78  # below it the nearest word is a guess (duration: indication, reps: groups), and misleads
_COMPARED_MAX: Final = 40  # longer words are compared by their beginning: the comparison is quadratic


def nearest_word(word: str, known: Iterable[str]) -> str | None:
    """The known word that is spelt most alike, or None when none is near enough."""
    return next(iter(difflib.get_close_matches(word[:_COMPARED_MAX].lower(), list(known), 1, _ALIKE_MIN)), None)


def nearest_key(key: str, known: Iterable[str]) -> str | None:
    """The known key that is the same with another unit (`on_ms`, `on`) or longer (`ramp`), else one spelt nearly so."""
    names = list(known)
    stem = key.rpartition("_")[0] or key
    same = [name for name in names if name.rpartition("_")[0] in (stem, key)]
    longer = [name for name in names if name.startswith(f"{key}_")]
    return next(iter(same + longer), None) or nearest_word(key, names)
