"""The formulas of electrical dose, one function a row, for every pulse shape in the field.

The ids F1 to F11 are those of the limits sheet. Currents are µA, times µs, charges pC (= µA × µs), action integrals µA²·µs,
areas mm². A shape's charge and action are exact fractions; where π or e comes in, they are the next fraction above. Results in
whole numbers are rounded against the patient: a dose up, an amplitude that may be used down.
"""

from collections.abc import Sequence
from decimal import ROUND_CEILING, Context, Decimal
from fractions import Fraction
from itertools import pairwise
from math import isqrt
from typing import Final, NamedTuple

from emscontrol.core.units import US_PER_S
from emscontrol.safety.limits import LIMITS

LOAD_OHM: Final = LIMITS["IEC_LOAD"].value
MM2_PER_CM2: Final = 100
PI_BELOW: Final = Fraction(314159265358979, 10**14)  # just below π, so that 2/π comes out above
RAMP_MEAN_SQUARE: Final = Fraction(1, 3)  # F2: mean square over a straight ramp, against its plateau
MODULATED: Final = Fraction(3, 16)  # F2: mean square of a fully modulated sine (raised cosine), against peak²
_DIGITS: Final = Context(prec=40)
_DIGITS_UP: Final = Context(prec=40, rounding=ROUND_CEILING)


class PhaseDose(NamedTuple):
    """One phase: its charge (pC, without sign) and its action integral (µA²·µs)."""

    charge_pc: Fraction
    action: Fraction


# ---------------------------------------------------------------- F1, phase by phase


def rectangle(peak_ua: int, time_us: int) -> PhaseDose:
    """Current on, current off."""
    return PhaseDose(Fraction(abs(peak_ua) * time_us), Fraction(peak_ua**2 * time_us))


def triangle(peak_ua: int, time_us: int) -> PhaseDose:
    """A straight rise, a straight fall, or one after the other."""
    return PhaseDose(Fraction(abs(peak_ua) * time_us, 2), Fraction(peak_ua**2 * time_us, 3))


def trapezoid(peak_ua: int, rise_us: int, flat_us: int, fall_us: int) -> PhaseDose:
    """A straight rise, a plateau, a straight fall."""
    slopes_us = rise_us + fall_us
    return PhaseDose(
        abs(peak_ua) * (flat_us + Fraction(slopes_us, 2)),
        peak_ua**2 * (flat_us + Fraction(slopes_us, 3)),
    )


def half_sine(peak_ua: int, time_us: int) -> PhaseDose:
    """Half a period of a sine; the charge is the next fraction above 2·I·t/π."""
    return PhaseDose(2 * abs(peak_ua) * time_us / PI_BELOW, Fraction(peak_ua**2 * time_us, 2))


def exponential(peak_ua: int, time_constant_us: int, time_us: int) -> PhaseDose:
    """A decay from the peak, cut off after `time_us`; both figures are the next fractions above."""
    once, twice = (1 - _decayed_below(times * time_us, time_constant_us) for times in (1, 2))
    return PhaseDose(abs(peak_ua) * time_constant_us * once, peak_ua**2 * Fraction(time_constant_us, 2) * twice)


def points(curve: Sequence[tuple[int, int]]) -> PhaseDose:
    """Straight lines between points (time, current). Raises ValueError for time running back or a line through zero."""
    charge, action = Fraction(0), Fraction(0)
    for (start_us, from_ua), (end_us, to_ua) in pairwise(curve):
        if end_us < start_us:
            raise ValueError(f"time runs back from {start_us} µs to {end_us} µs")
        if from_ua * to_ua < 0:
            raise ValueError(f"the current changes sign between {start_us} and {end_us} µs: put a point where it is zero")
        time_us = end_us - start_us
        charge += Fraction(time_us * (abs(from_ua) + abs(to_ua)), 2)
        action += Fraction(time_us * (from_ua**2 + from_ua * to_ua + to_ua**2), 3)
    return PhaseDose(charge, action)


def balancing_ua(first_ua: int, first_us: int, second_us: int) -> Fraction:
    """The peak of a second phase of another duration that takes back the charge of the first."""
    return Fraction(first_ua * first_us, second_us)


# ---------------------------------------------------------------- F2, F8: r.m.s.


def train_rms_ua(action: Fraction, period_us: int, pulses: int = 1) -> int:
    """F2: r.m.s. current of pulses with this action, `pulses` of them each period (a burst counts all of its own)."""
    return root_up(action * pulses / period_us)


def carrier_rms_ua(peak_ua: int, duty: Fraction = Fraction(1)) -> int:
    """F2: r.m.s. current of a sine carrier that is on for this share of the time."""
    return root_up(peak_ua**2 * duty / 2)


def modulated_rms_ua(peak_ua: int) -> int:
    """F2: r.m.s. current of a sine carrier that is modulated down to zero and up again (interferential)."""
    return root_up(peak_ua**2 * MODULATED)


def pulse_rms_ua(peak_ua: int, phase_us: int, rate_mhz: int, phases: int = 1) -> int:
    """F11: r.m.s. current as makers' manuals print it, from peak, phase duration and rate; 2 phases when symmetrical."""
    return root_up(Fraction(peak_ua**2 * phase_us * phases * rate_mhz, 1_000 * US_PER_S))


def ramped_rms_ua(plateau_rms_ua: int, up_us: int, hold_us: int, down_us: int, off_us: int = 0) -> int:
    """F8: r.m.s. current over a contraction, or with `off_us` over the whole cycle. Ramps are inside on, not part of hold."""
    weighed_us = hold_us + (up_us + down_us) * RAMP_MEAN_SQUARE
    return root_up(plateau_rms_ua**2 * weighed_us / (up_us + hold_us + down_us + off_us))


