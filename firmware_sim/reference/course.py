"""How the amplitude of a channel goes with time: one level, or a contraction with its ramps. Amplitudes are in 0.1 mA."""

from dataclasses import dataclass, field
from typing import Final, Protocol


class Course(Protocol):
    """The amplitude as a function of time."""

    @property
    def peak(self) -> int:
        """The highest amplitude that it can come to."""

    @property
    def end_us(self) -> int | None:
        """From when on it is over and zero; None = never."""

    def amplitude(self, at_us: int) -> int:
        """The amplitude of a pulse that begins at `at_us`."""

    def same_until_us(self, at_us: int) -> int | None:
        """Up to when, from `at_us` on, the amplitude is the same; None = for ever."""


@dataclass(frozen=True, slots=True)
class Level:
    """The same amplitude all the time."""

    peak: int
    end_us: None = None

    def amplitude(self, at_us: int) -> int:
        """The level."""
        return self.peak

    def same_until_us(self, at_us: int) -> int | None:
        """For ever."""
        return None


OFF: Final = Level(0)


@dataclass(frozen=True, slots=True)
class Contraction:
    """Linear ramps around a plateau of `peak`, from `start_us` on, in steps of `step`, rounded down."""

    peak: int
    step: int
    start_us: int
    rise_us: int
    hold_us: int
    fall_us: int
    end_us: int = field(init=False)
    """When it is over."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "end_us", self.start_us + self.rise_us + self.hold_us + self.fall_us)

    def amplitude(self, at_us: int) -> int:
        """The amplitude of a pulse that begins at `at_us`."""
        since_us = at_us - self.start_us
        if since_us < self.rise_us:
            return self.peak * since_us // (self.rise_us * self.step) * self.step
        left_us = self.end_us - at_us
        if left_us > self.fall_us:
            return self.peak
        return self.peak * left_us // (self.fall_us * self.step) * self.step if left_us > 0 else 0

    def same_until_us(self, at_us: int) -> int | None:
        """The next change: a step of a ramp, or the end of rise, plateau or contraction."""
        since_us = at_us - self.start_us
        if not self.peak:
            return self.end_us if at_us < self.end_us else None
        if since_us < self.rise_us:
            steps = self.peak * since_us // (self.rise_us * self.step)
            next_us = -(-(steps + 1) * self.rise_us * self.step // self.peak)
            return self.start_us + min(next_us, self.rise_us)
        left_us = self.end_us - at_us
        if left_us > self.fall_us:
            return self.end_us - self.fall_us
        if left_us <= 0:
            return None
        steps = self.peak * left_us // (self.fall_us * self.step)
        return self.end_us - max(0, -(-steps * self.fall_us * self.step // self.peak) - 1)
