"""After a while without a key, one stray key leads to no current: what does is pressed twice then. STOP and less never wait."""

from typing import Final

LOCK_AFTER_S: Final = 30.0
"""[D]: long enough for a therapist who looks at the patient between two steps, short enough for who has turned away."""


LET_GO_S: Final = 0.5
"""A key that opens it and is held, or clicked twice, goes on opening it: first it is let go of for so long [D]."""


class ControlLock:
    """Counts from the last key that counted, from `now_s` on. Times are of the monotonic clock, in s."""

    def __init__(self, now_s: float) -> None:
        self._used_s = now_s
        self._opening_s: float | None = None

    def opened(self, now_s: float) -> bool:
        """A key that leads to current was pressed: True when it counts. One that finds it locked opens it and does no more."""
        if self.is_shut(now_s) or (self._opening_s is not None and now_s - self._opening_s < LET_GO_S):
            self._used_s = self._opening_s = now_s
            return False
        self._used_s, self._opening_s = now_s, None
        return True

    def is_shut(self, now_s: float) -> bool:
        """Whether the next such key only opens it."""
        return now_s - self._used_s > LOCK_AFTER_S
