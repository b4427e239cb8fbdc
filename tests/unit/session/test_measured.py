"""What a stimulator measures, held against what is in force: each kind of lie is found, and an honest device never accused."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emscontrol.core.pulse import NOTHING, Output, Outputs, Shape, Swell, Train, Waveform
from emscontrol.core.stimulator import Reading, Telemetry
from emscontrol.session.measured import Measurements

EVERY_US = 100_000  # a measuring device is heard at each heartbeat
TRAIN = Train(Waveform(Shape.SYMMETRIC, 300), 20_000)
STEADY = Output(1, TRAIN, 20_000)
RAMPED = Output(1, TRAIN, 20_000, Swell(1, 2_000_000, 5_000_000, 1_000_000))
HONEST = Reading(1, 20_000, 20_000, 0, 1_000, clipped=False)


def honest(output: Output, at_us: int, ohm: int = 1_000) -> Reading:
    """What a truthful device says `at_us` after the output came into force, from the definition of its last pulse."""
    period_us = output.train.period_us
    starts = range(0, at_us + 1, period_us)
    shapes = [
        output.amplitude_ua if output.swell is None else output.swell.amplitude_ua(output.amplitude_ua, t) for t in starts
    ]
    flowing = [ua for ua in shapes if ua >= 100]
    last_ua = flowing[-1] // 100 * 100 if flowing else 0
    return Reading(1, last_ua, last_ua, len(flowing), ohm if flowing else None, clipped=False)


def walk(output: Output, for_us: int) -> Iterator[tuple[int, Telemetry]]:
    for at_us in range(0, for_us, EVERY_US):
        yield at_us, Telemetry((honest(output, at_us),), at_us + 7_000_000)


def first_cause(heard: Iterator[tuple[int, Telemetry]], output: Output | None = STEADY) -> tuple[int, str]:
    """(when, why) of the first deviation; (-1, "") when there is none."""
    measurements = Measurements()
    measurements.begin()
    measurements.put_in_force(NOTHING if output is None else Outputs((output,)), 0)
    for at_us, telemetry in heard:
        cause = measurements.deviation(telemetry, at_us)
        if cause:
            return at_us, cause
    return -1, ""


@pytest.mark.parametrize("output", [STEADY, RAMPED], ids=["steady", "contraction"])
def test_an_honest_device_is_not_accused(output: Output) -> None:
    assert first_cause(walk(output, 7_900_000), output) == (-1, "")


@settings(max_examples=120, deadline=None)
@given(
    rise_us=st.integers(0, 3_000_000),
    hold_us=st.integers(0, 4_000_000),
    fall_us=st.integers(0, 3_000_000),
    amplitude=st.integers(1, 1_200),
    period_us=st.integers(8_000, 2_000_000),
)
def test_no_honest_contraction_is_accused(rise_us: int, hold_us: int, fall_us: int, amplitude: int, period_us: int) -> None:
    swell = Swell(1, rise_us, hold_us, fall_us)
    output = Output(1, replace(TRAIN, period_us=period_us), amplitude * 100, swell)
    assert first_cause(walk(output, swell.end_us), output) == (-1, "")


def lied(change: dict[str, object], output: Output = STEADY) -> Iterator[tuple[int, Telemetry]]:
    for at_us, telemetry in walk(output, 10_000_000):
        yield at_us, replace(telemetry, readings=(replace(telemetry.readings[0], **change),))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("change", "word", "within_us"),
    [
        ({"amplitude_ua": 26_000}, "more than", 0),  # F27: 30 % above
        ({"amplitude_ua": 26_000, "set_ua": 26_000}, "more than", 300_000),  # F27 by a device that says it wanted this
        ({"amplitude_ua": 12_000}, "delivers 12", 500_000),  # F25: lower than commanded, three readings
        ({"amplitude_ua": 0, "set_ua": 0}, "delivers 0", 500_000),  # F25: acknowledged and not applied
    ],
)
def test_current_that_is_not_as_commanded_is_found_in_the_time_of_the_fault_matrix(
    change: dict[str, object], word: str, within_us: int
) -> None:
    at_us, cause = first_cause(lied(change))
    assert word in cause
    assert 0 <= at_us <= within_us


@pytest.mark.parametrize("drift", [0.9, 1.1])
def test_a_time_base_that_is_off_by_a_tenth_is_found_within_2_3_s(drift: float) -> None:
    def by_counter() -> Iterator[tuple[int, Telemetry]]:
        for at_us, telemetry in walk(STEADY, 10_000_000):
            yield at_us, replace(telemetry, readings=(honest(STEADY, int(at_us * drift)),))

    def by_clock() -> Iterator[tuple[int, Telemetry]]:
        for at_us, telemetry in walk(STEADY, 10_000_000):
            yield at_us, replace(telemetry, device_us=int(at_us * drift) + 5)

    for heard, word in ((by_counter(), "pulse rate"), (by_clock(), "clock")):
        at_us, cause = first_cause(heard)
        assert word in cause
        assert 2_000_000 <= at_us <= 2_300_000


def test_telemetry_that_stands_still_is_stale_within_330_ms() -> None:
    frozen = Telemetry((HONEST,), 1)
    at_us, cause = first_cause((at_us, frozen) for at_us in range(0, 2_000_000, 50_000))
    assert "stands still" in cause
    assert at_us <= 330_000


def test_pulses_on_a_channel_that_was_not_commanded() -> None:
    at_us, cause = first_cause(walk(STEADY, 2_000_000), None)
    assert "channel 1, which was not commanded" in cause
    assert at_us <= 400_000


def test_an_electrode_that_comes_off_slowly_is_found_by_its_impedance() -> None:
    def lifting() -> Iterator[tuple[int, Telemetry]]:
        for at_us, telemetry in walk(STEADY, 10_000_000):
            rising = 1_000 + max(0, at_us - 4_000_000) * 600 // 2_000_000  # 60 % in 2 s
            yield at_us, replace(telemetry, readings=(honest(STEADY, at_us, rising),))

    at_us, cause = first_cause(lifting())
    assert "impedance of channel 1" in cause
    assert 4_000_000 < at_us <= 6_300_000


def test_an_impedance_that_falls_with_the_rising_current_is_no_fault() -> None:
    """Skin: 10 kΩ at small current, about 1 kΩ at working current (physiology sheet 3.1)."""

    def skin() -> Iterator[tuple[int, Telemetry]]:
        for at_us, _ in walk(RAMPED, 7_900_000):
            reading = honest(RAMPED, at_us)
            ohm = 550 + 9_700 * 2_000 // (2_000 + reading.amplitude_ua)
            yield at_us, Telemetry((replace(reading, impedance_ohm=ohm),), at_us)

    assert first_cause(skin(), RAMPED) == (-1, "")


def test_counters_and_clocks_that_wrap_around_are_no_fault() -> None:
    def wrapping() -> Iterator[tuple[int, Telemetry]]:
        for at_us, telemetry in walk(STEADY, 6_000_000):
            reading = telemetry.readings[0]
            wrapped = replace(reading, pulses=(reading.pulses + 2**32 - 60) % 2**32)
            yield at_us, Telemetry((wrapped,), (at_us // 1_000 + 2**32 - 900) % 2**32 * 1_000)

    assert first_cause(wrapping()) == (-1, "")


def test_a_plateau_is_recorded_once_and_clipping_is_told_once() -> None:
    measurements = Measurements()
    measurements.begin()
    measurements.put_in_force(Outputs((RAMPED,)), 0)
    told = []
    for at_us, telemetry in walk(RAMPED, 7_900_000):
        clipped = replace(telemetry.readings[0], clipped=at_us > 3_000_000)
        told += measurements.worth_telling(replace(telemetry, readings=(clipped,)))
    assert [event.kind for event in told] == ["measured", "clipped"]
    assert told[0].args["amplitude_ua"] == 20_000


def test_a_device_that_skips_the_ramp_is_found_while_the_ramp_should_still_rise() -> None:
    slow = replace(RAMPED, swell=Swell(1, 5_000_000, 2_000_000, 1_000_000))
    at_plateau = (
        (at_us, Telemetry((replace(honest(STEADY, at_us), impedance_ohm=None),), at_us))
        for at_us in range(0, 5_000_000, EVERY_US)
    )
    at_us, cause = first_cause(at_plateau, slow)
    assert "more than the" in cause
    assert at_us <= 400_000


def test_a_plateau_that_is_kept_through_the_fall_is_found() -> None:
    falling = replace(RAMPED, swell=Swell(1, 0, 1_000_000, 3_000_000))
    kept = ((at_us, Telemetry((honest(STEADY, at_us),), at_us)) for at_us in range(0, 4_000_000, EVERY_US))
    at_us, cause = first_cause(kept, falling)
    assert "more than the" in cause
    assert 1_000_000 < at_us <= 1_800_000


def test_pulses_from_before_a_set_point_are_not_held_against_it() -> None:
    """At rest a stimulator is heard each 200 ms: its first word after the end still counts pulses from before."""
    measurements = Measurements()
    measurements.begin()
    measurements.put_in_force(Outputs((STEADY,)), 0)
    assert not measurements.deviation(Telemetry((honest(STEADY, 900_000),), 900_000), 900_000)
    measurements.put_in_force(NOTHING, 1_000_000)
    for at_us, pulses in ((1_050_000, 46), (1_240_000, 50), (1_440_000, 51), (1_640_000, 51), (1_840_000, 51)):
        reading = replace(HONEST, pulses=pulses)
        assert not measurements.deviation(Telemetry((reading,), at_us), at_us)


@pytest.mark.parametrize(
    ("change", "word"),
    [({"amplitude_ua": 0, "impedance_ohm": None, "clipped": True}, "delivers 0"), ({"impedance_ohm": 35}, "bridged")],
)
def test_single_pulses_that_reach_nobody_are_found_although_a_step_has_only_one(change: dict[str, object], word: str) -> None:
    """A search by single pulses gives one each two seconds, and another amplitude with each step."""
    measurements = Measurements()
    measurements.begin()
    causes = []
    for step in range(4):
        output = Output(1, replace(TRAIN, period_us=2_000_000), 6_000 + step * 1_000)
        at_us = step * 3_000_000
        measurements.put_in_force(Outputs((output,)), at_us)
        reading = replace(HONEST, amplitude_ua=output.amplitude_ua, set_ua=output.amplitude_ua, pulses=step + 1)
        causes.append(measurements.deviation(Telemetry((replace(reading, **change),), at_us + 100_000), at_us + 100_000))  # type: ignore[arg-type]
        measurements.put_in_force(NOTHING, at_us + 1_000_000)
    assert causes[:2] == ["", ""]
    assert word in causes[2]


def test_one_pulse_that_was_missed_is_no_fault() -> None:
    measurements = Measurements()
    measurements.begin()
    measurements.put_in_force(Outputs((STEADY,)), 0)
    for number in range(20):
        at_us = 400_000 + number * EVERY_US
        missed = replace(honest(STEADY, at_us), amplitude_ua=0 if number in (5, 6, 12) else 20_000)
        assert not measurements.deviation(Telemetry((missed,), at_us), at_us)


def test_a_clock_that_jumps_is_told_in_seconds_and_not_in_a_percentage_without_meaning() -> None:
    measurements = Measurements()
    measurements.begin()
    told = [
        measurements.deviation(Telemetry((honest(STEADY, at_us),), device_us), at_us)
        for at_us, device_us in ((0, 9_000_000), (1_000_000, 10_000_000), (2_100_000, 4_000_000))
    ]
    assert "ran back" in told[-1]
