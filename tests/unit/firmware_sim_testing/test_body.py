"""Somebody at the electrodes, over a port that a program opens: what the muscle does and the patient says."""

import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
import serial

from firmware_sim.body.library import find, names
from firmware_sim.body.patient import Patient
from firmware_sim.p24 import wire
from firmware_sim.registry import MODELS
from firmware_sim.testing import Bench, NotSeen, Simulator
from tests.unit.firmware_sim.p24_host import train
from tests.unit.firmware_sim_testing.program import ANSWER_S, INIT, STOP, ask

WIDTH_US = 200


@pytest.fixture
def bench() -> Iterator[Bench]:
    with Bench() as bench:
        yield bench


def stimulate(device: Simulator, *currents_ma: float, hold_s: float = 0.3) -> None:
    """Channel 1 with these currents, one after the other, long enough for a contraction each; then off."""
    with serial.serial_for_url(device.url, timeout=ANSWER_S) as port:
        assert ask(port, INIT).params["result"] == 0
        for ma in currents_ma:
            update = wire.encode("ml_update", {"channels": [train(0, ma, width_us=WIDTH_US)]})
            assert ask(port, update).params["result"] == 0
            begun_us = device.scope.now_us
            device.scope.wait_for(lambda scope, since=begun_us: scope.now_us - since >= hold_s * 1e6, ANSWER_S)  # type: ignore[misc]
        ask(port, STOP)


def half_steps(ma: float) -> float:
    """A current as the P24 takes it, in 0.5 mA."""
    return round(ma * 2) / 2


def test_the_patient_says_what_each_current_does(bench: Bench) -> None:
    device = bench.switch_on("p24", body="healthy")
    true = device.body.thresholds(1, WIDTH_US)
    assert true.sensory is not None
    assert true.motor is not None
    assert true.median is not None
    assert true.pain is not None
    assert sorted([true.sensory, true.motor, true.median, true.pain]) == [true.sensory, true.motor, true.median, true.pain]
    stimulate(device, *map(half_steps, (true.sensory * 0.7, true.sensory * 1.3, true.median, true.pain * 1.2)))
    assert [saying.word for saying in device.body.said][:3] == ["tingling", "strong", "painful"]
    assert device.body.peak_n(1) > 1
    changes = [line.t_us for line in device.scope.lines if line.channel == 1]
    for saying, changed_us in zip(device.body.said, changes[1:4], strict=False):
        assert 0 <= saying.t_us - changed_us < 20_000, "at the first pulse of the new current"
        assert (saying.t_us - changes[0]) % 20_000 == 0, "which is one of the train"
    device.body.wait_for(lambda body: body.said[-1].word == "nothing" and not body.contracts(1), ANSWER_S)
    assert device.body.feeling(1).discomfort == 0
    assert all(before.t_us <= after.t_us for before, after in pairwise(device.body.said))
    assert device.body.force_n(2) == 0


@pytest.mark.parametrize("asked", ["said", "force"])
def test_each_question_catches_up_with_the_time_by_itself(bench: Bench, asked: str) -> None:
    device = bench.switch_on("p24", body="healthy")
    port = serial.serial_for_url(device.url, timeout=ANSWER_S)
    ask(port, INIT)
    ask(port, wire.encode("ml_update", {"channels": [train(0, 60, width_us=WIDTH_US)]}))
    time.sleep(0.4)
    if asked == "said":
        assert len(device.body.said) == 1
    else:
        assert device.body.force_n(1) > 50, "twenty pulses, not one"
    port.close()


def test_a_muscle_without_a_nerve_does_nothing_with_short_pulses(bench: Bench) -> None:
    device = bench.switch_on("p24", body="conus")
    stimulate(device, 80)
    assert device.scope.levels_ua(1) == [80_000, 0]
    assert device.body.charge_uc(1) == pytest.approx(device.scope.totals(1).charge_pc / 1e6)
    assert (device.body.peak_n(1), device.body.strength(1), device.body.said) == (0, 1, [])


def test_the_url_says_who_it_is(bench: Bench) -> None:
    device = bench.switch_on("p24", body="stroke")
    assert device.url.startswith("ems-sim://p24?body=stroke&")
    assert device.body.about == find("stroke").about == bench.body.about


def test_a_file_or_a_person_will_do_too(bench: Bench, tmp_path: Path) -> None:
    file = tmp_path / "my patient.yaml"
    file.write_text("about: Somebody of whom all is known but nothing is measured.\n")
    assert bench.switch_on("p24", body=str(file)).body.about.startswith("Somebody")
    assert bench.switch_on("p24", body=Patient.named("healthy", 3, varied=True)).body.about == find("healthy").about


def test_what_cannot_be_is_a_sentence(bench: Bench) -> None:
    with pytest.raises(ValueError, match=r"no body is called 'nobody'; there are .*healthy"):
        bench.switch_on("p24", body="nobody")
    with pytest.raises(serial.SerialException, match=r"no body is called 'nobody'; there are .*healthy"):
        serial.serial_for_url("ems-sim://p24?body=nobody")
    with pytest.raises(LookupError, match="nobody is at the electrodes"):
        bench.switch_on("p24").body.force_n(1)
    device = bench.switch_on("p24", body="healthy")
    with pytest.raises(ValueError, match="no channel 0; the channels are 1 to 8"):
        device.body.force_n(0)
    with pytest.raises(NotSeen, match=r"a kick: not seen within 0.02 s; the patient has said nothing"):
        device.body.wait_for(lambda body: body.contracts(1), 0.02, "a kick")
    stimulate(device, 20, hold_s=0.05)
    with pytest.raises(NotSeen, match=r"(?s)the patient said:.*channel 1: "):
        device.body.wait_for(lambda body: body.force_n(1) > 10_000, 0.02)


@pytest.mark.parametrize("model", MODELS)
def test_every_model_takes_every_body(bench: Bench, model: str) -> None:
    for name in names():
        device = bench.switch_on(model, body=name)
        with serial.serial_for_url(device.url, timeout=0) as port:
            port.write(b"\x00")
            assert port.in_waiting >= 0
        assert device.scope.is_zero
        assert device.body.force_n(1) == 0
