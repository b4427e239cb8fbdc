"""Figures stay exact from the text of a file to the integers that everything else works with."""

from decimal import Decimal
from fractions import Fraction

import pytest
from pydantic import ValidationError

from emscontrol.core.pulse import Shape
from emscontrol.protocol.model import Protocol
from emscontrol.protocol.parts import Channel, Contract, Electrode, Group, Reference, Side
from emscontrol.protocol.travel import from_line, to_line
from tests.unit.protocol.samples import CHANNELS, GOOD, group, loaded, phase, protocol


def _group(**changes: object) -> Group:
    return loaded(protocol(phase(group(1, **changes), group(2)))).protocol.phases[0].groups[0]


def test_decimals_are_those_of_the_text() -> None:
    made = _group(rate_hz="33.3", ramp_up_s="0.7", intensity="{of: motor, fraction: 1.1}")
    assert (made.rate_hz, made.ramp_up_s, made.intensity.fraction) == (Decimal("33.3"), Decimal("0.7"), Decimal("1.1"))
    assert str(made.intensity.fraction) == "1.1"
    assert made.ramp_up_us == 700_000


def test_times_and_rates_become_whole_microseconds() -> None:
    made = _group(rate_hz=35, on_s="3.5", off_s="4.5", ramp_up_s="0.501", ramp_down_s="0.25")
    assert (made.on_us, made.off_us, made.cycle_us) == (3_500_000, 4_500_000, 8_000_000)
    assert (made.ramp_up_us, made.ramp_down_us) == (501_000, 250_000)
    assert made.period_us == 28_572  # 28 571.43 µs rounded up: never faster than asked
    assert Fraction(10**6, made.period_us) <= 35


def test_optional_keys_have_plain_defaults() -> None:
    made = _group()
    assert (made.interphase_gap_us, made.recovery_ratio, made.burst_pulses, made.burst_interval_us) == (None, 1, 1, 0)
    assert made.waveform is Shape.SYMMETRIC
    assert made.intensity.of is Reference.COMFORT


def test_bursts_gaps_and_recovery() -> None:
    made = _group(
        waveform="asymmetric", recovery_ratio=4, interphase_gap_us=100, burst="{pulses: 2, interval_ms: 5.5}", rate_hz=20
    )
    assert (made.recovery_ratio, made.interphase_gap_us, made.burst_pulses, made.burst_interval_us) == (4, 100, 2, 5_500)


@pytest.mark.parametrize(
    ("electrode", "area_mm2"),
    [
        ({"width_cm": 5, "height_cm": 9}, 4500),
        ({"width_cm": Decimal("7.5"), "height_cm": 13}, 9750),
        ({"width_cm": Decimal("4.01"), "height_cm": Decimal("6.4")}, 2566),  # 25.664 cm², rounded down
        ({"diameter_cm": Decimal("3.2")}, 804),  # 8.0425 cm²; the muscle catalogue says 8.0
        ({"diameter_cm": Decimal("2.1")}, 346),  # 3.4636 cm²; the muscle catalogue says 3.5
    ],
)
def test_areas_are_rounded_down(electrode: dict[str, object], area_mm2: int) -> None:
    assert Electrode.model_validate(electrode).area_mm2 == area_mm2


def test_an_electrode_without_a_size_has_no_area() -> None:
    with pytest.raises(ValueError, match="width_cm and height_cm"):
        _ = Electrode().area_mm2


def test_the_cap_of_a_channel_is_in_microamperes() -> None:
    text = protocol(channels=CHANNELS.replace("    label: rectus", "    amplitude_cap_ma: 62.5\n    label: rectus"))
    channels = loaded(text).protocol.channels
    assert (channels[1].amplitude_cap_ua, channels[2].amplitude_cap_ua) == (62_500, None)
    assert (channels[1].side, channels[2].side) == (Side.LEFT, Side.RIGHT)


def test_phases_count_contractions_or_last() -> None:
    by_time = phase(group(1), group(2), contractions=None, duration_s="90.5", contract="staggered", stagger_s="0.25")
    made = loaded(protocol(phase(), by_time)).protocol.phases
    assert (made[0].contractions, made[0].duration_us, made[0].stagger_us) == (5, None, 0)
    assert (made[1].contractions, made[1].duration_us, made[1].stagger_us) == (None, 90_500_000, 250_000)
    assert made[1].contract is Contract.STAGGERED


def test_nothing_of_a_protocol_can_be_changed() -> None:
    made = loaded(GOOD).protocol
    with pytest.raises(ValidationError, match="frozen"):
        made.title = "another"  # type: ignore[misc]


@pytest.mark.parametrize("wrong", [5.0, "5", True, Decimal("NaN"), Decimal("Infinity"), None])
def test_figures_made_by_a_program_are_as_strict(wrong: object) -> None:
    with pytest.raises(ValidationError):
        Electrode.model_validate({"width_cm": wrong, "height_cm": 9} if wrong is not None else {"width_cm": [], "height_cm": 9})


def test_a_protocol_made_by_a_program_obeys_the_rules() -> None:
    data = loaded(GOOD).protocol.model_dump()
    data["phases"][0]["groups"][0]["on_s"] = Decimal(2)
    with pytest.raises(ValidationError, match=r"phases.0.groups.0.on_s: .*ramps lie inside on"):
        Protocol.model_validate(data)


@pytest.mark.parametrize("key", ["format", "revision"])
def test_a_flag_is_no_whole_number(key: str) -> None:
    data = loaded(GOOD).protocol.model_dump()
    assert Protocol.model_validate(data)
    with pytest.raises(ValidationError, match=key):
        Protocol.model_validate({**data, key: True})


def test_a_muscle_comes_from_the_catalogue() -> None:
    channel = Channel.model_validate({"muscle": "quad_rf", "side": "left", "label": "x", "electrode": {"diameter_cm": 5}})
    assert channel.muscle == "quad_rf"


def test_a_protocol_survives_the_trip_to_the_engine() -> None:
    made = loaded(
        protocol(phase(group(1, rate_hz="33.3"), group(2, burst="{pulses: 2, interval_ms: 8.5}", rate_hz=20)))
    ).protocol
    line = to_line(made)
    assert "\n" not in line
    assert from_line(line) == made


def test_a_muscle_by_its_name_is_told_its_ids_and_not_a_look_alike() -> None:
    from emscontrol.protocol.part_rules import muscle_in_catalogue

    finding = next(iter(muscle_in_catalogue(Channel.model_construct(muscle="quadriceps"))))
    assert "quad_all" in finding.right
    assert "triceps," not in finding.right
