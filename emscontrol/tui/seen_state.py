"""Whether somebody can have seen what a key acts on: it has stood on the screen for a moment, and no key came too early."""

from typing import Final

SEEN_S: Final = 0.7
"""[D]: as long as a question of the screening has to stand before an answer to it counts."""


class StateSeen:
    """Times are of the monotonic clock, in s. A key that comes too early begins the wait anew, so mashed keys never count."""

    def __init__(self) -> None:
        self._since_s: float | None = None

    def gone(self) -> None:
        """What was seen is not there any more: something else is, or lies above it."""
        self._since_s = None

    def drawn(self, now_s: float) -> None:
        """What a key acts on now has been drawn."""
        if self._since_s is None:
            self._since_s = now_s

    def counts(self, now_s: float, after_s: float | None = None) -> bool:
        """A key was pressed: whether it counts. `after_s` is how long a look takes where it is not `SEEN_S`."""
        if now_s - (now_s if self._since_s is None else self._since_s) >= (SEEN_S if after_s is None else after_s):
            return True
        if self._since_s is not None:
            self._since_s = now_s
        return False
