"""The driver of the reference stimulator against a scripted device, which can lie as no simulator does."""

from dataclasses import replace
from typing import Any

import pytest

from emscontrol.core.errors import DeviceMisfit
from emscontrol.core.pulse import Output, Shape
from emscontrol.core.stimulator import (
    Acked,
    Battery,
    Command,
    Connected,
    DeviceFault,
    Identity,
    Refused,
    Uncertain,
)
from emscontrol.devices.reference.commands import RESULT_MEANINGS, FaultBit, Result
from emscontrol.devices.reference.profile import CAPABILITIES
from tests.unit.devices.driver_bench import train
from tests.unit.devices.reference_desk import CAPABLE, EPOCH, LIMITS, MS, Desk, block, only, swell

T = train()
SOME = Output(1, T, 20_000)
NO = [result for result in Result if result is not Result.OK]
DISARMING = (Result.NO_EPOCH, Result.WRONG_EPOCH, Result.MISBELIEF, Result.WRONG_STATE)


# -- handshake -------------------------------------------------------------------------------------------------------------


def test_the_handshake_begins_with_a_clean_line_and_asks_who_and_what() -> None:
    desk = Desk()
    events = desk.connect()
    assert desk.raw[0][0] == 0
    assert desk.names() == ["HELLO", "IDENTIFY", "CAPABILITIES", "STATUS"]
    assert desk.frames[0].params == {"seq": 0, "epoch": 0, "version_min": 1, "version_max": 1}
    assert events == [Connected(Identity("reference", "S-1", "2.0", "1")), Battery(80)]
    assert desk.driver.capabilities == CAPABILITIES
    assert desk.driver.lowered == ()


@pytest.mark.parametrize(
    ("command", "reply", "word"),
    [
        ("HELLO", {"result": 25, "channel": 0}, "no common version"),
        ("HELLO", {"version": 2, "boot_id": 1, "state": 0}, "answers in version 2"),
        ("HELLO", {"version": 1, "boot_id": 1, "state": 2}, "it says ACTIVE: it must be off"),
        ("IDENTIFY", {"result": 1, "channel": 0}, "there is no such command"),
        ("CAPABILITIES", {**CAPABLE, "lease_max_ms": 199}, "lease of 199 ms is too short"),
        ("CAPABILITIES", {**CAPABLE, "channels": 0, "shapes": 0}, "no channel, no shape of pulse"),
        ("STATUS", {"result": 1, "channel": 0}, "there is no such command"),
    ],
)
def test_a_device_that_cannot_be_used_is_refused_with_the_reason(command: str, reply: dict[str, Any], word: str) -> None:
    desk = Desk()
    desk.replies[command] = reply
    (refused,) = desk.connect()
    assert isinstance(refused, Refused)
    assert refused.command is Command.CONNECT
    assert word in refused.text
    with pytest.raises(RuntimeError, match="not connected"):
        desk.prepare(1)


LOWER: list[tuple[str, int, str, Any, str]] = [
    ("channels", 4, "channels", 4, "fewer channels"),
    ("flags", 2, "denervation", False, "no long pulses for denervated muscle"),
    ("flags", 1, "measures", CAPABILITIES.measures - {"impedance"}, "no measuring of impedance"),
    ("shapes", 0b0001, "shapes", frozenset({Shape.SYMMETRIC}), "fewer shapes of pulses"),
    ("burst_max", 1, "burst_max", 1, "shorter bursts"),
    ("amplitude_max", 600, "amplitude_max_ua", 60_000, "a lower highest current"),
    ("width_min_us", 50, "width_min_us", 50, "a longer shortest pulse"),
    ("width_max_us", 500, "width_max_us", 500, "a shorter longest pulse"),
    ("period_min_us", 10_000, "period_min_us", 10_000, "a lower highest rate"),
    ("period_max_us", 1_000_000, "period_max_us", 1_000_000, "a higher lowest rate"),
    ("voltage_max", 900, "voltage_max_mv", 90_000, "a lower voltage"),
    ("lease_max_ms", 300, "watchdog_us", 300_000, "a shorter lease"),
]


