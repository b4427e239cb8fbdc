"""How much an output does to the tissue under its electrode: charge, currents, energy, densities.

Every result is a whole number of the unit in the function's name, rounded up in magnitude: a dose is never understated, and
"at or below a whole limit" stays exact. An output is taken at its plateau: ramps and pauses, which would only lower a mean,
are left out. Bursts count with all their pulses.
"""

from fractions import Fraction
from functools import lru_cache
from typing import Final, NamedTuple

from emscontrol.core.pulse import Output, PhaseForm, Train
from emscontrol.safety import formulas

SHAPES: Final = {PhaseForm.RECTANGLE: formulas.rectangle, PhaseForm.TRIANGLE: formulas.triangle}


class PulseDose(NamedTuple):
    """One pulse: charge of its larger phase, of all phases, what is left of them (with sign), and its action integral."""

    largest_pc: Fraction
    total_pc: Fraction
    net_pc: Fraction
    action: Fraction


@lru_cache(maxsize=256)
def pulse_dose(output: Output) -> PulseDose:
    """F1 for both phases of one pulse at the output's amplitude, exact."""
    phases = output.train.waveform.phases(output.amplitude_ua)
    doses = [SHAPES[phase.form](phase.peak_ua, phase.duration_us) for phase in phases]
    signed = [dose.charge_pc if phase.peak_ua >= 0 else -dose.charge_pc for phase, dose in zip(phases, doses, strict=True)]
    charges = [dose.charge_pc for dose in doses]
    return PulseDose(
        max(charges), sum(charges, Fraction()), sum(signed, Fraction()), sum((d.action for d in doses), Fraction())
    )


def charge_per_phase_pc(output: Output) -> int:
    """F1: the charge of the larger phase (pC)."""
    return formulas.up(pulse_dose(output).largest_pc)


def net_charge_pc(output: Output) -> int:
    """What the phases of one pulse leave behind when they do not cancel (pC), without sign."""
    return formulas.up(abs(pulse_dose(output).net_pc))


def rms_ua(output: Output) -> int:
    """F2: r.m.s. current of the train (µA)."""
    return formulas.train_rms_ua(pulse_dose(output).action, output.train.period_us, output.train.burst_pulses)


def burst_rms_ua(output: Output) -> int:
    """F2 inside a burst: r.m.s. current while its pulses follow each other (µA); without bursts that of the train."""
    if output.train.burst_pulses == 1:
        return rms_ua(output)
    return formulas.train_rms_ua(pulse_dose(output).action, output.train.burst_interval_us)


def mean_rectified_ua(output: Output) -> int:
    """F3: average of the current without its sign (µA)."""
    return formulas.mean_ua(pulse_dose(output).total_pc, output.train.period_us, output.train.burst_pulses)


def net_dc_na(output: Output) -> int:
    """F3: direct current that is left because the phases do not cancel (nA), with its sign."""
    net_pc = pulse_dose(output).net_pc
    size = formulas.mean_na(net_pc, output.train.period_us, output.train.burst_pulses)
    return size if net_pc >= 0 else -size


def energy_per_pulse_uj(output: Output) -> int:
    """F4: energy of one pulse into the test load (µJ); the pause between the phases counts as none."""
    return formulas.energy_uj(pulse_dose(output).action)


def density_ua_per_cm2(output: Output, area_mm2: int) -> int:
    """F5: r.m.s. current density over the smaller electrode (µA/cm²)."""
    train = output.train
    return formulas.rms_density_ua_per_cm2(pulse_dose(output).action, train.period_us, area_mm2, train.burst_pulses)


def dc_density_na_per_cm2(output: Output, area_mm2: int) -> int:
    """F5: direct current density over the smaller electrode (nA/cm²), without sign."""
    train = output.train
    return formulas.density_per_cm2(abs(pulse_dose(output).net_pc) * train.burst_pulses * 1_000 / train.period_us, area_mm2)


def charge_density_pc_per_cm2(output: Output, area_mm2: int) -> int:
    """F5: charge of the larger phase over the smaller electrode (pC/cm²)."""
    return formulas.density_per_cm2(pulse_dose(output).largest_pc, area_mm2)


def power_density_uw_per_cm2(output: Output, area_mm2: int) -> int:
    """F6: mean power over the smaller electrode, reckoned into the test load (µW/cm²)."""
    train = output.train
    return formulas.power_density_uw_per_cm2(pulse_dose(output).action, train.period_us, area_mm2, train.burst_pulses)


def pulse_duration_us(train: Train) -> int:
    """From the start of the first phase to the end of the last."""
    return train.waveform.duration_us


def busy_us(train: Train) -> int:
    """How much of a period its pulse or its burst takes up."""
    return (train.burst_pulses - 1) * train.burst_interval_us + train.waveform.duration_us
