"""Playing a measuring procedure: each step is given once on the operator's word, then current is off until the next word.

A word counts when its question has been open for a moment, and from a key that was let go of before: a key that is held down
repeats its word many times a second and would climb to the top alone. TOO_MUCH always counts. It comes from a patient
who cries out and an operator who then finds the key: until the step in hand has been felt, it is about the one before.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from emscontrol.core.errors import SafetyRefusal, UsageError
from emscontrol.core.events import Event, make
from emscontrol.core.pulse import NOTHING, Output, Outputs, Train
from emscontrol.core.units import US_PER_MS, US_PER_S, format_ma
from emscontrol.measure.procedure import Procedure, Stimulus
from emscontrol.measure.words import AT_ONCE, MEANINGS, WHEN_HELD, Word
from emscontrol.safety.gate import SOFT_START_US
from emscontrol.safety.limits import LIMITS
from emscontrol.session.step import RAMP_US, Step

REST_US: Final = US_PER_S  # at the least between two steps
ANSWER_US: Final = 60 * US_PER_S  # nobody says a word for so long: nobody is there
CALM_US: Final = 500 * US_PER_MS  # so long a question has been open before a word counts [D]
KEY_UP_US: Final = 300 * US_PER_MS  # a word so shortly before the question is from a key that may still be down [D]
LET_GO_US: Final = US_PER_S  # longer than a key waits before it repeats, so that it has been let go of [D]
LONGEST_US: Final = LIMITS["SESSION_USUAL"].value


class Probe:
    """One run through a procedure (`Played`). `trains` are what each channel is given at each width, `title` names it."""

    def __init__(self, procedure: Procedure, trains: Mapping[tuple[int, int], Train], title: str) -> None:
        self._procedure = procedure
        self._trains = trains
        self._title = title
        self._passed_us = 0
        self._running_from_us: int | None = None
        self._step: Step | None = None
        self._fading: Step | None = None  # the step before, until its last pulse is over
        self._last: Stimulus | None = None  # the step that was given before the one in hand
        self._opened_us: int | None = None  # since when the question about the step in hand is open
        self._key_us: int | None = None  # the last word, whether it counted or not
        self._spoken_us = 0  # the last word that counted, or start
        self._off_us = 0  # the end of the last step
        self._number = 0
        self._begun: dict[int, int] = {}
        self._ended: tuple[str, str] | None = None

    # -- the clock -----------------------------------------------------------------------------------------------------

    def run(self, now_us: int) -> None:
        """See Played. A step that a pause has cut short is given anew, with a slow ramp."""
        self._running_from_us = self._spoken_us = now_us
        self._give(now_us, now_us, SOFT_START_US if self._passed_us else RAMP_US)

    def halt(self, now_us: int) -> None:
        """See Played."""
        self._passed_us = self._at_us(now_us)
        self._remember(now_us)
        self._running_from_us = self._step = self._fading = self._opened_us = None

    @property
    def is_fresh(self) -> bool:
        """See Played."""
        return self._passed_us == 0 and self._running_from_us is None

    def is_over(self, now_us: int) -> bool:
        """See Played."""
        self._ended = self._end(now_us)
        return self._ended is not None

    def ending(self, now_us: int) -> tuple[str, str]:
        """See Played: as `is_over` has found it; by now the clock may have been halted."""
        return self._ended or ("stopped", "the procedure was left")

    def due_us(self, now_us: int) -> int | None:
        """See Played."""
        if self._running_from_us is None:
            return None
        due = [self._quiet_since_us(now_us) + ANSWER_US, now_us + LONGEST_US - self._at_us(now_us)]
        for step in filter(None, (self._step, self._fading)):
            due += step.due_us(now_us)
        counts_us = self._counts_from_us()
        if counts_us is not None and counts_us > now_us:
            due.append(counts_us)
        return max(now_us, min(due))

    def steady_until_us(self, now_us: int) -> int:
        """See Played."""
        return self.due_us(now_us) or 0

    def _end(self, now_us: int) -> tuple[str, str] | None:
        """Done, nobody answers, or it has taken an hour; None while it goes on."""
        if self._procedure.stimulus is None:
            return None if self._fades(now_us) else ("completed", "the procedure is done")
        if self._running_from_us is not None and now_us - self._quiet_since_us(now_us) >= ANSWER_US:
            return "stopped", f"nobody answered for {ANSWER_US // US_PER_S} s"
        if self._at_us(now_us) >= LONGEST_US:
            return "stopped", f"the procedure took {LONGEST_US // US_PER_S // 60} minutes"
        return None

    def _at_us(self, now_us: int) -> int:
        return self._passed_us + (now_us - self._running_from_us if self._running_from_us is not None else 0)

    def _quiet_since_us(self, now_us: int) -> int:
        """Since when a word has been waited for: from the last word, or from the end of a step that takes longer."""
        return self._spoken_us if self._step is None else max(self._spoken_us, min(now_us, self._step.to_us))

    # -- what is wanted ------------------------------------------------------------------------------------------------

    def wanted(self, now_us: int) -> Outputs:
        """See Played."""
        if self._fading is not None and self._fades(now_us):
            return self._fading.outputs(now_us)
        return NOTHING if self._step is None else self._step.outputs(now_us)

    def given(self, outputs: Outputs, now_us: int) -> None:
        """See Played."""
        if self._step is not None and now_us >= self._step.from_us:
            self._step.given(outputs, now_us)

    def _give(self, now_us: int, from_us: int, ramp_us: int) -> None:
        """Plan the step in hand; one of nothing, or one that is only offered, is asked about at once."""
        stimulus = self._procedure.stimulus
        self._step, self._opened_us = None, now_us
        if stimulus is not None and stimulus.flows:
            self._step, self._opened_us = Step(self._output(stimulus), from_us, ramp_us), None

    def _fades(self, now_us: int) -> bool:
        """Whether the last pulse of the step before is not over yet."""
        return self._fading is not None and now_us < self._fading.to_us

    def _remember(self, now_us: int) -> None:
        """The step in hand is left: a cry may still be about it, when it was given for long enough to be felt."""
        if self._step is not None and (self._step.felt_by(now_us) or (self._step.begun and self._last is None)):
            self._last = self._procedure.stimulus

    def _output(self, stimulus: Stimulus) -> Output:
        return Output(stimulus.channel, self._trains[stimulus.channel, stimulus.width_us], stimulus.amplitude_ua)

    # -- what has been reached -----------------------------------------------------------------------------------------

    def reached(self, now_us: int) -> list[Event]:
        """See Played: a step that has been given is asked about."""
        stimulus = self._procedure.stimulus
        if stimulus is None or self._opened_us is not None or self._step is None or not self._step.may_be_judged(now_us):
            return []
        self._opened_us = now_us
        self._number += 1
        self._begun[stimulus.channel] = self._begun.get(stimulus.channel, 0) + 1
        return [make("asked", number=self._number, **_facts(stimulus))]

    def contractions_begun(self, channel: int) -> int:
        """See Played: the steps that were given."""
        return self._begun.get(channel, 0)

    # -- the operator --------------------------------------------------------------------------------------------------

    def answer(self, channel: int, word: str, who: str, now_us: int, check: Callable[[Output], None]) -> list[Event]:
        """See Played. The current of the step ends with the word about it: at once, or for a mild word after its last pulse."""
        said, stimulus = self._understood(word), self._procedure.stimulus
        if stimulus is None or channel != stimulus.channel:
            self._fading = None if said is Word.TOO_MUCH else self._fading
            raise SafetyRefusal(f"Nothing is asked about channel {channel} now.", "", ("NOT_ASKED",))
        if said not in AT_ONCE:
            self._require_calm(now_us)
        self._key_us = now_us
        about = self._about(stimulus, now_us) if said is Word.TOO_MUCH else stimulus
        heard = self._procedure.hear(said, about)
        then = heard.then.stimulus
        if then is not None and then.flows:
            check(self._output(then))
        self._end_step(said, now_us)
        self._procedure, self._spoken_us = heard.then, now_us
        self._give(now_us, max(now_us, self._off_us + REST_US), RAMP_US)
        return [make("answered", who=who, word=said.value, **_facts(about)), *heard.events]

    def _require_calm(self, now_us: int) -> None:
        """Raises SafetyRefusal for a word about a step that was not given, or from a key that may have been down before."""
        counts_us, self._key_us = self._counts_from_us(), now_us
        if counts_us is None:
            raise SafetyRefusal("This step has not been given yet.", "Wait for it, then say it again.", ("NOT_GIVEN",))
        if now_us < counts_us:
            raise SafetyRefusal(
                "A word counts half a second after its question, and from a key that was let go of.",
                "Let go, wait a second, and say it again.",
                ("CALM_WORD",),
            )

    def _counts_from_us(self) -> int | None:
        """From when a word about the step in hand counts; None while nothing is asked."""
        if self._opened_us is None:
            return None
        counts_us = self._opened_us + CALM_US
        if self._key_us is not None and self._key_us > self._opened_us - KEY_UP_US:
            counts_us = max(counts_us, self._key_us + LET_GO_US)
        return counts_us

    def _about(self, stimulus: Stimulus, now_us: int) -> Stimulus:
        """The step that was too much: the one in hand when it has flowed for long enough to be felt, else the one before."""
        felt = self._step is not None and self._step.felt_by(now_us)
        return stimulus if felt or self._last is None else self._last

    def _end_step(self, said: Word, now_us: int) -> None:
        """No further pulse of the step in hand; one that runs is cut by TOO_MUCH alone."""
        self._remember(now_us)
        if said is Word.TOO_MUCH and self._fades(now_us):
            self._fading, self._off_us = None, now_us
        if self._step is None or now_us < self._step.from_us:
            return
        if said is Word.TOO_MUCH:
            self._off_us = min(now_us, self._step.to_us)
        else:
            self._fading, self._off_us = self._step, self._step.end(now_us)

    def _understood(self, word: str) -> Word:
        words = self._procedure.words
        if word not in words:
            raise UsageError(f"{word!r} is no word of this procedure.", f"Say one of: {', '.join(words)}.")
        return Word(word)

    def trains_of(self, channel: int) -> Sequence[Train]:
        """See Played."""
        return [train for (number, _), train in self._trains.items() if number == channel]

    def target_ua(self, channel: int) -> int:
        """See Played: the step in hand."""
        if all(channel != number for number, _ in self._trains):
            raise SafetyRefusal(f"Channel {channel} is not part of this session.", rules=("UNKNOWN_CHANNEL",))
        stimulus = self._procedure.stimulus
        return stimulus.amplitude_ua if stimulus is not None and stimulus.channel == channel else 0

    def adjust(self, channel: int, delta_ua: int, now_us: int) -> tuple[int, int]:
        """See Played. Refused: in a procedure the current follows the words."""
        raise SafetyRefusal("In a procedure the current follows the answers.", "Say up or down.", ("BY_WORD",))

    # -- for screens ---------------------------------------------------------------------------------------------------

    def describe(self, now_us: int) -> dict[str, object]:
        """See Played."""
        stimulus = self._procedure.stimulus
        part, parts = self._procedure.progress
        doing, left_us = self._doing(now_us)
        return {
            "phase": self._title,
            "phase_index": min(part, parts),
            "phases": parts,
            "contraction": self._number,
            "contractions": 0,
            "doing": doing,
            "doing_left_us": left_us,
            "next": "wait for a word" if stimulus is not None else "finished",
            "at_us": self._at_us(now_us),
            "left_us": 0,
            "text": f"{self._title}: {doing}",
            "question": None if stimulus is None else self._question(stimulus, now_us),
        }

    def _question(self, stimulus: Stimulus, now_us: int) -> dict[str, object]:
        """`open` is true once a word counts; `held` means that the step is only offered."""
        counts_us = self._counts_from_us()
        step = f"channel {stimulus.channel}, {stimulus.width_us} µs, {format_ma(stimulus.amplitude_ua)}"
        return {
            **_facts(stimulus),
            "open": counts_us is not None and now_us >= counts_us,
            "held": stimulus.held,
            "words": {word.value: MEANINGS[word] for word in (WHEN_HELD if stimulus.held else self._procedure.words)},
            "text": f"{'ready for ' if stimulus.held else ''}{step}{'?' if stimulus.held else ''}",
        }

    def _doing(self, now_us: int) -> tuple[str, int]:
        if self._procedure.stimulus is None:
            return "finished", 0
        waiting = "wait for a word", max(0, self._quiet_since_us(now_us) + ANSWER_US - now_us)
        return waiting if self._step is None else self._step.doing(now_us) or waiting


def _facts(stimulus: Stimulus) -> dict[str, int]:
    return {"channel": stimulus.channel, "width_us": stimulus.width_us, "amplitude_ua": stimulus.amplitude_ua}