@pytest.mark.parametrize(("field", "reported", "name", "value", "words"), LOWER)
def test_what_a_device_reports_lower_than_the_profile_rules(
    field: str, reported: int, name: str, value: Any, words: str
) -> None:
    """F35."""
    desk = Desk()
    desk.replies["CAPABILITIES"] = {**CAPABLE, field: reported}
    assert only(Connected, desk.connect())
    assert desk.driver.capabilities == replace(CAPABILITIES, **{name: value})
    assert desk.driver.lowered == (words,)


def test_every_figure_of_the_capabilities_is_compared() -> None:
    assert {field for field, *_ in LOWER} == set(CAPABLE)


def test_what_a_device_reports_higher_changes_nothing() -> None:
    desk = Desk()
    desk.replies["CAPABILITIES"] = {
        **CAPABLE, "channels": 16, "amplitude_max": 2_000, "width_min_us": 1, "width_max_us": 10**6, "period_min_us": 1,
        "period_max_us": 10**8, "burst_max": 9, "voltage_max": 4_000, "lease_max_ms": 5_000,
    }  # fmt: skip
    desk.connect()
    assert desk.driver.capabilities == CAPABILITIES


def test_a_lower_limit_of_the_device_binds_the_limits_the_lease_and_the_outputs() -> None:
    desk = Desk()
    desk.replies["CAPABILITIES"] = {**CAPABLE, "amplitude_max": 600, "lease_max_ms": 300, "period_min_us": 10_000}
    desk.ready(1)
    assert (desk.limits[1]["amplitude_max"], desk.limits[1]["period_min_us"]) == (600, 10_000)
    assert desk.frames[-1].params["lease_ms"] == 300
    with pytest.raises(ValueError, match="outside what"):
        desk.send(Output(1, T, 60_100))
    desk.stop()
    with pytest.raises(DeviceMisfit) as misfit:
        desk.prepare(1, of=train(period_us=5_000))
    assert "10 ms" in misfit.value.reasons[0]


def test_a_new_connection_forgets_what_another_device_reported() -> None:
    desk = Desk()
    desk.replies["CAPABILITIES"] = {**CAPABLE, "channels": 4}
    desk.connect()
    desk.replies["CAPABILITIES"] = CAPABLE
    desk.connect()
    assert desk.driver.capabilities == CAPABILITIES


def test_a_fault_from_before_is_cleared_at_the_handshake_and_told_when_it_stands() -> None:
    desk = Desk()
    desk.replies["HELLO"] = {"version": 1, "boot_id": 1, "state": 3}
    desk.replies["STATUS"] = block(3, faults=FaultBit.SELF_TEST | FaultBit.LEASE_OVER)
    desk.refuse("CLEAR", Result.FAULT_STANDS)
    connected, *told = desk.connect()
    assert desk.names() == ["HELLO", "IDENTIFY", "CAPABILITIES", "STATUS", "CLEAR", "STATUS"]
    assert isinstance(connected, Connected)
    assert [(fault.code, fault.text[:20]) for fault in only(DeviceFault, told)] == [(6, "It has failed its ow")]


# -- making ready ----------------------------------------------------------------------------------------------------------


def test_the_limits_are_handed_over_read_back_and_only_then_it_is_armed() -> None:
    desk = Desk()
    desk.connect()
    limits = replace(LIMITS, amplitude_max_ua=30_050, charge_max_pc=12_345_678, rise_max_ua_per_s=60_099)
    assert desk.prepare(1, 3, limits=limits) == [Acked(Command.PREPARE)]
    assert desk.names(4) == ["STATUS", *["LIMITS", "READ_LIMITS", "TRAIN"] * 2, "ARM"]
    assert desk.limits[1] == {
        "channel": 1,
        "flags": 0,
        "shapes": 0b0001,
        "burst_max": 1,
        "amplitude_max": 300,
        "width_max_us": 1_000,
        "period_min_us": 2_500,
        "charge_max_nc": 12_345,
        "rise_max": 600,
    }
    assert desk.frames[-1].params["lease_ms"] == 500
    assert {frame.params["epoch"] for frame in desk.frames} == {0}


def test_long_pulses_bursts_and_shapes_are_allowed_only_where_the_train_has_them() -> None:
    desk = Desk()
    desk.connect()
    long = train(width_us=100_000, period_us=500_000, shape=Shape.TRIANGULAR)
    burst = train(period_us=100_000, shape=Shape.ASYMMETRIC, ratio=2, pulses=3, interval_us=5_000)
    trains = {1: long, 2: burst, 3: train(shape=Shape.LONG_BIPHASIC)}
    limits = {1: replace(LIMITS, width_max_us=100_000), 2: LIMITS, 3: LIMITS}
    desk.write(desk.driver.prepare(trains, limits, 0))
    found = {c: (held["flags"], held["shapes"], held["burst_max"]) for c, held in desk.limits.items()}
    assert found == {1: (1, 0b0100, 1), 2: (0, 0b0010, 3), 3: (1, 0b1000, 1)}


