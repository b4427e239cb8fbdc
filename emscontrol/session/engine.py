"""The session engine: a value that takes (now, input) and returns effects. No I/O, no clock, no thread.

The order of effects matters: a set point is told (and so journalled) before it is written; a stop is written before it is told.
"""

from collections.abc import Callable, Mapping
from typing import Final

from emscontrol.core import budget
from emscontrol.core.errors import SafetyRefusal
from emscontrol.core.events import Event, make
from emscontrol.core.pulse import NOTHING, Output, Outputs
from emscontrol.core.stimulator import (
    Acked,
    Battery,
    Command,
    Connected,
    DeviceFault,
    ElectrodeFault,
    Identity,
    LinkSilent,
    Noise,
    ReadBack,
    Refused,
    Uncertain,
)
from emscontrol.core.units import US_PER_MS, US_PER_S
from emscontrol.program.compile import RAMP_UPDATE_US
from emscontrol.program.predict import tally_for
from emscontrol.program.program import Program
from emscontrol.safety.gate import SafetyGate
from emscontrol.session.course import Course
from emscontrol.session.inputs import (
    Adjust,
    Arm,
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
    Tell,
    Write,
)
from emscontrol.session.states import State, Trigger, after
from emscontrol.session.stopping import CONFIRM_US, STRANGER_CONFIRM_US, StopWatch
from emscontrol.session.supervision import deviation

TICK_US: Final = 100 * US_PER_MS  # longest pause between two looks while current is possible; a third of T_TICK_GAP
ARM_LASTS_US: Final = 60 * US_PER_S  # START must follow ARM within a minute (RC-46)
BATTERY_CRITICAL_PERCENT: Final = 10

_REQUESTS: Final = (Connect, Arm, Start, Pause, Resume, Adjust, Clear, Close)
_WATCHED: Final = frozenset({State.ARMED, State.RUNNING, State.PAUSED})


