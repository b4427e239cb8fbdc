"""The deliberate bugs. Each is small, and of a kind that somebody could write one day."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from emscontrol.core.events import make as event
from emscontrol.core.stimulator import Acked, Command
from emscontrol.safety.verdict import Judgement
from emscontrol.session.inputs import Write
from emscontrol.session.states import Trigger
from emscontrol.trials.planted.patch import Bug, Patch
from firmware_sim.fault_kinds import FaultKind
from firmware_sim.host_faults import HostKind

SILENCES: Final = (FaultKind.DEAD_LINK, FaultKind.DEAD_DOWNLINK, FaultKind.DROP_COMMAND)


def _always(value: Any) -> Callable[[Any], Any]:
    """In place of a function: one that returns this whatever it is given."""
    return lambda _original: lambda *args, **kwargs: value


def _judged_a_step_lower(judge: Any) -> Any:
    return lambda output, envelope: judge(replace(output, amplitude_ua=max(0, output.amplitude_ua - 1_000)), envelope)


def _no_ramp(_original: Any) -> Any:
    return lambda contraction, plateau_ua: [(contraction.start_us, plateau_ua), (contraction.end_us, 0)]


def _run_at_full(_original: Any) -> Any:
    def run(course: Any, now_us: int) -> None:
        course._running_from_us = now_us

    return run


def _acked_anyway(_original: Any) -> Any:
    return lambda talk: Acked(talk.command, talk.number)


def _refusal_is_an_ack(_original: Any) -> Any:
    def on_refused(engine: Any, told: Any, _now_us: int) -> None:
        if told.command is Command.OUTPUTS:
            engine._tell(event("acked", number=told.number))

    return on_refused


def _stop_once(begin: Any) -> Any:
    def begin_once(exchange: Any, command: Command, talk: Any, now_us: int, number: int = 0) -> None:
        begin(exchange, command, talk, now_us, number)
        if command is Command.STOP:
            exchange._command.left = 0

    return begin_once


def _over_without_confirmation(stop_asked: Any) -> Any:
    def asked(engine: Any, given: Any, now_us: int) -> None:
        stop_asked(engine, given, now_us)
        if engine.state.value == "stopping":
            engine._stop.confirm(now_us)
            engine._to(Trigger.OFF, "taken as off")
            engine._finish(now_us)

    return asked


def _clock_of_turns(at_us: Any) -> Any:
    def at(course: Any, now_us: int) -> int:
        """Program time that goes on by at most 60 ms from one look to the next."""
        real_us: int = at_us(course, now_us)
        before_us, mine_us = getattr(_clock_of_turns, "last", {}).get(id(course), (0, 0))
        mine_us += min(60_000, max(0, real_us - before_us))
        _clock_of_turns.last = {id(course): (real_us, mine_us)}  # type: ignore[attr-defined]
        return int(mine_us)

    return at


def _writes_first(carry_out: Any) -> Any:
    return lambda turn, effects, now_us: carry_out(turn, sorted(effects, key=lambda e: not isinstance(e, Write)), now_us)


def _forgets_who_it_was(on_connected: Any) -> Any:
    def connected(engine: Any, told: Any, now_us: int) -> None:
        engine._identity = None
        on_connected(engine, told, now_us)

    return connected


def _half_a_milliampere_more(train: Any) -> Any:
    def stronger(output: Any) -> Any:
        step_ua = 500 * output.train.waveform.recovery_ratio
        return train(replace(output, amplitude_ua=output.amplitude_ua + step_ua))

    return stronger


def _second_phase_too_short(train: Any) -> Any:
    def unbalanced(output: Any) -> Any:
        channel, period_us, ramp, points = train(output)
        *first, (width_us, ua) = points
        return channel, period_us, ramp, [*first, (width_us - 10, ua)]

    return unbalanced


def _only_faults_halt(halt: Any) -> Any:
    return lambda engine, given, now_us: halt(engine, given, now_us) if given.fault else None


def _any_step(_adjust: Any) -> Any:
    def adjusted(course: Any, channel: int, delta_ua: int, _now_us: int) -> tuple[int, int]:
        before_ua = course.target_ua(channel)
        course._targets_ua[channel], course._adjusted = max(0, before_ua + delta_ua), True
        return before_ua, max(0, before_ua + delta_ua)

    return adjusted


def _clear_at_once(clear: Any) -> Any:
    def cleared(engine: Any, given: Any, now_us: int) -> None:
        if engine.state.value == "fault" and not engine._stop.confirmed:
            engine._stop.confirm(now_us)
        clear(engine, given, now_us)

    return cleared


def _without_its_end(compile_program: Any) -> Any:
    def endless(*args: Any) -> Any:
        """A program whose last command, the one that ends the current, comes a minute late."""
        program = compile_program(*args)
        late = replace(program.steps[-1], at_us=program.steps[-1].at_us + 60_000_000)
        steps = (*program.steps[:-1], late)
        times = tuple(step.at_us for step in steps)
        return replace(program, steps=steps, step_times_us=times, end_us=program.end_us + 60_000_000)

    return endless


_GATE: Final = "emscontrol.safety.gate:"
_ENGINE: Final = "emscontrol.session.engine:Engine."
_HEARING: Final = "emscontrol.session.hearing:Hearing."
_COURSE: Final = "emscontrol.session.course:Course."
_P24: Final = "emscontrol.devices.sciencemode4.driver:"

BUGS: Final[tuple[Bug, ...]] = (
    Bug(
        "gate off by one step", "The gate judges each output one milliampere lower than it is.", "RC-04",
        (Patch(_GATE + "judge", _judged_a_step_lower),),
    ),
    Bug(
        "envelope not checked", "The gate asks no rule.", "RC-05",
        (Patch(_GATE + "judge", lambda _original: lambda output, envelope: Judgement(output.channel, ())),),
    ),
    Bug(
        "rise not limited", "The gate gives unlimited credit for a rise.", "RC-13",
        (Patch(_GATE + "SafetyGate._credit", _always((0, 10**9))),),
    ),
    Bug(
        "ramp skipped", "A contraction begins with its plateau.", "RC-13",
        (Patch("emscontrol.program.compile:_ramped", _no_ramp),),
    ),
    Bug(
        "resume not from zero", "After a pause the full amplitude comes back.", "RC-14",
        (Patch(_COURSE + "run", _run_at_full), Patch(_GATE + "SafetyGate.from_zero", _always(None))),
        layers="the course's slow start and the gate's",
    ),
    Bug(
        "acknowledgement ignored", "A command without an answer is taken as done.", "RC-10",
        (Patch("emscontrol.devices.exchange:_uncertain", _acked_anyway),),
        shown_by=(FaultKind.DROP_COMMAND, FaultKind.LOSE_BYTES_DOWN, FaultKind.GARBLE_DOWN),
    ),
    Bug(
        "refusal taken as done", "A set point that the stimulator refused is taken as in force.", "RC-10",
        (Patch(_HEARING + "_on_refused", _refusal_is_an_ack),),
        shown_by=(FaultKind.NAK,),
    ),
    Bug(
        "stop not repeated", "A stop is sent once.", "RC-03",
        (
            Patch("emscontrol.session.stopping:StopWatch.repeat_due", _always(False)),
            Patch("emscontrol.session.stopping:StopWatch.due_us", _always(None)),
            Patch("emscontrol.devices.exchange:Exchange.begin", _stop_once),
        ),
        shown_by=SILENCES, layers="the repeats of the engine and those of the driver",
    ),
    Bug(
        "stop not confirmed", "A stop that was sent counts as a stop that was obeyed.", "RC-03",
        (Patch(_ENGINE + "_stop_asked", _over_without_confirmation),),
        shown_by=SILENCES,
    ),
    Bug(
        "silence not noticed", "A link that says nothing is never lost.", "RC-10",
        (
            Patch("emscontrol.devices.silence:Silence.events", _always([])),
            Patch("emscontrol.devices.silence:Silence.due_us", _always(None)),
        ),
        shown_by=(FaultKind.DEAD_LINK, FaultKind.DEAD_UPLINK, FaultKind.DEAD_DOWNLINK),
    ),
    Bug(
        "electrode fault ignored", "The engine does nothing when an electrode is reported off.", "RC-16",
        (Patch(_HEARING + "_on_electrode_fault", _always(None)),),
        shown_by=(FaultKind.ELECTRODE_OFF,),
    ),
    Bug(
        "device fault ignored", "The engine does nothing when the stimulator reports a fault.", "RC-11",
        (Patch(_HEARING + "_on_device_fault", _always(None)),),
        shown_by=(FaultKind.REBOOT, FaultKind.MODULE_FAULT, FaultKind.STOP_BUTTON, FaultKind.FALSE_OFF),
    ),
    Bug(
        "standstill not noticed", "After a gap the loop goes on as if nothing had been.", "RC-19",
        (Patch(_ENGINE + "_watch_the_clock", _always(None)),),
        shown_by=(HostKind.STANDSTILL,),
    ),
    Bug(
        "deviation ignored", "What the stimulator says it does is not compared with what it was told.", "RC-11",
        (Patch("emscontrol.session.hearing:deviation", _always("")),),
        models=("p24",), shown_by=(FaultKind.IGNORE_SET,),
    ),
    Bug(
        "steps caught up", "The program's clock counts turns: what was missed is sent later.", "RC-19",
        (Patch(_COURSE + "at_us", _clock_of_turns),),
    ),
    Bug(
        "journal after the wire", "A set point is written to the stimulator before it is in the journal.", "RC-23",
        (Patch("emscontrol.session.turn:Turn._carry_out", _writes_first),),
    ),
    Bug(
        "journal failure ignored", "The session goes on without a record.", "RC-23",
        (Patch("emscontrol.session.turn:Turn.watch_journal", _always(False)),),
        shown_by=(HostKind.JOURNAL_FAILS, HostKind.JOURNAL_LOST, HostKind.JOURNAL_LAGS),
    ),
    Bug(
        "allowance not counted", "The plan's end is lost, and nothing counts what a session uses up.", "RC-17",
        (
            Patch(_GATE + "SafetyGate.exhausted", _always("")),
            Patch("emscontrol.wiring.assembly:compile_program", _without_its_end),
        ),
        layers="the end of the plan",
    ),
    Bug(
        "another device accepted", "Whoever answers after a fault is taken for the same stimulator.", "RC-21",
        (Patch(_HEARING + "_on_connected", _forgets_who_it_was),),
        models=("p24",), shown_by=(FaultKind.OTHER_SERIAL, FaultKind.OTHER_FIRMWARE),
    ),
    Bug(
        "rounded up", "The driver sends half a milliampere more than it was given.", "RC-07",
        (Patch(_P24 + "_train", _half_a_milliampere_more),),
        models=("p24",),
    ),
    Bug(
        "phases not balanced", "The second phase of a pulse is 10 µs too short.", "RC-05",
        (Patch(_P24 + "_train", _second_phase_too_short),),
        models=("p24",),
    ),
    Bug(
        "client gone ignored", "The engine goes on without the operator's program.", "RC-02",
        (Patch(_ENGINE + "_halt", _only_faults_halt),),
        shown_by=(HostKind.CLIENT_GONE, HostKind.LEASE_LOST),
    ),
    Bug(
        "hand without limits", "The operator's hand raises by any step, as fast as it likes.", "RC-13",
        (Patch(_COURSE + "adjust", _any_step),),
    ),
    Bug(
        "cleared without confirmation", "A fault can be cleared while the output is unknown.", "RC-15",
        (Patch(_ENGINE + "_clear", _clear_at_once),),
        shown_by=(FaultKind.DEAD_LINK, FaultKind.UNPLUG, FaultKind.STUCK_ON, FaultKind.DEAD_UPLINK, FaultKind.DEAD_DOWNLINK),
    ),
    Bug(
        "watchdog never armed", "A P24 goes on for ever without its host.", "RC-01",
        (Patch("firmware_sim.p24.midlevel:MidLevel._pause_us", _always(None)),),
        models=("p24",), shown_by=(HostKind.KILLED, FaultKind.DEAD_LINK, FaultKind.UNPLUG),
    ),
)  # fmt: skip
"""Every deliberate bug."""