def test_figures_beyond_the_fields_of_the_page_are_its_largest() -> None:
    desk = Desk()
    desk.connect()
    desk.prepare(1, limits=replace(LIMITS, amplitude_max_ua=10**6, rise_max_ua_per_s=10**9, charge_max_pc=10**12))
    held = desk.limits[1]
    assert (held["amplitude_max"], held["rise_max"], held["charge_max_nc"]) == (1_200, 12_000, 24_000_000)


@pytest.mark.parametrize(
    "field",
    ["flags", "shapes", "burst_max", "amplitude_max", "width_max_us", "period_min_us", "charge_max_nc", "rise_max", "channel"],
)
def test_limits_that_are_read_back_otherwise_are_refused_and_it_is_not_armed(field: str) -> None:
    desk = Desk()
    desk.connect()
    desk.replies["READ_LIMITS"] = lambda asked: {
        **desk.limits[asked["channel"]],
        field: {"flags": 1, "shapes": 3, "channel": 2, "burst_max": 2}.get(field, desk.limits[1][field] - 1),
    }
    (refused,) = desk.prepare(1, limits=replace(LIMITS, period_min_us=3_000))
    assert isinstance(refused, Refused)
    assert refused.command is Command.PREPARE
    assert f"{field} of channel 1 is" in refused.text
    assert "ARM" not in desk.names()
    with pytest.raises(RuntimeError, match="prepare"):
        desk.send(SOME)


def test_a_channel_without_limits_is_never_armed() -> None:
    desk = Desk()
    desk.connect()
    with pytest.raises(ValueError, match="channel 2 has no limits"):
        desk.driver.prepare({1: T, 2: T}, {1: LIMITS}, 0)


@pytest.mark.parametrize("command", ["LIMITS", "READ_LIMITS", "TRAIN", "ARM", "STATUS"])
@pytest.mark.parametrize("result", NO)
def test_a_no_to_any_step_of_making_ready_is_told_in_the_pages_words(command: str, result: Result) -> None:
    desk = Desk()
    desk.connect()
    desk.refuse(command, result, channel=1)
    (refused,) = desk.prepare(1)
    assert isinstance(refused, Refused)
    assert (refused.command, refused.code) == (Command.PREPARE, result)
    assert refused.text == f"The stimulator refuses: {RESULT_MEANINGS[result]} (channel 1, result {result.value})."
    assert not desk.driver.busy


def test_an_epoch_of_zero_is_no_arming() -> None:
    desk = Desk()
    desk.replies["ARM"] = {"epoch": 0}
    desk.connect()
    (refused,) = desk.prepare(1)
    assert isinstance(refused, Refused)
    assert "no epoch" in refused.text


def test_a_device_that_is_not_idle_is_stopped_first_and_one_in_fault_is_cleared() -> None:
    for state, faults, names in ((1, 0, ["STATUS", "STOP"]), (3, 1, ["STATUS", "CLEAR"])):
        desk = Desk()
        desk.connect()
        desk.replies["STATUS"] = block(state, faults=faults)
        assert desk.prepare(1) == [Acked(Command.PREPARE)]
        assert desk.names(4)[:3] == [*names, "LIMITS"]


def test_a_fault_that_stands_is_named_and_it_is_not_armed() -> None:
    desk = Desk()
    desk.connect()
    desk.replies["STATUS"] = block(3, faults=FaultBit.PATIENT_STOP)
    desk.refuse("CLEAR", Result.FAULT_STANDS)
    (refused,) = desk.prepare(1)
    assert isinstance(refused, Refused)
    assert refused.text == "The patient's stop button is pressed."
    assert "ARM" not in desk.names()


def test_a_device_that_has_restarted_is_connected_anew_before_it_is_armed() -> None:
    """F23."""
    desk = Desk().ready(1)
    desk.stop()
    desk.replies["STATUS"] = block(faults=FaultBit.REBOOTED)
    (refused,) = desk.prepare(1)
    assert isinstance(refused, Refused)
    assert "restarted" in refused.text
    assert desk.names().count("ARM") == 1


