"""Envelopes: what device, site, protocol and patient may do to the hard ceilings, and what they may not."""

from dataclasses import replace

import pytest

from emscontrol.core.errors import SafetyRefusal
from emscontrol.core.stimulator import Capabilities
from emscontrol.safety.envelope import BOUNDS, ChannelEnvelope, envelope_for, hard_envelope, intersect
from tests.unit.safety.bench import device


def envelope(channel: int = 1, **changes: object) -> ChannelEnvelope:
    given: dict[str, object] = {
        "area_mm2": 4_500,
        "capabilities": device(),
        "muscle": "quad_rf",
        "protocol_cap_ua": None,
        "patient_cap_ua": None,
    }
    return envelope_for(channel, **(given | changes))  # type: ignore[arg-type]


def test_the_hard_ceilings_are_those_of_the_sheet() -> None:
    hard = hard_envelope(3, 2_500, denervation=True)
    assert {bound.name: hard.bound(bound.name) for bound in BOUNDS} == {
        "amplitude_max_ua": 1_000_000,
        "width_max_us": 1_000,
        "width_min_us": 50,
        "long_width_max_us": 600_000,
        "period_min_us": 6_667,  # 150 Hz, never faster
        "charge_max_pc": 75_000_000,
        "rms_max_ua": 50_000,
        "energy_max_uj": 300_000,
        "long_pulse_peak_max_ua": 80_000,
        "dc_max_ua": 80_000,
        "dc_density_max_na_per_cm2": 200_000,
        "density_max_ua_per_cm2": 2_000,
        "density_warn_percent": 80,
        "power_density_max_uw_per_cm2": 100_000,
        "step_max_ua": 1_000,
        "hand_rise_max_ua_per_s": 5_000,
        "ramp_min_us": 500_000,
        "resume_ramp_min_us": 2_000_000,
        "rise_max_ua_per_s": 2_000_000,
    }
    assert (hard.channel, hard.area_mm2) == (3, 2_500)


@pytest.mark.parametrize(
    ("changes", "amplitude_ua", "who"),
    [
        ({"muscle": "gastroc"}, 100_000, "gastrocnemius"),
        ({"capabilities": device(amplitude_max_ua=90_000)}, 90_000, "range of Bench 8"),
        ({"capabilities": device(voltage_max_mv=85_000)}, 85_000, "voltage of Bench 8"),
        ({"protocol_cap_ua": 70_000}, 70_000, "cap of the protocol"),
        ({"patient_cap_ua": 37_500}, 37_500, "cap of the patient"),
        ({"patient_cap_ua": 37_500, "protocol_cap_ua": 37_499}, 37_499, "cap of the protocol"),
        ({"patient_cap_ua": 0}, 0, "cap of the patient"),
        ({"protocol_cap_ua": 0}, 0, "cap of the protocol"),
        ({"child": True}, 60_000, "cap for a child"),
        ({"muscle": "ecr"}, 60_000, "wrist extensors"),
        ({"muscle": "trap_up"}, 25_000, "face and neck"),
        ({"capabilities": device(watchdog_us=0)}, 10_000, "no dead-man in Bench 8"),
        ({"capabilities": device(watchdog_us=2_000_001)}, 10_000, "no dead-man in Bench 8"),
        ({"capabilities": device(watchdog_us=2_000_000), "muscle": "gastroc"}, 100_000, "gastrocnemius"),
    ],
)
def test_the_tightest_amplitude_wins_and_says_whose_it_is(changes: dict[str, object], amplitude_ua: int, who: str) -> None:
    made = envelope(**changes)
    assert made.amplitude_max_ua == amplitude_ua
    assert who in made.set_by("amplitude_max_ua").source


@pytest.mark.parametrize(
    "changes", [{"protocol_cap_ua": 10**9}, {"patient_cap_ua": 10**9}, {"capabilities": device(amplitude_max_ua=10**9)}]
)
def test_a_looser_figure_changes_nothing(changes: dict[str, object]) -> None:
    assert envelope(**changes).amplitude_max_ua == 130_000


def test_the_device_narrows_width_and_rate() -> None:
    made = envelope(capabilities=device(width_min_us=60, width_max_us=500, period_min_us=20_000))
    assert (made.width_min_us, made.width_max_us, made.period_min_us) == (60, 500, 20_000)
    assert made.set_by("period_min_us").source == "range of Bench 8"
    wide = envelope(capabilities=device(width_min_us=1, width_max_us=4_000, period_min_us=1))
    assert (wide.width_min_us, wide.width_max_us, wide.period_min_us) == (50, 1_000, 6_667)


