"""Skin and electrodes against the physiology sheet (§3) and an independent slow integration."""

from math import sqrt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_sim.body.circuit import CP_F, Circuit
from firmware_sim.body.pulse import Pulse, Shape

PLENTY_MV = 10_000_000
SHEET = Pulse(30_000, 300)


def test_the_worked_example() -> None:
    circuit = Circuit()
    assert circuit.rp_ohm(30) == pytest.approx(906, rel=0.005)
    assert circuit.flow(SHEET, PLENTY_MV).start_mv == pytest.approx(7_500, rel=0.01)
    ends = [circuit.flow(Pulse(30_000, t), PLENTY_MV).end_mv / 1000 for t in (50, 100, 200, 300)]
    assert ends == pytest.approx([14.05, 19.03, 25.67, 29.49], rel=0.01)
    assert Circuit(area=0.1).flow(SHEET, PLENTY_MV).end_mv == pytest.approx(294_900, rel=0.01)


def test_clipping() -> None:
    flow = Circuit(area=0.25).flow(SHEET, 60_000)
    assert flow.fraction == pytest.approx(0.617, abs=0.01)
    assert (flow.clipped, flow.peak_ua, flow.peak_mv) == (True, 30_000, 60_000)
    assert flow.effective_ma(SHEET) == pytest.approx(30 * 0.617, abs=0.3)


def slowly(circuit: Circuit, pulse: Pulse, voltage_mv: int) -> tuple[float, float]:
    """Charge over set charge and the largest voltage, by steps of a two-thousandth of the pulse."""
    steps = 2000
    rs, rp, cp = circuit.rs_ohm(), circuit.rp_ohm(pulse.amplitude_ma), CP_F * circuit.area
    dt, most_v, charge, set_charge, peak, on_skin = pulse.width_us * 1e-6 / steps, voltage_mv / 1000, 0.0, 0.0, 0.0, 0.0
    for step in range(steps):
        wanted = pulse.amplitude_ua / 1e6 * ((step + 0.5) / steps if pulse.shape == "triangular" else 1.0)
        current = min(wanted, (most_v - on_skin) / rs)
        charge, set_charge = charge + current * dt, set_charge + wanted * dt
        settled = current * rp
        on_skin = settled + (on_skin - settled) * 2.718281828459045 ** (-dt / (rp * cp))
        peak = max(peak, on_skin + current * rs)
    return charge / set_charge, peak


@settings(max_examples=80, deadline=None)
@given(
    st.integers(1_000, 130_000),
    st.integers(20, 3_000),
    st.floats(0.02, 2.0),
    st.integers(20_000, 200_000),
    st.sampled_from(["rectangular", "triangular"]),
)
def test_the_closed_form_is_the_slow_integration(ua: int, width_us: int, area: float, voltage_mv: int, shape: Shape) -> None:
    pulse, circuit = Pulse(ua, width_us, shape), Circuit(area=area)
    flow = circuit.flow(pulse, voltage_mv)
    fraction, peak_v = slowly(circuit, pulse, voltage_mv)
    assert flow.fraction == pytest.approx(fraction, abs=0.01)
    assert flow.peak_mv / 1000 == pytest.approx(peak_v, rel=0.01, abs=0.05)
    assert 0 < flow.peak_ua <= ua
    assert flow.peak_mv <= voltage_mv
    assert (flow.fraction == 1.0) == (not flow.clipped)


@settings(max_examples=60, deadline=None)
@given(st.integers(1_000, 120_000), st.floats(0.02, 1.0), st.floats(0.02, 1.0))
def test_less_contact_never_lets_more_through(ua: int, one: float, two: float) -> None:
    low, high = sorted((one, two))
    worse, better = (Circuit(area=area).flow(Pulse(ua, 400), 150_000) for area in (low, high))
    assert worse.fraction <= better.fraction + 1e-12
    assert worse.end_mv >= better.end_mv


def test_nothing_connected() -> None:
    flow = Circuit(area=0.0).flow(SHEET, 150_000)
    assert (flow.fraction, flow.peak_ua, flow.peak_mv, flow.impedance_ohm) == (0.0, 0, 150_000, None)
    assert flow.is_open
    assert flow.looks_open(150_000)


def test_a_device_takes_an_edge_that_hardly_touches_for_open_and_a_dry_one_not() -> None:
    hardly, dry = (Circuit(area=area).flow(SHEET, 60_000) for area in (0.05, 0.25))
    assert hardly.looks_open(60_000)
    assert hardly.peak_ua > 0
    assert not dry.looks_open(60_000)


@pytest.mark.parametrize("ohm", [20, 50])
def test_a_short_drives_all_the_current_past_the_body(ohm: int) -> None:
    flow = Circuit(short_ohm=ohm).flow(SHEET, 150_000)
    assert (flow.fraction, flow.peak_ua, flow.effective_ma(SHEET)) == (1.0, 30_000, 0.0)
    assert flow.impedance_ohm is not None
    assert flow.impedance_ohm < 60


def test_a_balanced_pulse_leaves_a_remainder_that_fades_in_2_ms() -> None:
    at_once, later = Circuit().remainder_v(SHEET, 0), Circuit().remainder_v(SHEET, 2_000)
    assert at_once < 0
    assert later / at_once == pytest.approx(0.3679, rel=0.001)
    assert abs(Circuit().remainder_v(SHEET, 20_000)) < 0.001


def test_dose_arithmetic_of_the_sheet() -> None:
    pulse = Pulse(100_000, 400)
    assert pulse.amplitude_ma * sqrt(2 * pulse.width_us * 1e-6 * 50) == pytest.approx(20, rel=0.001)
    assert pulse.charge_pc == 40_000_000