# -- outputs ---------------------------------------------------------------------------------------------------------------


def test_outputs_carry_the_epoch_and_a_contraction_is_one_command() -> None:
    desk = Desk().ready(1, 2)
    assert desk.send(SOME, Output(2, T, 30_000, swell()), number=4) == [Acked(Command.OUTPUTS, 4)]
    plain, contraction = desk.frames[-2:]
    assert (plain.command, plain.params["each"]) == ("SET", [{"channel": 1, "amplitude": 200}])
    assert contraction.command == "CONTRACT"
    assert contraction.params["each"] == [
        {"channel": 2, "amplitude": 300, "rise_us": 1_000_000, "hold_us": 3_000_000, "fall_us": 500_000}
    ]
    assert {plain.params["epoch"], contraction.params["epoch"]} == {EPOCH}


@pytest.mark.parametrize("part", [swell(rise_us=60_000_001), swell(hold_us=-1), swell(rise_us=0, hold_us=0, fall_us=0)])
def test_a_contraction_that_the_page_does_not_have_is_never_sent(part: Any) -> None:
    desk = Desk().ready(1)
    written = len(desk.frames)
    with pytest.raises(ValueError, match="no contraction"):
        desk.send(Output(1, T, 20_000, part))
    assert len(desk.frames) == written
    assert not desk.driver.busy


@pytest.mark.parametrize("result", NO)
def test_every_no_to_outputs_is_one_refusal_in_the_pages_words(result: Result) -> None:
    desk = Desk().ready(1)
    desk.refuse("SET", result, channel=1)
    (refused,) = desk.send(SOME, number=8)
    assert isinstance(refused, Refused)
    assert (refused.command, refused.code, refused.number) == (Command.OUTPUTS, result, 8)
    assert RESULT_MEANINGS[result] in refused.text
    began = len(desk.frames)
    desk.run(1_000 * MS)
    renewed = "RENEW" in desk.names(began)
    assert renewed == (result not in DISARMING), "after the arming has ended nothing is renewed"


def test_a_half_taken_change_is_uncertain_and_nothing_is_renewed_after_it() -> None:
    desk = Desk().ready(1, 2)
    desk.refuse("CONTRACT", Result.OVER_RISE, channel=2)
    (doubt,) = desk.send(SOME, Output(2, T, 30_000, swell()), number=3)
    assert isinstance(doubt, Uncertain)
    assert (doubt.command, doubt.number) == (Command.OUTPUTS, 3)
    assert "a part of the new outputs" in doubt.text
    began = len(desk.frames)
    desk.run(1_000 * MS)
    assert "RENEW" not in desk.names(began)


@pytest.mark.parametrize("amplitude", [199, 201, 0, 1_200])
def test_an_echo_of_another_amplitude_is_uncertain_and_nothing_is_renewed_after_it(amplitude: int) -> None:
    """F07: what passes the CRC by chance is caught by the answer."""
    desk = Desk().ready(1)
    desk.replies["SET"] = {"each": [{"channel": 1, "amplitude": amplitude}]}
    (doubt,) = desk.send(SOME, number=3)
    assert isinstance(doubt, Uncertain)
    assert doubt.number == 3
    assert "channel 1 is at" in doubt.text
    began = len(desk.frames)
    desk.run(1_000 * MS)
    assert "RENEW" not in desk.names(began)
    with pytest.raises(RuntimeError, match="prepare"):
        desk.send(SOME)


def test_a_repeat_has_the_same_bytes_and_the_next_command_the_next_number() -> None:
    desk = Desk().ready(1)
    began = len(desk.frames)
    desk.replies["CONTRACT"] = None
    desk.send(Output(1, T, 20_000, swell()))
    desk.run(130 * MS)
    asked = desk.frames[began:]
    assert [frame.command for frame in asked] == ["CONTRACT"] * 3
    assert len({frame.raw for frame in asked}) == 1
    desk.stop()
    assert desk.frames[-1].params["seq"] == asked[0].params["seq"] + 1


def test_sequence_numbers_go_on_after_65_535_with_0() -> None:
    desk = Desk()
    desk.driver._exchange._next_number = 65_530
    desk.ready(1)
    assert only(Acked, desk.send(SOME)) == [Acked(Command.OUTPUTS, 1)]
    assert [frame.params["seq"] for frame in desk.frames][4:8] == [65_534, 65_535, 0, 1]


