"""One command round trip on a pseudo-terminal: the whole safe path beside bare pyserial, in one run.

    .venv/bin/python bench/roundtrip.py

Ours: the gate judges a set point of two or eight channels, the driver encodes it, the journal records it, the port takes it;
the answer is awaited, read, decoded, matched and recorded. The peer: pyserial writes the very same frames, made beforehand,
and reads answers whose lengths it is told. Each has a simulated stimulator of its own; short blocks of both alternate, so that
a busy moment of the machine meets both. "Back to back" repeats one set point without a pause; "paced" moves all channels up
and down with 10 ms in between, which is nearer to a session and finds every cache cold. Medians are printed, with the share of
each step of ours.
"""

import select
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from statistics import median
from time import monotonic_ns, perf_counter_ns, sleep

import serial

sys.path.insert(0, str(Path(__file__).parent.parent))

from emscontrol.core.events import make
from emscontrol.core.pulse import Output, Outputs, Shape, Train, Waveform
from emscontrol.core.stimulator import Acked, Command, Connected
from emscontrol.devices.registry import driver, serial_settings
from emscontrol.record.clock import local_wall_clock
from emscontrol.record.journal import Journal
from emscontrol.safety.envelope import envelope_for
from emscontrol.safety.gate import Allowance, SafetyGate
from emscontrol.session.links import StreamLink
from emscontrol.transport.serial_port import PortSettings, SerialStream, open_port
from emscontrol.transport.tap import Tap
from firmware_sim.registry import codec
from tests.pty.models import MODELS, Model
from tests.pty.rig import Simulator, short_folder

BLOCKS = 20
BLOCK = 20
WARM_UP = 80
PAUSE_S = 0.010  # at the steepest ramp the gate allows, a step of 2 mA needs 8 ms
AIM = 1.25
ANSWER_S = 2.0
CHANNEL_COUNTS = (2, 8)
TRAIN = Train(Waveform(Shape.SYMMETRIC, 300), 30_000)
AMPLITUDES_UA = (10_000, 12_000)
STEPS = ("gate and encode", "record the set point", "write", "wait and read", "decode and match", "record the answer")
ANSWERS = {"p24": "ml_update_ack", "rehastim2": "StartChannelListModeAck"}


@dataclass
class Ours:
    """The safe path. `steps_ns` collects what each step took."""

    gate: SafetyGate
    stream: SerialStream
    link: StreamLink
    journal: Journal
    channels: range
    steps_ns: tuple[list[int], ...] = field(default_factory=lambda: tuple([] for _ in STEPS))
    count: int = 0
    paced: bool = True

    def trip(self) -> None:
        """One set point, from the wish to the recorded confirmation."""
        wanted = set_point(self.channels, AMPLITUDES_UA[self.count % 2 if self.paced else 0])
        self.count += 1
        marks = [perf_counter_ns()]
        data = self.gate.send(wanted, now_us())
        marks.append(perf_counter_ns())
        rows = [row(output) for output in self.gate.in_force.channels]
        self.journal.append(make("set_point", number=self.gate.last_number, outputs=rows, cause="program"), now_us())
        marks.append(perf_counter_ns())
        self.link.write(data, now_us(), urgent=False)
        marks.append(perf_counter_ns())
        took = [later - earlier for earlier, later in pairwise(marks)]
        for step, ns in zip(self.steps_ns, (*took, *self._answer()), strict=True):
            step.append(ns)

    def _answer(self) -> tuple[int, int, int]:
        waited = decoded = 0
        end = now_us() + round(ANSWER_S * 1e6)
        while now_us() < end:
            begun = perf_counter_ns()
            select.select([self.link.fileno()], [], [], ANSWER_S)
            data = self.link.read(now_us())
            read = perf_counter_ns()
            events = self.gate.receive(data, now_us())
            taken = perf_counter_ns()
            waited, decoded = waited + read - begun, decoded + taken - read
            for event in events:
                if isinstance(event, Acked) and event.command is Command.OUTPUTS:
                    self.journal.append(make("acked", number=event.number), now_us())
                    return waited, decoded, perf_counter_ns() - taken
        raise TimeoutError("the simulator does not answer")

    def until(self, kind: type, command: Command | None = None) -> None:
        """Let the driver talk until it tells this."""
        end = now_us() + round(ANSWER_S * 1e6)
        while now_us() < end:
            data = self.gate.tick(now_us())
            if data:
                self.link.write(data, now_us(), urgent=False)
            for event in self.gate.receive(self.link.read(now_us()), now_us()):
                if isinstance(event, kind) and (command is None or getattr(event, "command", None) is command):
                    return
        raise TimeoutError(f"no {kind.__name__}")


class Bare:
    """pyserial and frames that were made beforehand."""

    def __init__(self, model: Model, port: serial.Serial, frames: list[bytes]) -> None:
        self._port = port
        self._frames = frames
        self._lengths = [len(answer(model, frame)) for frame in frames]
        self._at = 0

    def trip(self) -> None:
        """One frame and its answer."""
        at = self._at = (self._at + 1) % len(self._frames)
        self._port.write(self._frames[at])
        if len(self._port.read(self._lengths[at])) < self._lengths[at]:
            raise TimeoutError("the simulator does not answer")


def now_us() -> int:
    """The engine's clock."""
    return monotonic_ns() // 1_000


