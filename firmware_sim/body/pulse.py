"""One pulse as a device means to make it."""

from typing import Literal, NamedTuple

Shape = Literal["rectangular", "triangular"]

CLOSE_GAP_US = 100
"""A second phase that follows later than this no longer takes away from the first one."""


class Pulse(NamedTuple):
    """The first phase of a pulse: its peak current, its width, and whether it rises at once or evenly up to its end.

    `gap_us` is the pause before the second phase; None = there is no second phase. The second phase takes back the charge.
    """

    amplitude_ua: int
    width_us: int
    shape: Shape = "rectangular"
    gap_us: int | None = CLOSE_GAP_US

    @property
    def amplitude_ma(self) -> float:
        """Peak current (mA)."""
        return self.amplitude_ua / 1000

    @property
    def charge_pc(self) -> float:
        """Charge of the first phase (pC)."""
        return self.amplitude_ua * self.width_us * (0.5 if self.shape == "triangular" else 1.0)
