"""The limits in the device: what exceeds them is refused and changes nothing, and they only get tighter."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_sim.reference.tables import Result
from tests.unit.firmware_sim_reference.host import LIMITS, TRAIN, Host, contraction

WITH_LONG = {**LIMITS, "flags": 1, "shapes": 15, "width_max_us": 200_000, "charge_max_nc": 24_000_000}


def test_the_limits_are_read_back_as_they_were_set() -> None:
    host = Host()
    for channel in (1, 8):
        limits = {**LIMITS, "channel": channel, "amplitude_max": 10 * channel}
        host.ok("LIMITS", **limits)
        answer = host.ok("READ_LIMITS", channel=channel)
        assert {name: answer[name] for name in limits} == limits
    assert host.result("READ_LIMITS", channel=2) == (Result.NO_LIMITS, 2)


TRAINS = [
    ({"width_max_us": 249}, {}, Result.OVER_WIDTH),
    ({"width_max_us": 250}, {}, Result.OK),
    ({"period_min_us": 20_001}, {}, Result.OVER_RATE),
    ({"period_min_us": 20_000}, {}, Result.OK),
    ({"shapes": 0b1110}, {}, Result.OVER_SHAPE),
    ({"shapes": 0b0001}, {}, Result.OK),
    ({"shapes": 0b0011}, {"shape": 2}, Result.OVER_SHAPE),
    ({"burst_max": 2}, {"burst_pulses": 3, "burst_interval_us": 3000}, Result.OVER_SHAPE),
    ({"burst_max": 3}, {"burst_pulses": 3, "burst_interval_us": 3000}, Result.OK),
    ({"width_max_us": 200_000}, {"width_us": 1001}, Result.OVER_SHAPE),
    ({"width_max_us": 200_000}, {"width_us": 1000}, Result.OK),
    ({"width_max_us": 200_000, "flags": 1}, {"width_us": 1001}, Result.OK),
    ({"shapes": 15}, {"shape": 3}, Result.OVER_SHAPE),
    ({"shapes": 15, "flags": 1}, {"shape": 3}, Result.OK),
]


@pytest.mark.parametrize(("limits", "train", "result"), TRAINS)
@pytest.mark.parametrize("armed", [False, True])
def test_a_train_is_within_the_limits(limits: dict[str, int], train: dict[str, int], result: Result, armed: bool) -> None:
    host = Host()
    host.ok("LIMITS", channel=2, **{**LIMITS, **limits})
    if armed:
        host.arm()
    answer = host.result("TRAIN", channel=2, **{**TRAIN, **train})
    assert answer == (result, 2 if result else 0)
    if not armed:
        host.arm()
    row = {"channel": 2, "amplitude": 10}
    assert host.result("SET", each=[row]) == ((0, 0) if result == 0 else (Result.NO_TRAIN, 2))


def test_a_train_needs_its_limits_first() -> None:
    assert Host().result("TRAIN", channel=1, **TRAIN) == (Result.NO_LIMITS, 1)


EXCEEDING = [
    ("amplitude", {"amplitude_max": 99}, {}, 100, Result.OVER_AMPLITUDE),
    ("amplitude", {"amplitude_max": 100}, {}, 100, Result.OK),
    ("charge", {"charge_max_nc": 2499}, {}, 100, Result.OVER_CHARGE),  # 10 mA × 250 µs = 2500 nC
    ("charge", {"charge_max_nc": 2500}, {}, 100, Result.OK),
    ("charge of a triangle", {"charge_max_nc": 1249}, {"shape": 2}, 100, Result.OVER_CHARGE),
    ("charge of a triangle", {"charge_max_nc": 1250}, {"shape": 2}, 100, Result.OK),
    ("half a nC", {"charge_max_nc": 2}, {"width_us": 21}, 1, Result.OVER_CHARGE),  # 0.1 mA × 21 µs = 2.1 nC
    ("half a nC", {"charge_max_nc": 3}, {"width_us": 21}, 1, Result.OK),
    ("rise of a step", {"rise_max": 495}, {}, 101, Result.OVER_RISE),  # 49.5 × 0.2 s + 0.1 mA = 10 mA
    ("rise of a step", {"rise_max": 500}, {}, 101, Result.OK),
]


@pytest.mark.parametrize(("what", "limits", "train", "amplitude", "result"), EXCEEDING)
def test_what_exceeds_the_limits_is_refused(
    what: str, limits: dict[str, int], train: dict[str, int], amplitude: int, result: Result
) -> None:
    host = Host()
    host.prepare((1,))
    host.ready((2,), limits, **train)
    rows = [{"channel": 1, "amplitude": 1}, {"channel": 2, "amplitude": amplitude}]
    assert host.result("SET", each=rows) == (result, 2 if result else 0)
    assert host.port.stage.set_ua(1) == (100 if result == 0 else 0)  # as a whole, or not at all
    assert host.port.stage.set_ua(2) == (amplitude * 100 if result == 0 else 0)
    assert host.status()["state"] == (2 if result == 0 else 1)
    if not what.startswith("rise"):
        host.set()
        each = [contraction(2, amplitude, 60_000_000, 0, 0), contraction(1, 1, 60_000_000, 0, 0)]
        assert host.result("CONTRACT", each=each) == (result, 2 if result else 0)
        assert len(host.ok("SET", each=[])["each"]) == 0


@pytest.mark.parametrize(("rise_us", "result"), [(833_333, Result.OVER_RISE), (833_334, Result.OK), (0, Result.OVER_RISE)])
def test_a_contraction_rises_within_the_limit(rise_us: int, result: Result) -> None:
    """100 mA at 120 mA in a second takes 5/6 s."""
    host = Host()
    host.ready()
    each = [contraction(1, 1000, rise_us, 1, 0)]
    assert host.result("CONTRACT", each=each) == (result, 1 if result else 0)


def test_a_limit_of_no_rise_allows_one_step() -> None:
    host = Host()
    host.ready(limits={"rise_max": 0})
    assert host.result("CONTRACT", each=[contraction(1, 1, 60_000_000, 0, 0)]) == (Result.OVER_RISE, 1)
    host.set(c1=1)
    host.wait(400_000)
    assert host.result("SET", each=[{"channel": 1, "amplitude": 2}]) == (Result.OVER_RISE, 1)


def test_asymmetric_amplitudes_are_multiples_of_the_ratio() -> None:
    host = Host()
    host.ready(shape=1, recovery_ratio=4)
    for amplitude in (101, 102, 103):
        assert host.result("SET", each=[{"channel": 1, "amplitude": amplitude}]) == (Result.NO_BALANCE, 1)
        each = [contraction(1, amplitude, 1_000_000, 0, 0)]
        assert host.result("CONTRACT", each=each) == (Result.NO_BALANCE, 1)
    host.set(c1=100)


def test_the_step_of_the_credit_is_that_of_the_channel() -> None:
    host = Host()
    host.ready(limits={"rise_max": 0}, shape=1, recovery_ratio=4)
    host.set(c1=4)


ROOM = [
    ({"width_us": 1000, "gap_us": 500, "period_us": 2501}, Result.OK),
    ({"width_us": 1000, "gap_us": 500, "period_us": 2500}, Result.NO_ROOM),
    ({"shape": 1, "recovery_ratio": 9, "width_us": 300, "period_us": 3001}, Result.OK),
    ({"shape": 1, "recovery_ratio": 9, "width_us": 300, "period_us": 3000}, Result.NO_ROOM),
    ({"burst_pulses": 3, "burst_interval_us": 501, "period_us": 2500}, Result.OK),
    ({"burst_pulses": 3, "burst_interval_us": 500, "period_us": 20_000}, Result.NO_ROOM),
    ({"burst_pulses": 6, "burst_interval_us": 1000, "period_us": 5500}, Result.NO_ROOM),
    ({"burst_pulses": 6, "burst_interval_us": 1000, "period_us": 5501}, Result.OK),
    ({"burst_pulses": 2, "burst_interval_us": 0, "period_us": 5501}, Result.NO_ROOM),
    ({"shape": 3, "width_us": 200_000, "period_us": 400_000}, Result.NO_ROOM),
    ({"shape": 3, "width_us": 200_000, "period_us": 400_001}, Result.OK),
]


@pytest.mark.parametrize(("train", "result"), ROOM)
def test_pulses_end_before_the_next_begins(train: dict[str, int], result: Result) -> None:
    host = Host()
    host.ok("LIMITS", channel=1, **WITH_LONG)
    assert host.result("TRAIN", channel=1, **{**TRAIN, **train}) == (result, 1 if result else 0)


TIGHTER = {
    "flags": 0,
    "shapes": 0b0011,
    "burst_max": 3,
    "amplitude_max": 500,
    "width_max_us": 300,
    "period_min_us": 10_000,
    "charge_max_nc": 20_000,
    "rise_max": 600,
}


@pytest.mark.parametrize("field", TIGHTER)
def test_while_armed_each_field_can_only_get_tighter(field: str) -> None:
    host = Host()
    host.ready((1,), {**TIGHTER, "flags": 1})
    start = {**TIGHTER, "flags": 1}
    tighter_by = 1 if field == "period_min_us" else -1
    wider = {"flags": 1, "shapes": 0b0111}.get(field, start[field] - tighter_by)
    tighter = {"flags": 0, "shapes": 0b0001}.get(field, start[field] + tighter_by)
    if field != "flags":
        assert host.result("LIMITS", channel=1, **{**start, field: wider}) == (Result.WIDER, 1)
        assert host.ok("READ_LIMITS", channel=1)[field] == start[field]
    host.ok("LIMITS", channel=1, **{**start, field: tighter})
    assert host.ok("READ_LIMITS", channel=1)[field] == tighter
    assert host.result("LIMITS", channel=1, **start) == (Result.WIDER, 1)
    host.ok("STOP")
    host.ok("LIMITS", channel=1, **{**start, field: wider})


def test_while_armed_a_channel_without_limits_gets_none() -> None:
    host = Host()
    host.arm()
    assert host.result("LIMITS", channel=1, **LIMITS) == (Result.WIDER, 1)


@pytest.mark.parametrize(
    ("change", "result"),
    [
        ({"amplitude_max": 199}, Result.OVER_AMPLITUDE),
        ({"charge_max_nc": 4_999}, Result.OVER_CHARGE),
        ({"width_max_us": 249}, Result.OVER_WIDTH),
        ({"period_min_us": 20_001}, Result.OVER_RATE),
        ({"shapes": 6}, Result.OVER_SHAPE),
        ({"rise_max": 199}, Result.OVER_RISE),
        ({"amplitude_max": 200, "charge_max_nc": 5_000, "width_max_us": 250, "rise_max": 200}, Result.OK),
    ],
)
def test_what_is_in_force_fits_the_new_limits(change: dict[str, int], result: Result) -> None:
    host = Host()
    host.ready()
    host.ok("CONTRACT", each=[contraction(1, 200, 1_000_000, 1, 0)])
    assert host.result("LIMITS", channel=1, **{**LIMITS, **change}) == (result, 1 if result else 0)
    expected = {**LIMITS, **change} if result == 0 else LIMITS
    answer = host.ok("READ_LIMITS", channel=1)
    assert {name: answer[name] for name in expected} == expected


def test_arming_looks_at_trains_again() -> None:
    host = Host()
    host.prepare((1, 2))
    host.ok("LIMITS", channel=2, **{**LIMITS, "width_max_us": 200})
    assert host.result("ARM", lease_ms=500) == (Result.OVER_WIDTH, 2)
    assert host.status()["state"] == 0
    host.ok("LIMITS", channel=2, **LIMITS)
    host.arm()


def test_a_commanded_channel_keeps_its_train() -> None:
    host = Host()
    host.ready((1, 2))
    host.set(c1=10)
    assert host.result("TRAIN", channel=1, **{**TRAIN, "width_us": 100}) == (Result.BUSY_CHANNEL, 1)
    host.ok("TRAIN", channel=2, **{**TRAIN, "width_us": 100})
    host.set()
    host.ok("TRAIN", channel=1, **{**TRAIN, "width_us": 100})
    host.set(c1=10)
    assert host.port.stage.width_us(1) == 100


# ---- the credit of SET


def test_the_credit_is_spent_and_refills_to_the_microsecond() -> None:
    host = Host()
    host.ready(limits={"rise_max": 100})  # 10 mA in a second: 2 mA and one step at once, one step in 10 ms
    assert host.result("SET", each=[{"channel": 1, "amplitude": 22}]) == (Result.OVER_RISE, 1)
    host.set(c1=21)
    assert host.result("SET", each=[{"channel": 1, "amplitude": 22}]) == (Result.OVER_RISE, 1)
    host.wait(9_999)
    assert host.result("SET", each=[{"channel": 1, "amplitude": 22}]) == (Result.OVER_RISE, 1)
    host.wait(10_000)
    host.set(c1=22)
    host.wait(400_000)  # more than full
    assert host.result("SET", each=[{"channel": 1, "amplitude": 44}]) == (Result.OVER_RISE, 1)
    host.set(c1=43)


def test_lowering_gives_no_credit_back() -> None:
    host = Host()
    host.ready(limits={"rise_max": 100})
    host.set(c1=21)
    host.set(c1=1)
    assert host.result("SET", each=[{"channel": 1, "amplitude": 2}]) == (Result.OVER_RISE, 1)


def test_without_current_the_credit_is_full() -> None:
    host = Host()
    host.ready(limits={"rise_max": 100})
    host.set(c1=21)
    host.set(c1=0)
    host.set(c1=21)
    host.ok("STOP")
    host.ready(limits={"rise_max": 100})
    host.set(c1=21)


def test_a_set_may_raise_what_a_contraction_has_come_to() -> None:
    host = Host()
    host.ready(limits={"rise_max": 100})
    host.ok("CONTRACT", each=[contraction(1, 100, 1_000_000, 1_000_000, 0)])
    host.wait(409_999)  # 4.0 mA
    assert host.result("SET", each=[{"channel": 1, "amplitude": 62}]) == (Result.OVER_RISE, 1)
    host.set(c1=61)


@given(
    rise=st.integers(0, 2000),
    steps=st.lists(st.tuples(st.integers(0, 300_000), st.integers(0, 600)), min_size=1, max_size=25),
)
@settings(max_examples=80, deadline=None)
def test_any_course_of_sets_is_judged_as_the_page_says(rise: int, steps: list[tuple[int, int]]) -> None:
    """Against the credit in fractions of 0.1 mA: full = rise × 0.2 s + one step; it refills with rise × time."""
    host = Host()
    host.ready(limits={"rise_max": rise})
    full = Fraction(rise, 5) + 1
    credit, at_us, now = full, 0, 0
    for later_us, wanted in steps:
        host.wait(host.now_us + later_us)
        credit = min(full, credit + Fraction(rise * (host.now_us - at_us), 1_000_000)) if now else full
        at_us = host.now_us
        result, _ = host.result("SET", each=[{"channel": 1, "amplitude": wanted}])
        assert result == (Result.OVER_RISE if wanted - now > credit else Result.OK)
        if result == Result.OK:
            credit -= max(0, wanted - now)
            now = wanted
        else:
            host.ok("RENEW", state=2 if now else 1, channels=int(now > 0))
