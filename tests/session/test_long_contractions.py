"""Contractions longer than the stimulator can make by itself, and what a driver does not take."""

import pytest

from emscontrol.core.pulse import Output, Outputs, Swell
from emscontrol.program.predict import totals
from tests.session.rig import SHORT, Rig
from tests.session.test_library_runs import seen


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
