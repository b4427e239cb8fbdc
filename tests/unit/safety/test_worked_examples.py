"""The worked examples of the limits sheet, each to four significant figures, and each again from floating point arithmetic."""

from decimal import Context, Decimal
from fractions import Fraction
from math import ceil, exp, pi, sqrt
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from emscontrol.core.pulse import Output, Shape
from emscontrol.safety import dose, formulas
from emscontrol.safety.envelope import hard_envelope
from emscontrol.safety.limits import LIMITS
from emscontrol.safety.rules import judge
from emscontrol.safety.verdict import Band
from tests.unit.safety.bench import output, train, verdict_of

FILE = Path(__file__).parents[2] / "data" / "worked_examples.yaml"
EXAMPLES = {example["id"]: example for example in YAML(typ="base", pure=True).load(FILE.read_text(encoding="utf-8"))}
MA = 1_000
THREE_FIGURES = {("T15_envelope_small", "density_mA"), ("T15_envelope_small", "I_max"), ("T16_envelope_disc", "density_mA"),
                 ("T16_envelope_disc", "I_max"), ("T21_long_pulse_edge", "I_max_99ms")}  # fmt: skip
"""Where the sheet itself prints three figures: 46.19, 60.01 and 77.85 become 46.2, 60.0 and 77.8 (cut, not rounded)."""


def agrees(example: str, quantity: str, value: int | Fraction | float, per: int = 1) -> None:
    """`value / per` is what the sheet prints for this quantity, to four significant figures."""
    printed = Decimal(EXAMPLES[example]["out"][quantity])
    got = Decimal(Fraction(value).numerator) / Decimal(Fraction(value).denominator) / per
    if (example, quantity) in THREE_FIGURES:
        assert abs(got - printed) <= Decimal("0.05"), (example, quantity, got)
    else:
        assert Context(prec=4).plus(got) == Context(prec=4).plus(printed), (example, quantity, got)


def rounded_up(value: float) -> int:
    """What a whole-number dose must be for this figure from floating point arithmetic, whose own error is taken off first."""
    return ceil(value - 1e-6 * max(1.0, abs(value)) * 1e-3)


def test_all_examples_of_the_sheet_are_here() -> None:
    assert [name.split("_")[0] for name in EXAMPLES] == [f"T{n}" for n in [*range(1, 21), 22, 21]]
    tested = {name for name in globals() if name.startswith("test_t")}
    for name in EXAMPLES:
        assert any(test.startswith(f"test_{name.split('_')[0].lower()}_") for test in tested), name


def test_t1_symmetrical_biphasic() -> None:
    one = output(80 * MA, train(300, 20_000))
    name = "T1_sym_biphasic"
    agrees(name, "Q_uC", dose.charge_per_phase_pc(one), 10**6)
    agrees(name, "I_rms_mA", dose.rms_ua(one), MA)
    agrees(name, "I_avg_mA", dose.mean_rectified_ua(one), MA)
    agrees(name, "I_dc_mA", dose.net_dc_na(one), 10**6)
    agrees(name, "E_mJ", dose.energy_per_pulse_uj(one), 1_000)
    assert dose.density_ua_per_cm2(one, 2_500) == 555  # 0.5543 mA/cm², the next µA up
    agrees(name, "J_rms", Fraction(dose.density_ua_per_cm2(one, 25), 100_000))  # a hundredth of the area: two figures more
    agrees(name, "J_peak", Fraction(one.amplitude_ua * 100, 2_500), MA)
    agrees(name, "Qdens_uC_cm2", dose.charge_density_pc_per_cm2(one, 2_500), 10**6)
    agrees(name, "P_W_cm2", dose.power_density_uw_per_cm2(one, 2_500), 10**6)
    assert dose.rms_ua(one) == rounded_up(80e3 * sqrt(2 * 50 * 300e-6))


def test_t2_monophasic_has_direct_current() -> None:
    phase = formulas.rectangle(80 * MA, 300)
    agrees("T2_monophasic_rect", "I_rms_mA", formulas.train_rms_ua(phase.action, 20_000), MA)
    agrees("T2_monophasic_rect", "I_dc_mA", formulas.mean_ua(phase.charge_pc, 20_000), MA)
    direct_na = formulas.mean_na(phase.charge_pc, 20_000)
    agrees("T2_monophasic_rect", "J_dc", formulas.density_per_cm2(direct_na, 2_500), 10**6)
    assert formulas.density_per_cm2(direct_na, 2_500) < LIMITS["J_DC"].value