def test_an_answer_to_an_earlier_number_is_ignored_and_counted() -> None:
    """F12."""
    desk = Desk().ready(1)
    desk.replies["SET"] = None
    desk.send(SOME)
    before = desk.driver.late_answers
    old = {"seq": desk.frames[-1].params["seq"] - 1, "epoch": EPOCH, "result": 0, "each": [{"channel": 1, "amplitude": 200}]}
    assert desk.say("SET_ANSWER", **old) == []
    assert desk.driver.busy
    assert desk.driver.late_answers == before + 1


OTHER = train(width_us=500)


def test_zero_takes_the_place_of_what_is_not_written_yet() -> None:
    """A pause that comes in the middle of a change by way of zero: no current begins after it."""
    desk = Desk().ready(1, 2)
    desk.send(SOME, Output(2, T, 20_000))
    desk.replies["TRAIN"] = None
    began = len(desk.frames)
    desk.send(Output(1, OTHER, 20_000), Output(2, OTHER, 20_000), number=2)
    assert desk.names(began) == ["SET", "TRAIN"]
    assert desk.driver.busy
    assert desk.driver.gives_way
    assert desk.send(number=3) == [], "one command at a time"
    with pytest.raises(RuntimeError, match="outstanding"):
        desk.send(SOME, number=4)
    desk.replies["TRAIN"] = {}
    assert only(Acked, desk.run(100 * MS)) == [Acked(Command.OUTPUTS, 3)]
    assert desk.names(began) == ["SET", "TRAIN", "TRAIN", "SET"]
    assert desk.frames[began + 2].raw == desk.frames[began + 1].raw
    assert desk.frames[-1].params["each"] == []
    assert desk.in_force == {}


def test_zero_takes_the_place_of_outputs_that_wait_for_a_renewal() -> None:
    desk = Desk().ready(1)
    desk.replies["RENEW"] = None
    desk.run(200 * MS)
    asked = desk.frames[-1].params
    assert desk.send(SOME, number=1) == []
    assert desk.names()[-1] == "RENEW"
    assert desk.send(number=2) == []
    desk.say("RENEW_ANSWER", seq=asked["seq"], epoch=EPOCH, result=0, **block(1))
    assert desk.run() == [Acked(Command.OUTPUTS, 2)]
    assert [f.params["each"] for f in desk.frames if f.command == "SET"] == [[]]


@pytest.mark.parametrize("reply", [{"result": 3, "channel": 1}, None], ids=["refused", "not answered"])
def test_what_goes_wrong_with_a_change_that_zero_has_cut_short_is_told_of_the_zero(reply: dict[str, int] | None) -> None:
    desk = Desk().ready(1)
    desk.send(SOME)
    desk.replies["TRAIN"] = None
    desk.send(Output(1, OTHER, 20_000), number=2)
    desk.send(number=3)
    desk.replies["TRAIN"] = reply
    (doubt,) = only(Uncertain, desk.run(200 * MS))
    assert (doubt.command, doubt.number) == (Command.OUTPUTS, 3)
    assert desk.names()[-1] != "SET"


def test_a_renewal_that_is_due_goes_between_the_trains_of_a_change() -> None:
    """TRAIN renews no lease: a change of eight channels over a slow link would outlast it."""
    desk = Desk().ready(*range(1, 9))
    desk.send(*(Output(c, T, 20_000) for c in range(1, 9)))
    desk.replies["TRAIN"] = None
    began = len(desk.frames)
    desk.send(*(Output(c, OTHER, 20_000) for c in range(1, 9)), number=2)
    for _ in range(8):
        desk.run(45 * MS)
        asked = desk.frames[-1].params
        assert desk.names()[-1] == "TRAIN"
        desk.say("TRAIN_ANSWER", seq=asked["seq"], epoch=0, result=0)
        desk.run()
    names = desk.names(began)
    assert (names[0], names.count("TRAIN"), names[-1]) == ("SET", 8, "SET")
    assert names.count("RENEW") == 8 * 45 // 100
    assert {f.params["channels"] for f in desk.frames[began:] if f.command == "RENEW"} == {0}
    assert desk.events[-1] == Acked(Command.OUTPUTS, 2)
