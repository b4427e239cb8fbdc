"""What the engine and the simulators remember in order to be quick is what they would find out if they looked again."""

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from emscontrol.core.errors import EmsError
from emscontrol.session.inputs import Adjust, Pause, Resume, Stop
from emscontrol.session.states import State
from firmware_sim.device import earliest
from firmware_sim.faults import parse_fault
from firmware_sim.p24.device import P24
from firmware_sim.rehastim2.device import RehaStim2
from tests.session.rig import MODELS, Rig

FAULTS = ("electrode_off:1@1+2", "stuck_on@1+1", "late:30@1+1", "drop_reply:2@2", "freeze@1+1", "nak:1@2", "gain:1/1.05@1")
DEEDS = (Adjust(1, 500), Adjust(2, -1_000), Pause("test"), Resume("test"))


def assert_steady(rig: Rig) -> None:
    """While the engine leaves the program alone, the program asks for nothing, and the allowance suffices."""
    engine, gate, now_us = rig.engine, rig.assembly.gate, rig.now_us
    if engine.state is not State.RUNNING or now_us >= engine._steady_until_us:
        return
    course = engine._course
    due_us = course.due_us(now_us)
    assert due_us is not None
    assert due_us > now_us
    assert not course.is_over(now_us)
    assert gate.exhausted(now_us) == ""
    assert course.wanted(now_us) == engine._settled
    assert gate.in_force == gate.as_made(course.wanted(now_us))


def assert_due(rig: Rig) -> None:
    """The deadline that the engine gives is the one that it would find now, without anything remembered."""
    engine = rig.engine
    told_us, steady_until_us = engine.due_us(), engine._steady_until_us
    engine._steady_until_us = 0
    assert engine._earliest_us() == told_us
    engine._steady_until_us = steady_until_us


def assert_device_due(rig: Rig) -> None:
    """The same of the simulated device."""
    device = rig.port.device
    if isinstance(device, P24):
        assert device._event_us() == earliest(device._low.due_us(), device._mid.due_us(device._now_us))
    elif isinstance(device, RehaStim2):
        assert device.due_us() == device._earliest_us()


@given(model=st.sampled_from(MODELS), seed=st.integers(0, 100_000))
@settings(max_examples=25, deadline=None)
def test_what_is_remembered_is_what_a_fresh_look_finds(model: str, seed: int) -> None:
    chance = Random(seed)
    rig = Rig(model, seed=seed).to_armed()
    if chance.random() < 0.5 and model != "reference":
        rig.port.inject(parse_fault(chance.choice(FAULTS)), rig.now_us)
    rig.start()
    until_us = rig.now_us + 12_000_000
    while rig.now_us < until_us and not rig.engine.closed:
        due_us = rig.engine.due_us()
        rig.run.advance(rig.now_us + 100_000 if due_us is None else max(due_us, rig.now_us + 1))
        assert_steady(rig)
        assert_due(rig)
        assert_device_due(rig)
        if chance.random() < 0.06:
            try:
                rig.run.give(chance.choice(DEEDS))
            except EmsError:
                continue
            assert_due(rig)
            assert_device_due(rig)
    rig.run.give(Stop("test", "over"))