# ---------------------------------------------------------------- F3 to F6


def mean_ua(charge_pc: Fraction, period_us: int, pulses: int = 1) -> int:
    """F3: average current of pulses with this charge; of all phases for the rectified mean, of their sum for the net one."""
    return up(abs(charge_pc) * pulses / period_us)


def mean_na(charge_pc: Fraction, period_us: int, pulses: int = 1) -> int:
    """F3 in nA, for the small direct currents."""
    return up(abs(charge_pc) * pulses * 1_000 / period_us)


def energy_uj(action: Fraction, load_ohm: int = LOAD_OHM) -> int:
    """F4: energy of one pulse (µJ)."""
    return up(action * load_ohm / 10**12)


def density_per_cm2(amount: Fraction | int, area_mm2: int) -> int:
    """F5: any amount over an area, for each cm²: r.m.s. current, direct current, charge."""
    return up(Fraction(amount) * MM2_PER_CM2 / real_area(area_mm2))


def rms_density_ua_per_cm2(action: Fraction, period_us: int, area_mm2: int, pulses: int = 1) -> int:
    """F5: r.m.s. current density (µA/cm²), without rounding the r.m.s. current first."""
    return root_up(action * pulses / period_us * Fraction(MM2_PER_CM2, real_area(area_mm2)) ** 2)


def power_density_uw_per_cm2(action: Fraction, period_us: int, area_mm2: int, pulses: int = 1) -> int:
    """F6: mean power over an area, into the test load (µW/cm²)."""
    return up(action * pulses * LOAD_OHM * MM2_PER_CM2 / (period_us * real_area(area_mm2) * 10**6))


# ---------------------------------------------------------------- F7, F9, F10


def duty(on_us: int, off_us: int) -> Fraction:
    """F7: share of the time that is on; ramps are inside on."""
    return Fraction(on_us, on_us + off_us)


def contractions(total_us: int, on_us: int, off_us: int) -> int:
    """F7: how many whole cycles fit."""
    return total_us // (on_us + off_us)


def reachable_ua(voltage_mv: int, resistance_ohm: int) -> int:
    """F9: the current that a voltage can drive through pads and skin."""
    return voltage_mv * 1_000 // resistance_ohm


def threshold_ua(rheobase_ua: int, chronaxie_us: int, width_us: int) -> int:
    """F10: the Weiss curve, the amplitude that just excites at this pulse width."""
    return rheobase_ua + rheobase_ua * chronaxie_us // width_us


def limited_output_pc(width_us: int) -> int:
    """The charge per phase that a proposal for limited output devices allows at this width: 20 µC + 28 µC/ms."""
    return LIMITS["LIMITED_Q_BASE"].value + LIMITS["LIMITED_Q_SLOPE"].value * width_us


# ---------------------------------------------------------------- the other way round: the largest amplitude that keeps a limit
# `unit_action` is the action of one pulse at 1 µA (µs): two phases of t µs make 2·t.


def amplitude_for_rms_ua(limit_ua: int, unit_action: Fraction, period_us: int, pulses: int = 1) -> int:
    """F2 turned round: the amplitude at which the train reaches this r.m.s. current."""
    return root_down(limit_ua**2 * period_us / (unit_action * pulses))


def amplitude_for_density_ua(
    limit_ua_per_cm2: int, unit_action: Fraction, period_us: int, area_mm2: int, pulses: int = 1
) -> int:
    """F5 turned round: the amplitude at which the train reaches this r.m.s. current density."""
    reached = Fraction(limit_ua_per_cm2 * real_area(area_mm2), MM2_PER_CM2) ** 2
    return root_down(reached * period_us / (unit_action * pulses))


def amplitude_for_power_ua(limit_uw_per_cm2: int, unit_action: Fraction, period_us: int, area_mm2: int, pulses: int = 1) -> int:
    """F6 turned round: the amplitude at which the train reaches this power density."""
    reached = Fraction(limit_uw_per_cm2 * real_area(area_mm2) * 10**6, LOAD_OHM * MM2_PER_CM2)
    return root_down(reached * period_us / (unit_action * pulses))


def amplitude_for_energy_ua(limit_uj: int, unit_action: Fraction) -> int:
    """F4 turned round: the amplitude at which one pulse reaches this energy."""
    return root_down(limit_uj * 10**12 / (LOAD_OHM * unit_action))


# ---------------------------------------------------------------- rounding


def up(exact: Fraction) -> int:
    """The smallest whole number that is not below this."""
    return -(-exact.numerator // exact.denominator)


def root_up(square: Fraction) -> int:
    """The smallest whole number that is not below the square root of this."""
    whole = up(square)
    root = isqrt(whole)
    return root if root * root == whole else root + 1


def root_down(square: Fraction) -> int:
    """The largest whole number that is not above the square root of this."""
    return isqrt(square.numerator // square.denominator)


def real_area(area_mm2: int) -> int:
    """The area itself. Raises ValueError when it is not a whole number of mm² above zero."""
    if type(area_mm2) is not int or area_mm2 <= 0:
        raise ValueError(f"an electrode area must be a whole number of mm² above zero, not {area_mm2!r}")
    return area_mm2


def _decayed_below(time_us: int, time_constant_us: int) -> Fraction:
    """A fraction just below e^(-time/constant)."""
    exponent = _DIGITS_UP.divide(Decimal(time_us), Decimal(time_constant_us))
    return Fraction(_DIGITS.next_minus(_DIGITS.exp(exponent.copy_negate())))
