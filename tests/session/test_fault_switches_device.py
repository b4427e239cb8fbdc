"""What the person wearing the electrodes experiences when the stimulator itself is wrong: every such switch, every model.

The truth is the oscilloscope's; the limits are those of `firmware_sim.bounds`. Where a model's protocol does not show a fault
nothing ends the current: those tests say so, and hold the host to not claiming otherwise.
"""

from contextlib import ExitStack

import pytest

from emscontrol.core.errors import IllegalTransition, SafetyRefusal, UsageError
from emscontrol.session.inputs import Arm, Clear, Connect, Pause, Resume, Start, Stop
from emscontrol.session.states import State
from emscontrol.wiring.ports import simulated_link
from firmware_sim.bounds import ALARM_MS, ENDED_BY, struck_ms
from firmware_sim.faults import KINDS, Fault, FaultKind, parse_fault
from firmware_sim.model_faults import CANNOT, refusal
from firmware_sim.registry import MODELS, codec
from tests.session.rig import SHORT, Rig
from tests.session.struck import RAMP_US, Struck, limit, struck

FULL_UA = 16_000
LONG = SHORT.replace("on_s: 3", "on_s: 12")
UNSEEING = ("p24", "rehastim2")
BEFORE_A_SET_POINT_US = {"p24": RAMP_US, "rehastim2": RAMP_US, "reference": 4_900_000}
"""A reference stimulator makes its ramps itself: a set point comes with each contraction, the second after 5 s."""


