"""What a reference stimulator can do, from its page."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emscontrol.core.pulse import Shape
from emscontrol.devices.reference.commands import COMMANDS, LEASE_MAX_MS, ShapeCode
from emscontrol.devices.reference.profile import CAPABILITIES, SHAPE_CODES, ReferenceProfile, lowered, unusable
from tests.unit.devices.driver_bench import train
from tests.unit.devices.reference_desk import CAPABLE

PROFILE = ReferenceProfile()


def misfit(of: object) -> str:
    return " ".join(PROFILE.misfits({1: of}))  # type: ignore[dict-item]


def test_the_ranges_are_those_of_the_command_table() -> None:
    """The same figures, declared twice: for the wire and for the compiler."""
    fields = {(c.name, f.name): f for c in COMMANDS for f in c.request if hasattr(f, "high")}
    amplitude, width = fields["LIMITS", "amplitude_max"], fields["TRAIN", "width_us"]
    gap, period, pulses = fields["TRAIN", "gap_us"], fields["TRAIN", "period_us"], fields["TRAIN", "burst_pulses"]
    assert CAPABILITIES.amplitude_max_ua == amplitude.high * 100 == 120_000
    assert (CAPABILITIES.width_min_us, CAPABILITIES.width_max_us) == (width.low, width.high) == (20, 200_000)
    assert (CAPABILITIES.gap_min_us, CAPABILITIES.gap_max_us) == (gap.low, gap.high) == (0, 1_000)
    assert (CAPABILITIES.period_min_us, CAPABILITIES.period_max_us) == (period.low, period.high) == (2_500, 5_000_000)
    assert CAPABILITIES.burst_max == pulses.high == 6
    assert CAPABILITIES.watchdog_us == LEASE_MAX_MS * 1_000 == 500_000


def test_every_shape_has_its_number() -> None:
    assert {shape.name: code.value for shape, code in SHAPE_CODES.items()} == {code.name: code.value for code in ShapeCode}
    assert CAPABILITIES.shapes == frozenset(Shape)


@given(ratio=st.integers(1, 10), amplitude_ua=st.integers(0, 120_000))
@settings(max_examples=100, deadline=None)
def test_an_amplitude_is_rounded_down_so_that_both_phases_are_in_steps(ratio: int, amplitude_ua: int) -> None:
    made_ua = PROFILE.quantise_amplitude(train(shape=Shape.ASYMMETRIC, ratio=ratio), amplitude_ua)
    assert made_ua == amplitude_ua - amplitude_ua % (100 * ratio)


def test_a_train_is_made_to_the_microsecond() -> None:
    asked = train(width_us=333, period_us=28_571, pulses=3, interval_us=4_567)
    assert PROFILE.quantise_train(asked) == asked


@pytest.mark.parametrize(
    ("width_us", "period_us", "rest", "fits"),
    [
        (1_000, 2_501, {"gap_us": 500}, True),
        (1_000, 2_500, {"gap_us": 500}, False),  # the pulse ends as the next begins
        (200_000, 400_101, {}, True),
        (200_000, 400_100, {}, False),
        (300, 4_001, {"ratio": 9, "gap_us": 1_000, "shape": Shape.ASYMMETRIC}, True),
        (300, 4_000, {"ratio": 9, "gap_us": 1_000, "shape": Shape.ASYMMETRIC}, False),
        (300, 20_701, {"pulses": 5, "interval_us": 5_000}, True),
        (300, 20_700, {"pulses": 5, "interval_us": 5_000}, False),
    ],
)
def test_pulses_end_before_the_next_period_begins(width_us: int, period_us: int, rest: dict[str, int], fits: bool) -> None:
    said = misfit(train(width_us, period_us, **rest))  # type: ignore[arg-type]
    assert (said == "") == fits
    assert fits or "must end them before the next begin" in said


@pytest.mark.parametrize(("interval_us", "fits"), [(700, False), (701, True), (1_000_000, True), (1_000_001, False)])
def test_the_pulses_of_a_burst_are_kept_apart(interval_us: int, fits: bool) -> None:
    said = misfit(train(300, 4_000_000, pulses=2, interval_us=interval_us))
    assert (said == "") == fits
    assert fits or "change the burst" in said


@pytest.mark.parametrize("ratio", [0, 1, 11])
def test_the_ratio_of_an_asymmetric_pulse_is_2_to_10(ratio: int) -> None:
    assert misfit(train(shape=Shape.ASYMMETRIC, ratio=ratio))
    assert misfit(train(shape=Shape.ASYMMETRIC, ratio=2)) == misfit(train(shape=Shape.ASYMMETRIC, ratio=10)) == ""


def test_each_channel_is_for_itself() -> None:
    slow = train(200_000, 5_000_000, shape=Shape.TRIANGULAR)
    assert PROFILE.misfits({1: train(20, 2_500, gap_us=0), 2: slow, 8: train(300, 33_333)}) == ()
    assert PROFILE.slot_delays_us(frozenset({1, 5})) == {1: 0, 5: 0}


def test_a_device_can_be_used_when_two_renewals_fit_into_its_lease() -> None:
    assert unusable(CAPABILITIES) == ""
    assert unusable(lowered({**CAPABLE, "lease_max_ms": 200})[0]) == ""
    assert "199 ms" in unusable(lowered({**CAPABLE, "lease_max_ms": 199})[0])


@pytest.mark.parametrize(
    ("field", "value", "word"),
    [
        ("channels", 0, "no channel"),
        ("amplitude_max", 0, "no current"),
        ("shapes", 0, "no shape"),
        ("width_min_us", 200_001, "no pulse width"),
        ("period_min_us", 5_000_001, "no rate"),
        ("burst_max", 0, "no single pulses"),
    ],
)
def test_a_device_that_can_do_nothing_says_what_is_missing(field: str, value: int, word: str) -> None:
    assert word in unusable(lowered({**CAPABLE, field: value})[0])
