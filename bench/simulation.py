"""How fast a session runs in virtual time, and where the time goes.

    .venv/bin/python bench/simulation.py [--seconds S] [--shares] [--body NAME] [--model MODEL]

For each simulated model: the two-channel ACL protocol of the library (11 minutes), with and without a body on it, and
a session of two minutes, from the opening record to the closing one, with the oscilloscope and a journal in memory. Then what
surrounds a session: reading the protocol, assembling program, gate and engine, verifying the journal; and a few trials of the
campaign, most of them with faults. Everything is CPU time of this process, the least of several runs; a machine that is busy
with something else still shows too little speed.

`--shares` samples the running code every millisecond of CPU time and says which part of the program it was in.
"""

import argparse
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Final

from emscontrol.core.events import Event
from emscontrol.devices.registry import MODELS
from emscontrol.protocol.load import load_file, load_text
from emscontrol.protocol.travel import to_line
from emscontrol.record.journal import Journal
from emscontrol.record.verify import verify_lines
from emscontrol.session.inputs import Note
from emscontrol.session.links import TimedLink
from emscontrol.session.spec import SessionSpec
from emscontrol.session.virtual import VirtualRun, rehearse
from emscontrol.trials.outcome import run_seed
from emscontrol.wiring.assembly import assemble
from firmware_sim.scope import Scope, ScopeLine
from firmware_sim.world import make

ROOT: Final = Path(__file__).parent.parent
ACL: Final = ROOT / "protocols" / "acl-quadriceps-hamstrings.yaml"
SHORT: Final = """
format: 1
id: two-minutes
title: Two muscles, twelve contractions
indication: measuring the program
lmn_status: intact
use: standard
evidence: D
author: the benches
revision: 1
citations:
  - {text: written for the bench, mark: D}
channels:
  1: {muscle: quad_rf, side: left, label: left rectus femoris, electrode: {width_cm: 5, height_cm: 9}}
  2: {muscle: quad_vm, side: left, label: left vastus medialis, electrode: {width_cm: 5, height_cm: 5}}
phases:
  - name: work
    contract: together
    contractions: 12
    groups:
      - channels: [1, 2]
        waveform: symmetric
        pulse_width_us: 300
        rate_hz: 40
        intensity: {of: comfort, fraction: 0.8}
        on_s: 6
        off_s: 4
        ramp_up_s: 1
        ramp_down_s: 0.5
"""
COMFORT_UA: Final = 20_000
ACL_AIM: Final = 1000  # times real time
SESSION_AIM_S: Final = 0.12  # ten thousand sessions in ten minutes on two cores
SAMPLE_S: Final = 0.001
TRIALS: Final = range(1, 41)

PARTS: Final = (
    ("simulator", "firmware_sim/"),
    ("gate and rules", "emscontrol/safety/"),
    ("codec", "emscontrol/devices/declare/"),
    ("codec", "emscontrol/devices/stuffing.py"),
    ("codec", "/wire.py"),
    ("driver", "emscontrol/devices/"),
    ("journal", "emscontrol/record/"),
    ("events", "emscontrol/core/events.py"),
    ("events", "emscontrol/core/arguments.py"),
    ("runner", "emscontrol/session/virtual.py"),
    ("runner", "emscontrol/session/turn.py"),
    ("runner", "emscontrol/session/links.py"),
    ("engine", "emscontrol/session/"),
    ("program and tally", "emscontrol/program/"),
    ("protocol", "emscontrol/protocol/"),
)
"""Part: what the path of its code holds; the first that fits counts."""


def spec_for(model: str, text: str) -> SessionSpec:
    """The session of this protocol on the simulator of a model."""
    loaded = load_text(text)
    comfort = {str(channel): COMFORT_UA for channel in loaded.protocol.channels}
    return SessionSpec(f"{model}@sim", to_line(loaded.protocol), loaded.text, loaded.sha256, comfort)


class Session:
    """One session in memory, assembled and not yet run."""

    def __init__(self, spec: SessionSpec, body: str | None = None) -> None:
        self.assembly = assemble(spec)
        self.journal = Journal.in_memory()
        self.lines: list[ScopeLine] = []
        port = make(self.assembly.address.model, scope=Scope.in_memory(self.lines), body=body)
        self.run = VirtualRun(self.assembly.engine, TimedLink(port), self.journal, self._hear)
        self.told: list[Event] = []

    def _hear(self, event: Event, now_us: int) -> None:
        self.told.append(event)

    def play(self) -> "Session":
        """From the opening record to the closing one."""
        for event in self.assembly.opening:
            self.run.give(Note(event))
        rehearse(self.run)
        if self.assembly.engine.result != "completed":
            raise RuntimeError(f"the session is {self.assembly.engine.result}: {self.assembly.engine.reason}")
        return self


