"""The search for one threshold by steps: up from zero until there is a response, then halving until a fine step is left.

What is found is an interval: no response at `below_ua`, a response at `at_ua`. The threshold lies between the two.
"""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Staircase:
    """One threshold on its way. `below_ua` had no response, `at_ua` had one (None: none so far). All in µA.

    `fine_ua` is the last difference between the two; every level is a multiple of `grid_ua` (the device's step), or the cap.
    """

    fine_ua: int
    grid_ua: int
    below_ua: int = 0
    at_ua: int | None = None

    def told(self, level_ua: int, response: bool) -> "Staircase":
        """With one more answer. The newest counts where two contradict each other."""
        if not response:
            at_ua = None if self.at_ua is not None and self.at_ua <= level_ua else self.at_ua
            return replace(self, below_ua=max(self.below_ua, level_ua), at_ua=at_ua)
        if level_ua <= self.below_ua:
            return replace(self, below_ua=0, at_ua=level_ua)
        return replace(self, at_ua=level_ua if self.at_ua is None else min(self.at_ua, level_ua))

    @property
    def found(self) -> bool:
        """True when the interval is no wider than the fine step."""
        return self.at_ua is not None and self.halfway_ua() is None

    def halfway_ua(self) -> int | None:
        """A level between the two ends that would narrow the interval; None when it is narrow enough, or has no upper end."""
        if self.at_ua is None or self.at_ua - self.below_ua <= self.fine_ua:
            return None
        middle_ua = (self.below_ua + self.at_ua) // 2 // self.grid_ua * self.grid_ua
        return middle_ua if self.below_ua < middle_ua < self.at_ua else None
