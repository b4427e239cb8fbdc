"""The session engine: a value that takes (now, input) and returns effects. No I/O, no clock, no thread.

The order of effects matters: a set point is told (and so journalled) before it is written; a stop is written before it is told.
"""

from collections.abc import Callable, Mapping
from typing import Final

from emscontrol.core import budget
from emscontrol.core.errors import IllegalTransition, SafetyRefusal
from emscontrol.core.events import make
from emscontrol.core.pulse import NOTHING, Output, Outputs
from emscontrol.core.units import US_PER_MS, US_PER_S
from emscontrol.program.compile import RAMP_UPDATE_US
from emscontrol.program.judge import plateaus_of
from emscontrol.program.program import Program
from emscontrol.safety.gate import SafetyGate
from emscontrol.session.hearing import BATTERY_CRITICAL_PERCENT, Hearing
from emscontrol.session.inputs import (
    Adjust,
    Answer,
    Arm,
    Check,
    Clear,
    Close,
    Connect,
    Effect,
    Halt,
    Input,
    LinkFailed,
    Note,
    Pause,
    Received,
    Resume,
    Start,
    Stop,
)
from emscontrol.session.played import Played
from emscontrol.session.states import WATCHED, State, Trigger, after
from emscontrol.session.stopping import StopWatch

TICK_GAP_US: Final = budget.T_TICK_GAP * US_PER_MS
TICK_US: Final = 100 * US_PER_MS  # longest pause between two looks while current is possible; a third of T_TICK_GAP
ARM_LASTS_US: Final = 60 * US_PER_S  # START must follow ARM within a minute (RC-46)

_REQUESTS: Final = (Connect, Arm, Start, Pause, Resume, Adjust, Answer, Check, Clear, Close)


