"""After a while without a key, one stray key leads to no current: what does is pressed twice then. STOP and less never wait."""

from typing import Final

LOCK_AFTER_S: Final = 30.0
"""[D]: long enough for a therapist who looks at the patient between two steps, short enough for who has turned away."""


class ControlLock:
    """Counts from the last key that counted. Times are of the monotonic clock, in s."""

    def __init__(self) -> None:
        self._used_s: float | None = None

    def opened(self, now_s: float) -> bool:
        """A key that leads to current was pressed: True when it counts. One that finds it locked opens it and does no more."""
        shut = self.is_shut(now_s)
        self._used_s = now_s
        return not shut

    def is_shut(self, now_s: float) -> bool:
        """Whether the next such key only opens it. Before the first one it is open: the session has just been begun by hand."""
        return self._used_s is not None and now_s - self._used_s > LOCK_AFTER_S
