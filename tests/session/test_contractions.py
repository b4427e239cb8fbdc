"""Contractions that the stimulator makes by itself: what the wearer feels when somebody interferes with one."""

from itertools import pairwise

import pytest

from emscontrol.core.errors import SafetyRefusal
from emscontrol.core.pulse import Output, Outputs, Swell
from emscontrol.session.inputs import Adjust, Pause, Resume, Stop
from tests.session.rig import Rig, Stretch
from tests.unit.safety.test_gate import TRAIN, Bench

COMFORT_UA = 20_000
PLATEAU_UA = 16_000  # 0.8 of comfort in the rig's short protocol, which rises over 1 s, is on for 3 s and rests for 2 s
CYCLE_US = 5_000_000


def rises(stretches: list[Stretch]) -> list[int]:
    """By how much each new amplitude is above the one before."""
    return [later.amplitude_ua - earlier.amplitude_ua for earlier, later in pairwise(stretches)]


def rows_of(rig: Rig, after_us: int = 0) -> list[dict[str, int]]:
    """The rows of every set point that the record tells from then on."""
    return [row for t, e in rig.events if e.kind == "set_point" and t >= after_us for row in e.args["outputs"]]  # type: ignore[union-attr,misc]


def test_a_contraction_takes_one_command_and_rises_in_the_finest_steps() -> None:
    rig = Rig("reference").to_armed().start().finish()
    assert rig.engine.result == "completed"
    assert rig.kinds().count("set_point") == 4  # two contractions, and zero after each
    assert max(rises(rig.stretches(1))) <= 400  # 16 mA in 1 s at 50 Hz are 0.32 mA a pulse


def test_a_hand_that_raises_in_the_middle_is_felt_as_a_small_step_and_the_next_contraction_is_the_devices_own_again() -> None:
    rig = Rig("reference").to_running(after_us=1_500_000)
    rig.run.give(Adjust(1, 1_000))
    adjusted_us = rig.now_us
    rig.finish()
    assert rig.engine.result == "completed"
    assert max(line.amplitude_ua for line in rig.stretches(1)) == PLATEAU_UA + 1_000
    assert max(rises(rig.stretches(1))) <= 1_000
    now = [row for row in rows_of(rig, adjusted_us) if row["channel"] == 1]
    assert "rise_us" not in now[0]
    assert now[-1]["rise_us"] == 1_000_000
    assert now[-1]["amplitude_ua"] == PLATEAU_UA + 1_000
    for channel in (1, 2):
        assert rig.engine.totals()[str(channel)]["pulses"] == rig.port.stage.pulses(channel)


def test_after_a_pause_in_the_middle_the_current_comes_back_over_two_seconds_and_never_in_one_piece() -> None:
    rig = Rig("reference").to_running(after_us=1_500_000)
    rig.run.give(Pause())
    rig.run.advance(rig.now_us + 1_000_000)
    assert rig.port.stage.is_zero
    resumed_us = rig.now_us
    rig.run.give(Resume())
    rig.finish()
    assert rig.engine.result == "completed"
    back = [line for line in rig.stretches(1) if line.from_us >= resumed_us and line.amplitude_ua]
    assert back[0].amplitude_ua <= 1_000
    share_us = 2_000_000
    for line in back:
        if line.from_us - resumed_us < share_us:
            assert line.amplitude_ua <= PLATEAU_UA * (line.from_us - resumed_us) // share_us + 1_000
    assert rig.engine.totals()["1"]["pulses"] == rig.port.stage.pulses(1)


@pytest.mark.parametrize("after_us", [50_000, 700_000, 1_800_000, 2_900_000])
def test_a_stop_ends_a_contraction_in_its_ramp_on_its_plateau_and_in_its_fall(after_us: int) -> None:
    rig = Rig("reference").to_running(after_us=after_us)
    rig.run.give(Stop("operator", "test"))
    stopped_us = rig.now_us
    rig.run.advance(stopped_us + 200_000)
    zero_us = rig.zero_since_us()
    assert zero_us is not None
    assert zero_us <= stopped_us + 20_000
    assert rig.finish().engine.result == "stopped"


def test_what_the_screen_shows_follows_the_ramp_of_the_device() -> None:
    rig = Rig("reference").to_running(after_us=500_000)
    shown = rig.engine.view(rig.now_us)["channels"]["1"]["amplitude_ua"]  # type: ignore[index]
    assert abs(shown - PLATEAU_UA // 2) <= 400
    assert shown == pytest.approx(rig.port.stage.amplitude_ua(1), abs=400)


def test_a_stimulator_that_does_not_make_contractions_is_never_given_one() -> None:
    """It would take the plateau for a set point and jump to it."""
    bench = Bench().armed()
    with pytest.raises(SafetyRefusal, match="does not make contractions"):
        bench.put_all(Outputs((Output(1, TRAIN, 2_000, Swell(1, 1_000_000, 1_000_000, 0)),)))
    assert bench.flowing_ua == 0


def test_a_rise_that_the_device_would_make_too_fast_is_refused_before_it_begins() -> None:
    rig = Rig("reference").to_armed().start()
    gate = rig.assembly.gate
    output = rig.assembly.program.uploads[0].outputs.channels[0]
    steep = Output(1, output.train, PLATEAU_UA, Swell(99, 500_000, 1_000_000, 0))
    with pytest.raises(SafetyRefusal) as refusal:
        gate.send(Outputs((steep,)), rig.now_us)
    assert refusal.value.rules == ("RISE",)


def test_a_stimulator_that_can_do_less_than_its_model_on_paper_rules() -> None:
    """F35: what it reports of itself tightens the envelope, and a program above it is refused before anything is armed."""
    rig = Rig("reference", faults=["lower_limits:15"])
    with pytest.raises(SafetyRefusal, match="16.0 mA, above the limit: at most 15.0 mA"):
        rig.to_armed()
    assert "session_ended" not in rig.kinds()
    assert rig.stretches(1) == []
    enough = Rig("reference", faults=["lower_limits:16"]).to_running(after_us=1_500_000)
    with pytest.raises(SafetyRefusal):
        enough.run.give(Adjust(1, 1_000))
    enough.finish()
    assert enough.engine.result == "completed"
    assert max(line.amplitude_ua for line in enough.stretches(1)) == PLATEAU_UA
