"""What every measuring procedure offers to whoever plays it: the step to give next, and what a word about it leads to."""

from dataclasses import dataclass
from typing import Protocol

from emscontrol.core.events import Event
from emscontrol.measure.words import Word


@dataclass(frozen=True, slots=True)
class Stimulus:
    """A step: this amplitude at this pulse width on this channel. At 0 µA nothing flows and only UP and DONE are meant.

    One that is `held` is not given either: it is offered, and AGAIN asks for it.
    """

    channel: int
    width_us: int
    amplitude_ua: int
    held: bool = False

    @property
    def flows(self) -> bool:
        """Whether current flows for it without another word."""
        return self.amplitude_ua > 0 and not self.held


@dataclass(frozen=True, slots=True)
class Heard:
    """What a word has led to: the procedure as it is now, and what has been found by it."""

    then: "Procedure"
    events: tuple[Event, ...] = ()


class Procedure(Protocol):
    """A value; a word makes a new one. The same words always lead to the same findings."""

    @property
    def words(self) -> tuple[Word, ...]:
        """The words that mean something in this procedure."""

    @property
    def stimulus(self) -> Stimulus | None:
        """The step to give, or None when the procedure is over."""

    @property
    def progress(self) -> tuple[int, int]:
        """(which part, of how many), from 1."""

    def hear(self, word: Word, about: Stimulus | None = None) -> Heard:
        """Take a word about the step in hand; TOO_MUCH may be `about` a step that was given before it.

        Raises SafetyRefusal when it asks for more than is allowed, or judges a step that is only offered.
        """