def set_point(channels: range, amplitude_ua: int) -> Outputs:
    """These channels at this amplitude."""
    return Outputs(tuple(Output(channel, TRAIN, amplitude_ua) for channel in channels))


def row(output: Output) -> dict[str, int]:
    """As the engine records it."""
    train = output.train
    return {
        "channel": output.channel,
        "amplitude_ua": output.amplitude_ua,
        "width_us": train.waveform.width_us,
        "period_us": train.period_us,
    }


def answer(model: Model, frame: bytes) -> bytes:
    """The answer that a set point gets."""
    wire = codec(model.name)
    [asked] = wire.decode(frame, "host")
    return wire.encode(ANSWERS[model.name], {"packet_number": asked.params["packet_number"], "result": 0})


@contextmanager
def our_side(model: Model, channels: range, folder: Path) -> Iterator[Ours]:
    """A stimulator that is connected, prepared and armed through the gate."""
    with ExitStack() as stack:
        simulator = Simulator(folder, model, watchdog_ms=60_000)  # each rests while the other is set up
        stack.callback(simulator.close)
        line = serial_settings(model.name)
        stream = open_port(simulator.address, PortSettings(line.baud, line.parity, line.stop_bits, line.rtscts))
        stack.callback(stream.close)
        journal = Journal.create(folder / "journal.jsonl", local_wall_clock)
        stack.callback(journal.close)
        stimulator = driver(model.name)
        envelopes = {
            channel: envelope_for(
                channel,
                area_mm2=4_500,
                capabilities=stimulator.capabilities,
                muscle="quad_rf",
                protocol_cap_ua=None,
                patient_cap_ua=None,
            )
            for channel in channels
        }
        gate = SafetyGate(stimulator, envelopes, Allowance(10**12, dict.fromkeys(channels, 10**18)))
        ours = Ours(gate, stream, StreamLink(stream), journal, channels)
        ours.link.write(gate.connect(now_us()), now_us(), urgent=False)
        ours.until(Connected)
        ours.link.write(gate.prepare(dict.fromkeys(channels, TRAIN), now_us()), now_us(), urgent=False)
        ours.until(Acked, Command.PREPARE)
        gate.arm(now_us())
        yield ours


@contextmanager
def bare_side(model: Model, channels: range, folder: Path, frames: list[bytes]) -> Iterator[Bare]:
    """Another stimulator, brought to the same state, and then pyserial alone."""
    with our_side(model, channels, folder) as opened:
        for _ in range(WARM_UP):
            opened.trip()
            sleep(PAUSE_S)
        port = opened.stream._port  # bare: without anything of ours around it
        port.timeout = ANSWER_S
        yield Bare(model, port, frames)


def frames_of(ours: Ours, model: Model) -> list[bytes]:
    """The set points that ours sends, made once more for the peer; those that carried a keep-alive with them are left out."""
    written: list[bytes] = []
    ours.link = StreamLink(Tap(ours.stream, lambda passed: written.append(bytes.fromhex(passed.hex)), now_us))
    for _ in range(WARM_UP):
        ours.trip()
        sleep(PAUSE_S)
    ours.link = StreamLink(ours.stream)
    frames = [model.frames(data) for data in written]
    return [data for data, read in zip(written, frames, strict=True) if len(read) == 1 and read[0].command in model.currents]


def block(trip: Callable[[], None], paced: bool) -> list[int]:
    """A block of round trips; their times in ns."""
    times = []
    sleep(PAUSE_S)
    for _ in range(BLOCK):
        if paced:
            sleep(PAUSE_S)
        begun = perf_counter_ns()
        trip()
        times.append(perf_counter_ns() - begun)
    return times


def measure(model: Model, channels: range) -> None:
    """Both contestants on one model, back to back and paced."""
    with ExitStack() as stack:
        folders = [stack.enter_context(short_folder()) for _ in range(2)]
        ours = stack.enter_context(our_side(model, channels, folders[0]))
        bare = stack.enter_context(bare_side(model, channels, folders[1], frames_of(ours, model)))
        for paced in (False, True):
            ours.paced = paced
            for step in ours.steps_ns:
                step.clear()
            rounds = [(block(ours.trip, paced), block(bare.trip, paced)) for _ in range(BLOCKS)]
            tell(f"{model.name}, {len(channels)} channels, {'paced' if paced else 'back to back'}", rounds, ours)


def tell(what: str, rounds: list[tuple[list[int], list[int]]], ours: Ours) -> None:
    """A line for the ratio, and one for the steps."""
    our_us, bare_us = (median(time for each in rounds for time in each[side]) / 1_000 for side in (0, 1))
    ratio = our_us / bare_us
    reached = "reached" if ratio <= AIM else "NOT reached"
    print(f"{what:36} ours {our_us:5.0f} µs, bare pyserial {bare_us:5.0f} µs, ratio {ratio:.2f}, aim {AIM}: {reached}")
    steps = zip(STEPS, ours.steps_ns, strict=True)
    print("    " + ", ".join(f"{name} {median(step) / 1_000:.0f}" for name, step in steps), flush=True)


def main() -> int:
    """The models whose answers are known here, few and many channels; a ratio that is missed is told, and is no error."""
    for model in MODELS.values():
        for count in CHANNEL_COUNTS if model.name in ANSWERS else ():
            measure(model, range(1, count + 1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
