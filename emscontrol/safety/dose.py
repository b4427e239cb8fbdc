"""How much a pulse train does to the tissue under an electrode: charge, currents, energy, densities.

Every result is a whole number of the unit in the function's name, rounded up in magnitude: a dose is never understated,
and "at or below a whole limit" stays exact. The formulas are those of safety-limits §6, whose ids (F1 ..) stand beside
them; `formulas.py` has the same for every other pulse shape. An output is taken at its plateau: ramps and pauses, which
would only lower a mean, are left out. Bursts count with all their pulses.
"""

from math import isqrt
from typing import Final

from emscontrol.core.pulse import Output, Phase, PhaseForm, Train
from emscontrol.safety.limits import LIMITS

LOAD_OHM: Final = LIMITS["IEC_LOAD"].value
MM2_PER_CM2: Final = 100
_CHARGE: Final = {PhaseForm.RECTANGLE: 2, PhaseForm.TRIANGLE: 1}  # halves of peak × duration
_ACTION: Final = {PhaseForm.RECTANGLE: 3, PhaseForm.TRIANGLE: 1}  # thirds of peak² × duration


def charge_per_phase_pc(output: Output) -> int:
    """F1: the charge of the larger phase (pC)."""
    return _up(max(abs(_twice_charge(phase)) for phase in _phases(output)), 2)


def net_charge_pc(output: Output) -> int:
    """What the phases of one pulse leave behind when they do not cancel (pC), without sign."""
    return _up(abs(sum(_twice_charge(phase) for phase in _phases(output))), 2)


def rms_ua(output: Output) -> int:
    """F2: r.m.s. current of the train (µA)."""
    train = output.train
    return root_up(_thrice_action(output) * train.burst_pulses, 3 * train.period_us)


def burst_rms_ua(output: Output) -> int:
    """F2 inside a burst: r.m.s. current while its pulses follow each other (µA); without bursts that of the train."""
    train = output.train
    if train.burst_pulses == 1:
        return rms_ua(output)
    return root_up(_thrice_action(output), 3 * train.burst_interval_us)


def mean_rectified_ua(output: Output) -> int:
    """F3: average of the current without its sign (µA)."""
    train = output.train
    return _up(sum(abs(_twice_charge(phase)) for phase in _phases(output)) * train.burst_pulses, 2 * train.period_us)


def net_dc_na(output: Output) -> int:
    """F3: direct current that is left because the phases do not cancel (nA), with its sign."""
    train = output.train
    twice_charge = sum(_twice_charge(phase) for phase in _phases(output)) * train.burst_pulses
    size = _up(abs(twice_charge) * 1_000, 2 * train.period_us)
    return size if twice_charge >= 0 else -size


def energy_per_pulse_uj(output: Output) -> int:
    """F4: energy of one pulse into the test load (µJ); the pause between the phases counts as none."""
    return _up(_thrice_action(output) * LOAD_OHM, 3 * 10**12)


def density_ua_per_cm2(output: Output, area_mm2: int) -> int:
    """F5: r.m.s. current density over the smaller electrode (µA/cm²)."""
    train = output.train
    return root_up(
        _thrice_action(output) * train.burst_pulses * MM2_PER_CM2**2, 3 * train.period_us * _real_area(area_mm2) ** 2
    )


def dc_density_na_per_cm2(output: Output, area_mm2: int) -> int:
    """F5: direct current density over the smaller electrode (nA/cm²), without sign."""
    train = output.train
    twice_charge = abs(sum(_twice_charge(phase) for phase in _phases(output))) * train.burst_pulses
    return _up(twice_charge * 1_000 * MM2_PER_CM2, 2 * train.period_us * _real_area(area_mm2))


def charge_density_pc_per_cm2(output: Output, area_mm2: int) -> int:
    """F5: charge of the larger phase over the smaller electrode (pC/cm²)."""
    twice_charge = max(abs(_twice_charge(phase)) for phase in _phases(output))
    return _up(twice_charge * MM2_PER_CM2, 2 * _real_area(area_mm2))


def power_density_uw_per_cm2(output: Output, area_mm2: int) -> int:
    """F6: mean power over the smaller electrode, reckoned into the test load (µW/cm²)."""
    train = output.train
    work = _thrice_action(output) * train.burst_pulses * LOAD_OHM * MM2_PER_CM2
    return _up(work, 3 * train.period_us * _real_area(area_mm2) * 10**6)


def pulse_duration_us(train: Train) -> int:
    """From the start of the first phase to the end of the last."""
    return train.waveform.duration_us


def busy_us(train: Train) -> int:
    """How much of a period its pulse or its burst takes up."""
    return (train.burst_pulses - 1) * train.burst_interval_us + train.waveform.duration_us


def root_up(numerator: int, denominator: int) -> int:
    """The smallest whole number that is not below the square root of a fraction."""
    square = _up(numerator, denominator)
    root = isqrt(square)
    return root if root * root == square else root + 1


def _phases(output: Output) -> tuple[Phase, Phase]:
    return output.train.waveform.phases(output.amplitude_ua)


def _twice_charge(phase: Phase) -> int:
    """Twice the charge (pC), with its sign: whole for every phase form."""
    return _CHARGE[phase.form] * phase.peak_ua * phase.duration_us


def _thrice_action(output: Output) -> int:
    """Three times the action integral of one pulse (µA²·µs): whole for every phase form."""
    return sum(_ACTION[phase.form] * phase.peak_ua**2 * phase.duration_us for phase in _phases(output))


def _real_area(area_mm2: int) -> int:
    if type(area_mm2) is not int or area_mm2 <= 0:
        raise ValueError(f"an electrode area must be a whole number of mm² above zero, not {area_mm2!r}")
    return area_mm2


def _up(numerator: int, denominator: int) -> int:
    """A fraction of whole numbers, rounded up."""
    return -(-numerator // denominator)
