"""Contractions longer than the stimulator can make by itself, what a driver does not take, and pulses as long as a wait."""

from pathlib import Path

import pytest

from emscontrol.core.pulse import Output, Outputs, Swell
from emscontrol.devices.registry import profile
from emscontrol.program.predict import totals
from emscontrol.protocol.load import load_file
from emscontrol.session.inputs import Stop
from emscontrol.wiring.examine import example_patient
from tests.session.rig import SHORT, Rig
from tests.session.test_library_runs import seen

PROTOCOLS = Path(__file__).parents[2] / "protocols"


def test_a_contraction_longer_than_the_device_can_make_is_given_in_steps_as_announced() -> None:
    """Its plateau lasts 68.5 s; the page's field for it ends at 60 s."""
    text = SHORT.replace("contractions: 2", "contractions: 1").replace("on_s: 3", "on_s: 70")
    rig = Rig("reference", text=text).to_armed().start()
    assert rig.assembly.program.uploads == ()
    rig.finish()
    assert rig.engine.result == "completed", rig.engine.reason
    for channel, total in totals(rig.assembly.program).items():
        assert seen(rig, channel) == [(run.amplitude_ua, run.width_us, run.pulses) for run in total.runs]


def test_a_contraction_with_the_longest_plateau_that_the_device_has_is_its_own() -> None:
    text = SHORT.replace("contractions: 2", "contractions: 1").replace("on_s: 3", "on_s: 61.5")
    rig = Rig("reference", text=text).to_armed().start()
    assert len(rig.assembly.program.uploads) == 2
    assert rig.finish().engine.result == "completed"


def test_outputs_that_the_driver_does_not_take_leave_the_books_as_they_were() -> None:
    rig = Rig("reference").to_armed()
    gate = rig.assembly.gate
    output = rig.assembly.program.uploads[0].outputs.channels[0]
    endless = Output(1, output.train, 16_000, Swell(1, 2_000_000, 60_000_001, 0))
    books = (gate.in_force, gate.last_number, gate.lasts_until_us, gate.amplitude_now_ua(1, rig.now_us))
    with pytest.raises(ValueError, match="no contraction"):
        gate.send(Outputs((endless,)), rig.now_us)
    assert books == (gate.in_force, gate.last_number, gate.lasts_until_us, gate.amplitude_now_ua(1, rig.now_us))
    rig.start().finish()
    assert rig.engine.result == "completed"


@pytest.mark.parametrize("name", ["denervated-quadriceps-twitches", "denervated-tibialis-triangular"])
def test_no_long_pulse_of_a_released_protocol_is_cut_in_its_middle(name: str) -> None:
    """The host's zero comes at a contraction's end, in the middle of a pulse: half of one would leave its charge behind."""
    loaded = load_file(PROTOCOLS / f"{name}.yaml")
    patient = example_patient(loaded.protocol, profile("reference"))
    comfort_ua = {str(c): p.comfort_ua for c, p in patient.items()}
    rig = Rig("reference", text=loaded.text, comfort_ua=comfort_ua).to_armed().start().finish()
    assert rig.engine.result == "completed", rig.engine.reason
    for channel, total in totals(rig.assembly.program).items():
        assert rig.port.stage.cuts(channel) == 0
        assert rig.port.stage.charge_pc(channel) == total.charge_pc > 0


def test_a_stop_in_the_middle_of_a_long_pulse_is_seen_as_a_pulse_that_was_discharged() -> None:
    loaded = load_file(PROTOCOLS / "denervated-quadriceps-twitches.yaml")
    patient = example_patient(loaded.protocol, profile("reference"))
    comfort_ua = {str(c): p.comfort_ua for c, p in patient.items()}
    rig = Rig("reference", text=loaded.text, comfort_ua=comfort_ua).to_armed().start()
    stage, channel = rig.port.stage, min(patient)
    for _ in range(2_000):
        if stage.pulses(channel) > 2:
            break
        rig.run.advance(rig.now_us + 10_000)
    rig.run.give(Stop("operator", "test"))
    rig.finish()
    assert stage.cuts(channel) == 1
    assert stage.discharged_pc(channel) > 0
