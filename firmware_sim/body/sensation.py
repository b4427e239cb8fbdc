"""What is felt under one channel: nothing, tingling, a contraction, pain; how bad it is; and getting used to it."""

from dataclasses import dataclass
from enum import StrEnum
from math import exp
from typing import Final

from firmware_sim.body.profile import SensationProfile
from firmware_sim.body.pulse import Pulse
from firmware_sim.body.recruitment import PAIN, SENSORY

MOTOR_FRACTION: Final = 0.02
"""The motor threshold: so many of the fibres answer (the sheet's motor threshold)."""
STRONG_FRACTION: Final = 0.5
SINGLE_FROM_US: Final = 100_000
"""Pulses this far apart or farther are felt and seen one by one: twitches."""
FADES_US: Final = 500_000
"""A feeling is over so long after the last pulse, or after one and a half times the distance of the pulses."""
LONGEST_US: Final = 5_000_000
HABITUATION: Final = 0.15
HABITUATION_US: Final = 300_000_000
UNPLEASANT_FROM: Final = 0.6
"""Discomfort is 0 below this share of the pain threshold, 4 at the threshold, 10 at WORST_AT times it."""
PAIN_POINTS: Final = 4.0
WORST_AT: Final = 1.6
WORST_POINTS: Final = 10.0


class Word(StrEnum):
    """What somebody would call it."""

    NOTHING = "nothing"
    TINGLING = "tingling"
    TWITCH = "twitch"
    CONTRACTION = "contraction"
    STRONG = "strong"
    PAINFUL = "painful"


@dataclass(frozen=True, slots=True)
class Feeling:
    """A word, and discomfort from 0 (none) over 4 (pain begins) to 10 (unbearable)."""

    word: Word = Word.NOTHING
    discomfort: float = 0.0


NONE: Final = Feeling()


def discomfort(share_of_pain: float) -> float:
    """Points from 0 to 10 for a current that is so many times the pain threshold."""
    if share_of_pain < UNPLEASANT_FROM:
        return 0.0
    if share_of_pain <= 1.0:
        return PAIN_POINTS * (share_of_pain - UNPLEASANT_FROM) / (1.0 - UNPLEASANT_FROM)
    return min(WORST_POINTS, PAIN_POINTS + (WORST_POINTS - PAIN_POINTS) * (share_of_pain - 1.0) / (WORST_AT - 1.0))


class Sensation:
    """What one channel feels like. Runs of pulses come in order of time."""

    def __init__(self, profile: SensationProfile) -> None:
        self._sensory: Final = profile.sensory
        self._pain: Final = profile.pain
        self._used_to = 0.0
        self._at_us = 0
        self._current_ma = 0.0
        self._pulse: Pulse | None = None
        self._recruited = 0.0
        self._period_us = 0
        self.until_us = 0

    @property
    def habituation(self) -> float:
        """By how much the pain threshold has risen: 0 to 0.15."""
        return self._used_to

    def threshold_ma(self, pulse: Pulse) -> float | None:
        """The current from which this pulse is felt at all; None = it never is."""
        return None if self._sensory is None else self._sensory * SENSORY.threshold_of(pulse)

    def pain_ma(self, pulse: Pulse) -> float | None:
        """The current from which this pulse hurts, used to it or not as it is now; None = it never does."""
        return None if self._pain is None else self._pain * PAIN.threshold_of(pulse) * (1.0 + self._used_to)

    def begin(self, pulse: Pulse, current_ma: float, recruited: float, first_us: int, period_us: int) -> Feeling:
        """The first pulse of a run; what it feels like."""
        self._get_used(min(first_us, self.until_us), stimulated=True)
        self._get_used(first_us, stimulated=False)
        self._pulse, self._current_ma, self._recruited, self._period_us = pulse, current_ma, recruited, period_us
        self.go_on(first_us)
        return self._now()

    def go_on(self, last_us: int) -> None:
        """The last pulse of the run came at this time."""
        self.until_us = last_us + min(LONGEST_US, max(FADES_US, 3 * self._period_us // 2))

    def _now(self) -> Feeling:
        pulse, current = self._pulse, self._current_ma
        if pulse is None or current <= 0.0:
            return NONE
        pain = self.pain_ma(pulse)
        share = 0.0 if pain is None else current / pain
        return Feeling(self._word(pulse, current, share), discomfort(share))

    def _word(self, pulse: Pulse, current_ma: float, share_of_pain: float) -> Word:
        if share_of_pain >= 1.0:
            return Word.PAINFUL
        threshold = self.threshold_ma(pulse)
        if threshold is None:
            return Word.NOTHING
        if self._recruited >= MOTOR_FRACTION:
            if self._period_us == 0 or self._period_us >= SINGLE_FROM_US:
                return Word.TWITCH
            return Word.STRONG if self._recruited >= STRONG_FRACTION else Word.CONTRACTION
        return Word.TINGLING if current_ma >= threshold else Word.NOTHING

    def _get_used(self, to_us: int, *, stimulated: bool) -> None:
        """Follows the habituation, which comes and goes with the same time constant."""
        if to_us <= self._at_us:
            return
        towards = HABITUATION if stimulated else 0.0
        self._used_to = towards + (self._used_to - towards) * exp(-(to_us - self._at_us) / HABITUATION_US)
        self._at_us = to_us
