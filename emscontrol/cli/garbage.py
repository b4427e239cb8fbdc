"""Garbage, in verbs that read long files from front to end: there is next to none, and looking for it takes time."""

import gc
from typing import Final

LOOK_AFTER: Final = 50_000  # objects more than before; a record of a journal makes a few, which go as they came


def look_seldom() -> None:
    """For the rest of this process, which a verb has for itself."""
    gc.set_threshold(LOOK_AFTER, *gc.get_threshold()[1:])
    gc.freeze()
