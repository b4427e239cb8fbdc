"""Where the current may go in a procedure: step by step, never above what the operator allowed, never back to too much."""

from dataclasses import dataclass, replace

from emscontrol.core.errors import SafetyRefusal
from emscontrol.core.units import format_ma


@dataclass(frozen=True, slots=True)
class Steps:
    """How a procedure steps (µA). `cap_ua` is how far the operator allowed it to go, `grid_ua` the device's own step.

    `step_ua` is a step on the way up, `fine_ua` how closely a threshold is wanted.
    """

    step_ua: int
    fine_ua: int
    grid_ua: int
    cap_ua: int


@dataclass(frozen=True, slots=True)
class Climb:
    """The step in hand (`level_ua`, 0 before the first), the highest one tolerated, and the lowest one that was too much."""

    steps: Steps
    level_ua: int = 0
    tolerated_ua: int = 0
    too_much_ua: int | None = None

    def higher_ua(self) -> int | None:
        """One step above the level in hand, the last one perhaps smaller; None at the cap and below what was too much."""
        higher_ua = min(self.level_ua + self.steps.step_ua, self.steps.cap_ua)
        too_high = higher_ua <= self.level_ua or (self.too_much_ua is not None and higher_ua >= self.too_much_ua)
        return None if too_high else higher_ua

    def kept(self) -> "Climb":
        """The level in hand is tolerated."""
        return replace(self, tolerated_ua=max(self.tolerated_ua, self.level_ua))

    def at(self, level_ua: int) -> "Climb":
        """At another level. Raises SafetyRefusal above the cap, at what was too much, and for more than one step at once."""
        steps = self.steps
        if level_ua > steps.cap_ua:
            raise SafetyRefusal(
                f"{format_ma(level_ua)} is above {format_ma(steps.cap_ua)}, the most that this procedure may give.",
                "End it, and begin a new one with a higher --up-to if that is right.",
                ("PROCEDURE_CAP",),
            )
        if self.too_much_ua is not None and level_ua >= self.too_much_ua:
            raise SafetyRefusal(
                f"{format_ma(self.too_much_ua)} was too much; it is not given again.", "Stay below it.", ("TOO_MUCH",)
            )
        if level_ua > self.tolerated_ua + steps.step_ua:
            raise SafetyRefusal(f"One step is at most {format_ma(steps.step_ua)}.", "Go up step by step.", ("HAND_STEP",))
        return replace(self, level_ua=level_ua)

    def up(self) -> "Climb":
        """One step up from the level in hand, which is tolerated by that. Raises as `at`."""
        kept = self.kept()
        return kept.at(min(self.level_ua + self.steps.step_ua, max(self.steps.cap_ua, self.level_ua + 1)))

    def down(self) -> "Climb":
        """One step down, at the least to zero."""
        return replace(self, level_ua=max(0, self.level_ua - self.steps.step_ua))

    def too_much(self) -> "Climb":
        """The level in hand was too much: one step down, and never so high again."""
        ceiling_ua = self.level_ua if self.too_much_ua is None else min(self.level_ua, self.too_much_ua)
        below = replace(self, too_much_ua=ceiling_ua, tolerated_ua=min(self.tolerated_ua, max(0, ceiling_ua - 1)))
        return below.down()
