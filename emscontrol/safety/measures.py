"""What each rule measures on an output, and how much of it is allowed.

Every measure takes an output and an envelope and gives a whole number, or None where the rule does not apply. Every allowance
gives the limit and who set it.
"""

from collections.abc import Callable
from typing import Final

from emscontrol.core.pulse import Output, Shape, Waveform
from emscontrol.core.units import US_PER_S
from emscontrol.safety import dose
from emscontrol.safety.envelope import ChannelEnvelope, Origin
from emscontrol.safety.limits import LIMITS

Measure = Callable[[Output, ChannelEnvelope], int | None]
Allowance = Callable[[Output, ChannelEnvelope], tuple[int, Origin]]

LONG_SHAPES: Final = (Shape.TRIANGULAR, Shape.LONG_BIPHASIC)
LONG_FROM_US: Final = LIMITS["IEC_LONG_PULSE_FROM"].value
NO_OVERLAP: Final = Origin("arithmetic: a pulse must end before the next begins", "D")


def bounded_by(name: str) -> Allowance:
    """The limit is this bound of the envelope."""
    return lambda _output, envelope: (envelope.bound(name), envelope.set_by(name))


def amplitude(output: Output, _envelope: ChannelEnvelope) -> int:
    return output.amplitude_ua


def is_long(waveform: Waveform) -> bool:
    """Whether this is a pulse for denervated muscle: of a shape for it, and longer than any innervated muscle needs."""
    return waveform.shape in LONG_SHAPES and waveform.width_us > LIMITS["WIDTH_CEILING"].value


def width(output: Output, _envelope: ChannelEnvelope) -> int:
    return output.train.waveform.width_us


def short_width(output: Output, _envelope: ChannelEnvelope) -> int | None:
    return None if is_long(output.train.waveform) else output.train.waveform.width_us


def long_width(output: Output, _envelope: ChannelEnvelope) -> int | None:
    """A pulse that is named a long one needs the device for it however short it is; no other limit is loosened by the name."""
    waveform = output.train.waveform
    return waveform.width_us if is_long(waveform) or waveform.shape is Shape.LONG_BIPHASIC else None


def time_per_pulse(output: Output, _envelope: ChannelEnvelope) -> int:
    return output.train.period_us // output.train.burst_pulses


def busy(output: Output, _envelope: ChannelEnvelope) -> int:
    return dose.busy_us(output.train)


def whole_period(output: Output, _envelope: ChannelEnvelope) -> tuple[int, Origin]:
    return output.train.period_us, NO_OVERLAP


def pulse_in_burst(output: Output, _envelope: ChannelEnvelope) -> int | None:
    return dose.pulse_duration_us(output.train) if output.train.burst_pulses > 1 else None


def burst_interval(output: Output, _envelope: ChannelEnvelope) -> tuple[int, Origin]:
    return output.train.burst_interval_us, NO_OVERLAP


def charge(output: Output, _envelope: ChannelEnvelope) -> int | None:
    return None if is_long(output.train.waveform) else dose.charge_per_phase_pc(output)


def rms(output: Output, _envelope: ChannelEnvelope) -> int:
    return dose.rms_ua(output)


def burst_rms(output: Output, _envelope: ChannelEnvelope) -> int | None:
    return dose.burst_rms_ua(output) if output.train.burst_pulses > 1 else None


def burst_rms_limit(output: Output, envelope: ChannelEnvelope) -> tuple[int, Origin]:
    """The row of the table by the rate inside the burst: up to 400 Hz, up to 1500 Hz, above."""
    interval_us = output.train.burst_interval_us
    if interval_us * 400 >= US_PER_S:
        return envelope.rms_max_ua, envelope.set_by("rms_max_ua")
    limit = LIMITS["IEC_RMS_1500" if interval_us * 1_500 >= US_PER_S else "IEC_RMS_HF"]
    return limit.value, Origin(limit.source, limit.mark)


def energy(output: Output, _envelope: ChannelEnvelope) -> int | None:
    return dose.energy_per_pulse_uj(output) if dose.pulse_duration_us(output.train) < LONG_FROM_US else None


def long_pulse_peak(output: Output, _envelope: ChannelEnvelope) -> int | None:
    return output.amplitude_ua if dose.pulse_duration_us(output.train) >= LONG_FROM_US else None


def dc(output: Output, _envelope: ChannelEnvelope) -> int:
    return -(-abs(dose.net_dc_na(output)) // 1_000)


def dc_density(output: Output, envelope: ChannelEnvelope) -> int:
    return dose.dc_density_na_per_cm2(output, envelope.area_mm2)


def net_charge(output: Output, _envelope: ChannelEnvelope) -> int:
    return dose.net_charge_pc(output)


def balance_limit(output: Output, _envelope: ChannelEnvelope) -> tuple[int, Origin]:
    share, floor = LIMITS["BALANCE_PERCENT"], LIMITS["BALANCE_FLOOR"]
    limit = share if dose.charge_per_phase_pc(output) * share.value > floor.value * 100 else floor
    return max(dose.charge_per_phase_pc(output) * share.value // 100, floor.value), Origin(limit.text, limit.mark)


def density(output: Output, envelope: ChannelEnvelope) -> int:
    return dose.density_ua_per_cm2(output, envelope.area_mm2)


def power_density(output: Output, envelope: ChannelEnvelope) -> int:
    return dose.power_density_uw_per_cm2(output, envelope.area_mm2)
