"""Spasms: bursts of force at random times that nobody has asked for."""

from math import pi, sin
from random import Random
from typing import Final

from firmware_sim.body.profile import SpasmProfile

HOUR_US: Final = 3_600_000_000


class Spasms:
    """The bursts of one muscle from `from_us` on, each half a sine wave. Times never run backwards."""

    def __init__(self, profile: SpasmProfile, rng: Random, from_us: int) -> None:
        self._profile: Final = profile
        self._rng: Final = rng
        self._length_us: Final = round(profile.length_s * 1e6)
        self._sign: Final = -1.0 if profile.against else 1.0
        self._begins_us = from_us
        self._draw(from_us)

    def force_n(self, at_us: int) -> float:
        """The force of a spasm at a time (N); negative when the antagonist pulls."""
        while at_us >= self._begins_us + self._length_us:
            self._draw(self._begins_us + self._length_us)
        if at_us < self._begins_us:
            return 0.0
        return self._sign * self._profile.force_n * sin(pi * (at_us - self._begins_us) / self._length_us)

    def _draw(self, from_us: int) -> None:
        self._begins_us = from_us + 1 + round(self._rng.expovariate(self._profile.per_hour) * HOUR_US)