class Engine(Hearing):
    """One session on one stimulator, from connecting to the closing line.

    `course` is what is played: the program's own, or a measuring procedure. `cleared_for_us` is how long the screening of a
    booked session holds from the first input on, None where nobody was screened: after it nothing is armed, started or resumed.
    """

    def __init__(self, program: Program, gate: SafetyGate, course: Played, cleared_for_us: int | None = None) -> None:
        super().__init__(program, gate, course)
        self._cleared_for_us = cleared_for_us
        self._first_us: int | None = None
        self._spoken = False  # true once anything has been said to the stimulator
        self._seen_us: int | None = None
        self._climbing = False  # less is in force than wanted: a rise is under way
        self._steady_until_us = 0  # while the program runs on undisturbed, nothing changes before this time
        self._course_due_us = 0  # so long as that holds, this is when the course wants to be looked at
        self._due_us: int | None = None
        self._handlers: Mapping[type, Callable[..., None]] = {
            Connect: self._connect,
            Arm: self._arm,
            Start: self._start,
            Pause: self._pause,
            Resume: self._resume,
            Adjust: self._adjust,
            Answer: self._answer,
            Check: self._check,
            Clear: self._clear,
            Close: self._close,
            Stop: self._stop_asked,
            Halt: self._halt,
            Received: self._received,
            LinkFailed: self._link_failed,
            Note: self._note,
        }

    # -- for runners and screens ---------------------------------------------------------------------------------------

    def due_us(self) -> int | None:
        """When the engine wants to be called again even if nothing arrives; None when it has nothing to wait for."""
        if not self._due_known:  # only `handle` and a bare stop change what is due, and both say so
            self._due_us, self._due_known = self._earliest_us(), True
        return self._due_us

    def _earliest_us(self) -> int | None:
        if self._closed or self._seen_us is None:
            return None
        now_us = self._seen_us
        due_us = now_us + (RAMP_UPDATE_US if self._climbing else TICK_US) if self._state in WATCHED else None
        steady = now_us < self._steady_until_us and self._state is State.RUNNING
        course_us = self._course_due_us if steady else self._course.due_us(now_us)
        for other_us in (self._gate.due_us(), self._stop.due_us(), course_us):
            if other_us is not None and (due_us is None or other_us < due_us):
                due_us = other_us
        return due_us

    def view(self, now_us: int) -> dict[str, object]:
        """Everything a screen shows, as plain values."""
        return {
            "state": self._state.value,
            "output_unknown": self.output_unknown,
            "latched": self._gate.latched,
            "result": self._result,
            "reason": self._reason,
            **self._course.describe(now_us),
            "channels": {
                str(plan.channel): {
                    "label": plan.label,
                    "amplitude_ua": self._gate.amplitude_now_ua(plan.channel, now_us),
                    "target_ua": self._course.target_ua(plan.channel),
                    "cap_ua": plan.cap_ua,
                    "pulses": self._tally.pulses(plan.channel, now_us),
                    "contractions": self._course.contractions_begun(plan.channel),
                }
                for plan in self._program.channels
            },
        }

    # -- the one entrance ----------------------------------------------------------------------------------------------

    def handle(self, given: Input, now_us: int) -> list[Effect]:
        """Take one input at one time.

        Raises IllegalTransition or SafetyRefusal for an operator's request that is not allowed now; then nothing has changed.
        """
        self._out = []
        self._due_known = False
        if type(given) is not Received:
            self._steady_until_us = 0
        if not isinstance(given, Stop):
            self._watch_the_clock(now_us)
        self._seen_us = now_us
        self._first_us = now_us if self._first_us is None else self._first_us
        if not self._out or not isinstance(given, _REQUESTS):  # a fault that has just stopped everything outranks a request
            self._handlers[type(given)](given, now_us)
        self._go_on(now_us)
        out, self._out = self._out, []
        return out

    def _watch_the_clock(self, now_us: int) -> None:
        gap_us = 0 if self._seen_us is None else now_us - self._seen_us
        if gap_us > TICK_GAP_US and self._state in WATCHED:
            self._fault(make("tick_gap", gap_us=gap_us), "the computer stood still", now_us)

    def _go_on(self, now_us: int) -> None:
        """What follows from the time alone: keep-alives, the next set point, the end."""
        if self._closed:
            return
        self._write(self._gate.tick(now_us))
        if self._state is State.RUNNING:
            self._run(now_us)
        elif self._state is State.PAUSED:
            self._put_in_force(NOTHING, "pause", now_us)
        elif self._state is State.ARMED and now_us - self._armed_at_us > ARM_LASTS_US:
            self._send_stop(now_us)
            self._to(Trigger.DISARM, "no start within a minute of arming")
        if self._stop.pending and not self._closed:
            self._watch_the_stop(now_us)

    def _run(self, now_us: int) -> None:
        if now_us < self._steady_until_us:
            return
        self._steady_until_us = 0
        reached = self._course.reached(now_us)
        exhausted = self._gate.exhausted(now_us)
        over = self._course.is_over(now_us)
        if exhausted or over:
            self._send_stop(now_us)
        for event in reached:
            self._tell(event)
        if exhausted:
            self._judge_end("fault", exhausted)
            self._to(Trigger.STOP, exhausted)
        elif over:
            result, reason = self._course.ending(now_us)
            self._judge_end(result, reason)
            self._to(Trigger.FINISH, reason)
        else:
            wanted = self._course.wanted(now_us)
            self._put_in_force(wanted, "program", now_us)
            if self._settled is wanted:
                self._course_due_us = self._course.steady_until_us(now_us)
                self._steady_until_us = min(self._course_due_us, self._gate.lasts_until_us + 1)

    def _put_in_force(self, wanted: Outputs, cause: str, now_us: int) -> None:
        """Send what is wanted unless it is in force already or a command still waits for its answer.

        Zero does not wait for what has not been written of the command before it.
        """
        if not self._gate.takes(wanted):
            return
        if wanted is self._settled:
            return
        whole = self._gate.as_made(wanted)  # what lies between the device's steps is never reached and not waited for
        reachable = self._gate.within_rise(whole, now_us)
        self._climbing = reachable is not whole and any(
            o.amplitude_ua < whole.amplitude_ua(o.channel) for o in reachable.channels
        )
        self._settled = None if self._climbing else wanted
        if reachable == self._gate.in_force:
            return
        try:
            data = self._gate.send(reachable, now_us)
        except SafetyRefusal as refusal:
            self._send_stop(now_us)
            self._tell(make("refused_by_gate", rule=",".join(refusal.rules) or "GATE", sentence=str(refusal)))
            self._judge_end("refused", str(refusal))
            self._to(Trigger.STOP, "a set point was refused")
            return
        self._tally.set(now_us, self._gate.in_force)
        self._course.given(self._gate.in_force, now_us)
        self._in_force_since_us = now_us
        self._measurements.put_in_force(self._gate.in_force, now_us)
        outputs = [_as_row(output) for output in self._gate.in_force.channels]
        self._tell(make("set_point", number=self._gate.last_number, outputs=outputs, cause=cause))
        self._write(data)

    # -- requests ------------------------------------------------------------------------------------------------------

    def _connect(self, _: Connect, now_us: int) -> None:
        after(self._state, Trigger.HANDSHAKE)
        self._spoken = True
        self._write(self._gate.connect(now_us))

    def _arm(self, _: Arm, now_us: int) -> None:
        after(self._state, Trigger.READY)
        if self._gate.latched:
            raise SafetyRefusal(f"A fault still stands: {self._gate.latched}.", "Clear it first.", ("FAULT_LATCHED",))
        self._require_free()
        self._require_clearance(now_us)
        if self._battery_percent is not None and self._battery_percent < BATTERY_CRITICAL_PERCENT:
            raise SafetyRefusal(f"The stimulator's battery is at {self._battery_percent} %.", "Charge it first.", ("BATTERY",))
        for output in plateaus_of(self._program):  # the stimulator may be able to do less than its model on paper
            self._gate.check(output)
        used = {channel: self._course.trains_of(channel) for channel in self._program.trains}
        self._write(self._gate.prepare(self._program.trains, now_us, used))

    def _require_clearance(self, now_us: int) -> None:
        """Nothing, while what was asked of the patient still holds (RC-25)."""
        if self._cleared_for_us is not None and now_us - (self._first_us or 0) >= self._cleared_for_us:
            raise SafetyRefusal(
                "The screening of this patient has to be asked again since this session was opened.",
                "Stop this session, ask what is due (emscontrol screen ask), and begin again.",
                ("SCREENING",),
            )

    def _start(self, given: Start, now_us: int) -> None:
        after(self._state, Trigger.START)
        self._require_clearance(now_us)
        if not self._course.is_fresh:
            self._gate.from_zero()
        self._to(Trigger.START, f"start by {given.who}")
        self._started_at_us = now_us if self._started_at_us is None else self._started_at_us
        self._tell(make("started"))
        self._course.run(now_us)

    def _pause(self, given: Pause, now_us: int) -> None:
        self._to(Trigger.PAUSE, f"pause by {given.who}")
        self._course.halt(now_us)
        self._tell(make("paused", who=given.who, cause="asked for"))

    def _resume(self, given: Resume, now_us: int) -> None:
        after(self._state, Trigger.RESUME)
        if self._gate.busy or not self._gate.in_force.is_zero:
            raise SafetyRefusal("Zero has not been confirmed yet.", "Try again in a moment.", ("ZERO_FIRST",))
        self._require_clearance(now_us)
        self._to(Trigger.RESUME, f"resume by {given.who}")
        self._gate.from_zero()
        self._course.run(now_us)
        self._tell(make("resumed", who=given.who))

    def _adjust(self, given: Adjust, now_us: int) -> None:
        aim_ua = self._course.target_ua(given.channel) + given.delta_ua
        for train in self._course.trains_of(given.channel) if given.delta_ua > 0 else ():
            self._gate.check(Output(given.channel, train, aim_ua))
        before_ua, after_ua = self._course.adjust(given.channel, given.delta_ua, now_us)
        self._tell(make("adjusted", channel=given.channel, from_ua=before_ua, to_ua=after_ua))

    def _answer(self, given: Answer, now_us: int) -> None:
        if self._state is not State.RUNNING:
            raise IllegalTransition(f"Nothing is asked while {self._state.value}.", "Answers count while a procedure runs.")
        for event in self._course.answer(given.channel, given.word, given.who, now_us, self._gate.check):
            self._tell(event)

    def _check(self, given: Check, now_us: int) -> None:
        if self._state is not State.CONNECTED:
            raise IllegalTransition(
                f"Electrodes are not measured while {self._state.value}.", "They are measured when connected."
            )
        self._require_free()
        self._write(self._gate.check_electrode(given.channel, now_us))

    def _require_free(self) -> None:
        if self._gate.busy or self._stop.pending:
            raise SafetyRefusal("The stimulator is still busy with the last command.", "Try again in a moment.", ("BUSY",))

    def _clear(self, _: Clear, now_us: int) -> None:
        after(self._state, Trigger.CLEAR)
        if not self._stop.confirmed:
            raise SafetyRefusal(
                "The stimulator has not confirmed that it is off.", "Pull the leads off, then close the session."
            )
        self._to(Trigger.CLEAR, "the operator has seen the fault")
        self._gate.clear()
        self._stop = StopWatch(self._program.capabilities.watchdog_us)
        self._result, self._reason = "", ""

    def _close(self, _: Close, now_us: int) -> None:
        self._to(Trigger.GIVE_UP, "closed by the operator")
        self._finish(now_us)

    def _stop_asked(self, given: Stop, now_us: int) -> None:
        if not self._stop.just_sent(now_us):  # a flood of stops must not keep the first from being confirmed
            self._send_stop(now_us)
        self._tell(make("stop_requested", who=given.who, how="at once", cause=given.cause))
        if self._state is State.IDLE and not self._spoken:
            self._stop = StopWatch(self._program.capabilities.watchdog_us)
            self._to(Trigger.STOP, f"stop by {given.who}")
            self._judge_end("stopped", given.cause)
            self._to(Trigger.OFF, "nothing was ever said to the stimulator")
            self._finish(now_us)
            return
        self._judge_end("stopped", f"stopped by {given.who}: {given.cause}")
        self._to(Trigger.STOP, f"stop by {given.who}")

    def _halt(self, given: Halt, now_us: int) -> None:
        if given.fault:
            self._fault(given.event, given.reason, now_us)
            return
        self._send_stop(now_us)
        self._tell(given.event)
        self._judge_end("stopped", given.reason)
        self._to(Trigger.STOP, given.reason)

    def _note(self, given: Note, now_us: int) -> None:
        self._tell(given.event)


def _as_row(output: Output) -> dict[str, int]:
    row = {
        "channel": output.channel,
        "amplitude_ua": output.amplitude_ua,
        "width_us": output.train.waveform.width_us,
        "period_us": output.train.period_us,
    }
    if output.swell is not None:
        row |= {"rise_us": output.swell.rise_us, "hold_us": output.swell.hold_us, "fall_us": output.swell.fall_us}
    return row