def test_t3_asymmetrical_balanced() -> None:
    name = "T3_asym_balanced"
    one = output(60 * MA, train(250, 25_000, shape=Shape.ASYMMETRIC, ratio=4))
    agrees(name, "I2_mA", formulas.balancing_ua(60 * MA, 250, 1_000), MA)
    assert -one.train.waveform.phases(60 * MA)[1].peak_ua == formulas.balancing_ua(60 * MA, 250, 1_000)
    agrees(name, "Q_uC", dose.charge_per_phase_pc(one), 10**6)
    agrees(name, "W_uA2s", dose.pulse_dose(one).action / 10**12)  # µA²·µs to millionths of A²s
    assert dose.rms_ua(one) == rounded_up(60e3 * sqrt(40 * 250e-6 * 1.25))
    agrees(name, "I_rms_mA", dose.rms_ua(output(60 * MA * MA, one.train)), MA * MA)  # in nA, where rounding up does not show
    agrees(name, "E_mJ", Fraction(dose.pulse_dose(one).action * 500, 10**15))
    assert dose.energy_per_pulse_uj(one) == 563  # 562.5 µJ, never understated
    agrees(name, "I_dc_mA", dose.net_dc_na(one))


def test_t4_trapezoid_biphasic() -> None:
    name = "T4_trapezoid_biphasic"
    phase = formulas.trapezoid(50 * MA, 50, 200, 50)
    as_points = formulas.points([(0, 0), (50, 50 * MA), (250, 50 * MA), (300, 0)])
    assert as_points == phase
    period_us = 33_333  # the exact period of 30 Hz is a third longer; four figures do not see it
    agrees(name, "Q_uC", phase.charge_pc, 10**6)
    finer = formulas.trapezoid(50 * MA * MA, 50, 200, 50)  # in nA, where rounding up to the next whole does not show
    agrees(name, "I_rms_mA", formulas.train_rms_ua(2 * finer.action, period_us), MA * MA)
    agrees(name, "E_mJ", Fraction(2 * phase.action * 500, 10**15))
    agrees(name, "I_avg_mA", formulas.mean_na(2 * phase.charge_pc, period_us), MA * MA)


def test_t5_triangular_200_ms() -> None:
    name = "T5_triangular_200ms"
    phase = formulas.triangle(30 * MA, 200_000)
    agrees(name, "Q_uC", phase.charge_pc, 10**6)
    finer = formulas.triangle(30 * MA * MA, 200_000)  # in nA, where rounding up to the next whole does not show
    agrees(name, "I_rms_mA", formulas.train_rms_ua(finer.action, 2_000_000), MA * MA)
    agrees(name, "E_mJ", formulas.energy_uj(phase.action), 1_000)
    agrees(name, "I_dc_mA", formulas.mean_ua(phase.charge_pc, 2_000_000), MA)
    agrees(name, "J_dc", formulas.density_per_cm2(formulas.mean_na(phase.charge_pc, 2_000_000), 6_000), 10**6)
    agrees(name, "J_rms", Fraction(formulas.rms_density_ua_per_cm2(phase.action, 2_000_000, 60), 100_000))
    long_pulse = judge(
        output(30 * MA, train(200_000, 2_000_000, shape=Shape.TRIANGULAR)), hard_envelope(1, 6_000, denervation=True)
    )
    rules = {verdict.rule for verdict in long_pulse.verdicts}
    assert "IEC_LONG_PULSE" in rules  # 0.1 s or longer: the 80 mA row
    assert "IEC_E_PULSE" not in rules  # and not the 300 mJ row


def test_t6_russian() -> None:
    agrees("T6_russian", "I_rms_in_burst_mA", formulas.carrier_rms_ua(60 * MA), MA)
    agrees("T6_russian", "I_rms_train_mA", formulas.carrier_rms_ua(60 * MA, formulas.duty(10_000, 10_000)), MA)
    half_cycle = formulas.half_sine(60 * MA, 200)  # 2500 Hz
    agrees("T6_russian", "Q_halfcycle_uC", half_cycle.charge_pc, 10**6)
    assert float(half_cycle.charge_pc) == pytest.approx(2 * 60e3 * 200 / pi, rel=1e-12)
    assert formulas.train_rms_ua(half_cycle.action, 200) == formulas.carrier_rms_ua(60 * MA)


