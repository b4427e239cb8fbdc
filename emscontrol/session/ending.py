"""Where a session stands and how it ends: state, stop, fault, result, and the closing line.

Whatever goes wrong, the stop is written before anything is told or decided.
"""

from emscontrol.core.events import Event, make
from emscontrol.core.pulse import Outputs
from emscontrol.core.stimulator import Identity, ReadBack
from emscontrol.program.predict import tally_for
from emscontrol.program.program import Program
from emscontrol.safety.gate import SafetyGate
from emscontrol.session.inputs import Effect, Tell, Write
from emscontrol.session.played import Played
from emscontrol.session.states import State, Trigger, after
from emscontrol.session.stopping import CONFIRM_US, STRANGER_CONFIRM_US, StopWatch


class Ending:
    """What every part of the engine shares, and the one way out of a session."""

    def __init__(self, program: Program, gate: SafetyGate, course: Played) -> None:
        self._program = program
        self._gate = gate
        self._course = course
        self._tally = tally_for(program)
        self._state = State.IDLE
        self._stop = StopWatch(program.capabilities.watchdog_us)
        self._stops = 0
        self._result = ""
        self._reason = ""
        self._identity: Identity | None = None
        self._started_at_us: int | None = None
        self._settled: Outputs | None = None  # the wanted outputs that are in force, by identity
        self._closed = False
        self._due_known = False  # whether the deadline that was worked out last still holds
        self._out: list[Effect] = []

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
        self._due_known = False
        return self._gate.stop(now_us)

    def totals(self) -> dict[str, dict[str, int]]:
        """What was delivered by channel, as far as the host knows."""
        return {
            str(channel): {
                "pulses": total.pulses,
                "contractions": self._course.contractions_begun(channel),
                "peak_ua": total.peak_ua,
                "plateau_ua": self._tally.plateau_ua(channel),
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
