"""The electrode check in the engine: only at rest, only where the stimulator measures, and never any current of ours."""

import pytest

from emscontrol.core.errors import DeviceMisfit, IllegalTransition, SafetyRefusal
from emscontrol.core.events import Event
from emscontrol.core.pulse import Output, Shape, Train, Waveform
from emscontrol.record.journal import Journal
from emscontrol.session.inputs import Arm, Check, Connect, Note, Start, Stop
from emscontrol.session.links import TimedLink
from emscontrol.session.spec import ProcedureSpec
from emscontrol.session.states import State
from emscontrol.session.virtual import VirtualRun
from emscontrol.wiring.procedures import assemble_procedure, session_of
from firmware_sim.world import make
from tests.session.rig import Rig

SPEC = ProcedureSpec("electrodes", 1, "", "", 0, 0, 0, 0, (), 0)


class Checking:
    """An electrode check on a healthy body, connected."""

    def __init__(self) -> None:
        self.assembly = assemble_procedure(session_of(SPEC, "reference@sim", ""))
        self.port = make("reference", body="healthy")
        self.events: list[Event] = []
        link = TimedLink(self.port)
        self.run = VirtualRun(self.assembly.engine, link, Journal.in_memory(), lambda event, _: self.events.append(event))
        for event in self.assembly.opening:
            self.run.give(Note(event))
        self.run.give(Connect())
        self.run.advance(1_000_000)
        assert self.assembly.engine.state is State.CONNECTED

    def of(self, kind: str) -> list[Event]:
        return [event for event in self.events if event.kind == kind]


def test_one_channel_after_another_and_then_a_clean_end() -> None:
    bed = Checking()
    for channel in (1, 8):
        bed.run.give(Check(channel))
        bed.run.advance(bed.run.now_us + 300_000)
    assert [(event.args["channel"], event.args["ohm"]) for event in bed.of("electrode_checked")] == [(1, 735), (8, 735)]
    bed.run.give(Stop("electrode check", "done"))
    bed.run.finish()
    assert bed.assembly.engine.result == "stopped"
    assert not bed.assembly.engine.output_unknown
    assert not bed.of("set_point")
    assert bed.of("totals")[0].args["channels"] == {}


def test_a_check_while_one_is_under_way_is_refused() -> None:
    bed = Checking()
    bed.run._turn.take(Check(1), bed.run.now_us)
    with pytest.raises(SafetyRefusal, match="busy"):
        bed.run._turn.take(Check(2), bed.run.now_us)


def test_its_limits_allow_no_current_at_all() -> None:
    bed = Checking()
    train = Train(Waveform(Shape.SYMMETRIC, 300), 28_571)
    for channel in range(1, 9):
        with pytest.raises(SafetyRefusal):
            bed.assembly.gate.check(Output(channel, train, 100))


def test_only_when_connected_and_not_armed() -> None:
    rig = Rig("p24")
    for request in (None, Connect(), Arm(), Start()):
        if request is not None:
            rig.run.give(request)
            rig.run.advance(rig.now_us + 100_000)
        if rig.engine.state is not State.CONNECTED:
            with pytest.raises(IllegalTransition, match="not measured while"):
                rig.run.give(Check(1))
    assert rig.engine.state is State.RUNNING


@pytest.mark.parametrize("model", ["p24", "rehastim2"])
def test_a_stimulator_that_does_not_measure_says_so(model: str) -> None:
    with pytest.raises(DeviceMisfit, match="does not measure electrodes at rest"):
        assemble_procedure(session_of(SPEC, f"{model}@sim", ""))
    rig = Rig(model)
    rig.run.give(Connect())
    rig.run.advance(rig.now_us + 3_000_000)
    with pytest.raises(DeviceMisfit):
        rig.run.give(Check(1))
    assert rig.engine.state is State.CONNECTED