def test_t7_interferential() -> None:
    agrees("T7_am_interferential", "I_rms_mA", formulas.modulated_rms_ua(60 * MA), MA)


def test_t8_pulse_bursts() -> None:
    bursts = output(40 * MA, train(200, 500_000, pulses=8, interval_us=10_000))
    agrees("T8_pulse_bursts", "I_rms_mA", dose.rms_ua(bursts), MA)
    assert dose.burst_rms_ua(bursts) == 8 * MA  # inside the burst: 40 mA · sqrt(2 · 100 Hz · 200 µs)


def test_t9_exponential_decay() -> None:
    phase = formulas.exponential(50 * MA, 100, 300)
    agrees("T9_exp_decay", "Q_uC", phase.charge_pc, 10**6)
    agrees("T9_exp_decay", "W_nA2s", phase.action, 10**9)
    charge, action = 50e3 * 100 * (1 - exp(-3)), 50e3**2 * 50 * (1 - exp(-6))
    assert float(phase.charge_pc) == pytest.approx(charge, rel=1e-12)
    assert float(phase.action) == pytest.approx(action, rel=1e-12)


def test_t10_duty() -> None:
    name = "T10_duty"
    agrees(name, "duty", formulas.duty(10_000_000, 50_000_000))
    agrees(name, "contractions", formulas.contractions(15 * 60_000_000, 10_000_000, 50_000_000))
    cycle_ua = formulas.ramped_rms_ua(13_856, 0, 10_000_000, 0, 50_000_000)
    agrees(name, "cycle_rms_mA_if_no_ramps", cycle_ua, MA)


def test_t11_ramp_factor() -> None:
    over_on = formulas.ramped_rms_ua(10**9, 2_000_000, 6_000_000, 1_000_000)
    agrees("T11_ramp_factor", "rms_over_ON_div_plateau", over_on, 10**9)


@pytest.mark.parametrize("denervation", [False, True])
def test_t12_rise_pulse_is_refused(denervation: bool) -> None:
    name = "T12_rise_pulse_refused"
    one = output(250 * MA, train(60_000, 620_000, shape=Shape.LONG_BIPHASIC, gap_us=0))
    agrees(name, "f_Hz", Fraction(10**6, one.train.period_us))
    agrees(name, "I_rms_mA", dose.rms_ua(one), MA)
    agrees(name, "E_J", dose.energy_per_pulse_uj(one), 10**6)
    agrees(name, "J_rms", Fraction(dose.density_ua_per_cm2(one, 200), 100_000))
    agrees(name, "P_W_cm2", dose.power_density_uw_per_cm2(one, 20_000), 10**6)
    refused = {verdict.rule for verdict in judge(one, hard_envelope(1, 20_000, denervation=denervation)).refused}
    assert refused >= {"IEC_LONG_PULSE", "IEC_RMS"}
    assert ("LONG_PULSE" in refused) is not denervation


@pytest.mark.parametrize("denervation", [False, True])
def test_t13_rise_burst_is_refused(denervation: bool) -> None:
    name = "T13_rise_burst_refused"
    one = output(200 * MA, train(20_000, 50_000, shape=Shape.LONG_BIPHASIC, gap_us=0))
    agrees(name, "I_rms_mA", dose.rms_ua(one), MA)
    agrees(name, "E_J", dose.energy_per_pulse_uj(one), 10**6)
    agrees(name, "J_rms", Fraction(dose.density_ua_per_cm2(one, 200), 100_000))
    agrees(name, "P_W_cm2", dose.power_density_uw_per_cm2(one, 20_000), 10**6)
    refused = {verdict.rule for verdict in judge(one, hard_envelope(1, 20_000, denervation=denervation)).refused}
    assert refused >= {"IEC_E_PULSE", "IEC_RMS"}


def caps(width_us: int, rate_hz: int, area_mm2: int) -> dict[str, int]:
    """The largest amplitudes (µA) by each limit of the sheet's inverse check, for symmetrical rectangular pulses."""
    both_phases, period_us = Fraction(2 * width_us), 10**6 // rate_hz
    density_ua = LIMITS["DENSITY_BLOCK"].value
    return {
        "rms": formulas.amplitude_for_rms_ua(LIMITS["IEC_RMS_400"].value, both_phases, period_us),
        "current_density": formulas.amplitude_for_density_ua(density_ua, both_phases, period_us, area_mm2),
        "power": formulas.amplitude_for_power_ua(LIMITS["FDA_POWER"].value, both_phases, period_us, area_mm2),
        "energy": formulas.amplitude_for_energy_ua(LIMITS["IEC_E_PULSE"].value, both_phases),
        "volt": formulas.reachable_ua(150_000, 1_000),
        "device": 130 * MA,
    }


