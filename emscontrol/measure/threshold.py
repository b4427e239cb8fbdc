"""The threshold search: one way up from zero finds where a muscle is felt, where it contracts, and what is comfortable."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from emscontrol.core.events import Event, make
from emscontrol.measure.climb import Climb, Steps
from emscontrol.measure.procedure import Heard, Stimulus
from emscontrol.measure.staircase import Staircase
from emscontrol.measure.words import SAYS_CONTRACTS, SAYS_FELT, Word


class Threshold(StrEnum):
    """The thresholds of a channel at one pulse width."""

    SENSORY = "sensory"  # the lowest step that is felt
    MOTOR = "motor"  # the lowest step with a visible contraction
    COMFORT = "comfort"  # the highest step that is comfortable


WORDS: Final = tuple(Word)


@dataclass(frozen=True, slots=True)
class ThresholdSearch:
    """One channel at one pulse width. `comfort_ua` is set when it is known."""

    channel: int
    width_us: int
    climb: Climb
    sensory: Staircase
    motor: Staircase
    comfort_ua: int | None = None
    over: bool = False

    @property
    def words(self) -> tuple[Word, ...]:
        """See Procedure."""
        return WORDS

    @property
    def stimulus(self) -> Stimulus | None:
        """See Procedure."""
        return None if self.over else Stimulus(self.channel, self.width_us, self.climb.level_ua, self.climb.waits)

    @property
    def progress(self) -> tuple[int, int]:
        """See Procedure: a search is one part."""
        return 1, 1

    def hear(self, word: Word, about: Stimulus | None = None) -> Heard:
        """See Procedure."""
        if word is Word.AGAIN:
            self.climb.require_level()
            return Heard(replace(self, climb=self.climb.released()))
        if word is Word.DONE:
            return self._ended()
        if word is Word.TOO_MUCH:
            return self._too_much(self.climb.level_ua if about is None else about.amplitude_ua)
        if word is Word.UP or (self.climb.level_ua == 0 and word is Word.NOTHING):
            return Heard(replace(self, climb=self.climb.up()))
        if word is Word.DOWN:
            return Heard(replace(self, climb=self.climb.down()))
        self.climb.require_given(word)
        return self._told(word, self.climb.level_ua)._after(word)

    def _too_much(self, given_ua: int) -> Heard:
        """Said once more of the same step, or before any, it changes nothing."""
        if self.climb.waits or not given_ua:
            return Heard(self)
        return replace(self._told(Word.TOO_MUCH, given_ua), climb=self.climb.too_much(given_ua))._eased()

    def _told(self, word: Word, level_ua: int) -> "ThresholdSearch":
        """With what the word says of sensation and contraction at this step."""
        felt, contracts = SAYS_FELT.get(word), SAYS_CONTRACTS.get(word)
        return replace(
            self,
            sensory=self.sensory if felt is None else self.sensory.told(level_ua, felt),
            motor=self.motor if contracts is None else self.motor.told(level_ua, contracts),
        )

    def _after(self, word: Word) -> Heard:
        """The level is tolerated: narrow what has been found, else go one step on."""
        climb = self.climb.kept()
        if word is Word.LIMIT:
            return replace(self, climb=climb, comfort_ua=climb.level_ua)._ended()
        halfway_ua = self.sensory.halfway_ua()
        if halfway_ua is None:
            halfway_ua = self.motor.halfway_ua()
        next_ua = climb.higher_ua() if halfway_ua is None else halfway_ua
        if next_ua is None:
            comfort_ua = climb.tolerated_ua if climb.too_much_ua is not None else None
            return replace(self, climb=climb, comfort_ua=comfort_ua)._ended()
        return Heard(replace(self, climb=climb.at(next_ua)))

    def _eased(self) -> Heard:
        """One step lower; over when there is no lower one."""
        return Heard(self) if self.climb.level_ua else self._ended()

    def _ended(self) -> Heard:
        ended = replace(self, over=True)
        return Heard(ended, tuple(ended.findings()))

    def findings(self) -> Iterator[Event]:
        """What is known, as events: each threshold is found or absent up to the highest step that was tolerated."""
        for threshold, stairs in ((Threshold.SENSORY, self.sensory), (Threshold.MOTOR, self.motor)):
            if stairs.at_ua is None:
                yield self._absent(threshold)
            else:
                yield self._found(threshold, stairs.at_ua, stairs.below_ua)
        if self.comfort_ua is None:
            yield self._absent(Threshold.COMFORT)
        else:
            yield self._found(Threshold.COMFORT, self.comfort_ua, None)

    def _found(self, threshold: Threshold, amplitude_ua: int, below_ua: int | None) -> Event:
        return make(
            "threshold_found",
            channel=self.channel,
            threshold=threshold.value,
            width_us=self.width_us,
            amplitude_ua=amplitude_ua,
            below_ua=below_ua,
        )

    def _absent(self, threshold: Threshold) -> Event:
        return make(
            "threshold_absent",
            channel=self.channel,
            threshold=threshold.value,
            width_us=self.width_us,
            up_to_ua=self.climb.tolerated_ua or None,
            too_much_ua=self.climb.too_much_ua,
        )


def threshold_search(channel: int, width_us: int, steps: Steps) -> ThresholdSearch:
    """A search that has not begun: its first step is given on the first word."""
    stairs = Staircase(steps.fine_ua, steps.grid_ua)
    return ThresholdSearch(channel, width_us, Climb(steps), stairs, stairs)
