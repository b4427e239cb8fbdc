"""The mean amplitude on the plateau, of one channel.

A contraction is a stretch with current; its plateau is the time at the highest amplitude that it reached. The mean is weighted
by time, so ramps do not lower it and a short twitch counts as little as it lasted. It follows from the set points alone, so
whoever reads the record can work it out again.
"""

from dataclasses import dataclass


@dataclass(slots=True)
class Plateau:
    """Feed it what is in force with `add`, and tell it with `end` when a contraction is over. Times µs, amplitudes µA."""

    _highest_ua: int = 0
    _highest_us: int = 0  # how long the contraction in hand has been at its highest
    _time_us: int = 0  # of the plateaus before
    _weighted: int = 0  # µA × µs of the plateaus before

    def add(self, amplitude_ua: int, for_us: int) -> None:
        """The channel was at this amplitude for so long."""
        if for_us <= 0 or amplitude_ua <= 0:
            return
        if amplitude_ua > self._highest_ua:
            self._highest_ua, self._highest_us = amplitude_ua, for_us
        elif amplitude_ua == self._highest_ua:
            self._highest_us += for_us

    def end(self) -> None:
        """The contraction is over; the next one has a plateau of its own."""
        self._time_us += self._highest_us
        self._weighted += self._highest_ua * self._highest_us
        self._highest_ua = self._highest_us = 0

    @property
    def mean_ua(self) -> int:
        """Over all contractions, the one in hand included; rounded down, 0 when there was no current."""
        time_us = self._time_us + self._highest_us
        return (self._weighted + self._highest_ua * self._highest_us) // time_us if time_us else 0
