"""What random sessions have brought to light, each as a session of its own, so that it stays mended."""

from decimal import Decimal

import pytest

from emscontrol.core.errors import SafetyRefusal
from emscontrol.core.pulse import Shape, Waveform
from emscontrol.session.inputs import Adjust, Pause, Resume
from tests.session.rig import SHORT, Rig

HALF = (
    SHORT.replace("fraction: 0.8", "fraction: 0.5").replace("on_s: 3", "on_s: 8").replace("contractions: 2", "contractions: 3")
)
SLOW = (
    SHORT.replace("lmn_status: intact", "lmn_status: damaged")
    .replace("waveform: symmetric", "waveform: triangular")
    .replace("pulse_width_us: 300", "pulse_width_us: 50000")
    .replace("rate_hz: 50", "rate_hz: 0.5")
)


@pytest.mark.parametrize("model", ["p24", "rehastim2", "reference"])
def test_an_operator_may_raise_a_low_plateau_to_the_cap_and_the_session_is_completed(model: str) -> None:
    """Half the comfort level, raised to 1.25 times it: charge and ramps are 2.5 times those of the plan, and meant."""
    rig = Rig(model, text=HALF).to_running()
    for _ in range(15):
        rig.run.give(Adjust(1, 1_000))
        rig.run.advance(rig.now_us + 250_000)
    with pytest.raises(SafetyRefusal, match=r"25\.0 mA"):
        rig.run.give(Adjust(1, 1_000))
    rig.finish()
    assert rig.engine.result == "completed", rig.engine.reason
    assert max(line.amplitude_ua for line in rig.lines if line.channel == 1) >= 24_000  # 25 mA in steps of 2 mA


def test_a_slow_train_is_not_ended_by_its_own_allowance() -> None:
    """One pulse in two seconds: a contraction of 3 s has one or two of them, whatever its time stands for."""
    rig = Rig("reference", text=SLOW).to_armed().start()
    rig.finish()
    assert rig.engine.result == "completed", rig.engine.reason


def test_the_record_tells_the_charge_of_a_triangle() -> None:
    """Half of the rectangle's, by its area."""
    rig = Rig("reference", text=SLOW.replace("rate_hz: 0.5", "rate_hz: 2")).to_armed().start()
    rig.finish()
    assert rig.engine.result == "completed", rig.engine.reason
    for channel in (1, 2):
        told = rig.engine.totals()[str(channel)]
        assert told["pulses"] == rig.port.stage.pulses(channel) > 0
        assert told["charge_pc"] == rig.port.stage.charge_pc(channel)


def test_the_charge_of_a_phase_is_its_area() -> None:
    for ua, us in ((20_000, 300), (101, 33)):
        assert Waveform(Shape.SYMMETRIC, us).charge_pc(ua) == ua * us
        half = Decimal(ua) * us / 2
        assert 0 <= Waveform(Shape.TRIANGULAR, us).charge_pc(ua) - half < 1


@pytest.mark.parametrize("model", ["p24", "rehastim2", "reference"])
def test_a_resume_at_the_very_end_of_a_contraction_makes_the_next_one_slow(model: str) -> None:
    """So near the end nothing of the slow start flows; the gate still asks for it, and the course must still mean it."""
    rig = Rig(model, text=SHORT.replace("ramp_down_s: 0.5", "ramp_down_s: 1").replace("off_s: 2", "off_s: 5")).to_running(
        2_900_000
    )
    rig.run.give(Pause())
    rig.run.advance(rig.now_us + 200_000)
    rig.run.give(Resume())
    at_us = rig.now_us
    rig.finish()
    assert rig.engine.result == "completed", rig.engine.reason
    rises = [s for s in rig.stretches(1) if s.from_us > at_us + 3_000_000 and s.amplitude_ua]
    assert next(s.from_us for s in rises if s.amplitude_ua > 12_000) - rises[0].from_us >= 1_200_000


@pytest.mark.parametrize("model", ["p24", "rehastim2", "reference"])
def test_a_contraction_raised_to_the_cap_is_no_faster_than_the_limit_that_a_device_latches(model: str) -> None:
    """25 mA in 1.5 s are 16.67 mA a second, between two steps of 0.1 mA: the limit must not be rounded below it."""
    text = (
        SHORT.replace("ramp_up_s: 1", "ramp_up_s: 1.5")
        .replace("on_s: 3", "on_s: 6")
        .replace("contractions: 2", "contractions: 3")
    )
    rig = Rig(model, text=text).to_running()
    for _ in range(9):
        rig.run.give(Adjust(1, 1_000))
        rig.run.advance(rig.now_us + 250_000)
    rig.finish()
    assert rig.engine.result == "completed", rig.engine.reason
