"""A patient from the physiology sheet, who is measured in memory: engine, gate, driver, simulator, oscilloscope, journal."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import NormalDist

from emscontrol.core.events import Event
from emscontrol.record.journal import Journal
from emscontrol.session.inputs import Answer, Arm, Close, Connect, Note, Start
from emscontrol.session.links import TimedLink
from emscontrol.session.spec import ProcedureSpec
from emscontrol.session.states import State
from emscontrol.session.virtual import VirtualRun
from emscontrol.wiring.procedures import assemble_procedure, session_of
from firmware_sim.faults import Fault, parse_fault
from firmware_sim.scope import Scope, ScopeLine
from firmware_sim.world import make

NORMAL = NormalDist()
VISIBLE = 0.02  # simulator-physiology §2.2: the motor threshold is where 2 % of the muscle answer


@dataclass(frozen=True)
class Patient:
    """Sheet §2.2 and §2.3. `denervated` is the fraction of fibres without a nerve; figures in mA and µs."""

    denervated: float = 0.0
    sensation: bool = True
    nerve: tuple[float, float, float] = (18.0, 200.0, 0.25)
    muscle: tuple[float, float, float] = (20.0, 20_000.0, 0.20)
    muscle_force: float = 0.35

    def contraction(self, current_ma: float, width_us: float) -> float:
        if current_ma <= 0:
            return 0.0
        nerve, muscle = (_fraction(current_ma, width_us, *fibres) for fibres in (self.nerve, self.muscle))
        return (1 - self.denervated) * nerve + self.denervated * self.muscle_force * muscle

    def motor_ma(self, width_us: float) -> float:
        """The current at which 2 % answer, by halving."""
        low, high = 0.0, 1e6
        for _ in range(100):
            middle = (low + high) / 2
            low, high = (low, middle) if self.contraction(middle, width_us) >= VISIBLE else (middle, high)
        return high

    def sensory_ma(self, width_us: float) -> float:
        return 4 * (1 + 250 / width_us) if self.sensation else math.inf

    def comfort_ma(self, width_us: float) -> float:
        """Where discomfort begins to be more than none: 0.6 of the pain threshold."""
        return 0.6 * 14 * (1 + 450 / width_us) if self.sensation else math.inf

    def word(self, level_ua: int, width_us: int, goes_on: bool = False) -> str:
        """What is said of a step. `goes_on` bears discomfort up to pain, as for a curve."""
        current_ma = level_ua / 1000
        felt, contracts = current_ma >= self.sensory_ma(width_us), self.contraction(current_ma, width_us) >= VISIBLE
        if current_ma > self.comfort_ma(width_us) * (1 / 0.6 if goes_on else 1):
            return "too-much"
        return {(False, False): "nothing", (True, False): "felt", (True, True): "contracts", (False, True): "unfelt"}[
            felt, contracts
        ]


def _fraction(current_ma: float, width_us: float, rheobase: float, chronaxie: float, sigma: float) -> float:
    return NORMAL.cdf(math.log(current_ma / (rheobase * (1 + chronaxie / width_us))) / sigma)


def threshold_spec(**changed: object) -> ProcedureSpec:
    asked = {
        "kind": "threshold", "channel": 2, "muscle": "quad_rf", "side": "left", "area_mm2": 4500, "up_to_ua": 60_000,
        "step_ua": 1000, "fine_ua": 500, "widths_us": (300,), "period_us": 28_500,
    }  # fmt: skip
    return ProcedureSpec(**(asked | changed))


def curve_spec(**changed: object) -> ProcedureSpec:
    widths = (100, 200, 300, 500, 700, 1000)
    return threshold_spec(**({"kind": "strength-duration", "widths_us": widths, "period_us": 2_000_000} | changed))


class Bedside:
    """One procedure, driven by a test. `said` is every word with the step it was about; a step that is held is asked for."""

    def __init__(self, asked: ProcedureSpec, model: str = "p24", faults: Sequence[str] = ()) -> None:
        self.asked = asked
        self.assembly = assemble_procedure(session_of(asked, f"{model}@sim", ""))
        self.engine = self.assembly.engine
        self.lines: list[ScopeLine] = []
        self.scope = Scope.in_memory(self.lines)
        parsed: list[Fault] = [parse_fault(fault) for fault in faults]
        self.port = make(model, scope=self.scope, faults=parsed)
        self.journal = Journal.in_memory()
        self.events: list[tuple[int, Event]] = []
        self.said: list[tuple[int, int, str]] = []
        self.run = VirtualRun(self.engine, TimedLink(self.port), self.journal, lambda event, t: self.events.append((t, event)))
        for event in self.assembly.opening:
            self.run.give(Note(event))

    @property
    def now_us(self) -> int:
        return self.run.now_us

    @property
    def question(self) -> dict[str, object] | None:
        found = self.engine.view(self.now_us)["question"]
        assert found is None or isinstance(found, dict)
        return found

    def to_running(self) -> "Bedside":
        self.run.give(Connect())
        self._wait(State.IDLE)
        self.run.give(Arm())
        self._wait(State.CONNECTED)
        self.run.give(Start())
        self.until_asked()
        return self

    def _wait(self, state: State) -> None:
        limit_us = self.now_us + 5_000_000
        while self.engine.state is state and self.now_us < limit_us:
            self.run.advance(self.now_us + 10_000)

    def until_asked(self) -> dict[str, object] | None:
        """Until the question about the step in hand is open; None when the procedure is over."""
        limit_us = self.now_us + 30_000_000
        while self.engine.state is State.RUNNING and self.now_us < limit_us:
            question = self.question
            if question is not None and question["open"]:
                return question
            self.run.advance(self.now_us + 40_000)
        return None

    def say(self, word: str, channel: int | None = None) -> None:
        self.run.give(Answer(channel or self.asked.channel, word))

    def play(self, patient: Callable[[int, int], str], most: int = 2000) -> "Bedside":
        """Answer every question until it is over."""
        for _ in range(most):
            question = self.until_asked()
            if question is None:
                return self.finish()
            level_ua, width_us = int(str(question["amplitude_ua"])), int(str(question["width_us"]))
            word = "up" if level_ua == 0 else "again" if question["held"] else patient(level_ua, width_us)
            if not question["held"]:
                self.said.append((level_ua, width_us, word))
            self.say(word)
        raise AssertionError(f"not over after {most} words")

    def finish(self) -> "Bedside":
        while not self.engine.closed:
            if self.engine.state is State.FAULT and self.engine.off_confirmed:
                self.run.give(Close())
            else:
                self.run.advance(self.now_us + 100_000)
        return self

    def of(self, kind: str) -> list[Event]:
        return [event for _, event in self.events if event.kind == kind]

    def thresholds(self) -> dict[str, tuple[int, int]]:
        return {e.args["threshold"]: (e.args["below_ua"], e.args["amplitude_ua"]) for e in self.of("threshold_found")}

    def peaks(self, channel: int) -> list[int]:
        """The highest amplitude of each stretch of current on the oscilloscope, in order."""
        self.port.read(self.now_us)
        found, top = [], 0
        for line in [line for line in self.lines if line.channel == channel]:
            if line.amplitude_ua:
                top = max(top, line.amplitude_ua)
            elif top:
                found.append(top)
                top = 0
        return found

    def pulses(self, channel: int) -> int:
        return self.port.stage.pulses(channel)

    def rises(self, channel: int) -> list[tuple[int, int]]:
        """(time, new amplitude) of every rise above all that came before."""
        lines = [line for line in self.lines if line.channel == channel]
        return [(b.t_us, b.amplitude_ua) for a, b in pairwise(lines) if b.amplitude_ua > a.amplitude_ua]
