"""The program's clock: which outputs are wanted now, and what has been reached.

The clock runs only while the session runs. What is wanted is a function of its time, so a step that was missed is never sent
later: the next look simply sees where the program is by then.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from emscontrol.core.errors import SafetyRefusal
from emscontrol.core.events import JSON, Event, make
from emscontrol.core.pulse import NOTHING, Output, Outputs, Train
from emscontrol.core.units import US_PER_S, format_ma
from emscontrol.program.compile import RAMP_UPDATE_US
from emscontrol.program.program import Contraction, Program
from emscontrol.program.standing import standing
from emscontrol.safety.gate import SOFT_START_US
from emscontrol.safety.limits import LIMITS
from emscontrol.session.slow_start import SlowStart

HAND_STEP_MAX_UA: Final = LIMITS["STEP_KEY"].value
HAND_RISE_US_PER_STEP: Final = US_PER_S * HAND_STEP_MAX_UA // LIMITS["SLEW_HAND"].value


class Course:
    """One run through a program, with pauses, soft starts and the operator's adjustments (`Played`)."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._passed_us = 0
        self._running_from_us: int | None = None
        self._slow = SlowStart()
        self._targets_ua = {plan.channel: plan.peak_ua for plan in program.channels}
        self._adjusted = False
        self._aimed_at: tuple[Outputs | None, Outputs] = (None, NOTHING)  # a plan, and the same with the operator's targets
        self._by_steps = False  # true from a pause or an adjustment to the next rest: ramps are then made from here
        self._raised_at_us: dict[int, int] = {}
        self._milestones = tuple(_milestones(program))
        self._told = 0
        self._begun: dict[int, int] = {}
        self._trains: dict[int, Sequence[Train]] = {}  # found out when they are asked for

    # -- the clock -----------------------------------------------------------------------------------------------------

    def run(self, now_us: int) -> None:
        """Let the clock run, softly when something has run before."""
        self._running_from_us = now_us
        if self._passed_us:
            self._slow.begin(self._targets_ua)
            self._by_steps = True

    def halt(self, now_us: int) -> None:
        """Stop the clock where it is."""
        self._passed_us = self.at_us(now_us)
        self._running_from_us = None

    @property
    def is_fresh(self) -> bool:
        """True until the clock has run for the first time."""
        return self._passed_us == 0 and self._running_from_us is None

    def at_us(self, now_us: int) -> int:
        """Program time: µs from START, pauses left out."""
        return self._passed_us + (now_us - self._running_from_us if self._running_from_us is not None else 0)

    def is_over(self, now_us: int) -> bool:
        """True when the program has nothing left to do."""
        return self.at_us(now_us) >= self._program.end_us

    def ending(self, now_us: int) -> tuple[str, str]:
        """See Played."""
        return "completed", "the program is over"

    def due_us(self, now_us: int) -> int | None:
        """When the wanted outputs change next by themselves, or None while the clock stands."""
        if self._running_from_us is None:
            return None
        at_us = self.at_us(now_us)
        next_us = self._program.next_upload_us(at_us) if self._uploads else self._program.next_step_us(at_us)
        due_us = self._program.end_us if next_us is None else next_us
        if self._told < len(self._milestones):
            due_us = min(due_us, self._milestones[self._told][0])
        if self._is_soft(now_us):
            due_us = min(due_us, at_us + RAMP_UPDATE_US)
        return now_us + max(0, due_us - at_us)

    def steady_until_us(self, now_us: int) -> int:
        """Until when, without a request, the wanted outputs stay as they are and nothing is reached; 0 when not even now.

        In a soft start what is wanted changes with every µs.
        """
        due_us = None if self._is_soft(now_us) else self.due_us(now_us)
        return 0 if due_us is None else due_us

    # -- what is wanted ------------------------------------------------------------------------------------------------

    def wanted(self, now_us: int) -> Outputs:
        """The outputs that should be in force now."""
        if self._running_from_us is None:
            return NOTHING
        at_us = self.at_us(now_us)
        outputs = self._program.uploads_at(at_us) if self._uploads else self._program.outputs_at(at_us)
        self._slow.ask(outputs, now_us)
        if self._by_steps and outputs.is_zero and not self._slow.lasts(now_us):
            self._by_steps = False  # a contraction of the device's own begins at zero, so only at rest may it take over again
        if self._is_soft(now_us):
            return Outputs(tuple(self._as_wanted(output, now_us) for output in outputs.channels))
        return self._at_target(outputs, now_us) if self._adjusted else outputs

    def _at_target(self, outputs: Outputs, now_us: int) -> Outputs:
        """With the operator's targets; the same object for the same plan and targets."""
        if outputs is not self._aimed_at[0]:
            self._aimed_at = (outputs, Outputs(tuple(self._as_wanted(output, now_us) for output in outputs.channels)))
        return self._aimed_at[1]

    @property
    def _uploads(self) -> bool:
        """Whether the device makes the contractions by itself."""
        return bool(self._program.uploads) and not self._by_steps

    def _as_wanted(self, output: Output, now_us: int) -> Output:
        """With the operator's target, and after a pause with the share that the first two seconds of current allow."""
        channel, share_us = output.channel, self._slow.share_us(output.channel, now_us)
        aimed_ua = output.amplitude_ua * self._targets_ua[channel] * share_us // (self._peak_ua(channel) * SOFT_START_US)
        return Output(channel, output.train, aimed_ua, output.swell)

    def _is_soft(self, now_us: int) -> bool:
        return self._slow.acts(now_us)

    def _peak_ua(self, channel: int) -> int:
        return self._program.plan_of(channel).peak_ua

    def given(self, outputs: Outputs, now_us: int) -> None:
        """See Played. The clock goes on whatever is in force."""
        self._slow.given(outputs, now_us)

    def trains_of(self, channel: int) -> Sequence[Train]:
        """See Played."""
        if channel not in self._trains:
            self._trains[channel] = self._program.trains_of(channel)
        return self._trains[channel]

    # -- the operator's hand -------------------------------------------------------------------------------------------

    def target_ua(self, channel: int) -> int:
        """The channel's highest plateau as it stands now. Raises SafetyRefusal for a channel that the program does not use."""
        if channel not in self._targets_ua:
            raise SafetyRefusal(f"Channel {channel} is not part of this session.", rules=("UNKNOWN_CHANNEL",))
        return self._targets_ua[channel]

    def adjust(self, channel: int, delta_ua: int, now_us: int) -> tuple[int, int]:
        """Move a channel's target; (before, after) in µA. Raises SafetyRefusal for too large, too fast or too high a step."""
        before_ua = self.target_ua(channel)
        after_ua = before_ua + delta_ua
        cap_ua = self._program.plan_of(channel).cap_ua
        if delta_ua > HAND_STEP_MAX_UA:
            raise SafetyRefusal(f"One step by hand is at most {format_ma(HAND_STEP_MAX_UA)}.", rules=("HAND_STEP",))
        since_us = now_us - self._raised_at_us.get(channel, -HAND_RISE_US_PER_STEP)
        if delta_ua > 0 and since_us < HAND_RISE_US_PER_STEP:
            raise SafetyRefusal("Raised too fast: by hand at most 5 mA a second.", "Wait a moment.", ("HAND_RISE",))
        if delta_ua > 0 and after_ua > cap_ua:
            raise SafetyRefusal(
                f"Channel {channel}: {format_ma(after_ua)} is above {format_ma(cap_ua)}, "
                "1.25 times the comfort level measured today.",
                "Measure the comfort level again if it has changed.",
                ("AMPLITUDE_CAP",),
            )
        if after_ua < 0:
            raise SafetyRefusal(f"Channel {channel} is at {format_ma(before_ua)} already.", rules=("HAND_STEP",))
        if delta_ua > 0:
            self._raised_at_us[channel] = now_us
        self._targets_ua[channel] = after_ua
        self._adjusted = self._by_steps = True
        self._aimed_at = (None, NOTHING)
        return before_ua, after_ua

    def answer(self, channel: int, word: str, who: str, now_us: int, check: Callable[[Output], None]) -> list[Event]:
        """See Played. A program asks nothing."""
        raise SafetyRefusal("This session asks nothing.", "Answers belong to measuring procedures.", ("NOT_ASKED",))

    # -- what has been reached -----------------------------------------------------------------------------------------

    def reached(self, now_us: int) -> list[Event]:
        """Events of phases and contractions that the clock has passed since the last call."""
        at_us = self.at_us(now_us)
        events = []
        while self._told < len(self._milestones) and self._milestones[self._told][0] <= at_us:
            _, event, contraction = self._milestones[self._told]
            if contraction is not None:
                for channel in contraction.channels:
                    self._begun[channel] = self._begun.get(channel, 0) + 1
            events.append(event)
            self._told += 1
        return events

    def contractions_begun(self, channel: int) -> int:
        """How many contractions of this channel the clock has reached."""
        return self._begun.get(channel, 0)

    def describe(self, now_us: int) -> dict[str, object]:
        """For screens: phase, contraction, what happens now and for how long, time left. Times in µs."""
        program = self._program
        return {**standing(program.phases, program.contractions, program.end_us, self.at_us(now_us)), "question": None}


def _milestones(program: Program) -> Iterator[tuple[int, Event, Contraction | None]]:
    """(time, event, contraction that begins), in order of time; ends come before starts at the same moment."""
    marks: list[tuple[int, int, Event, Contraction | None]] = []
    for index, phase in enumerate(program.phases):
        event = make("phase_started", name=phase.name, index=index + 1, of=len(program.phases))
        marks.append((phase.start_us, 1, event, None))
    for c in program.contractions:
        args: dict[str, JSON] = {"phase": c.phase + 1, "index": c.number, "of": c.of, "channels": list(c.channels)}
        marks.append((c.start_us, 2, make("contraction_started", **args), c))
        marks.append((c.end_us, 0, make("contraction_ended", **args), None))
    for at_us, _, event, contraction in sorted(marks, key=lambda mark: mark[:2]):
        yield at_us, event, contraction
