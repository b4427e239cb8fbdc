"""What must hold for every pulse: scaling, additivity, order of shapes, and agreement with an independent computation."""

from decimal import Decimal, localcontext
from fractions import Fraction
from math import isqrt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emscontrol.core.pulse import Output, Shape, Train, Waveform
from emscontrol.safety import dose, formulas

AMPLITUDES = st.integers(0, 300_000)
TIMES = st.integers(1, 200_000)
AREAS = st.integers(1, 20_000)
QUICK = settings(max_examples=150, deadline=None)


@st.composite
def outputs(draw: st.DrawFn) -> Output:
    shape = draw(st.sampled_from(list(Shape)))
    ratio = draw(st.integers(1, 12)) if shape is Shape.ASYMMETRIC else 1
    waveform = Waveform(shape, draw(st.integers(1, 5_000)), draw(st.integers(0, 500)), ratio)
    pulses = draw(st.integers(1, 5))
    interval_us = draw(st.integers(waveform.duration_us, 20_000 + waveform.duration_us)) if pulses > 1 else 0
    period_us = draw(st.integers((pulses - 1) * interval_us + waveform.duration_us, 2_000_000))
    return Output(1, Train(waveform, period_us, pulses, interval_us), draw(AMPLITUDES))


def with_amplitude(output: Output, amplitude_ua: int) -> Output:
    return Output(output.channel, output.train, amplitude_ua)


def oracle(output: Output) -> tuple[Fraction, Fraction, Fraction]:
    """Charge of the first phase (pC), net charge (pC) and action (µA²·µs), straight from the definition of the pulse."""
    waveform, i1 = output.train.waveform, output.amplitude_ua
    i2, t1, t2 = i1 // waveform.recovery_ratio, waveform.width_us, waveform.width_us * waveform.recovery_ratio
    q, w = (Fraction(1, 2), Fraction(1, 3)) if waveform.shape is Shape.TRIANGULAR else (Fraction(1), Fraction(1))
    return q * i1 * t1, q * (i1 * t1 - i2 * t2), w * (i1 * i1 * t1 + i2 * i2 * t2)


def is_root_up(root: int, square: Fraction) -> bool:
    """Whether `root` is the smallest whole number not below the square root."""
    return root**2 >= square and (root == 0 or (root - 1) ** 2 < square)


def is_up(whole: int, exact: Fraction) -> bool:
    """Whether `whole` is the smallest whole number not below this."""
    return whole - 1 < exact <= whole


@QUICK
@given(outputs(), AREAS)
def test_every_dose_is_the_exact_one_rounded_up(output: Output, area_mm2: int) -> None:
    charge, net, action = oracle(output)
    f = Fraction(output.train.burst_pulses, output.train.period_us)  # pulses per µs
    area_cm2 = Fraction(area_mm2, 100)
    assert is_up(dose.charge_per_phase_pc(output), charge)
    assert is_up(dose.net_charge_pc(output), abs(net))
    assert is_root_up(dose.rms_ua(output), f * action)
    assert is_up(dose.mean_rectified_ua(output), f * (2 * charge - net))
    assert is_up(abs(dose.net_dc_na(output)), f * abs(net) * 1_000)
    assert dose.net_dc_na(output) >= 0  # the second phase is rounded down, so what is left has the sign of the first
    assert is_up(dose.energy_per_pulse_uj(output), 500 * action / 10**12)  # µA²·µs·Ω is 1e-12 µJ
    assert is_root_up(dose.density_ua_per_cm2(output, area_mm2), f * action / area_cm2**2)
    assert is_up(dose.dc_density_na_per_cm2(output, area_mm2), f * abs(net) * 1_000 / area_cm2)
    assert is_up(dose.charge_density_pc_per_cm2(output, area_mm2), charge / area_cm2)
    assert is_up(dose.power_density_uw_per_cm2(output, area_mm2), f * action * 500 / area_cm2 / 10**6)
    if output.train.burst_pulses > 1:
        assert is_root_up(dose.burst_rms_ua(output), action / output.train.burst_interval_us)
    else:
        assert dose.burst_rms_ua(output) == dose.rms_ua(output)