def test_long_pulses_only_within_a_device_that_declares_them() -> None:
    assert envelope().long_width_max_us == 0
    assert envelope(capabilities=device(denervation=True, width_max_us=200_000)).long_width_max_us == 200_000
    assert envelope(capabilities=device(denervation=True, width_max_us=900_000)).long_width_max_us == 600_000
    assert envelope(capabilities=device(denervation="yes", width_max_us=900_000)).long_width_max_us == 0


def test_the_density_warning_can_be_halved() -> None:
    assert envelope(halve_density_warning=True).density_warn_percent == 50
    assert envelope().density_warn_percent == 80


def test_a_rise_is_at_most_the_whole_amplitude_over_the_shortest_ramp() -> None:
    assert envelope().rise_max_ua_per_s == 260_000
    assert envelope(patient_cap_ua=30_000).rise_max_ua_per_s == 60_000
    slower = envelope().tightened(ramp_min_us=1_000_000, source="protocol")
    assert slower.rise_max_ua_per_s == 130_000
    assert slower.tightened(rise_max_ua_per_s=9_000, source="plan").rise_max_ua_per_s == 9_000


@pytest.mark.parametrize(
    "changes",
    [
        {"area_mm2": None},
        {"area_mm2": 0},
        {"area_mm2": -2_500},
        {"area_mm2": 2_500.0},
        {"area_mm2": float("nan")},
        {"area_mm2": True},
        {"muscle": None},
        {"muscle": "quads"},
        {"muscle": "pec"},
        {"muscle": "facial_zyg"},
        {"muscle": "submental"},
        {"channel": 9},
        {"channel": 0},
        {"channel": -1},
        {"channel": None},
        {"channel": 1.0},
        {"protocol_cap_ua": -1},
        {"protocol_cap_ua": float("nan")},
        {"patient_cap_ua": float("inf")},
        {"patient_cap_ua": "30"},
        {"capabilities": device(amplitude_max_ua=-1)},
        {"capabilities": device(amplitude_max_ua=None)},
        {"capabilities": device(width_max_us=float("nan"))},
        {"capabilities": device(channels=None)},
    ],
)
def test_what_is_missing_unknown_or_hostile_is_refused(changes: dict[str, object]) -> None:
    given = {"channel": 1, **changes}
    with pytest.raises(SafetyRefusal):
        envelope(**given)  # type: ignore[arg-type]


@pytest.mark.parametrize("value", [None, -1, float("nan"), float("inf"), 1.0, True, "1"])
@pytest.mark.parametrize("bound", [bound.name for bound in BOUNDS])
def test_a_bound_is_never_set_to_something_that_is_no_whole_number(bound: str, value: int) -> None:
    with pytest.raises(SafetyRefusal):
        hard_envelope(1, 2_500).tightened(source="hostile", **{bound: value})
    with pytest.raises(SafetyRefusal):
        replace(hard_envelope(1, 2_500), **{bound: value})


def test_an_unknown_bound_is_refused() -> None:
    with pytest.raises(SafetyRefusal, match="area_mm2"):
        hard_envelope(1, 2_500).tightened(source="protocol", area_mm2=10_000)


@pytest.mark.parametrize("bound", BOUNDS, ids=lambda bound: bound.name)
def test_no_envelope_wider_than_the_hard_ceilings_can_be_made(bound: object) -> None:
    name, hard, _origin, at_least = bound  # type: ignore[misc]
    with pytest.raises(SafetyRefusal, match=name):
        replace(hard_envelope(1, 2_500), **{name: hard - 1 if at_least else hard + 1})


def test_an_envelope_must_say_where_its_bounds_come_from() -> None:
    with pytest.raises(SafetyRefusal):
        replace(hard_envelope(1, 2_500), origins=())


def test_channels_do_not_mix() -> None:
    with pytest.raises(SafetyRefusal):
        intersect(hard_envelope(1, 2_500), hard_envelope(2, 2_500))


def test_the_smaller_electrode_counts() -> None:
    assert intersect(hard_envelope(1, 2_500), hard_envelope(1, 1_600)).area_mm2 == 1_600


def test_capabilities_of_the_bench_are_complete() -> None:
    assert isinstance(device(), Capabilities)