class Engine:
    """One session on one stimulator, from connecting to the closing line."""

    def __init__(self, program: Program, gate: SafetyGate) -> None:
        self._program = program
        self._gate = gate
        self._course = Course(program)
        self._tally = tally_for(program)
        self._state = State.IDLE
        self._stop = StopWatch(program.capabilities.watchdog_us)
        self._spoken = False  # true once anything has been said to the stimulator
        self._result = ""
        self._reason = ""
        self._identity: Identity | None = None
        self._seen_us: int | None = None
        self._armed_at_us = 0
        self._started_at_us: int | None = None
        self._in_force_since_us = 0
        self._settled: Outputs | None = None  # the wanted outputs that are in force, by identity
        self._climbing = False  # less is in force than wanted: a rise is under way
        self._closed = False
        self._stops = 0
        self._out: list[Effect] = []
        self._handlers: Mapping[type, Callable[..., None]] = {
            Connect: self._connect,
            Arm: self._arm,
            Start: self._start,
            Pause: self._pause,
            Resume: self._resume,
            Adjust: self._adjust,
            Clear: self._clear,
            Close: self._close,
            Stop: self._stop_asked,
            Halt: self._halt,
            Received: self._received,
            LinkFailed: self._link_failed,
            Note: self._note,
        }
        self._device_handlers: Mapping[type, Callable[..., None]] = {
            Connected: self._on_connected,
            Acked: self._on_acked,
            Refused: self._on_refused,
            Uncertain: self._on_uncertain,
            ReadBack: self._on_read_back,
            ElectrodeFault: self._on_electrode_fault,
            DeviceFault: self._on_device_fault,
            LinkSilent: self._on_link_silent,
            Battery: self._on_battery,
            Noise: self._on_noise,
        }

    # -- what others may see -------------------------------------------------------------------------------------------

    @property
    def state(self) -> State:
        """Where the session is."""
        return self._state

    @property
    def closed(self) -> bool:
        """True after the closing event; nothing but a stop is sent any more."""
        return self._closed

    @property
    def result(self) -> str:
        """completed, stopped, fault or refused; empty while it is open."""
        return self._result

    @property
    def reason(self) -> str:
        """Why it ended as it did."""
        return self._reason

    @property
    def output_unknown(self) -> bool:
        """True when current may be flowing although none is wanted."""
        return self._stop.unconfirmed or (self._closed and self._stop.pending)

    @property
    def off_confirmed(self) -> bool:
        """True when the last stop has been read back as zero."""
        return self._stop.confirmed

    def due_us(self) -> int | None:
        """When the engine wants to be called again even if nothing arrives; None when it has nothing to wait for."""
        if self._closed or self._seen_us is None:
            return None
        now_us = self._seen_us
        due_us = now_us + (RAMP_UPDATE_US if self._climbing else TICK_US) if self._state in _WATCHED else None
        for other_us in (self._gate.due_us(), self._stop.due_us(), self._course.due_us(now_us)):
            if other_us is not None and (due_us is None or other_us < due_us):
                due_us = other_us
        return due_us

    def view(self, now_us: int) -> dict[str, object]:
        """Everything a screen shows, as plain values."""
        sums = self._tally.sums()
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
                    "amplitude_ua": self._gate.in_force.amplitude_ua(plan.channel),
                    "target_ua": self._course.target_ua(plan.channel),
                    "cap_ua": plan.cap_ua,
                    "pulses": sums[plan.channel].pulses if plan.channel in sums else 0,
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
        if not isinstance(given, Stop):
            self._watch_the_clock(now_us)
        self._seen_us = now_us
        if not self._out or not isinstance(given, _REQUESTS):  # a fault that has just stopped everything outranks a request
            self._handlers[type(given)](given, now_us)
        self._go_on(now_us)
        out, self._out = self._out, []
        return out

    def _watch_the_clock(self, now_us: int) -> None:
        gap_us = 0 if self._seen_us is None else now_us - self._seen_us
        if self._state in _WATCHED and gap_us > budget.T_TICK_GAP * US_PER_MS:
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
            self._judge_end("completed", "the program is over")
            self._to(Trigger.FINISH, "the program is over")
        else:
            self._put_in_force(self._course.wanted(now_us), "program", now_us)

    def _put_in_force(self, wanted: Outputs, cause: str, now_us: int) -> None:
        """Send what is wanted unless it is in force already or a command still waits for its answer."""
        if self._gate.busy:
            return
        if wanted is self._settled:
            return
        reachable = self._gate.within_rise(wanted, now_us)
        self._climbing = any(o.amplitude_ua < wanted.amplitude_ua(o.channel) for o in reachable.channels)
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
        self._in_force_since_us = now_us
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
        if self._gate.busy or self._stop.pending:
            raise SafetyRefusal("The stimulator is still busy with the last command.", "Try again in a moment.", ("BUSY",))
        self._write(self._gate.prepare(self._program.trains, now_us))

    def _start(self, given: Start, now_us: int) -> None:
        after(self._state, Trigger.START)
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
        self._to(Trigger.RESUME, f"resume by {given.who}")
        self._gate.from_zero()
        self._course.run(now_us)
        self._tell(make("resumed", who=given.who))

    def _adjust(self, given: Adjust, now_us: int) -> None:
        aim_ua = self._course.target_ua(given.channel) + given.delta_ua
        for train in self._program.trains_of(given.channel) if given.delta_ua > 0 else ():
            self._gate.check(Output(given.channel, train, aim_ua))
        before_ua, after_ua = self._course.adjust(given.channel, given.delta_ua, now_us)
        self._tell(make("adjusted", channel=given.channel, from_ua=before_ua, to_ua=after_ua))

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

    # -- what the stimulator says --------------------------------------------------------------------------------------

    def _received(self, given: Received, now_us: int) -> None:
        stops = self._stops
        for event in self._gate.receive(given.data, now_us):
            if isinstance(event, ReadBack) and stops != self._stops:
                continue  # it was said before the stop that this very batch has led to
            self._device_handlers[type(event)](event, now_us)

    def _link_failed(self, given: LinkFailed, now_us: int) -> None:
        if self._state is State.FAULT and self._stop.link_lost:
            return
        self._stop.link_lost = True
        self._fault(make("link_lost", text=given.text, silent_us=0), f"link lost: {given.text}", now_us)

    def _on_connected(self, event: Connected, now_us: int) -> None:
        earlier, self._identity = self._identity or event.identity, event.identity
        self._tell(
            make(
                "connected",
                model=event.identity.model,
                serial=event.identity.serial,
                firmware=event.identity.firmware,
                protocol_version=event.identity.protocol_version,
            )
        )
        if earlier != event.identity:
            text = f"{event.identity.model} {event.identity.serial} answered where {earlier.model} {earlier.serial} was before"
            self._fault(make("device_fault", code=0, text=text), "another stimulator is on the port", now_us)
        elif self._state is State.IDLE:
            self._to(Trigger.HANDSHAKE, "the stimulator answered")

    def _on_acked(self, event: Acked, now_us: int) -> None:
        if event.command is Command.OUTPUTS:
            self._tell(make("acked", number=event.number))
        elif event.command is Command.PREPARE and self._state is State.CONNECTED:
            self._gate.arm(now_us)
            self._armed_at_us = now_us
            self._to(Trigger.READY, "the stimulator is prepared")
            self._tell(make("armed", channels=sorted(self._program.trains)))
        elif event.command is Command.STOP and self._stop.pending:
            self._write(self._gate.read_back(now_us))

    def _on_refused(self, event: Refused, now_us: int) -> None:
        told = make("refused_by_device", command=event.command.value, code=event.code, text=event.text, number=event.number)
        self._fault(told, f"the stimulator refused {event.command.value}: {event.text}", now_us)

    def _on_uncertain(self, event: Uncertain, now_us: int) -> None:
        if event.command is Command.STOP and (self._stop.unconfirmed or self._identity is None):
            return  # the stop is watched and repeated whatever the driver says
        told = make("uncertain", command=event.command.value, text=event.text, number=event.number)
        self._fault(told, f"no answer to {event.command.value}: {event.text}", now_us)

    def _on_read_back(self, event: ReadBack, now_us: int) -> None:
        if self._stop.pending:
            self._confirm(event, now_us)
            return
        steady_us = now_us - self._in_force_since_us
        cause = deviation(event, self._gate.in_force, 0 if self._gate.busy else steady_us) if self._state in _WATCHED else ""
        if cause:
            self._fault(make("device_fault", code=0, text=cause), cause, now_us)

    def _on_electrode_fault(self, event: ElectrodeFault, now_us: int) -> None:
        where = f"channel {event.channel}" if event.channel else "a channel"
        self._fault(make("electrode_fault", channel=event.channel, text=event.text), f"electrode fault on {where}", now_us)

    def _on_device_fault(self, event: DeviceFault, now_us: int) -> None:
        self._fault(make("device_fault", code=event.code, text=event.text), event.text, now_us)

    def _on_link_silent(self, event: LinkSilent, now_us: int) -> None:
        if self._state in (State.FAULT, State.STOPPING) and self._stop.link_lost:
            return
        self._stop.link_lost = True
        text = "the stimulator does not answer"
        self._fault(make("link_lost", text=text, silent_us=event.silent_us), text, now_us)

    def _on_battery(self, event: Battery, now_us: int) -> None:
        told = make("battery", level_percent=event.level_percent)
        if event.level_percent < BATTERY_CRITICAL_PERCENT and self._state in _WATCHED:
            self._fault(told, f"the stimulator's battery is at {event.level_percent} %", now_us)
        else:
            self._tell(told)

    def _on_noise(self, event: Noise, now_us: int) -> None:
        self._tell(make("link_noise", text=event.text))

    # -- stopping ------------------------------------------------------------------------------------------------------

    def _send_stop(self, now_us: int) -> None:
        """The stop goes out before anything is told or decided."""
        self._write(self._gate.stop(now_us), urgent=True)
        self._tell(make("stop_sent"))
        self._stops += 1
        self._settled = None
        self._course.halt(now_us)
        self._tally.stop(now_us)
        self._stop.sent(now_us, CONFIRM_US if self._identity else STRANGER_CONFIRM_US)

    def _fault(self, event: Event, reason: str, now_us: int) -> None:
        """Stop first, then tell; the first cause is kept. Nothing changes in a session that is over."""
        if self._state is State.ENDED:
            return
        never_connected = self._state is State.IDLE
        if self._state is not State.FAULT or self._stop.confirmed:
            self._send_stop(now_us)
        self._tell(event)
        self._gate.latch(reason)
        self._judge_end("fault", reason)
        self._to(Trigger.FAULT, reason)
        if never_connected:
            self._to(Trigger.GIVE_UP, "no stimulator was connected")
            self._finish(now_us)

    def _judge_end(self, result: str, reason: str) -> None:
        """The first cause stays, but a fault that comes later outweighs a normal end."""
        if not self._result or (result == "fault" and self._result != "fault"):
            self._result, self._reason = result, reason

    def _confirm(self, event: ReadBack, now_us: int) -> None:
        if event.output_on is False:
            self._tell(make("stop_confirmed", after_us=self._stop.confirm(now_us)))
            if self._state is State.STOPPING:
                self._to(Trigger.OFF, "zero read back")
                self._finish(now_us)
        elif event.output_on:
            self._alarm(f"It reports output although it was told to stop. {event.text}".strip(), now_us)

    def _alarm(self, text: str, now_us: int) -> None:
        """The stop is not confirmed: told once for each stop, and a session that ends normally no longer does."""
        if not self._stop.alarm_now():
            return
        told = make("stop_unconfirmed", text=text)
        if self._state is State.FAULT:
            self._tell(told)
        else:
            self._fault(told, "the stop was not confirmed", now_us)

    def _watch_the_stop(self, now_us: int) -> None:
        if self._stop.overdue(now_us):
            self._alarm("No read-back of zero came in time.", now_us)
        if self._stop.repeat_due(now_us):
            self._write(self._gate.stop(now_us), urgent=True)
            self._stop.repeated(now_us)
        watchdog_us = self._program.capabilities.watchdog_us
        if self._state is State.FAULT and self._stop.hopeless(now_us, watchdog_us):
            self._to(Trigger.GIVE_UP, "zero could not be read back")
            self._finish(now_us)

    def _finish(self, now_us: int) -> None:
        begun = now_us if self._started_at_us is None else self._started_at_us
        self._tell(make("totals", channels=self.totals()))
        self._tell(make("session_ended", result=self._result, reason=self._reason, duration_us=now_us - begun))
        self._closed = True

    def bare_stop(self, now_us: int) -> bytes:
        """The stop's bytes and nothing else, for the loop around everything when something inside has failed."""
        return self._gate.stop(now_us)

    def totals(self) -> dict[str, dict[str, int]]:
        """What was delivered by channel, as far as the host knows."""
        return {
            str(channel): {
                "pulses": total.pulses,
                "contractions": self._course.contractions_begun(channel),
                "peak_ua": total.peak_ua,
                "charge_pc": total.charge_pc,
                "on_us": total.on_us,
            }
            for channel, total in sorted(self._tally.sums().items())
        }

    # -- small hands ---------------------------------------------------------------------------------------------------

    def _to(self, trigger: Trigger, cause: str) -> None:
        before, self._state = self._state, after(self._state, trigger)
        if before is not self._state:
            self._tell(make("state_changed", from_state=before.value, to_state=self._state.value, cause=cause))

    def _tell(self, event: Event) -> None:
        if not self._closed:  # the closing line is the record's last, whoever may still ask for a stop
            self._out.append(Tell(event))

    def _write(self, data: bytes, urgent: bool = False) -> None:
        if data:
            self._out.append(Write(data, urgent))


def _as_row(output: Output) -> dict[str, int]:
    return {
        "channel": output.channel,
        "amplitude_ua": output.amplitude_ua,
        "width_us": output.train.waveform.width_us,
        "period_us": output.train.period_us,
    }