@pytest.fixture(params=MODELS)
def model(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def at(rig: Rig, fault: str, duration_s: float) -> int:
    """Break something from now on, for so long; returns when."""
    first_us = rig.port.stage.first_output_us or 0
    rig.port.inject(parse_fault(f"{fault}@{(rig.now_us - first_us) / 1e6:.6f}+{duration_s}"), rig.now_us)
    return rig.now_us


# ---- it stops or starts by itself


@pytest.mark.parametrize(("fault", "row"), [("reboot", "F23"), ("boot_text", "F23"), ("power_off", "F34")])
@pytest.mark.parametrize("after_us", [200_000, 1_500_000, 2_800_000])
def test_the_current_ends_at_once_and_stays_away_when_the_stimulator_restarts(
    model: str, fault: str, row: str, after_us: int
) -> None:
    case = struck(model, fault, after_us=after_us)
    assert case.zero_ms() <= (limit(row, model).ms or 0)
    assert case.result == "fault"
    assert case.is_honest


def test_power_that_comes_back_brings_no_current(model: str) -> None:
    """F34: the controls are as they were, and a person has to clear, arm and start."""
    rig = Rig(model, text=LONG).to_running()
    at_us = at(rig, "power_off", 1.0)
    rig.run.advance(rig.now_us + 8_000_000)
    assert Struck(rig, at_us).zero_ms() <= (limit("F34", model).ms or 0)
    assert rig.engine.state is State.FAULT
    for request in (Start(), Resume(), Arm()):
        with pytest.raises((IllegalTransition, SafetyRefusal)):
            rig.run.give(request)
    assert rig.port.stage.is_zero


def test_no_current_begins_from_the_text_of_a_boot_loader(model: str) -> None:
    """F22: the port is opened, the board resets and prints; the handshake comes after it."""
    rig = Rig(model, faults=["boot_text"]).to_armed()
    assert rig.port.stage.first_output_us is None
    assert rig.engine.state is State.ARMED
    rig.start().finish()
    assert rig.engine.result == "completed"


def test_no_current_when_the_stimulator_restarts_between_arming_and_start(model: str) -> None:
    rig = Rig(model).to_armed()
    rig.port.inject(parse_fault("boot_text"), rig.now_us)
    rig.run.advance(rig.now_us + 1_000_000)
    assert rig.engine.state is State.FAULT
    rig.finish()
    assert rig.port.stage.first_output_us is None


# ---- another one is on the port


def test_no_current_when_an_unknown_firmware_answers(model: str) -> None:
    """F35: it names a protocol version that nobody knows."""
    rig = Rig(model, faults=["other_firmware"])
    rig.run.give(Connect())
    rig.run.advance(rig.now_us + 5_000_000)
    assert rig.engine.state is not State.CONNECTED
    rig.finish()
    assert rig.engine.result == "fault"
    assert rig.port.stage.first_output_us is None


@pytest.mark.parametrize(
    ("model", "fault"),
    [
        ("p24", "other_serial"),
        ("p24", "other_firmware"),
        ("rehastim2", "other_firmware"),
        ("reference", "other_serial"),
        ("reference", "other_firmware"),
    ],
)
def test_no_current_after_the_stimulator_was_swapped_in_a_pause(model: str, fault: str) -> None:
    """F17, F19: another one sits on the port, switched on anew; resume is refused and it never gives current."""
    rig = Rig(model, text=LONG).to_running()
    rig.run.give(Pause())
    rig.run.advance(rig.now_us + 500_000)
    assert rig.port.stage.is_zero
    rig.port.inject(parse_fault(fault), rig.now_us)
    rig.port.inject(parse_fault("reboot"), rig.now_us)
    at_us = rig.now_us
    rig.run.advance(at_us + 1_000_000)
    with pytest.raises((IllegalTransition, SafetyRefusal)):
        rig.run.give(Resume())
    assert rig.engine.state is State.FAULT
    if rig.engine.off_confirmed:
        rig.run.give(Clear())
        rig.run.give(Connect())
        rig.run.advance(rig.now_us + 5_000_000)
        assert rig.engine.state in (State.FAULT, State.IDLE, State.ENDED)
    rig.run.give(Stop("operator", "key"))
    rig.finish()
    assert all(s.to_us <= at_us for s in rig.stretches(1) if s.amplitude_ua)


@pytest.mark.parametrize("model", ["rehastim2", "reference"])
def test_counters_that_wrap_are_not_felt(model: str) -> None:
    """F36; a P24 only repeats the host's packet numbers, which wrap every 64 in every session."""
    calm = Rig(model).to_armed()
    rig = Rig(model, faults=["counters_near_max"]).to_armed()
    for each in (calm, rig):
        each.run.advance(each.now_us + 10_000_000)
        each.start().finish()
    assert (rig.engine.result, calm.engine.result) == ("completed", "completed")
    assert rig.stretches(1) == calm.stretches(1)
    assert Struck(rig, 0).believes_off
    assert limit("F36", model).ms is None


# ---- it does not do what it is told


@pytest.mark.parametrize("code", ["", "/0", "/7", "/99", "/253", "/255"])
def test_the_current_ends_when_a_set_point_is_refused_whatever_the_code(model: str, code: str) -> None:
    """F15: known and unknown codes; a code of 0 is an acknowledgement of something that did not happen."""
    case = struck(model, f"nak:50{code}", after_us=BEFORE_A_SET_POINT_US[model])
    assert case.is_honest
    if code == "/0":
        assert case.rig.port.stage.peak_ua(1) <= FULL_UA
    else:
        assert case.gave_up_us() - case.at_us <= 300_000
        assert case.zero_ms() <= (limit("F15", model).ms or 0)
        assert case.result == "fault"


def test_the_alarm_comes_in_time_and_the_stop_goes_on_when_a_stop_is_not_obeyed(model: str) -> None:
    """F24: acknowledged and not obeyed, twice; the third one is."""
    case = struck(model, "ignore_stop:2", stop_after_us=100_000)
    pressed_us = case.at_us + 100_000
    assert case.rig.first_us("stop_unconfirmed") - pressed_us <= ALARM_MS * 1_000
    assert "Pull the leads" in case.rig.last("stop_unconfirmed").sentence()
    assert case.zero_ms(pressed_us) <= 3 * 200 + 20
    assert case.rig.port.stage.is_zero
    assert case.is_honest


@pytest.mark.parametrize("fault", ["hang", "stuck_on"])
def test_the_alarm_comes_in_time_when_nothing_ends_the_current(model: str, fault: str) -> None:
    """F24: software cannot end it and says so; only a RehaStim 2 that claims to have stopped is believed (SAFETY.md)."""
    case = struck(model, fault, stop_after_us=100_000)
    assert limit("F24", model).ms is None
    assert case.zero_ms() == float("inf")
    assert not case.rig.port.stage.is_zero
    if (model, fault) == ("rehastim2", "stuck_on"):
        assert case.believes_off, "it says that it has stopped, and nothing else tells"
        return
    assert not case.believes_off
    assert case.rig.engine.output_unknown
    assert case.rig.first_us("stop_unconfirmed") - case.at_us - 100_000 <= ALARM_MS * 1_000
    assert "Pull the leads" in case.rig.last("stop_unconfirmed").sentence()


@pytest.mark.parametrize("fault", ["stuck_on", "hang"])
@pytest.mark.parametrize("length_s", [0.05, 0.5, 1.965535, 4.0])
def test_the_current_ends_when_an_output_that_stuck_comes_free(model: str, fault: str, length_s: float) -> None:
    """F24 for a while: into a ramp, a rest or the next contraction."""
    rig = Rig(model).to_running()
    at_us = at(rig, fault, length_s)
    rig.finish()
    rig.port.read(rig.now_us + 10_000_000)
    assert rig.port.stage.is_zero
    assert Struck(rig, at_us).is_honest
    assert rig.port.stage.peak_ua(1) == FULL_UA


def test_the_current_ends_when_the_stimulator_says_that_it_is_off(model: str) -> None:
    """F24 the other way round: it says off while it is on, and is stopped for that."""
    case = struck(model, "false_off")
    assert case.zero_ms() <= 500
    assert case.result == "fault"
    assert case.is_honest


def test_a_stimulator_that_sticks_on_and_says_that_it_is_off_is_believed(model: str) -> None:
    """F24, what no software can see: it stays on and reports zero. The hardware stop within reach is what helps."""
    rig = Rig(model).to_running()
    for fault in ("stuck_on", "false_off"):
        rig.port.inject(parse_fault(fault), rig.now_us)
    case = Struck(rig, rig.now_us)
    rig.finish()
    assert not rig.port.stage.is_zero
    assert case.believes_off
    assert case.result == "fault", "it was noticed, only not that it goes on"


@pytest.mark.parametrize("model", UNSEEING)
def test_a_set_point_that_is_not_applied_never_makes_the_current_rise(model: str) -> None:
    """F25: acknowledged and ignored, on the ramp; the protocols do not report currents, so nothing tells before the end."""
    assert limit("F25", model).ms is None
    case = struck(model, "ignore_set", after_us=RAMP_US)
    after = [s.amplitude_ua for s in case.rig.stretches(1) if s.from_us > case.at_us]
    before = [s.amplitude_ua for s in case.rig.stretches(1) if s.from_us <= case.at_us]
    assert max(after, default=0) <= max(before)
    assert case.rig.port.stage.is_zero
    assert case.is_honest


def test_stop_works_while_set_points_are_ignored(model: str) -> None:
    case = struck(model, "ignore_set", stop_after_us=100_000)
    assert case.zero_ms(case.at_us + 100_000) <= 20
    assert case.is_honest


def test_stop_works_while_the_reports_are_frozen(model: str) -> None:
    """F26: the report goes on saying that it runs; the stop is obeyed, and not taken for obeyed."""
    case = struck(model, "freeze", stop_after_us=100_000)
    assert case.zero_ms(case.at_us + 100_000) <= 20
    assert case.is_honest


def test_a_session_with_frozen_reports_ends_with_zero(model: str) -> None:
    """F26."""
    case = struck(model, "freeze")
    assert case.rig.port.stage.is_zero
    assert case.result == "fault", "at the latest after the last contraction the report is wrong"


@pytest.mark.parametrize("model", UNSEEING)
def test_too_much_current_is_felt_and_stop_ends_it(model: str) -> None:
    """F27: these stimulators do not measure; the current is 1.3 times what is asked until somebody stops."""
    assert limit("F27", model).ms is None
    case = struck(model, "gain:1/1.3", stop_after_us=500_000)
    assert case.rig.port.stage.peak_ua(1) == round(FULL_UA * 1.3)
    assert case.rig.port.stage.peak_ua(2) == FULL_UA
    assert case.zero_ms(case.at_us + 500_000) <= 20
    assert case.is_honest


@pytest.mark.parametrize("factor", ["0.9", "1.1"])
@pytest.mark.parametrize("model", UNSEEING)
def test_a_wrong_time_base_is_felt_and_stop_ends_it(model: str, factor: str) -> None:
    """F28: pulses that are too slow or too fast; these stimulators do not count them for the host."""
    assert limit("F28", model).ms is None
    case = struck(model, f"drift:{factor}", after_us=RAMP_US, stop_after_us=500_000)
    last = [s for s in case.rig.stretches(1) if s.amplitude_ua][-1]
    assert last.period_us == round(20_000 * float(factor))
    assert last.width_us == round(300 * float(factor))
    assert case.zero_ms(case.at_us + 500_000) <= 20
    assert case.is_honest


def test_a_slow_clock_makes_the_watchdog_slow_too() -> None:
    """F28 and F03 together on a P24."""
    rig = Rig("p24").to_running()
    rig.port.inject(parse_fault("drift:1.1"), rig.now_us)
    rig.port.inject(parse_fault("dead_link"), rig.now_us)
    case = Struck(rig, rig.now_us)
    rig.finish()
    rig.port.read(rig.now_us + 3_000_000)
    assert 2_000 < case.zero_ms() <= 2_200


@pytest.mark.parametrize("model", UNSEEING)
def test_current_on_the_wrong_channel_is_felt_and_stop_ends_it(model: str) -> None:
    """F37: the device reports what it was told to drive; the oscilloscope shows where the current is."""
    assert limit("F37", model).ms is None
    case = struck(model, "swap_channels:1/3", stop_after_us=500_000)
    after = {s.channel for s in case.rig.lines if s.t_us >= case.at_us and s.amplitude_ua}
    assert after == {3}, "channel 2 goes on as it was, channel 1 has ended"
    assert case.zero_ms(case.at_us + 500_000) <= 20
    assert case.is_honest


# ---- where the stimulator measures, the session ends in time


@pytest.mark.parametrize(
    ("fault", "row", "words"),
    [
        ("freeze", "F26", "stands still"),
        ("gain:1/1.3", "F27", "more than"),
        ("gain:2/1.5", "F27", "more than"),
        ("drift:1.1", "F28", "clock"),
        ("drift:0.9", "F28", "clock"),
        ("swap_channels:1/3", "F37", "not commanded"),
        ("low_battery:3", "F33", "battery"),
        ("battery_drain:30/600", "F33", "battery"),
    ],
)
def test_the_current_ends_in_time_when_the_report_shows_what_is_wrong(fault: str, row: str, words: str) -> None:
    """On a reference stimulator: what the others cannot tell."""
    case = struck("reference", fault, text=LONG)
    assert case.result == "fault"
    assert words in case.reason
    since_us = case.at_us + 2_500_000 if fault.startswith("battery_drain") else case.at_us  # when the charge passes 5 %
    assert case.zero_ms(since_us) <= (limit(row, "reference").ms or 0)
    assert case.is_honest


def test_the_current_ends_in_time_when_a_contraction_is_acknowledged_and_not_made() -> None:
    """F25 on a reference stimulator: the second contraction would begin 100 ms after the strike."""
    case = struck("reference", "ignore_set", after_us=BEFORE_A_SET_POINT_US["reference"])
    assert case.result == "fault"
    assert case.gave_up_us() - case.at_us - 100_000 <= (limit("F25", "reference").ms or 0) * 1_000
    assert case.is_honest


def test_a_session_within_a_limit_that_the_stimulator_reports_goes_on() -> None:
    """F35: it reports 10 mA as its most, and 8 are asked for."""
    comfort_ua = {"1": 10_000, "2": 10_000}
    rig = Rig("reference", faults=["lower_limits:10"], comfort_ua=comfort_ua).to_armed().start().finish()
    assert rig.engine.result == "completed"
    assert rig.port.stage.peak_ua(1) == 8_000


# ---- its own buttons, modules and battery


@pytest.mark.parametrize(
    ("model", "fault", "words"),
    [
        ("rehastim2", "stop_button", "emergency switch"),
        ("rehastim2", "module_fault", "module"),
        ("reference", "stop_button", "stop button"),
        ("reference", "module_fault", "own test"),
    ],
)
def test_the_current_ends_in_the_stimulator_itself(model: str, fault: str, words: str) -> None:
    """F38; the host says who stopped it."""
    case = struck(model, fault)
    assert case.zero_ms() <= (limit("F38", model).ms or 0)
    assert case.result == "fault"
    assert words in case.reason
    assert case.is_honest


@pytest.mark.parametrize("model", ["rehastim2", "reference"])
def test_no_current_while_the_stop_button_is_stuck(model: str) -> None:
    """F38: it was pressed before the start."""
    rig = Rig(model, faults=["stop_button"])
    for request, ready in ((Connect(), State.IDLE), (Arm(), State.CONNECTED), (Start(), State.ARMED)):
        if rig.engine.state is ready:
            rig.run.give(request)
            rig.run.advance(rig.now_us + 3_000_000)
    rig.finish()
    assert rig.engine.result == "fault"
    assert rig.port.stage.first_output_us is None


def test_a_battery_that_runs_empty_ends_the_current() -> None:
    """F33: nobody asks for the charge of a P24; when it is empty the output is zero and the host says that it does not know."""
    case = struck("p24", "battery_drain:1/60")
    assert limit("F33", "p24").ms is None
    assert case.zero_ms() <= 1_000
    assert case.result == "fault"
    assert case.is_honest


def test_a_low_battery_is_told_to_whoever_asks() -> None:
    """F33: the P24 of this simulator answers the question; the host does not ask it yet."""
    case = struck("p24", "low_battery:3")
    assert case.result == "completed"
    rig = Rig("p24", faults=["battery_drain:50/60"])
    wire, told = codec("p24"), []
    for at_us in (0, 10_000_000, 49_000_000):
        rig.port.write(wire.encode("get_battery_status", {"packet_number": 1}), at_us)
        told.append(wire.decode(rig.port.read(at_us), "device")[0].params["level_percent"])
    assert told == [50, 40, 1]


NUMBERS = {"cut_command": ":5", "cut_reply": ":3", "gain": ":2/1.3", "swap_channels": ":2/7", "low_battery": ":3"}
LATER_MS = {"foreign_writer": 200, "cut_command": 100, "cut_reply": 100}
"""What strikes later: with the second thing that is written, with the next frame (at the latest a heartbeat away)."""
ON_CHANNEL_1 = ("electrode_off", "electrode_half", "electrode_flap", "short")


@pytest.mark.parametrize("kind", ENDED_BY)
def test_whatever_strikes_on_a_plateau_has_ended_the_current_in_time_or_nothing_shows_it(model: str, kind: FaultKind) -> None:
    """The table that the campaign uses, walked."""
    fault = f"{kind}{NUMBERS.get(kind, ':1' if kind in ON_CHANNEL_1 else '')}"
    if refusal(model, 8, parse_fault(fault)):
        assert model in CANNOT
        return
    case = struck(model, fault, text=LONG)
    limit_ms = struck_ms(kind, model)
    assert limit_ms is None or case.zero_ms() - LATER_MS.get(kind, 0) <= limit_ms
    assert limit_ms is None or case.result == "fault"
    assert case.is_honest or (model, kind) == ("rehastim2", FaultKind.STUCK_ON)


def test_run_refuses_a_fault_that_the_model_cannot_have_and_says_why() -> None:
    with ExitStack() as stack, pytest.raises(UsageError, match="it has no stop button"):
        simulated_link("p24", stack=stack, faults=["late:5", "stop_button@2"])
    with ExitStack() as stack, pytest.raises(UsageError, match="has no channel 9"):
        simulated_link("reference", stack=stack, faults=["short:9"])


def test_what_a_model_cannot_have_is_refused_with_the_reason() -> None:
    """A table of its own, so that nothing falls out of it unnoticed."""
    numbers = {kind: (1.0 if spec.argument else None, 2.0 if spec.second else None) for kind, spec in KINDS.items()}
    faults = [Fault(kind, first, second=second) for kind, (first, second) in numbers.items()]
    refused = {f"{model} {fault.kind}" for model in UNSEEING for fault in faults if refusal(model, 8, fault)}
    p24 = {f"p24 {kind}" for kind in ("lower_limits", "counters_near_max", "stop_button", "module_fault")}
    rehastim2 = {f"rehastim2 {kind}" for kind in ("lower_limits", "other_serial", "low_battery", "battery_drain")}
    assert refused == p24 | rehastim2
    assert refusal("p24", 8, Fault(FaultKind.SWAP_CHANNELS, 1, second=9)) is not None
