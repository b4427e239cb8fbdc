"""Contractions that the stimulator makes by itself: what the wearer feels when somebody interferes with one."""

from itertools import pairwise

import pytest

from emscontrol.core.errors import SafetyRefusal
from emscontrol.core.pulse import Output, Outputs, Shape, Swell, Train, Waveform
from emscontrol.session.inputs import Adjust, Arm, Connect, Pause, Resume, Stop
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
    with pytest.raises(SafetyRefusal, match=r"16\.0 mA, above the limit: at most 15\.0 mA"):
        rig.to_armed()
    assert "session_ended" not in rig.kinds()
    assert rig.stretches(1) == []
    enough = Rig("reference", faults=["lower_limits:16"]).to_running(after_us=1_500_000)
    with pytest.raises(SafetyRefusal):
        enough.run.give(Adjust(1, 1_000))
    enough.finish()
    assert enough.engine.result == "completed"
    assert max(line.amplitude_ua for line in enough.stretches(1)) == PLATEAU_UA


WEAK = """
format: 1
id: weak
title: A slow, weak ramp
indication: a test of the program
lmn_status: intact
use: standard
evidence: D
author: the tests
revision: 1
citations:
  - {text: written for the tests, mark: D}
channels:
  1: {muscle: quad_rf, side: left, label: left rectus femoris, electrode: {width_cm: 5, height_cm: 9}}
phases:
  - name: work
    contract: together
    contractions: 2
    groups:
      - channels: [1]
        waveform: asymmetric
        recovery_ratio: 10
        pulse_width_us: 100
        rate_hz: 20
        intensity: {of: comfort, fraction: 1}
        on_s: 8
        off_s: 2
        ramp_up_s: 4
        ramp_down_s: 2
"""


@pytest.mark.parametrize("comfort_ua", [3_000, 5_000, 20_000])
def test_the_feet_of_a_slow_ramp_are_no_stimulator_that_has_stopped_by_itself(comfort_ua: int) -> None:
    """Until its first step of 1 mA (0.1 mA × 10) flows, such a device truly reports that nothing is on."""
    rig = Rig("reference", text=WEAK, comfort_ua={"1": comfort_ua}).to_armed().start().finish()
    assert rig.engine.result == "completed", rig.engine.reason


@pytest.mark.parametrize("model", ["reference", "p24", "rehastim2"])
@pytest.mark.parametrize("before_end_us", [100_000, 200_000, 450_000, 900_000])
def test_a_pause_at_the_end_of_a_contraction_does_not_use_up_the_slow_start_of_the_next(model: str, before_end_us: int) -> None:
    rig = Rig(model).to_running(after_us=3_000_000 - before_end_us)
    rig.run.give(Pause())
    rig.run.advance(rig.now_us + 1_000_000)
    resumed_us = rig.now_us
    rig.run.give(Resume())
    rig.finish()
    assert rig.engine.result == "completed", rig.engine.reason
    back = [line for line in rig.stretches(1) if line.from_us >= resumed_us]
    full_us = next(line.from_us for line in back if line.amplitude_ua == PLATEAU_UA)
    flowing_us = sum(min(line.to_us, full_us) - line.from_us for line in back if line.amplitude_ua and line.from_us < full_us)
    assert flowing_us >= 1_500_000  # 16 of the 20 mA that two seconds bring, less the gate's first 0.1 s


def test_a_battery_that_is_low_before_the_start_keeps_the_session_from_arming() -> None:
    rig = Rig("reference", faults=["low_battery:9"])
    rig.run.give(Connect())
    rig.run.advance(rig.now_us + 1_000_000)
    with pytest.raises(SafetyRefusal, match="9 %"):
        rig.run.give(Arm())


def test_what_is_locked_in_the_device_is_what_the_rules_allow() -> None:
    """75 µC a phase for pulses up to 1 ms: at 1 ms no more than 75 mA, whatever the site's cap is."""
    rig = Rig("reference", text=WEAK.replace("asymmetric", "symmetric").replace("        recovery_ratio: 10\n", ""))
    train = Train(Waveform(Shape.SYMMETRIC, 1_000), 50_000)
    (limits,) = rig.assembly.gate._limits({1: [train]}).values()
    assert limits.amplitude_max_ua <= 75_000
    assert limits.charge_max_pc <= 75_000_000
