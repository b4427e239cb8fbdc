"""Trains as the sheet defines them: pulses at k / f while k / f < on."""

from math import ceil

from firmware_sim.body.force import Fibres

S = 1_000_000


def pulse_times(begin_us: int, rate_hz: float, on_s: float) -> list[int]:
    """When the pulses of one train begin."""
    return [begin_us + round(k * S / rate_hz) for k in range(ceil(round(on_s * rate_hz, 6)))]


def peak_of_train(fibres: Fibres, begin_us: int, rate_hz: float, on_s: float, off_s: float = 0.5, r: float = 1.0) -> float:
    """Plays one train; the highest force over it and the rest that follows, looked at every millisecond."""
    times = pulse_times(begin_us, rate_hz, on_s)
    ends = [*times[1:], begin_us + round((on_s + off_s) * S)]
    peak = 0.0
    for at_us, end_us in zip(times, ends, strict=True):
        fibres.pulses(at_us, 0, 1, r)
        peak = max(peak, *(fibres.force_n(look_us) for look_us in range(at_us, min(end_us, at_us + 300_000), 1000)))
    return peak


def peak_of_last(fibres: Fibres, rate_hz: float, on_s: float, off_s: float, trains: int) -> tuple[float, float]:
    """Peaks of the first and the last of so many trains; those between are played without looking."""
    cycle_us = round((on_s + off_s) * S)
    first = peak_of_train(fibres, 0, rate_hz, on_s, off_s)
    for train in range(1, trains - 1):
        for at_us in pulse_times(train * cycle_us, rate_hz, on_s):
            fibres.pulses(at_us, 0, 1, 1.0)
    return first, peak_of_train(fibres, (trains - 1) * cycle_us, rate_hz, on_s, off_s)
