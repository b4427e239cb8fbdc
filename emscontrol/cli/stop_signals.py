"""The signals that end a session, kept from before there is anything to end.

SIGTSTP is one of them: where Ctrl+Z is not read as a key, because standard input is no terminal or has not been taken yet, it
would leave a session behind that nobody watches.
"""

import signal
from collections.abc import Callable
from types import FrameType
from typing import Final

CAUGHT: Final = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGTSTP") if hasattr(signal, name))


class StopSignals:
    """Catches them from now to the end of the program: `first` is the first that came, 0 when none has. In the main thread."""

    def __init__(self) -> None:
        self.first = 0
        self._act: Callable[[int], object] | None = None
        for number in CAUGHT:
            signal.signal(number, self._caught)

    def then(self, act: Callable[[int], object]) -> None:
        """Call this with each signal from now on, and at once with the first one if it has come already."""
        self._act = act
        if self.first:
            act(self.first)

    def _caught(self, number: int, frame: FrameType | None) -> None:
        self.first = self.first or number
        if self._act is not None:
            self._act(number)
