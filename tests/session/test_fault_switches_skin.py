"""What the person wearing the electrodes experiences when electrodes, leads or skin are wrong: every model."""

from itertools import pairwise

import pytest

from emscontrol.core.errors import IllegalTransition, SafetyRefusal
from emscontrol.session.inputs import Resume, Start
from emscontrol.session.states import State
from firmware_sim.faults import parse_fault
from firmware_sim.registry import MODELS
from tests.session.rig import SHORT, Rig
from tests.session.struck import RAMP_US, Struck, limit, struck

HERTZ = (1, 2, 5, 10, 20)
UNSEEING = ("p24", "rehastim2")
LONG = SHORT.replace("on_s: 3", "on_s: 12")


@pytest.fixture(params=MODELS)
def model(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.mark.parametrize("after_us", [RAMP_US, *range(1_500_000, 1_520_000, 5_000)])
def test_the_current_ends_on_every_channel_when_an_electrode_comes_off(model: str, after_us: int) -> None:
    """F29: at any moment between two pulses."""
    case = struck(model, "electrode_off:1", after_us=after_us)
    assert case.zero_ms() <= (limit("F29", model).ms or 0)
    assert case.result == "fault"
    assert "electrode" in case.reason
    assert case.is_honest


@pytest.mark.parametrize("hertz", HERTZ)
def test_a_contact_that_flaps_is_felt_once_at_most(model: str, hertz: int) -> None:
    """F32: the first open latches; contact comes back many times and the current does not."""
    case = struck(model, f"electrode_flap:1/{hertz}")
    assert case.zero_ms() <= (limit("F32", model).ms or 0)
    assert case.rig.engine.result == "fault"
    assert [s for s in case.rig.stretches(1) if s.amplitude_ua and s.from_us > case.at_us + 200_000] == []
    assert case.is_honest


@pytest.mark.parametrize("hertz", HERTZ)
def test_contact_really_flaps_and_still_no_request_brings_the_current_back(model: str, hertz: int) -> None:
    rig = Rig(model).to_running()
    rig.port.inject(parse_fault(f"electrode_flap:1/{hertz}"), rig.now_us)
    at_us, contacts = rig.now_us, []
    for step in range(1, 400):
        rig.run.advance(at_us + step * 10_000)
        contacts.append(rig.port.stage.has_contact(1))
        for request in (Start(), Resume()):
            with pytest.raises((IllegalTransition, SafetyRefusal)):
                rig.run.give(request)
    changes = sum(one != other for one, other in pairwise(contacts))
    assert abs(changes - 8 * hertz) <= 2, "4 s, each time off and on"
    assert rig.engine.state is State.FAULT
    assert [s for s in rig.stretches(1) if s.amplitude_ua and s.from_us > at_us + 200_000] == []


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("mean_ms", [2, 20])
def test_a_broken_lead_is_felt_once_at_most(model: str, mean_ms: int, seed: int) -> None:
    """F32: contact comes and goes at random, open at first: the first or third open pulse is noticed."""
    case = struck(model, f"broken_lead:1/{mean_ms}", seed=seed)
    assert case.result == "fault"
    assert case.zero_ms() <= (limit("F32", model).ms or 0)
    assert case.is_honest


def test_no_current_begins_on_an_electrode_that_was_never_put_on(model: str) -> None:
    """F29 at amplitude 0: it is noticed at the first pulses that are tried, and they do not flow."""
    rig = Rig(model, faults=["electrode_off:1"]).to_armed()
    if rig.engine.state is State.ARMED:
        rig.start()
    rig.finish()
    assert rig.engine.result == "fault"
    assert rig.port.stage.pulses(1) == 0
    assert rig.port.stage.pulses(2) <= 4
    assert Struck(rig, 0).is_honest


def test_an_electrode_that_was_loose_before_arming_and_holds_now_is_no_fault(model: str) -> None:
    rig = Rig(model, faults=["electrode_flap:1/5"]).to_armed()
    rig.port.faults.clear(parse_fault("electrode_flap:1/5").kind)
    rig.port.stage.set_contact(1, True, rig.now_us)
    rig.start().finish()
    assert rig.engine.result == "completed"


@pytest.mark.parametrize(
    ("fault", "row", "times"),
    [("electrode_half:1/1.5", "F30", 1.5), ("electrode_dry:1/3", "F30", 3), ("electrode_dry:1/100", "F30", 100)],
)
@pytest.mark.parametrize("model", UNSEEING)
def test_a_constant_current_is_kept_up_through_less_electrode(model: str, fault: str, row: str, times: float) -> None:
    """F30: these stimulators tell neither impedance nor voltage; the same current flows as long as the voltage drives it."""
    assert limit(row, model).ms is None
    case = struck(model, fault)
    assert case.rig.port.stage.peak_ua(1) == 16_000
    ohm = case.rig.port.stage.load_ohm(1)
    assert ohm is not None
    assert 1_000 < ohm <= 1_000 * times
    assert case.rig.port.stage.is_zero
    assert case.is_honest


def test_the_impedance_doubles_within_two_seconds_and_falls_back_when_the_electrode_is_pressed_on(model: str) -> None:
    rig = Rig(model).to_running()
    first_us = rig.port.stage.first_output_us or 0
    rig.port.inject(parse_fault(f"electrode_half:2/2@{(rig.now_us - first_us) / 1e6:.6f}+3"), rig.now_us)
    at_us, seen = rig.now_us, []
    for step_us in (1, 1_000_000, 2_000_000, 2_900_000, 3_100_000):
        rig.port.read(at_us + step_us)
        seen.append(rig.port.stage.load_ohm(2))
    assert seen == [1_000, 1_500, 2_000, 2_000, None]


def test_a_p24_tells_when_the_voltage_no_longer_drives_the_current_and_the_session_ends() -> None:
    """F30 in its last stage: 150 V through 10 kΩ are 15 mA, and 16 are asked for."""
    case = struck("p24", "electrode_dry:1/100")
    assert case.result == "fault"
    assert "less current" in case.reason or "electrode" in case.reason


@pytest.mark.parametrize("hurt", ["electrode_half:1", "electrode_half:1/1.6", "electrode_half:1/5"])
def test_the_current_ends_while_an_electrode_is_coming_off_where_the_stimulator_measures(hurt: str) -> None:
    """F30 on a reference stimulator."""
    case = struck("reference", hurt, text=LONG)
    assert case.zero_ms() <= (limit("F30", "reference").ms or 0)
    assert case.result == "fault"
    assert "impedance" in case.reason
    assert case.is_honest


def test_the_current_ends_when_the_electrodes_touch_where_the_stimulator_measures() -> None:
    """F31 on a reference stimulator."""
    case = struck("reference", "short:1")
    assert case.zero_ms() <= (limit("F31", "reference").ms or 0)
    assert case.result == "fault"
    assert case.is_honest


@pytest.mark.parametrize("model", UNSEEING)
def test_electrodes_that_touch_are_not_told_of_and_stop_works(model: str) -> None:
    """F31: the device drives its current through 20 ohm and sees nothing wrong."""
    assert limit("F31", model).ms is None
    case = struck(model, "short:1", stop_after_us=500_000)
    assert case.rig.port.stage.load_ohm(1) == 20
    assert case.zero_ms(case.at_us + 500_000) <= 20
    assert case.is_honest


@pytest.mark.parametrize("body", ["healthy", "dry_skin"])
@pytest.mark.parametrize(
    ("fault", "row"),
    [("electrode_off:1", "F29"), ("electrode_half:1", "F30"), ("short:1", "F31"), ("electrode_flap:1/20", "F32")],
)
def test_real_skin_under_the_electrodes_changes_nothing_about_the_times(model: str, fault: str, row: str, body: str) -> None:
    """The same switches, with a person on the channels instead of a resistor."""
    case = struck(model, fault, text=LONG, body=body, stop_after_us=4_000_000)
    allowed = limit(row, model).ms
    pressed_ms = 4_000 + 20
    assert case.zero_ms() <= (pressed_ms if allowed is None else allowed)
    assert (case.result == "fault") == (allowed is not None)
    assert case.rig.port.stage.peak_ua(1) == 16_000
    assert case.is_honest


def test_a_dried_electrode_is_put_back_on_and_the_skin_is_as_before() -> None:
    rig = Rig("reference", text=LONG, body="healthy").to_running()
    load = rig.port.stage.load(1)
    assert load is not None
    rig.port.inject(parse_fault("electrode_dry:1/4"), rig.now_us)
    rig.port.inject(parse_fault("short:1"), rig.now_us)
    rig.port.read(rig.now_us + 120_000_000)
    load.settle(rig.now_us + 120_000_000)
    assert load.contact_fraction == pytest.approx(0.25)
    for fault in ("electrode_dry:1", "short:1"):
        rig.port.faults.clear(parse_fault(fault).kind)
    rig.port.inject(parse_fault("electrode_dry:1@0+0.000001"), rig.now_us + 121_000_000)
    assert load.contact_fraction == pytest.approx(1.0)
