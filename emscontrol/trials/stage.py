"""Plays one trial in virtual time, everything in memory, and keeps what there is to be seen of it."""

import contextlib
from collections.abc import Callable
from typing import Final

from emscontrol.core.errors import EmsError
from emscontrol.core.events import Event, make
from emscontrol.session.inputs import Close, Halt, Input, Note, Stop
from emscontrol.session.states import State
from emscontrol.session.virtual import VirtualRun
from emscontrol.trials.operator import Operator
from emscontrol.trials.strange_parts import PlantedError, StrangeJournal, StrangeLink, Tripwire
from emscontrol.trials.trial import Deed, Evidence, HostFault, Seen, Struck, Trial
from emscontrol.wiring.assembly import Assembly
from firmware_sim.faults import Fault
from firmware_sim.host_faults import HostKind
from firmware_sim.scope import Scope, ScopeLine
from firmware_sim.world import SimulatedPort
from firmware_sim.world import make as make_port

US_PER_S: Final = 1_000_000
DEEDS_MAX: Final = 400
AFTER_US: Final = 8 * US_PER_S  # how long the output is watched after the end
LOOK_US: Final = 200_000  # how often to look for the first current while a mishap waits for it
LONGEST_US: Final = 24 * 3_600 * US_PER_S


class Stage:
    """One trial on its way."""

    def __init__(self, trial: Trial, assembly: Assembly) -> None:
        self.evidence = Evidence(trial)
        self._trial = trial
        self._wire = Tripwire()
        self._journal = StrangeJournal(self._wire)
        self.evidence.journal = self._journal.sink.lines
        self._assembly = assembly
        self._engine = self._assembly.engine
        self._scope = Scope(self._see)
        self._port: SimulatedPort = make_port(
            trial.model,
            scope=self._scope,
            faults=[given.fault for given in trial.device_faults if given.fault.at_us is not None],
            seed=trial.seed,
            body=trial.body,
        )
        link = StrangeLink(self._port, self._wire, self.evidence.written)
        self._run = VirtualRun(self._engine, link, self._journal, self._hear)
        self._operator = Operator(trial.operator_seed, sorted(trial.comfort_ua))
        self._waiting = self._absolute()
        self._anchored = sorted((f for f in trial.host_faults if f.from_output), key=lambda fault: fault.at_us)
        self._operator_us = 0
        self._startled_us = trial.startled_us

    def play(self) -> Evidence:
        """From the opening to the last look at the output. An exception that nobody planted is evidence, and never raised."""
        try:
            self._opening()
            self._session()
        except PlantedError as problem:
            self._outermost(problem)
        except Exception as problem:  # noqa: BLE001 - the outermost loop: what nobody expected is what the trial looks for
            self.evidence.crash = f"{type(problem).__name__}: {problem}"
            self._outermost(problem)
        self._curtain()
        return self.evidence

    # -- the course of the session -------------------------------------------------------------------------------------

    def _opening(self) -> None:
        for event in self._assembly.opening:
            self._run.give(Note(event))
        self._operator_us = self._operator.wait_us(self._engine.state)

    def _session(self) -> None:
        while not self._over:
            self._anchor()
            self._run.advance(max(self._next_us(), self._run.now_us))
            self._happen()

    def _next_us(self) -> int:
        """When the operator or a trouble is next; while a trouble waits for the first current, soon."""
        next_us = min(self._operator_us, self._waiting[0][0]) if self._waiting else self._operator_us
        return min(next_us, self._run.now_us + LOOK_US) if self._anchored or self._startled_us is not None else next_us

    def _happen(self) -> None:
        """What is due now, one thing at a time; nothing when the session is over."""
        if self._engine.closed:
            return
        if self._waiting and self._waiting[0][0] <= self._run.now_us:
            self._waiting.pop(0)[1]()
        elif self._operator_us <= self._run.now_us:
            self._act()

    @property
    def _over(self) -> bool:
        return self._engine.closed or self.evidence.engine_gone or self._run.now_us >= LONGEST_US

    def _act(self) -> None:
        """One deed of the operator, and when the next one comes; without patience the session is stopped and left."""
        run, engine = self._run, self._engine
        name, request = self._operator.next(engine.state)
        if self._operator.deeds > DEEDS_MAX or run.now_us > self._trial.patience_us:
            leave = engine.state is State.FAULT
            name, request = ("close", Close()) if leave else ("stop", Stop("operator", "no patience"))
        self._ask(name, request)
        self._operator_us = run.now_us + self._operator.wait_us(engine.state)

    def _ask(self, name: str, request: Input) -> None:
        state, at_us, refusal, journalled = self._engine.state.value, self._run.now_us, "", self._journalled
        try:
            self._run.give(request)
        except EmsError as problem:
            refusal = problem.what
        self.evidence.deeds.append(Deed(at_us, name, refusal, state, journalled))

    def _outermost(self, problem: Exception) -> None:
        """What the engine's outermost loop does with an exception: the stop first, then the record, then the end."""
        now_us = self._run.now_us
        self.evidence.engine_gone, self.evidence.raised_us = True, now_us
        with contextlib.suppress(Exception):  # as in that loop: what follows must happen even if the stop cannot be made
            data = self._engine.bare_stop(now_us)
            self._port.write(data, now_us)
        with contextlib.suppress(Exception):
            self._journal.append(make("engine_fault", text=f"{type(problem).__name__}: {problem}"), now_us)

    def _curtain(self) -> None:
        """The device goes on alone for a while; then everything is read off."""
        evidence, engine = self.evidence, self._engine
        evidence.ended_us = self._run.now_us
        evidence.watched_us = evidence.ended_us + AFTER_US
        self._port.read(evidence.watched_us)
        stage = self._port.stage
        evidence.still_on = not stage.is_zero
        self._scope.finish(evidence.watched_us)
        evidence.closed, evidence.state = engine.closed, engine.state.value
        evidence.result, evidence.reason, evidence.totals = engine.result, engine.reason, engine.totals()
        evidence.delivered = {channel: (stage.pulses(channel), stage.charge_pc(channel)) for channel in stage.channels}
        first_us = stage.first_output_us
        for given in self._trial.device_faults:
            if given.fault.at_us is not None and first_us is not None:
                self._struck(given.fault, first_us + given.fault.at_us)
        evidence.struck = sorted((s for s in evidence.struck if s.from_us <= evidence.watched_us), key=lambda s: s.from_us)

    # -- what goes wrong -----------------------------------------------------------------------------------------------

    def _absolute(self) -> list[tuple[int, Callable[[], None]]]:
        """Faults whose time counts from the opening, in order."""
        waiting: list[tuple[int, Callable[[], None]]] = []
        for given in self._trial.device_faults:
            if given.fault.at_us is None:
                waiting.append((given.after_us, lambda fault=given.fault: self._inject(fault)))  # type: ignore[misc]
        for host in self._trial.host_faults:
            if not host.from_output:
                waiting.append((host.at_us, lambda fault=host: self._strike(fault)))  # type: ignore[misc]
        return sorted(waiting, key=lambda entry: entry[0])

    def _anchor(self) -> None:
        """Once current has flowed, the mishaps that count from there get their time."""
        first_us = self._port.stage.first_output_us
        if first_us is None or not (self._anchored or self._startled_us is not None):
            return
        for host in self._anchored:
            self._later(first_us + host.at_us, lambda fault=host: self._strike(fault))  # type: ignore[misc]
        self._anchored = []
        planned = [given.fault.at_us for given in self._trial.device_faults if given.fault.at_us is not None]
        planned += [host.at_us for host in self._trial.host_faults if host.from_output]
        if planned and self._startled_us is not None:
            self._later(first_us + min(planned) + self._startled_us, self._startle)
        self._startled_us = None

    def _later(self, at_us: int, happen: Callable[[], None]) -> None:
        self._waiting.append((max(at_us, self._run.now_us), happen))
        self._waiting.sort(key=lambda entry: entry[0])

    def _startle(self) -> None:
        """The operator has seen that something is wrong, and presses STOP."""
        self._ask("stop", Stop("operator", "key"))

    def _inject(self, fault: Fault) -> None:
        self._struck(fault, self._run.now_us, self._journalled)
        self._port.inject(fault, self._run.now_us)

    def _struck(self, fault: Fault, from_us: int, journalled: int | None = None) -> None:
        until_us = None if fault.duration_us is None else from_us + fault.duration_us
        self.evidence.struck.append(Struck(str(fault.kind), from_us, until_us, fault.argument, fault.second, journalled))

    def _strike(self, fault: HostFault) -> None:
        now_us = self._run.now_us
        lasts_us = fault.length_us if fault.kind is HostKind.STANDSTILL else 0
        until_us = now_us + lasts_us if lasts_us or fault.kind is HostKind.CLOCK_JUMPS else None
        self.evidence.struck.append(Struck(str(fault.kind), now_us, until_us, float(fault.length_us), None, self._journalled))
        _STRIKE[fault.kind](self, fault)

    def _standstill(self, fault: HostFault) -> None:
        self._run.now_us += fault.length_us
        self._run.settle()
        self._operator_us = max(self._operator_us, self._run.now_us)

    def _killed(self, fault: HostFault) -> None:
        self.evidence.engine_gone = True

    def _trip(self, fault: HostFault) -> None:
        self._wire.place = fault.place

    def _client_gone(self, fault: HostFault) -> None:
        self._run.give(Halt(make("client_gone", client="trial"), "trial is gone", fault=False))

    def _lease_lost(self, fault: HostFault) -> None:
        self._run.give(Halt(make("lease_lost", client="trial", silent_us=2_000_001), "trial has been silent", fault=False))

    def _journal_fails(self, fault: HostFault) -> None:
        self._journal.sink.fail(lost=fault.kind is HostKind.JOURNAL_LOST)

    def _journal_lags(self, fault: HostFault) -> None:
        self._journal.behind_us = fault.length_us

    def _clock_jumps(self, fault: HostFault) -> None:
        self._journal.jumped_us += fault.length_us

    # -- what is seen --------------------------------------------------------------------------------------------------

    @property
    def _journalled(self) -> int:
        """How many lines the journal has."""
        return len(self._journal.sink.lines)

    def _see(self, line: ScopeLine) -> None:
        self.evidence.scope.append(Seen(line, self._journalled))

    def _hear(self, event: Event, now_us: int) -> None:
        if self._wire.place:
            self._wire.pass_by("listener")


_STRIKE: Final[dict[HostKind, Callable[[Stage, HostFault], None]]] = {
    HostKind.STANDSTILL: Stage._standstill,
    HostKind.KILLED: Stage._killed,
    HostKind.EXCEPTION: Stage._trip,
    HostKind.CLIENT_GONE: Stage._client_gone,
    HostKind.LEASE_LOST: Stage._lease_lost,
    HostKind.JOURNAL_FAILS: Stage._journal_fails,
    HostKind.JOURNAL_LOST: Stage._journal_fails,
    HostKind.JOURNAL_LAGS: Stage._journal_lags,
    HostKind.CLOCK_JUMPS: Stage._clock_jumps,
}
