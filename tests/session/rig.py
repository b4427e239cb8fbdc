"""A whole session in memory: protocol, engine, gate, driver, simulator, oscilloscope, journal, on one virtual clock."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from emscontrol.core.events import Event
from emscontrol.protocol.load import load_text
from emscontrol.protocol.travel import to_line
from emscontrol.record.journal import Journal
from emscontrol.session.inputs import Arm, Close, Connect, Note, Start
from emscontrol.session.links import TimedLink
from emscontrol.session.spec import SessionSpec
from emscontrol.session.states import State
from emscontrol.session.virtual import VirtualRun
from emscontrol.wiring.assembly import Assembly, assemble
from firmware_sim.faults import Fault, parse_fault
from firmware_sim.scope import Scope, ScopeLine
from firmware_sim.world import SimulatedPort, make

MODELS = ("p24", "rehastim2", "reference")

SHORT = """
format: 1
id: short
title: Two muscles, two short contractions
indication: a test of the program
lmn_status: intact
use: standard
evidence: D
author: the tests
revision: 1
citations:
  - {text: written for the tests, mark: D}
channels:
  1: {muscle: quad_rf, side: left, label: left rectus femoris, electrode: {width_cm: 5, height_cm: 9}}
  2: {muscle: quad_vm, side: left, label: left vastus medialis, electrode: {width_cm: 5, height_cm: 5}}
phases:
  - name: work
    contract: together
    contractions: 2
    groups:
      - channels: [1, 2]
        waveform: symmetric
        pulse_width_us: 300
        rate_hz: 50
        intensity: {of: comfort, fraction: 0.8}
        on_s: 3
        off_s: 2
        ramp_up_s: 1
        ramp_down_s: 0.5
"""


@dataclass(frozen=True)
class Stretch:
    """A channel at one amplitude from `from_us` to `to_us`, as the oscilloscope saw it; pulses with current in it."""

    from_us: int
    to_us: int
    amplitude_ua: int
    width_us: int
    period_us: int
    pulses: int


class Rig:
    """One session, driven by a test."""

    def __init__(
        self,
        model: str = "p24",
        *,
        text: str = SHORT,
        comfort_ua: dict[str, int] | None = None,
        motor_ua: dict[str, int] | None = None,
        faults: Sequence[str] = (),
        seed: int = 0,
        watchdog_ms: int | None = None,
        body: str | None = None,
        booking: str = "",
        now: datetime | None = None,
    ) -> None:
        loaded = load_text(text, "test")
        self.spec = SessionSpec(
            device=f"{model}@sim",
            protocol=to_line(loaded.protocol),
            protocol_text=loaded.text,
            sha256=loaded.sha256,
            comfort_ua=comfort_ua or {str(c): 20_000 for c in loaded.protocol.channels},
            motor_ua=motor_ua or {},
            booking=booking,
        )
        self.assembly: Assembly = assemble(self.spec, now)
        self.engine = self.assembly.engine
        self.lines: list[ScopeLine] = []
        self.scope = Scope.in_memory(self.lines)
        parsed: list[Fault] = [parse_fault(fault) for fault in faults]
        self.port: SimulatedPort = make(model, scope=self.scope, faults=parsed, seed=seed, watchdog_ms=watchdog_ms, body=body)
        self.journal = Journal.in_memory()
        self.events: list[tuple[int, Event]] = []
        self.run = VirtualRun(self.engine, TimedLink(self.port), self.journal, lambda event, t: self.events.append((t, event)))
        for event in self.assembly.opening:
            self.run.give(Note(event))

    @property
    def now_us(self) -> int:
        return self.run.now_us

    def to_armed(self) -> "Rig":
        self.run.give(Connect())
        self._wait(State.IDLE)
        self.run.give(Arm())
        self._wait(State.CONNECTED)
        return self

    def start(self) -> "Rig":
        self.run.give(Start())
        return self

    def to_running(self, after_us: int = 1_500_000) -> "Rig":
        """Connected, armed, started, and so long into the program (by default on the first plateau)."""
        self.to_armed().start()
        self.run.advance(self.now_us + after_us)
        return self

    def finish(self) -> "Rig":
        """Let it end by itself; a fault is closed when zero is confirmed."""
        while not self.engine.closed:
            if self.engine.state is State.FAULT and self.engine.off_confirmed:
                self.run.give(Close())
            else:
                due_us = self.engine.due_us()
                self.run.advance(self.now_us + 100_000 if due_us is None else max(due_us, self.now_us + 1))
        return self

    def _wait(self, state: State) -> None:
        limit_us = self.now_us + 5_000_000
        while self.engine.state is state and self.now_us < limit_us:
            self.run.advance(self.now_us + 10_000)

    # -- what happened -------------------------------------------------------------------------------------------------

    def kinds(self) -> list[str]:
        return [event.kind for _, event in self.events]

    def last(self, kind: str) -> Event:
        return [event for _, event in self.events if event.kind == kind][-1]

    def first_us(self, kind: str) -> int:
        return next(t for t, event in self.events if event.kind == kind)

    def stretches(self, channel: int) -> list[Stretch]:
        """The oscilloscope's picture of one channel up to now."""
        self.port.read(self.now_us)
        lines = [line for line in self.lines if line.channel == channel]
        return [Stretch(a.t_us, b.t_us, a.amplitude_ua, a.width_us, a.period_us, b.pulses) for a, b in pairwise(lines)]

    def zero_since_us(self) -> int | None:
        """Since when every channel has been at zero on the oscilloscope; None while one is not."""
        self.port.read(self.now_us)
        last = {line.channel: line for line in self.lines}
        if any(line.amplitude_ua for line in last.values()):
            return None
        return max((line.t_us for line in last.values()), default=0)

    def pulses(self, channel: int) -> int:
        return self.port.stage.pulses(channel)
