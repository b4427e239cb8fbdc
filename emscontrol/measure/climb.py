"""Where the current may go in a procedure: step by step, never above what the operator allowed, never back to too much."""

from dataclasses import dataclass, replace

from emscontrol.core.errors import SafetyRefusal
from emscontrol.core.units import format_ma
from emscontrol.measure.words import MEANINGS, Word


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
    """The step in hand (`level_ua`, 0 before the first), the highest one tolerated, and the lowest one that was too much.

    After discomfort the step in hand is `held`: nothing flows before a word asks for it.
    """

    steps: Steps
    level_ua: int = 0
    tolerated_ua: int = 0
    too_much_ua: int | None = None
    held: bool = False

    @property
    def waits(self) -> bool:
        """Whether the step in hand is only offered. At zero there is nothing to hold."""
        return self.held and self.level_ua > 0

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
        return replace(self, level_ua=level_ua, held=self.waits)

    def released(self) -> "Climb":
        """The step in hand may be given."""
        return replace(self, held=False)

    def require_level(self) -> None:
        """Raises SafetyRefusal at zero, where there is no step to speak of."""
        if self.level_ua == 0:
            raise SafetyRefusal(
                "At 0 mA nothing is given, so there is nothing to say of it.",
                "Say up (+) or nothing (n): that gives the first step.",
                ("NOT_GIVEN",),
            )

    def require_given(self, word: Word) -> None:
        """Raises SafetyRefusal for a word that judges a step at zero, or while it is only offered."""
        self.require_level()
        if self.waits:
            raise SafetyRefusal(
                f"{MEANINGS[word].capitalize()}: {format_ma(self.level_ua)} has not been given yet.",
                "Say again to give it, down or up to change it, or done.",
                ("NOT_GIVEN",),
            )

    def up(self) -> "Climb":
        """One step up from the level in hand, which is tolerated by that where it was given. Raises as `at`."""
        kept = self if self.waits else self.kept()
        asked_ua, cap_ua = self.level_ua + self.steps.step_ua, self.steps.cap_ua
        return kept.at(min(asked_ua, cap_ua) if self.level_ua < cap_ua else asked_ua)

    def down(self) -> "Climb":
        """One step down, at the least to zero."""
        return replace(self, level_ua=max(0, self.level_ua - self.steps.step_ua))

    def too_much(self, given_ua: int) -> "Climb":
        """`given_ua` was too much: never so high again, and one step lower is held.

        The word may come late, when a lower step is in hand already: then that one is not given either.
        """
        ceiling_ua = min(given_ua, self.level_ua or given_ua, self.too_much_ua or given_ua)
        level_ua = max(0, ceiling_ua - self.steps.step_ua)
        tolerated_ua = self.tolerated_ua if self.tolerated_ua < ceiling_ua else level_ua
        return replace(self, level_ua=level_ua, tolerated_ua=tolerated_ua, too_much_ua=ceiling_ua, held=True)

    def eased(self, given_ua: int) -> "Climb":
        """`given_ua` was too much at another pulse width: one step lower is held."""
        return replace(self, level_ua=max(0, min(self.level_ua, given_ua) - self.steps.step_ua), held=True)