def test_t14_envelope_of_a_large_pad() -> None:
    name, found = "T14_envelope_5x5", caps(300, 50, 2_500)
    for quantity, cap in (("rms_mA", "rms"), ("density_mA", "current_density"), ("energy_mA", "energy"), ("power_mA", "power"),
                          ("device_mA", "device"), ("volt_mA", "volt")):  # fmt: skip
        agrees(name, quantity, found[cap], MA)
    agrees(name, "I_max", min(found.values()), MA)
    assert min(found, key=lambda cap: found[cap]) == EXAMPLES[name]["out"]["limiter"]


def test_t15_envelope_of_a_small_pad() -> None:
    name, found = "T15_envelope_small", caps(300, 50, 400)
    agrees(name, "density_mA", found["current_density"], MA)
    agrees(name, "power_mA", found["power"], MA)
    agrees(name, "I_max", min(found.values()), MA)
    assert min(found, key=lambda cap: found[cap]) == EXAMPLES[name]["out"]["limiter"]
    assert min(found.values()) == int(2e3 * 4 / sqrt(2 * 50 * 300e-6))


def test_t16_envelope_of_a_disc() -> None:
    name, found = "T16_envelope_disc", caps(350, 80, 710)
    agrees(name, "density_mA", found["current_density"], MA)
    agrees(name, "I_max", min(found.values()), MA)
    assert min(found, key=lambda cap: found[cap]) == EXAMPLES[name]["out"]["limiter"]


def test_t17_limited_output() -> None:
    limit_pc = formulas.limited_output_pc(300)
    agrees("T17_limited_output", "Q_limit_uC", limit_pc, 10**6)
    agrees("T17_limited_output", "I_limit_mA", Fraction(limit_pc, 300), MA)


@pytest.mark.parametrize("width_us", [100, 200, 300, 500])
def test_t18_weiss(width_us: int) -> None:
    agrees("T18_weiss", f"{width_us}us", formulas.threshold_ua(10 * MA, 250, width_us), MA)


def test_t19_half_contact_doubles_the_density() -> None:
    one = Output(1, train(300, 20_000), 80 * MA)
    agrees("T19_half_contact", "J_rms", dose.density_ua_per_cm2(one, 1_250), MA)


def test_t20_200_ma_on_20_cm2() -> None:
    one = output(200 * MA, train(450, 40_000))
    agrees("T20_200mA_450us_25Hz", "I_rms_mA", dose.rms_ua(one), MA)
    agrees("T20_200mA_450us_25Hz", "J_rms", dose.density_ua_per_cm2(one, 2_000), MA)
    agrees("T20_200mA_450us_25Hz", "J_rms_half_contact", dose.density_ua_per_cm2(one, 1_000), MA)


def test_t21_edge_between_energy_and_direct_current() -> None:
    name, envelope = "T21_long_pulse_edge", hard_envelope(1, 20_000, denervation=True)
    agrees(name, "I_max_99ms", formulas.amplitude_for_energy_ua(LIMITS["IEC_E_PULSE"].value, Fraction(99_000)), MA)
    agrees(name, "I_max_100ms", LIMITS["IEC_LONG_PULSE"].value, MA)
    shorter, longer = (train(width, 10**6, shape=Shape.LONG_BIPHASIC, gap_us=0) for width in (49_500, 50_000))
    bands = {
        (rule, ua): verdict_of(judge(output(ua, of), envelope), rule).band
        for rule, of, ua in (
            ("IEC_E_PULSE", shorter, 77_849),
            ("IEC_E_PULSE", shorter, 77_850),
            ("IEC_LONG_PULSE", longer, 80_000),
            ("IEC_LONG_PULSE", longer, 80_001),
        )
    }
    assert [band is Band.REFUSE for band in bands.values()] == [False, True, False, True]


def test_t22_compliance() -> None:
    agrees("T22_compliance", "I_achievable_mA", formulas.reachable_ua(154_000, 1_500), MA)
