"""The pulse of a channel as `TRAIN` sets it."""

from dataclasses import dataclass
from typing import Final

from firmware_sim.reference.tables import LONG_US, Refused, Result, Shape

RATIO_MIN: Final = 2
"""The smallest recovery ratio of an asymmetric pulse."""
STEP_UA: Final = 100
"""Amplitudes are in steps of 0.1 mA."""


@dataclass(frozen=True, slots=True)
class Train:
    """Pulses at a distance of `period_us`; with bursts, `burst_pulses` of them `burst_interval_us` apart in each period.

    `width_us` is the first phase. Amplitudes are steps of 0.1 mA.
    """

    shape: int
    width_us: int
    gap_us: int
    recovery_ratio: int
    period_us: int
    burst_pulses: int
    burst_interval_us: int

    @property
    def pulse_us(self) -> int:
        """From the beginning of a pulse to the end of its second phase."""
        return self.width_us + self.gap_us + self.width_us * self.recovery_ratio

    @property
    def burst_us(self) -> int:
        """From the beginning of the first pulse of a period to the end of the last one."""
        return (self.burst_pulses - 1) * self.burst_interval_us + self.pulse_us

    @property
    def is_long(self) -> bool:
        """Whether it is a pulse for denervated muscle."""
        return self.width_us > LONG_US or self.shape == Shape.LONG_BIPHASIC

    def charge_pc(self, amplitude: int) -> int:
        """The charge of one phase at this amplitude, halves of a pC rounded up."""
        charge = amplitude * STEP_UA * self.width_us
        return charge if self.shape != Shape.TRIANGULAR else (charge + 1) // 2

    def check(self, channel: int) -> None:
        """Refuses fields that do not go together: BAD_VALUE."""
        ratio_fits = self.recovery_ratio >= RATIO_MIN if self.shape == Shape.ASYMMETRIC else self.recovery_ratio == 1
        interval_fits = self.burst_pulses > 1 or self.burst_interval_us == 0
        if not (ratio_fits and interval_fits):
            raise Refused(Result.BAD_VALUE, channel)

    def check_room(self, channel: int) -> None:
        """Refuses pulses that do not end before the next pulse or period begins: NO_ROOM."""
        crowded = self.burst_pulses > 1 and self.pulse_us >= self.burst_interval_us
        if crowded or self.burst_us >= self.period_us:
            raise Refused(Result.NO_ROOM, channel)
