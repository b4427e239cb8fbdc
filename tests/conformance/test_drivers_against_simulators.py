"""One scenario for every model in the registry: what a driver is given is what its simulator puts out, pulse for pulse."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emscontrol.core.pulse import NOTHING, Output, Outputs, Shape, Train
from emscontrol.core.stimulator import Acked, Command, Connected, ReadBack, Stimulator, Uncertain
from emscontrol.devices import registry
from firmware_sim.registry import MODELS as SIMULATED
from firmware_sim.registry import codec
from tests.unit.devices.driver_bench import ARMING, MS, NUMBER, WIDEST, Bench, cleared, only, train
from tests.unit.devices.reference_vectors import EPOCH
from tests.unit.devices.reference_vectors import VECTORS as REFERENCE

MODELS = sorted(registry.MODELS)
DATA = Path(__file__).parent.parent / "data"
VECTORS = {"p24": "sciencemode4.json", "rehastim2": "sciencemode2.json"}
HEADING = {"reference": {"epoch": EPOCH}}
every_model = pytest.mark.parametrize("model", MODELS)


def device_frames(model: str) -> list[dict[str, Any]]:
    """What the vectors say a device may send."""
    if model == "reference":
        return [{"command": name, "params": values} for name, code, _, values in REFERENCE if code & 0x80]
    vectors = json.loads((DATA / VECTORS[model]).read_text(encoding="utf-8"))
    return [vector for vector in vectors if vector["direction"] == "device->host" and vector["canonical"]]


def test_every_model_has_a_simulator() -> None:
    assert set(registry.MODELS) == set(SIMULATED)


@every_model
def test_a_driver_is_a_stimulator(model: str) -> None:
    driver: Stimulator = registry.driver(model)
    for name in ("connect", "prepare", "send", "stop", "read_back", "tick", "receive", "busy", "due_us", "misfits"):
        assert hasattr(driver, name)


@every_model
def test_connect_prepare_ramp_hold_stop_and_read_back(model: str) -> None:
    bench = Bench(model)
    (connected,) = only(Connected, bench.connect())
    assert connected.identity.model == model
    fast = bench.driver.quantise_train(train(width_us=350, period_us=28_571))
    assert bench.prepare(2, 3, of=fast)[0] == Acked(Command.PREPARE)
    believed = [(bench.now_us, NOTHING)]
    for step in range(1, 11):  # a ramp of 1 s to 20 and 10 mA
        wanted = Outputs((Output(2, fast, 2_000 * step), Output(3, fast, 1_000 * step // 2_000 * 2_000)))
        wanted = Outputs(tuple(output for output in wanted.channels if output.amplitude_ua))
        assert bench.send(wanted, number=step, for_us=0)[:1] == [Acked(Command.OUTPUTS, step)]
        believed.append((bench.now_us, wanted))
        bench.run(100 * MS)
    held = bench.run(2_000 * MS)
    assert {report.output_on for report in only(ReadBack, held)} == {True}
    stop_us = bench.now_us
    assert only(Acked, bench.stop(for_us=0)) == [Acked(Command.STOP)]
    assert bench.port.stage.is_zero
    assert [report.output_on for report in only(ReadBack, bench.read_back(for_us=0))] == [False]
    bench.run(3_000 * MS)
    assert max(line.t_us for line in bench.lines) <= stop_us
    for channel in (2, 3):
        shown = [line.amplitude_ua for line in bench.lines if line.channel == channel]
        steps = [outputs.amplitude_ua(channel) for _, outputs in believed[1:]]
        assert shown == [*_changes(steps), 0]
        assert {line.width_us for line in bench.lines if line.channel == channel and line.amplitude_ua} == {350}
        assert {line.period_us for line in bench.lines if line.channel == channel and line.amplitude_ua} == {fast.period_us}
    assert only(Uncertain, [event for _, event in bench.events]) == []
    assert bench.driver.late_answers == 0  # type: ignore[attr-defined]


def _changes(steps: list[int]) -> list[int]:
    """The values as a scope shows them: zero at the start not at all, and each only when it is another."""
    before, changes = 0, []
    for value in steps:
        if value != before:
            changes.append(value)
        before = value
    return changes


widths = st.integers(20, 500)
amplitudes = st.integers(0, 130_000)
set_points = st.lists(st.dictionaries(st.integers(1, 8), st.tuples(widths, amplitudes), max_size=8), min_size=1, max_size=6)


@every_model
@given(wanted=set_points, period_us=st.integers(20_000, 200_000))
@settings(max_examples=30, deadline=None)
def test_whatever_is_in_the_devices_steps_comes_out_exactly(
    model: str, wanted: list[dict[int, tuple[int, int]]], period_us: int
) -> None:
    bench = Bench(model)
    bench.connect()
    driver = bench.driver
    base = driver.quantise_train(train(period_us=period_us))
    bench.prepare(*range(1, 9), of=base)
    for number, channels in enumerate(wanted, 1):
        outputs = []
        for channel, (width_us, amplitude_ua) in sorted(channels.items()):
            made = driver.quantise_train(train(width_us=width_us, period_us=period_us))
            within_ua = min(amplitude_ua, driver.capabilities.amplitude_max_ua)
            outputs.append(Output(channel, made, driver.quantise_amplitude(made, within_ua)))
        sent = Outputs(tuple(output for output in outputs if output.amplitude_ua))
        assert bench.send(sent, number=number, for_us=base.period_us + 20 * MS)[0] == Acked(Command.OUTPUTS, number)
        for channel in range(1, 9):
            assert bench.amplitude_ua(channel) == sent.amplitude_ua(channel)
        for output in sent.channels:
            assert bench.port.stage.width_us(output.channel) == output.train.waveform.width_us
            assert bench.port.stage.period_us(output.channel) == base.period_us


def test_an_asymmetric_pulse_carries_no_charge() -> None:
    bench = Bench("p24")
    bench.connect()
    made = train(width_us=300, shape=Shape.ASYMMETRIC, ratio=4, period_us=40_000)
    bench.prepare(1, of=made)
    bench.send(Outputs((Output(1, made, 40_000),)))
    (frame,) = [frame for _, frame in bench.requests() if frame.command == "ml_update"]
    points = frame.params["channels"][0]["points"]
    assert points == [[300, 40], [100, 0], [1200, -10]]
    assert sum(duration_us * current_ma for duration_us, current_ma in points) == 0


@every_model
def test_the_simulators_own_codec_reads_every_frame_of_a_driver(model: str) -> None:
    """Two codecs written apart from the same sheet."""
    bench = Bench(model).ready(1, 5, of=train(period_us=40_000))
    for step in range(1, 70):  # all packet numbers of the P24, so that stuffing comes into it
        bench.send(Outputs((Output(1, train(period_us=40_000), 2_000 * (step % 60 + 1)),)), number=step)
    bench.stop()
    bench.read_back()
    for _, frame in bench.requests():
        (theirs,) = codec(model).decode(frame.raw, "host")
        assert theirs.error is None
        assert theirs.command == frame.command
        assert theirs.params[NUMBER[model]] == frame.params[NUMBER[model]]
        ours = {name: value for name, value in frame.params.items() if name != "channels"}
        assert {name: theirs.params[name] for name in ours} == ours


@every_model
@pytest.mark.parametrize("moment", ["new", "connecting", "connected", "preparing", "prepared", "sending", "stopping", "asking"])
def test_no_frame_that_a_device_can_send_upsets_a_driver_at_any_moment(model: str, moment: str) -> None:
    """Each vector of the sheets, with the number of the request that is outstanding, so that it is taken for its answer."""
    for vector in device_frames(model):
        bench = _at(model, moment)
        written = bench.requests()
        number = written[-1][1].params[NUMBER[model]] if written else 0
        params = {**HEADING.get(model, {}), **vector["params"], NUMBER[model]: number}
        for _ in range(3):
            bench.driver.receive(codec(model).encode(vector["command"], params), bench.now_us)
            bench.write(bench.driver.tick(bench.now_us))
        if moment in ("new", "connecting", "connected"):
            assert not ARMING[model] & set(bench.names())


def _at(model: str, moment: str) -> Bench:
    bench = Bench(model)
    some: Train = train()
    if moment == "new":
        return bench
    if moment == "connecting":
        bench.inject("dead_link")
        bench.write(bench.driver.connect(0))
        return bench
    bench.connect()
    if moment not in ("connected", "preparing"):
        bench.prepare(1)
    bench.inject("dead_link")
    actions = {
        "preparing": lambda: bench.driver.prepare({1: some}, {1: WIDEST}, bench.now_us),
        "sending": lambda: bench.driver.send(cleared(Outputs((Output(1, some, 4_000),))), bench.now_us),
        "stopping": lambda: bench.driver.stop(bench.now_us),
        "asking": lambda: bench.driver.read_back(bench.now_us),
    }
    if moment in actions:
        bench.write(actions[moment]())
    return bench
