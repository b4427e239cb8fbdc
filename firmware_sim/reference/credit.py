"""By how much a `SET` may raise the amplitude of a channel at once."""

from typing import Final

CREDIT_US: Final = 200_000
"""The credit holds at most what the rise limit allows in this time, and one step."""
MICRO: Final = 1_000_000


class Credit:
    """The credit of one channel, in millionths of 0.1 mA. Full until something is spent; a channel without current fills it."""

    def __init__(self) -> None:
        self._left: int | None = None
        self._at_us = 0

    def fill(self) -> None:
        """The channel has no current."""
        self._left = None

    def left(self, now_us: int, rise_max: int, step: int) -> int:
        """What is there now, with this rise limit (0.1 mA in a second) and this step of amplitudes (0.1 mA)."""
        most = rise_max * CREDIT_US + step * MICRO
        return most if self._left is None else min(most, self._left + rise_max * (now_us - self._at_us))

    def allows(self, raised: int, now_us: int, rise_max: int, step: int) -> bool:
        """Whether the amplitude may be raised by so much."""
        return raised * MICRO <= self.left(now_us, rise_max, step)

    def spend(self, raised: int, now_us: int, rise_max: int, step: int) -> None:
        """The amplitude is raised by so much."""
        self._left = self.left(now_us, rise_max, step) - raised * MICRO
        self._at_us = now_us

    def settle(self, now_us: int, rise_max: int, step: int) -> None:
        """The rise limit is another one from now on; `rise_max` is the one up to now."""
        if self._left is not None:
            self.spend(0, now_us, rise_max, step)
