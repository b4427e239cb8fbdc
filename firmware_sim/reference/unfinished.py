"""The pulse that has begun when its channel goes off: finished, or cut off and discharged."""

from dataclasses import dataclass
from typing import Final

from firmware_sim.reference.pulse import Train
from firmware_sim.reference.tables import Shape

OFF_WITHIN_US: Final = 1_000
"""A device that disarms finishes a pulse that ends within this time, and cuts off any other."""


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A pulse that began at `begin_us` with this amplitude (0.1 mA)."""

    begin_us: int
    train: Train
    amplitude: int

    @property
    def end_us(self) -> int:
        """When both its phases are over."""
        return self.begin_us + self.train.pulse_us

    def cut_at(self, now_us: int) -> tuple[int, int]:
        """Cut off now: the charge of its first phase that is not given, and what has to be discharged, in pC as set."""
        train, since_us = self.train, now_us - self.begin_us
        phase_pc = train.charge_pc(self.amplitude)
        if since_us < train.width_us:
            given_pc = self._share_pc(phase_pc, since_us, train.width_us)
            return phase_pc - given_pc, given_pc
        back_us = max(0, since_us - train.width_us - train.gap_us)
        return 0, phase_pc - self._share_pc(phase_pc, back_us, train.width_us * train.recovery_ratio)

    def _share_pc(self, phase_pc: int, passed_us: int, phase_us: int) -> int:
        """The charge of the first `passed_us` of a phase."""
        if self.train.shape == Shape.TRIANGULAR:
            return phase_pc * passed_us * passed_us // (phase_us * phase_us)
        return phase_pc * passed_us // phase_us
