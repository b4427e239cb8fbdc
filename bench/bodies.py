"""What a simulated body costs: pulses per second, and how many times faster than real time, on one core.

    .venv/bin/python bench/bodies.py

First the fibres alone: runs of equal pulses at 50 Hz, and trains that begin in a rested muscle. Then a body on an output stage
that plays two channels of the ACL protocol's work phase (10 s on, 50 s off, 50 Hz, a new amplitude at each pulse of the ramps),
while nobody asks, while somebody asks for the force at the end of each contraction, and with a record of force and feeling
every 50 ms. Last the whole ACL session, protocol to oscilloscope, without a body and with one. CPU time, best of REPEATS.
"""

import sys
import tempfile
from collections.abc import Callable
from itertools import count
from pathlib import Path
from time import process_time

sys.path.insert(0, str(Path(__file__).parent.parent))

from emscontrol.protocol.load import load_file
from emscontrol.protocol.travel import to_line
from emscontrol.session.spec import SessionSpec
from emscontrol.wiring.rehearsal import rehearse_session
from firmware_sim.body.force import Fibres
from firmware_sim.body.patient import Patient
from firmware_sim.body.record import BodyRecord
from firmware_sim.output import OutputStage

REPEATS = 3
AIM = 1_000
S = 1_000_000
PERIOD_US = 20_000
CONTRACTIONS = 20
RAMP_PULSES = 100
PLATEAU_PULSES = 350
CYCLE_US = 60 * S
ACL = Path(__file__).parent.parent / "protocols" / "acl-quadriceps.yaml"


def cpu_s(play: Callable[[], object]) -> float:
    """CPU seconds, best of REPEATS."""
    times = []
    for _ in range(REPEATS):
        begin = process_time()
        play()
        times.append(process_time() - begin)
    return min(times)


def long_run() -> None:
    """20 000 pulses at 50 Hz without a pause."""
    Fibres().pulses(0, PERIOD_US, 20_000, 0.8)


def short_trains() -> None:
    """200 trains of 100 pulses, a rest of 10 s after each."""
    fibres = Fibres()
    for train in range(200):
        fibres.pulses(train * 12 * S, PERIOD_US, 100, 0.8)


def contractions(asked: bool = False, recorded: bool = False) -> None:
    """The work phase on two channels of a stage with a healthy person on it."""
    stage, patient = OutputStage(8), Patient.named("healthy")
    stage.connect(patient)
    lines = count()
    if recorded:
        BodyRecord(patient, lambda line: next(lines))
    for contraction in range(CONTRACTIONS):
        begin_us = contraction * CYCLE_US
        for channel in (1, 2):
            contract(stage, channel, begin_us)
        patient.advance(begin_us + CYCLE_US - 1)
        if asked:
            for channel in (1, 2):
                patient.force_n(channel, begin_us + CYCLE_US - 1)


def contract(stage: OutputStage, channel: int, begin_us: int) -> None:
    """One contraction: a ramp with a step at each pulse, a plateau that is delivered in pieces of 1 s, off."""
    for pulse in range(RAMP_PULSES):
        at_us = begin_us + pulse * PERIOD_US
        stage.set_train(channel, at_us, 400 * (pulse + 1), 300, PERIOD_US)
        stage.deliver(channel, 1, at_us)
    for piece in range(PLATEAU_PULSES // 50):
        stage.deliver(channel, 50, begin_us + (RAMP_PULSES + piece * 50 + 49) * PERIOD_US)
    stage.set_train(channel, begin_us + (RAMP_PULSES + PLATEAU_PULSES) * PERIOD_US, 0, 0, 0)


def session(model: str, body: str) -> float:
    """The whole ACL session in virtual time; its length in simulated seconds."""
    loaded = load_file(ACL)
    ended: list[int] = []
    with tempfile.TemporaryDirectory() as folder:
        spec = SessionSpec(
            device=f"{model}@sim",
            protocol=to_line(loaded.protocol),
            protocol_text=loaded.text,
            sha256=loaded.sha256,
            comfort_ua={"1": 40_000, "2": 35_000},
            journal=f"{folder}/record.jsonl",
            home=folder,
            body=body,
        )
        rehearse_session(spec, lambda event, t_us: ended.append(t_us))
    return ended[-1] / S


def main() -> None:
    """Print the three tables."""
    print("fibres alone")
    for name, play in (("one long run", long_run), ("trains from rest", short_trains)):
        spent = cpu_s(play)
        print(f"  {name:34} {20_000 / spent:12,.0f} pulses/s   {spent / 20_000 * 1e6:6.2f} µs a pulse")
    print("two channels of contractions on a stage")
    simulated = CONTRACTIONS * CYCLE_US / S
    pulses = 2 * CONTRACTIONS * (RAMP_PULSES + PLATEAU_PULSES)
    for name, asked, recorded in (("nobody asks", False, False), ("force asked", True, False), ("recorded", False, True)):
        spent = cpu_s(lambda asked=asked, recorded=recorded: contractions(asked, recorded))  # type: ignore[misc]
        each = f"{pulses / spent:12,.0f} pulses/s   {simulated / spent:9,.0f} × real time"
        print(f"  {name:34} {each}   {spent / simulated * 1e6:6.1f} µs per simulated s")
    print(f"the whole ACL session (aim {AIM} × real time)")
    for model in ("reference", "p24", "rehastim2"):
        for body in ("", "healthy", "stroke", "worn_pads"):
            simulated = session(model, body)
            spent = cpu_s(lambda model=model, body=body: session(model, body))  # type: ignore[misc]
            print(f"  {model + ', ' + (body or 'no body'):34} {simulated / spent:9,.0f} × real time")


if __name__ == "__main__":
    main()
