"""Playing a measuring procedure: each step is given once on the operator's word, then current is off until the next word.

A step of a train is a short contraction with a ramp. Where pulses are further apart than `TRAIN_MAX_US`, a few single pulses
are given: the first one weak, because the current rises in a ramp from zero like any other.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from emscontrol.core.errors import SafetyRefusal, UsageError
from emscontrol.core.events import Event, make
from emscontrol.core.pulse import NOTHING, Output, Outputs, Train
from emscontrol.core.units import US_PER_MS, US_PER_S, format_ma
from emscontrol.measure.procedure import Procedure, Stimulus
from emscontrol.measure.words import AT_ONCE, MEANINGS, Word
from emscontrol.program.compile import RAMP_UPDATE_US
from emscontrol.safety.gate import SOFT_START_US
from emscontrol.safety.limits import LIMITS

RAMP_US: Final = LIMITS["RAMP_MIN"].value
HOLD_US: Final = US_PER_S  # a contraction long enough to be seen and felt
REST_US: Final = US_PER_S  # at the least between two steps
TRAIN_MAX_US: Final = 100 * US_PER_MS  # pulses further apart than this do not fuse: single pulses are given
PERCEIVED_US: Final = 300 * US_PER_MS  # at full current, before a person can say anything of it [D]
SINGLE_PULSES: Final = 2  # so many at the full step
ANSWER_US: Final = 60 * US_PER_S  # nobody says a word for so long: nobody is there
LONGEST_US: Final = LIMITS["SESSION_USUAL"].value


class Probe:
    """One run through a procedure (`Played`). `trains` are what each channel is given at each width, `title` names it."""

    def __init__(self, procedure: Procedure, trains: Mapping[tuple[int, int], Train], title: str) -> None:
        self._procedure = procedure
        self._trains = trains
        self._title = title
        self._passed_us = 0
        self._running_from_us: int | None = None
        self._ramp_us = RAMP_US
        self._from_us: int | None = None  # the step in hand begins, or began, then
        self._to_us = 0  # and ends then
        self._judged_from_us: int | None = None  # from then on it has been given and may be judged
        self._asked = False
        self._spoken_us = 0  # the last word, start or end of a step
        self._number = 0
        self._begun: dict[int, int] = {}
        self._wanted = NOTHING
        self._ended: tuple[str, str] | None = None

    # -- the clock -----------------------------------------------------------------------------------------------------

    def run(self, now_us: int) -> None:
        """See Played. A step that a pause has cut short is given anew, with a slow ramp."""
        self._running_from_us = self._spoken_us = now_us
        if self._passed_us:
            self._ramp_us = SOFT_START_US
        self._give_from(now_us)

    def halt(self, now_us: int) -> None:
        """See Played."""
        self._passed_us = self._at_us(now_us)
        self._running_from_us = self._from_us = self._judged_from_us = None
        self._asked = False

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

    def _end(self, now_us: int) -> tuple[str, str] | None:
        """Done, nobody answers, or it has taken an hour; None while it goes on."""
        if self._procedure.stimulus is None:
            return "completed", "the procedure is done"
        if self._running_from_us is not None and now_us - self._quiet_since_us(now_us) >= ANSWER_US:
            return "stopped", f"nobody answered for {ANSWER_US // US_PER_S} s"
        if self._at_us(now_us) >= LONGEST_US:
            return "stopped", f"the procedure took {LONGEST_US // US_PER_S // 60} minutes"
        return None

    def due_us(self, now_us: int) -> int | None:
        """See Played."""
        if self._running_from_us is None:
            return None
        due = [self._quiet_since_us(now_us) + ANSWER_US, now_us + LONGEST_US - self._at_us(now_us)]
        if self._from_us is not None:
            due += [at_us for at_us in (self._from_us, self._next_ramp_us(now_us), self._to_us) if at_us > now_us]
        if self._judged_from_us is not None and not self._asked:
            due.append(self._judged_from_us)
        return max(now_us, min(due))

    def steady_until_us(self, now_us: int) -> int:
        """See Played."""
        return self.due_us(now_us) or 0

    def _at_us(self, now_us: int) -> int:
        return self._passed_us + (now_us - self._running_from_us if self._running_from_us is not None else 0)

    def _quiet_since_us(self, now_us: int) -> int:
        """Since when a word has been waited for: from the last word, or from the end of a step that takes longer."""
        return max(self._spoken_us, min(now_us, self._to_us))

    # -- what is wanted ------------------------------------------------------------------------------------------------

    def wanted(self, now_us: int) -> Outputs:
        """See Played."""
        stimulus = self._procedure.stimulus
        if self._from_us is None or stimulus is None or not self._from_us <= now_us < self._to_us:
            return NOTHING
        output = Output(stimulus.channel, self._train(stimulus), self._risen_ua(stimulus.amplitude_ua, now_us - self._from_us))
        if self._wanted.channels != (output,):
            self._wanted = Outputs((output,))
        return self._wanted

    def given(self, outputs: Outputs, now_us: int) -> None:
        """See Played. A step counts once a pulse with its full current is over, and there was time to feel it."""
        stimulus = self._procedure.stimulus
        if stimulus is None or self._judged_from_us is not None or not stimulus.amplitude_ua:
            return
        if outputs.amplitude_ua(stimulus.channel) >= stimulus.amplitude_ua:
            train = self._train(stimulus)
            self._judged_from_us = now_us + max(PERCEIVED_US, train.period_us + train.waveform.duration_us)

    def _risen_ua(self, plateau_ua: int, since_us: int) -> int:
        steps = -(-self._ramp_us // RAMP_UPDATE_US)
        return plateau_ua * min(steps, since_us * steps // self._ramp_us + 1) // steps

    def _next_ramp_us(self, now_us: int) -> int:
        """The next change of the ramp, or a time that has passed when there is none."""
        if self._from_us is None or now_us - self._from_us >= self._ramp_us:
            return now_us
        steps = -(-self._ramp_us // RAMP_UPDATE_US)
        step = max(0, now_us - self._from_us) * steps // self._ramp_us + 1
        return self._from_us - (-step * self._ramp_us // steps)

    def _train(self, stimulus: Stimulus) -> Train:
        return self._trains[stimulus.channel, stimulus.width_us]

    def _give_from(self, at_us: int) -> None:
        """Plan the step in hand; a step of nothing is asked about at once."""
        stimulus = self._procedure.stimulus
        self._from_us = self._judged_from_us = None
        self._asked = False
        if stimulus is not None and stimulus.amplitude_ua:
            self._from_us = at_us
            self._to_us = at_us + self._ramp_us + _hold_us(self._train(stimulus))

    # -- what has been reached -----------------------------------------------------------------------------------------

    def reached(self, now_us: int) -> list[Event]:
        """See Played: a step that has been given is asked about."""
        stimulus = self._procedure.stimulus
        if stimulus is None or self._asked or self._judged_from_us is None or now_us < self._judged_from_us:
            return []
        self._asked = True
        self._number += 1
        self._begun[stimulus.channel] = self._begun.get(stimulus.channel, 0) + 1
        return [make("asked", number=self._number, **_facts(stimulus))]

    def contractions_begun(self, channel: int) -> int:
        """See Played: the steps that were given."""
        return self._begun.get(channel, 0)

    # -- the operator --------------------------------------------------------------------------------------------------

    def answer(self, channel: int, word: str, who: str, now_us: int, check: Callable[[Output], None]) -> list[Event]:
        """See Played. The current of the step ends with the word about it."""
        said, stimulus = self._understood(word), self._procedure.stimulus
        if stimulus is None or channel != stimulus.channel:
            raise SafetyRefusal(f"Nothing is asked about channel {channel} now.", "", ("NOT_ASKED",))
        if said not in AT_ONCE and stimulus.amplitude_ua and not self._asked:
            raise SafetyRefusal("This step has not been given yet.", "Wait for it, then say it again.", ("NOT_GIVEN",))
        heard = self._procedure.hear(said)
        then = heard.then.stimulus
        if then is not None and then.amplitude_ua:
            check(Output(then.channel, self._train(then), then.amplitude_ua))
        off_us = min(now_us, self._to_us) if self._from_us is not None else now_us - REST_US
        self._procedure, self._ramp_us, self._spoken_us = heard.then, RAMP_US, now_us
        self._give_from(max(now_us, off_us + REST_US))
        return [make("answered", who=who, word=said.value, **_facts(stimulus)), *heard.events]

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
            "question": None if stimulus is None else self._question(stimulus),
        }

    def _question(self, stimulus: Stimulus) -> dict[str, object]:
        return {
            **_facts(stimulus),
            "open": self._asked or not stimulus.amplitude_ua,
            "words": {word.value: MEANINGS[word] for word in self._procedure.words},
            "text": f"channel {stimulus.channel}, {stimulus.width_us} µs, {format_ma(stimulus.amplitude_ua)}",
        }

    def _doing(self, now_us: int) -> tuple[str, int]:
        if self._procedure.stimulus is None:
            return "finished", 0
        if self._from_us is None or now_us >= self._to_us:
            return "wait for a word", max(0, self._quiet_since_us(now_us) + ANSWER_US - now_us)
        if now_us < self._from_us:
            return "rest", self._from_us - now_us
        if now_us < self._from_us + self._ramp_us:
            return "ramp up", self._from_us + self._ramp_us - now_us
        return "hold", self._to_us - now_us


def step_us(train: Train) -> int:
    """How long one step of this train takes, a slow ramp after a pause left out."""
    return RAMP_US + _hold_us(train)


def _hold_us(train: Train) -> int:
    """How long the full step lasts: a contraction, or so many single pulses."""
    if train.period_us <= TRAIN_MAX_US:
        return HOLD_US
    return SINGLE_PULSES * train.period_us + train.waveform.duration_us


def _facts(stimulus: Stimulus) -> dict[str, int]:
    return {"channel": stimulus.channel, "width_us": stimulus.width_us, "amplitude_ua": stimulus.amplitude_ua}