@QUICK
@given(outputs(), st.integers(2, 9), AREAS)
def test_rms_scales_with_amplitude_energy_and_power_with_its_square(output: Output, times: int, area_mm2: int) -> None:
    ratio = output.train.waveform.recovery_ratio
    one = with_amplitude(output, output.amplitude_ua // ratio * ratio)  # where both phases scale alike
    more = with_amplitude(one, one.amplitude_ua * times)
    assert dose.pulse_dose(more).action == times**2 * dose.pulse_dose(one).action
    assert times * (dose.rms_ua(one) - 1) < dose.rms_ua(more) <= times * dose.rms_ua(one)
    for measure in (dose.energy_per_pulse_uj, lambda o: dose.power_density_uw_per_cm2(o, area_mm2)):
        assert times**2 * (measure(one) - 1) <= measure(more) <= times**2 * measure(one)


@QUICK
@given(outputs(), st.integers(1, 10_000))
def test_halving_the_area_doubles_density_and_power(output: Output, half_mm2: int) -> None:
    for measure in (dose.density_ua_per_cm2, dose.power_density_uw_per_cm2, dose.dc_density_na_per_cm2):
        half, whole = measure(output, half_mm2), measure(output, 2 * half_mm2)
        assert 2 * whole - 1 <= half <= 2 * whole


@QUICK
@given(AMPLITUDES, TIMES, TIMES)
def test_a_rectangle_in_two_pieces_is_the_same_rectangle(peak_ua: int, first_us: int, second_us: int) -> None:
    first, second = formulas.rectangle(peak_ua, first_us), formulas.rectangle(peak_ua, second_us)
    whole = formulas.rectangle(peak_ua, first_us + second_us)
    assert (first.charge_pc + second.charge_pc, first.action + second.action) == whole
    line = [(0, peak_ua), (first_us, peak_ua), (first_us + second_us, peak_ua)]
    assert formulas.points(line) == whole


@QUICK
@given(AMPLITUDES, TIMES, TIMES, TIMES)
def test_a_triangle_is_no_more_than_a_trapezoid_and_that_no_more_than_a_rectangle(
    peak_ua: int, rise_us: int, flat_us: int, fall_us: int
) -> None:
    total_us = rise_us + flat_us + fall_us
    shapes = (
        formulas.triangle(peak_ua, total_us),
        formulas.trapezoid(peak_ua, rise_us, flat_us, fall_us),
        formulas.rectangle(peak_ua, total_us),
    )
    assert shapes[0].charge_pc <= shapes[1].charge_pc <= shapes[2].charge_pc
    assert shapes[0].action <= shapes[1].action <= shapes[2].action


@QUICK
@given(AMPLITUDES, TIMES, TIMES, TIMES)
def test_a_trapezoid_is_what_its_points_say(peak_ua: int, rise_us: int, flat_us: int, fall_us: int) -> None:
    line = [(0, 0), (rise_us, peak_ua), (rise_us + flat_us, peak_ua), (rise_us + flat_us + fall_us, 0)]
    assert formulas.points(line) == formulas.trapezoid(peak_ua, rise_us, flat_us, fall_us)
    assert formulas.points([(0, 0), (rise_us, peak_ua), (rise_us + fall_us, 0)]) == formulas.triangle(
        peak_ua, rise_us + fall_us
    )


@QUICK
@given(st.integers(1, 300_000), st.integers(1, 5_000), st.integers(1, 50_000))
def test_decay_and_sine_lie_between_nothing_and_a_rectangle(peak_ua: int, constant_us: int, time_us: int) -> None:
    box = formulas.rectangle(peak_ua, time_us)
    for phase in (formulas.exponential(peak_ua, constant_us, time_us), formulas.half_sine(peak_ua, time_us)):
        assert 0 < phase.charge_pc <= box.charge_pc
        assert 0 < phase.action <= box.action


PI = Decimal("3.14159265358979323846264338327950288419716939937510582097494459")


@QUICK
@given(st.integers(1, 300_000), st.integers(1, 5_000), st.integers(1, 50_000))
def test_where_pi_and_e_come_in_the_dose_is_just_above_the_true_one(peak_ua: int, constant_us: int, time_us: int) -> None:
    decay = formulas.exponential(peak_ua, constant_us, time_us)
    half_sine = formulas.half_sine(peak_ua, time_us)
    with localcontext() as context:
        context.prec = 60
        gone = [1 - Fraction((-times * Decimal(time_us) / constant_us).exp()) for times in (1, 2)]
    true = [
        (2 * peak_ua * time_us / Fraction(PI), half_sine.charge_pc),
        (peak_ua * constant_us * gone[0], decay.charge_pc),
        (peak_ua**2 * constant_us * gone[1] / 2, decay.action),
    ]
    for exact, given_as in true:
        assert exact < given_as < exact * (1 + Fraction(1, 10**12))


@QUICK
@given(st.integers(0, 10**9), st.integers(0, 10**7), st.integers(0, 10**7), st.integers(0, 10**7), st.integers(0, 10**8))
def test_ramps_and_pauses_only_lower_the_rms(plateau_ua: int, up_us: int, hold_us: int, down_us: int, off_us: int) -> None:
    if up_us + hold_us + down_us == 0:
        return
    over_on = formulas.ramped_rms_ua(plateau_ua, up_us, hold_us, down_us)
    over_cycle = formulas.ramped_rms_ua(plateau_ua, up_us, hold_us, down_us, off_us)
    assert over_cycle <= over_on <= plateau_ua
    assert 3 * over_on**2 >= plateau_ua**2  # a ramp alone is a third


@QUICK
@given(st.integers(1, 10**12), st.integers(1, 10**6))
def test_roots_are_exact_to_the_unit(numerator: int, denominator: int) -> None:
    square = Fraction(numerator, denominator)
    assert is_root_up(formulas.root_up(square), square)
    assert formulas.root_down(square) == isqrt(numerator // denominator)
    assert formulas.root_down(square) ** 2 <= square < (formulas.root_down(square) + 1) ** 2


@QUICK
@given(st.integers(1, 50_000), st.integers(1, 1_000), st.integers(1, 1_000), st.integers(1, 1_000))
def test_a_wider_pulse_needs_no_more_amplitude(rheobase_ua: int, chronaxie_us: int, width_us: int, wider_by_us: int) -> None:
    narrow = formulas.threshold_ua(rheobase_ua, chronaxie_us, width_us)
    assert rheobase_ua <= formulas.threshold_ua(rheobase_ua, chronaxie_us, width_us + wider_by_us) <= narrow


@QUICK
@given(AMPLITUDES, st.integers(1, 5_000), st.integers(1, 150_000), st.sampled_from([1, 2]))
def test_the_printed_formula_of_the_manuals_is_the_same_as_the_action_integral(
    peak_ua: int, phase_us: int, rate_mhz: int, phases: int
) -> None:
    action = formulas.rectangle(peak_ua, phase_us).action * phases
    square = action * rate_mhz / 10**9
    assert is_root_up(formulas.pulse_rms_ua(peak_ua, phase_us, rate_mhz, phases), square)


@pytest.mark.parametrize(("line", "why"), [([(0, 10), (10, -10)], "changes sign"), ([(10, 10), (5, 10)], "runs back")])
def test_points_that_cannot_be_one_phase_are_refused(line: list[tuple[int, int]], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        formulas.points(line)
    assert formulas.points([(0, 10), (5, 0), (10, -10)]).charge_pc == 50


@pytest.mark.parametrize("area_mm2", [0, -1, 2.5, None, True, float("nan")])
def test_no_density_without_a_real_area(area_mm2: int) -> None:
    output = Output(1, Train(Waveform(Shape.SYMMETRIC, 300), 20_000), 1_000)
    for measure in (dose.density_ua_per_cm2, dose.power_density_uw_per_cm2, dose.dc_density_na_per_cm2):
        with pytest.raises(ValueError, match="area"):
            measure(output, area_mm2)
