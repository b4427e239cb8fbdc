"""The strength–duration curve: the motor threshold at one pulse width after another, the longest first.

A shorter pulse needs more current. So each width begins at the step that the longer one before it did not answer to, and the
current never comes near what is uncomfortable for want of a starting point.
"""

from dataclasses import dataclass, replace
from typing import Final

from emscontrol.core.events import Event, make
from emscontrol.measure.climb import Climb, Steps
from emscontrol.measure.procedure import Heard, Stimulus
from emscontrol.measure.staircase import Staircase
from emscontrol.measure.strength_duration import CurvePoint
from emscontrol.measure.suggestion import assess
from emscontrol.measure.words import SAYS_CONTRACTS, Word

WORDS: Final = tuple(word for word in Word)


@dataclass(frozen=True, slots=True)
class CurveSearch:
    """One channel. `widths_us` are still to come, the one in hand first, the longest first; `points` are what is known."""

    channel: int
    widths_us: tuple[int, ...]
    steps: Steps
    climb: Climb
    motor: Staircase
    points: tuple[CurvePoint, ...] = ()

    @property
    def words(self) -> tuple[Word, ...]:
        """See Procedure."""
        return WORDS

    @property
    def stimulus(self) -> Stimulus | None:
        """See Procedure."""
        return self._in_hand(self.widths_us[0]) if self.widths_us else None

    @property
    def progress(self) -> tuple[int, int]:
        """See Procedure: each width is a part."""
        return len(self.points) + 1, len(self.points) + len(self.widths_us)

    def _in_hand(self, width_us: int) -> Stimulus:
        return Stimulus(self.channel, width_us, self.climb.level_ua, self.climb.waits)

    def hear(self, word: Word, about: Stimulus | None = None) -> Heard:
        """See Procedure."""
        if word is Word.AGAIN:
            self.climb.require_level()
            return Heard(replace(self, climb=self.climb.released()))
        if word is Word.DONE:
            return self._ended(())
        if word is Word.TOO_MUCH:
            return self._too_much(about or self._in_hand(self.widths_us[0]))
        if word is Word.UP or (self.climb.level_ua == 0 and word is Word.NOTHING):
            return Heard(replace(self, climb=self.climb.up()))
        if word is Word.DOWN:
            return Heard(replace(self, climb=self.climb.down()))
        self.climb.require_given(word)
        if word is Word.LIMIT:
            return self._no_more(self.climb.kept(), None)
        told = replace(self, climb=self.climb.kept(), motor=self.motor.told(self.climb.level_ua, SAYS_CONTRACTS[word]))
        return told._narrowed()

    def _narrowed(self) -> Heard:
        halfway_ua = self.motor.halfway_ua()
        if halfway_ua is not None:
            return Heard(replace(self, climb=self.climb.at(halfway_ua)))
        if self.motor.at_ua is not None:
            return self._next(CurvePoint(self.widths_us[0], self.motor.below_ua, self.motor.at_ua))
        higher_ua = self.climb.higher_ua()
        if higher_ua is None:
            return self._unanswered()
        return Heard(replace(self, climb=self.climb.at(higher_ua)))

    def _too_much(self, given: Stimulus) -> Heard:
        """Said once more of the same step, or before any, it changes nothing; said late of a width that is over, it eases."""
        if self.climb.waits or not given.amplitude_ua:
            return Heard(self)
        if given.width_us != self.widths_us[0]:
            return Heard(replace(self, climb=self.climb.eased(given.amplitude_ua)))
        return self._no_more(self.climb.too_much(given.amplitude_ua), given.amplitude_ua)

    def _no_more(self, climb: Climb, too_much_ua: int | None) -> Heard:
        """Comfort ends this width; a shorter pulse of the same current is felt less, so the next one may go on when told to."""
        point = CurvePoint(self.widths_us[0], self.motor.below_ua, self.motor.at_ua, too_much_ua)
        return replace(self, climb=climb)._next(point, held=True)

    def _unanswered(self) -> Heard:
        """No contraction up to the cap: every shorter pulse would need more, so the curve ends here."""
        return self._ended((CurvePoint(self.widths_us[0], self.motor.below_ua, None),))

    def _next(self, point: CurvePoint, held: bool = False) -> Heard:
        """On to the next width, at the step that this one did not answer to; after discomfort that step waits for a word."""
        if len(self.widths_us) == 1:
            return self._ended((point,))
        begin_ua = min(point.below_ua, self.climb.tolerated_ua)
        then = replace(
            self,
            widths_us=self.widths_us[1:],
            climb=Climb(self.steps, begin_ua, begin_ua, held=held),
            motor=Staircase(self.steps.fine_ua, self.steps.grid_ua),
            points=(*self.points, point),
        )
        return Heard(then, (self._point_event(point),))

    def _ended(self, last: tuple[CurvePoint, ...]) -> Heard:
        points = (*self.points, *last)
        events = [self._point_event(point) for point in last]
        return Heard(replace(self, widths_us=(), points=points), (*events, fitted(self.channel, points)))

    def _point_event(self, point: CurvePoint) -> Event:
        if point.at_ua is None:
            return make(
                "curve_gap",
                channel=self.channel,
                width_us=point.width_us,
                up_to_ua=point.below_ua or None,
                too_much_ua=point.too_much_ua,
            )
        return make(
            "curve_point",
            channel=self.channel,
            width_us=point.width_us,
            amplitude_ua=point.at_ua,
            below_ua=point.below_ua,
        )


def curve_search(channel: int, widths_us: tuple[int, ...], steps: Steps) -> CurveSearch:
    """A curve that has not begun, over these widths in whatever order they are given."""
    longest_first = tuple(sorted(set(widths_us), reverse=True))
    return CurveSearch(channel, longest_first, steps, Climb(steps), Staircase(steps.fine_ua, steps.grid_ua))


def fitted(channel: int, points: tuple[CurvePoint, ...]) -> Event:
    """What the points say, as an event: the fit and the suggestion."""
    assessment = assess(points)
    return make(
        "curve_fitted",
        channel=channel,
        curves={str(number): fit.facts() for number, fit in enumerate(assessment.fits, start=1)},
        suggestion=assessment.suggestion.value,
        reason=assessment.reason,
    )
