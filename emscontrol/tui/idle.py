"""How long nobody has touched keys or mouse, and what follows from it: the login is used, or it is locked."""

from collections.abc import Callable
from datetime import datetime, timedelta
from enum import Enum
from typing import Final

RENEW_EVERY: Final = timedelta(minutes=1)


class Follows(Enum):
    """What is to be done now."""

    NOTHING = "nothing"
    RENEW = "the book is told that the login is in use"
    LOCK = "the screen is covered until somebody logs in"


class IdleWatch:
    """`lock_after` is the book's; None while nobody has logged in here. A clock that is turned back locks, as in the book."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._used = self._renewed = clock()
        self._touched = False
        self.lock_after: timedelta | None = None

    def touch(self) -> None:
        """A key or the mouse. Cheap: it stands on the way of every key."""
        self._touched = True

    def logged_in(self, lock_after: timedelta) -> None:
        """Somebody has just logged in, or was found to be."""
        self._used = self._renewed = self._clock()
        self.lock_after = lock_after

    def look(self, session_open: bool) -> Follows:
        """To be asked every second. An open session is use, for whoever watches a contraction touches nothing."""
        now = self._clock()
        touched, self._touched = self._touched or session_open, False
        idle = abs(now - self._used)
        if self.lock_after is None:
            self._used = now
            return Follows.NOTHING
        if idle >= self.lock_after and not session_open:
            return Follows.LOCK
        if touched:
            self._used = now
        if touched and abs(now - self._renewed) >= RENEW_EVERY:
            self._renewed = now
            return Follows.RENEW
        return Follows.NOTHING