def cpu_s(call: Callable[[], object], at_least_s: float) -> float:
    """The least CPU time of one call, of as many as fit into the time, at least three."""
    times: list[float] = []
    until_s = time.process_time() + at_least_s
    while len(times) < 3 or time.process_time() < until_s:
        begun_s = time.process_time()
        call()
        times.append(time.process_time() - begun_s)
    return min(times)


def played_s(spec: SessionSpec, at_least_s: float, body: str | None = None) -> tuple[float, Session]:
    """The least CPU time from the first record to the last, assembling left out, and a session that was played."""
    times: list[float] = []
    until_s = time.process_time() + at_least_s
    while len(times) < 3 or time.process_time() < until_s:
        session = Session(spec, body)
        begun_s = time.process_time()
        session.play()
        times.append(time.process_time() - begun_s)
    return min(times), session


def show_model(model: str, acl: str, body: str, seconds: float) -> None:
    spec = spec_for(model, acl)
    for worn in (None, body):
        took_s, session = played_s(spec, seconds, worn)
        pace = session.run.now_us / 1e6 / took_s
        verdict = "met" if pace >= ACL_AIM else "MISSED"
        who = f"on body {worn}" if worn else "on nobody"
        print(f"{model}: ACL protocol {who}, {session.run.now_us / 60e6:.1f} min in {took_s:.3f} s: {pace:,.0f} × real time")
        print(
            f"    aim {ACL_AIM:,} ×: {verdict}; {len(session.journal.lines)} records, {len(session.lines)} oscilloscope lines"
        )
    spec = spec_for(model, SHORT)
    took_s, session = played_s(spec, seconds)
    assembling_s = cpu_s(lambda: Session(spec), seconds)
    verifying_s = cpu_s(lambda: verify_lines(session.journal.lines), seconds)
    whole_s = assembling_s + took_s + verifying_s
    pace = session.run.now_us / 1e6 / took_s
    verdict = "met" if whole_s <= SESSION_AIM_S else "MISSED"
    print(f"{model}: session of {session.run.now_us / 60e6:.1f} min: {pace:,.0f} × real time")
    print(f"    assembling {assembling_s * 1e3:.1f} ms, running {took_s * 1e3:.1f} ms, verifying {verifying_s * 1e3:.1f} ms")
    print(f"    together {whole_s * 1e3:.1f} ms, aim {SESSION_AIM_S * 1e3:.0f} ms: {verdict}")


@contextmanager
def sampled(into: Counter[str]) -> Iterator[None]:
    """Count, every millisecond of CPU time, in which part of the program the code was."""

    def note(_signal: int, frame: FrameType | None) -> None:
        while frame is not None:
            path = frame.f_code.co_filename
            part = next((part for part, where in PARTS if where in path), None)
            if part is not None:
                into[part] += 1
                return
            frame = frame.f_back

    before = signal.signal(signal.SIGPROF, note)
    signal.setitimer(signal.ITIMER_PROF, SAMPLE_S, SAMPLE_S)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def show_shares(model: str, seconds: float) -> None:
    spec = spec_for(model, SHORT)
    shares: Counter[str] = Counter()
    until_s = time.process_time() + seconds
    while time.process_time() < until_s:
        with sampled(shares):
            session = Session(spec).play()
            verify_lines(session.journal.lines)
    total = shares.total()
    told = ", ".join(f"{part} {count / total:.0%}" for part, count in shares.most_common())
    print(f"{model}, assembling to verifying: {told}")


def show_campaign() -> None:
    begun_s = time.process_time()
    outcomes = [run_seed(seed) for seed in TRIALS]
    took_s = (time.process_time() - begun_s) / len(outcomes)
    simulated_s = sum(outcome.simulated_us for outcome in outcomes) / 1e6 / len(outcomes)
    verdict = "met" if took_s <= SESSION_AIM_S else "MISSED"
    print(f"campaign: {len(outcomes)} trials of {simulated_s:.0f} s on average")
    print(f"    {took_s * 1e3:.0f} ms each, drawn, played and judged, aim {SESSION_AIM_S * 1e3:.0f} ms: {verdict}")


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="Speed of sessions in virtual time.")
    parser.add_argument("--seconds", type=float, default=1.0, help="CPU time for each figure (default 1)")
    parser.add_argument("--shares", action="store_true", help="also say in which part of the program the time goes")
    parser.add_argument("--body", default="healthy", help="whom the ACL protocol is also played on (default healthy)")
    parser.add_argument("--model", choices=sorted(MODELS), action="append", help="only these models")
    given = parser.parse_args(arguments)
    acl = load_file(ACL).text
    for model in given.model or MODELS:
        show_model(model, acl, given.body, given.seconds)
        if given.shares:
            show_shares(model, max(5.0, given.seconds))
    show_campaign()
    print(f"reading the ACL protocol's YAML: {cpu_s(lambda: load_text(acl), given.seconds) * 1e3:.1f} ms")
    print(f"reading the short protocol's YAML: {cpu_s(lambda: load_text(SHORT), given.seconds) * 1e3:.1f} ms")


if __name__ == "__main__":
    main()
