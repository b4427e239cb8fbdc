"""What the person wearing the electrodes experiences when something breaks: every model, virtual time, to the µs.

Budgets are those of the fault matrix (tests/data/faults.toml); where only the device's own watchdog can act, the limit is its
figure from the vendor's sheet, or T_DEADMAN for our own protocol.
"""

import tomllib
from pathlib import Path

import pytest

from emscontrol.core.errors import IllegalTransition, SafetyRefusal
from emscontrol.core.events import make
from emscontrol.session.inputs import Adjust, Arm, Clear, Close, Connect, Halt, Pause, Resume, Start, Stop
from emscontrol.session.states import State
from firmware_sim.faults import parse_fault
from tests.session.rig import MODELS, SHORT, Rig

MATRIX = tomllib.loads((Path(__file__).parents[1] / "data" / "faults.toml").read_text(encoding="utf-8"))
MAX_MS = {fault["id"]: fault["max_ms"] for fault in MATRIX["fault"]}
BUDGET = MATRIX["budget"]
WATCHDOG_MS = {"p24": 2_000, "rehastim2": 1_200, "reference": BUDGET["T_DEADMAN"]}
SLACK_MS = 50  # the matrix grants the dead-man 50 ms over its time


@pytest.fixture(params=MODELS)
def model(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def broken(rig: Rig, fault: str) -> int:
    """Break something now, on the plateau; returns when."""
    assert rig.zero_since_us() is None
    rig.port.inject(parse_fault(fault), rig.now_us)
    return rig.now_us


def broken_for(rig: Rig, name: str, time_s: float) -> int:
    """Break something from now on, for so long; returns when."""
    first_us = rig.port.stage.first_output_us
    assert first_us is not None
    return broken(rig, f"{name}@{(rig.now_us - first_us) / 1e6:.6f}+{time_s}")


def ended_ms(rig: Rig, since_us: int) -> float:
    """How long the current went on after `since_us`, once the session is over."""
    rig.finish()
    rig.port.read(rig.now_us + 3_000_000)
    zero_us = rig.zero_since_us()
    assert zero_us is not None
    return (zero_us - since_us) / 1_000


def test_the_current_ends_at_once_when_stop_is_pressed(model: str) -> None:
    rig = Rig(model).to_running()
    at_us = rig.now_us
    rig.run.give(Stop("operator", "key"))
    assert ended_ms(rig, at_us) <= BUDGET["T_STOP_DEV"]
    assert rig.engine.result == "stopped"
    assert "stop_confirmed" in rig.kinds()


def test_stop_works_in_every_state(model: str) -> None:
    for prepare in (lambda r: r, lambda r: r.run.give(Connect()), lambda r: r.to_armed(), lambda r: r.to_running()):
        rig = Rig(model)
        prepare(rig)
        rig.run.give(Stop("operator", "key"))
        rig.finish()
        assert rig.engine.result == "stopped"
        assert rig.port.stage.is_zero


def test_stop_wins_over_everything_else_in_the_same_moment(model: str) -> None:
    rig = Rig(model).to_running()
    rig.run.give(Stop("operator", "key"))
    for request in (Start(), Resume(), Arm(), Pause()):
        with pytest.raises((IllegalTransition, SafetyRefusal)):
            rig.run.give(request)
    rig.finish()
    assert rig.port.stage.is_zero


def test_the_current_ends_when_the_screen_dies(model: str) -> None:
    """F43: the engine sees the end of the client's connection."""
    rig = Rig(model).to_running()
    at_us = rig.now_us
    rig.run.give(Halt(make("client_gone", client="test"), "test is gone", fault=False))
    assert ended_ms(rig, at_us) <= MAX_MS["F43"]
    assert rig.engine.reason == "test is gone"


@pytest.mark.parametrize("fault", ["dead_link", "dead_downlink", "unplug"])
def test_the_stimulator_ends_it_alone_when_nothing_reaches_it(model: str, fault: str) -> None:
    """F01, F03, F04: only the device's watchdog can act; the host says that the output is unknown."""
    rig = Rig(model).to_running()
    at_us = broken(rig, fault)
    assert ended_ms(rig, at_us) <= WATCHDOG_MS[model] + SLACK_MS
    assert rig.engine.result == "fault"
    assert rig.engine.output_unknown or "stop_confirmed" in rig.kinds()
    assert rig.first_us("link_lost") - at_us <= (BUDGET["T_LINK_LOST"] + BUDGET["T_HEARTBEAT"]) * 1_000


def test_the_current_ends_when_the_stimulator_is_no_longer_heard(model: str) -> None:
    """F05: commands still arrive; no output without read-back."""
    rig = Rig(model).to_running()
    at_us = broken(rig, "dead_uplink")
    assert ended_ms(rig, at_us) <= MAX_MS["F05"]


def test_the_current_ends_when_the_stimulator_stops_reading(model: str) -> None:
    """F20: nothing reaches it, so its watchdog is what saves."""
    rig = Rig(model).to_running()
    at_us = broken(rig, "deaf")
    assert ended_ms(rig, at_us) <= WATCHDOG_MS[model] + SLACK_MS
    assert rig.engine.result == "fault"


def test_no_current_comes_back_when_an_electrode_is_put_back(model: str) -> None:
    """F29, F32: the first open latches."""
    rig = Rig(model).to_running()
    at_us = broken_for(rig, "electrode_off:1", 0.05)
    assert ended_ms(rig, at_us) <= MAX_MS["F29"]
    assert rig.engine.result == "fault"
    assert "electrode" in rig.engine.reason


def test_no_current_after_the_stimulator_reset_itself(model: str) -> None:
    """F23."""
    rig = Rig(model).to_running()
    at_us = broken(rig, "reboot")
    assert ended_ms(rig, at_us) <= MAX_MS["F23"]
    assert rig.engine.result == "fault"


def test_the_alarm_says_pull_the_leads_when_the_output_is_stuck_on() -> None:
    """F24 on a P24, which reports that it still runs."""
    rig = Rig("p24").to_running()
    rig.port.inject(parse_fault("stuck_on"), rig.now_us)
    at_us = rig.now_us
    rig.run.give(Stop("operator", "key"))
    rig.run.advance(at_us + 1_000_000)
    assert rig.first_us("stop_unconfirmed") - at_us <= 300_000
    assert "Pull the leads" in rig.last("stop_unconfirmed").sentence()
    assert rig.engine.output_unknown
    rig.finish()
    assert rig.engine.result == "fault"
    assert rig.kinds().count("stop_unconfirmed") == 1
    assert not rig.port.stage.is_zero  # the truth: software could not end it


def test_the_stop_is_sent_again_until_it_is_confirmed(model: str) -> None:
    rig = Rig(model).to_running()
    at_us = broken_for(rig, "dead_link", 0.5)
    rig.run.give(Stop("operator", "key"))
    assert ended_ms(rig, at_us) <= 500 + BUDGET["T_STOP_CONFIRM"] + BUDGET["T_STOP_DEV"]


def test_a_refused_set_point_ends_the_session(model: str) -> None:
    """F15. A contraction of the reference stimulator is one set point: refused, it does not begin."""
    if model == "reference":
        rig = Rig(model).to_armed()
        rig.port.inject(parse_fault("nak:50"), rig.now_us)
        rig.start().finish()
        assert rig.engine.result == "fault"
        assert rig.port.stage.first_output_us is None
        return
    rig = Rig(model).to_running(after_us=300_000)  # on the ramp, where set points follow each other
    rig.port.inject(parse_fault("nak:50"), rig.now_us)
    at_us = rig.now_us
    assert ended_ms(rig, at_us) <= MAX_MS["F15"]
    assert rig.engine.result == "fault"


def test_a_lost_answer_is_not_felt(model: str) -> None:
    rig = Rig(model).to_running()
    broken(rig, "drop_reply:1")
    rig.finish()
    assert rig.engine.result == "completed"


def test_a_computer_that_stands_still_ends_the_session_and_sends_nothing_late(model: str) -> None:
    """F40: no missed step is caught up."""
    rig = Rig(model).to_running(after_us=300_000)
    at_us = rig.now_us
    before_ua = rig.assembly.gate.in_force.amplitude_ua(1)
    rig.run.now_us += 400_000
    rig.run.settle()
    assert "tick_gap" in rig.kinds()
    rig.finish()
    assert rig.engine.result == "fault"
    assert max((s.amplitude_ua for s in rig.stretches(1) if s.from_us >= at_us), default=0) <= before_ua


def test_after_a_pause_the_current_begins_at_zero_and_rises_for_two_seconds(model: str) -> None:
    rig = Rig(model, text=SHORT.replace("on_s: 3", "on_s: 12")).to_running()
    full_ua = rig.port.stage.amplitude_ua(1)
    rig.run.give(Pause())
    rig.run.advance(rig.now_us + 500_000)
    assert rig.port.stage.is_zero
    at_us = rig.now_us
    rig.run.give(Resume())
    rig.run.advance(rig.now_us + 3_000_000)
    rises = [s for s in rig.stretches(1) if s.from_us >= at_us and s.amplitude_ua]
    assert rises[0].amplitude_ua <= full_ua * 150_000 // 2_000_000 + 2_000
    half = [s.from_us for s in rises if s.amplitude_ua > full_ua // 2]
    assert half[0] - at_us >= 900_000


def test_the_electrode_is_mended_and_the_session_goes_on_from_zero(model: str) -> None:
    rig = Rig(model).to_running()
    broken_for(rig, "electrode_off:1", 0.3)
    rig.run.advance(rig.now_us + 1_000_000)
    assert rig.engine.state is State.FAULT
    with pytest.raises((IllegalTransition, SafetyRefusal)):
        rig.run.give(Start())
    rig.run.give(Clear())
    assert rig.engine.state is State.IDLE
    assert rig.port.stage.is_zero
    rig.to_armed().start()
    rig.finish()
    assert rig.engine.result == "completed"


def test_nothing_starts_a_minute_after_arming(model: str) -> None:
    """RC-46: START must follow ARM within a minute."""
    rig = Rig(model).to_armed()
    rig.run.advance(rig.now_us + 61_000_000)
    assert rig.engine.state is State.CONNECTED
    with pytest.raises(IllegalTransition):
        rig.run.give(Start())
    assert rig.port.stage.first_output_us is None


def test_the_hand_raises_one_milliampere_at_a_time_and_five_a_second(model: str) -> None:
    rig = Rig(model).to_running()
    rig.run.give(Adjust(1, 1_000))
    with pytest.raises(SafetyRefusal, match="fast"):
        rig.run.give(Adjust(1, 1_000))
    with pytest.raises(SafetyRefusal, match="at most"):
        rig.run.give(Adjust(1, 1_001))
    rig.run.advance(rig.now_us + 200_000)
    rig.run.give(Adjust(1, 1_000))
    rig.run.advance(rig.now_us + 300_000)
    assert rig.port.stage.amplitude_ua(1) == 18_000  # 0.8 × 20 mA and two steps
    rig.run.give(Adjust(1, -5_000))
    rig.run.advance(rig.now_us + 100_000)
    assert rig.port.stage.amplitude_ua(1) <= 13_000


def test_the_hand_does_not_raise_past_a_quarter_above_comfort() -> None:
    rig = Rig("p24").to_running()
    for _ in range(9):
        rig.run.give(Adjust(1, 1_000))
        rig.run.advance(rig.now_us + 200_000)
    with pytest.raises(SafetyRefusal, match=r"25\.0 mA"):
        rig.run.give(Adjust(1, 1_000))
    assert rig.engine.view(rig.now_us)["channels"]["1"]["target_ua"] == 25_000  # type: ignore[index]


def test_the_session_budget_ends_it_when_the_plan_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    """RC-17: suppress the end of the program; the gate's own count stops the output."""
    rig = Rig("p24").to_armed().start()
    course = rig.engine._course
    monkeypatch.setattr(course, "is_over", lambda now_us: False)
    monkeypatch.setattr(course, "wanted", lambda now_us: rig.assembly.program.outputs_at(1_500_000))
    rig.finish()
    assert rig.engine.result == "fault"
    assert "used up" in rig.engine.reason
    planned = sum(s.to_us - s.from_us for s in rig.stretches(1) if s.amplitude_ua)
    assert planned <= 6_000_000 * 1.06  # two contractions of 3 s, and the spare


def test_a_session_at_fault_can_be_left_by_the_operator(model: str) -> None:
    rig = Rig(model).to_running()
    broken(rig, "reboot")
    rig.run.advance(rig.now_us + 400_000)
    rig.run.give(Close())
    assert rig.engine.closed
    assert rig.engine.result == "fault"


def test_the_screen_counts_the_pulses_of_a_plateau_while_they_come(model: str) -> None:
    rig = Rig(model).to_running(after_us=1_200_000)
    early = rig.engine.view(rig.now_us)["channels"]["1"]["pulses"]  # type: ignore[index]
    rig.run.advance(rig.now_us + 1_000_000)
    late = rig.engine.view(rig.now_us)["channels"]["1"]["pulses"]  # type: ignore[index]
    assert late - early == 50  # one second at 50 Hz, no set point in between
    assert abs(late - rig.port.stage.pulses(1)) <= 1
