"""What an engine plays: a program's course, or a measuring procedure. The engine knows nothing else of either."""

from collections.abc import Callable, Sequence
from typing import Protocol

from emscontrol.core.events import Event
from emscontrol.core.pulse import Output, Outputs, Train


class Played(Protocol):
    """A clock that runs while the session runs, and the outputs that are wanted as it passes."""

    def run(self, now_us: int) -> None:
        """Let the clock run; after a halt from zero, softly."""

    def halt(self, now_us: int) -> None:
        """Stop the clock where it is; nothing is wanted until it runs again."""

    @property
    def is_fresh(self) -> bool:
        """True until the clock has run for the first time."""

    def is_over(self, now_us: int) -> bool:
        """True when nothing is left to do."""

    def ending(self, now_us: int) -> tuple[str, str]:
        """(result, reason) of a session that is over because of this."""

    def due_us(self, now_us: int) -> int | None:
        """When something changes next by itself, or None while the clock stands."""

    def steady_until_us(self, now_us: int) -> int:
        """Until when, without a request, the wanted outputs stay as they are and nothing is reached; 0 when not even now."""

    def wanted(self, now_us: int) -> Outputs:
        """The outputs that should be in force now: the same object for as long as nothing changes."""

    def given(self, outputs: Outputs, now_us: int) -> None:
        """These outputs are in force from now on."""

    def reached(self, now_us: int) -> list[Event]:
        """What the clock has passed since the last call."""

    def trains_of(self, channel: int) -> Sequence[Train]:
        """Every train that a channel may be given."""

    def target_ua(self, channel: int) -> int:
        """The plateau of a channel as it stands now. Raises SafetyRefusal for a channel that is not used."""

    def adjust(self, channel: int, delta_ua: int, now_us: int) -> tuple[int, int]:
        """Move a channel's target by hand; (before, after) in µA. Raises SafetyRefusal when that is not allowed."""

    def answer(self, channel: int, word: str, who: str, now_us: int, check: Callable[[Output], None]) -> list[Event]:
        """Take an operator's word about the step just given; `check` raises for an output that the rules refuse.

        Raises SafetyRefusal or UsageError when nothing is asked, or the word leads where it may not; then nothing has changed.
        """

    def contractions_begun(self, channel: int) -> int:
        """How many contractions of this channel the clock has reached."""

    def describe(self, now_us: int) -> dict[str, object]:
        """For screens: what happens now and for how long, and the question that is open. Times in µs."""
