"""Measuring a simulated body: the patient feels, somebody looks, and the words are said at the bedside of a simulator.

For rehearsals, demonstrations and tests. The words come from what the body really does, so what is found can be
compared with it.
"""

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from emscontrol.core.errors import UsageError
from emscontrol.core.events import Event
from emscontrol.core.units import US_PER_S
from emscontrol.measure.words import Word
from emscontrol.record.clock import local_wall_clock
from emscontrol.record.journal import Journal
from emscontrol.record.signing import Signer
from emscontrol.session.inputs import Answer, Close, Note
from emscontrol.session.spec import SessionSpec
from emscontrol.session.states import State
from emscontrol.session.virtual import OPENING, VirtualRun
from emscontrol.wiring.assembly import Assembly
from emscontrol.wiring.ports import simulated_link
from emscontrol.wiring.procedures import assemble_procedure
from firmware_sim.body.library import find
from firmware_sim.body.patient import Patient
from firmware_sim.body.profile import Profile
from firmware_sim.body.pulse import Pulse
from firmware_sim.body.reading import BodyError
from firmware_sim.body.sensation import MOTOR_FRACTION, discomfort
from firmware_sim.output import OutputStage, Run

LOOK_US: Final = 40_000
COMFORTABLE: Final = 2.0  # points of discomfort, of 10, that are still comfortable [D]
BEARABLE: Final = 4.0  # for a curve, where each step is short: below pain [D]
ENOUGH: Final = 0.5  # a contraction of half of the fibres is as strong as is wanted, also where nothing is felt [D]


class SimulatedPatient(Patient):
    """A body on the leads of a simulator, and the one who looks at it: gives the word about the step that was given last."""

    def __init__(self, profile: Profile, seed: int, seeks_comfort: bool) -> None:
        super().__init__(profile, seed)
        self._seeks_comfort = seeks_comfort
        self._device: OutputStage | None = None
        self._strongest: dict[int, tuple[float, Pulse]] = {}  # of the pulses since the last word, by channel

    def connect(self, stage: OutputStage) -> None:
        """The leads are on."""
        self._device = stage
        super().connect(stage)

    def receive(self, channel: int, run: Run) -> None:
        """Pulses that were delivered."""
        super().receive(channel, run)
        current_ma = run.flow.effective_ma(run.pulse)
        if channel not in self._strongest or current_ma > self._strongest[channel][0]:
            self._strongest[channel] = current_ma, run.pulse

    def forget(self, channel: int) -> None:
        """The next step has not begun: the last pulse of the step before, which outlasts the word, is not of it."""
        if self._device is not None:
            self._device.hand_over()
        self._strongest.pop(channel, None)

    def word(self, channel: int) -> Word:
        """What is said of the pulses since the last word."""
        if self._device is not None:
            self._device.hand_over()
        found = self._strongest.pop(channel, None)
        if found is None:
            return Word.NOTHING
        current_ma, pulse = found
        true = self.thresholds_in_place(channel, pulse)
        if true.pain is not None and discomfort(current_ma / true.pain) > (COMFORTABLE if self._seeks_comfort else BEARABLE):
            return Word.TOO_MUCH
        felt = true.sensory is not None and current_ma >= true.sensory
        recruited = self.recruited(channel, pulse, current_ma)
        if recruited >= ENOUGH and self._seeks_comfort:
            return Word.LIMIT
        if recruited >= MOTOR_FRACTION:
            return Word.CONTRACTS if felt else Word.UNFELT
        return Word.FELT if felt else Word.NOTHING


def simulated_patient(body: str, seed: int = 0, seeks_comfort: bool = True) -> SimulatedPatient:
    """The named body, or the one of a file. Raises UsageError naming those there are."""
    try:
        return SimulatedPatient(find(body), seed, seeks_comfort)
    except BodyError as problem:
        raise UsageError(f"--body: {problem}") from problem


def measure_body(
    spec: SessionSpec, body: str, listener: Callable[[Event, int], None], signer: Signer | None = None
) -> Assembly:
    """Play the procedure to its end in virtual time on a simulator with this body; the words are the body's.

    Without a `signer` the record is chained and not signed. Raises UsageError for a real port and an unknown body, and what
    `assemble_procedure` raises.
    """
    assembly = assemble_procedure(spec)
    if not assembly.address.simulated:
        raise UsageError("--body is for simulators; a person answers for himself.", "Leave --body and --speed out.")
    patient = simulated_patient(body, spec.seed, seeks_comfort=assembly.program.protocol_id == "threshold")
    with ExitStack() as stack:
        link = simulated_link(
            assembly.address.model,
            stack=stack,
            scope=spec.scope,
            faults=spec.faults,
            seed=spec.seed,
            watchdog_ms=spec.watchdog_ms,
            body=patient,
        )
        journal = Journal.create(Path(spec.journal), local_wall_clock, threaded=False, sync=False, signer=signer)
        stack.callback(journal.close)
        run = VirtualRun(assembly.engine, link, journal, listener)
        for event in assembly.opening:
            run.give(Note(event))
        _open(run)
        _answer_all(run, patient)
    return assembly


def _open(run: VirtualRun) -> None:
    """Connect, arm and start; whatever goes wrong shows in the engine's state."""
    for step, until in OPENING:
        if run.engine.closed or run.engine.state is State.FAULT:
            return
        run.give(step)
        limit_us = run.now_us + 10 * US_PER_S
        while run.engine.state is until and run.now_us < limit_us:
            run.advance(run.now_us + LOOK_US)


def _answer_all(run: VirtualRun, patient: SimulatedPatient) -> None:
    while not run.engine.closed:
        view = run.engine.view(run.now_us)
        question = view["question"]
        if isinstance(question, dict) and view["doing"] == "rest":
            patient.forget(int(question["channel"]))
        if run.engine.state is State.FAULT and run.engine.off_confirmed:
            run.give(Close())
        elif run.engine.state is State.RUNNING and isinstance(question, dict) and question["open"]:
            channel = int(question["channel"])
            offered = Word.AGAIN if question["held"] else patient.word(channel)
            word = offered if question["amplitude_ua"] else Word.UP
            run.give(Answer(channel, word.value, "simulated patient"))
        else:
            run.advance(run.now_us + LOOK_US)
