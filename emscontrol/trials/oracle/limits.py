"""Never beyond the envelope: each state of the oscilloscope against what body, device, protocol and person allow."""

from collections.abc import Iterator
from fractions import Fraction
from math import isqrt

from emscontrol.trials.oracle import facts
from emscontrol.trials.oracle.asked import Place, Pulses
from emscontrol.trials.oracle.read import Case
from emscontrol.trials.oracle.spoils import Spoils, clear_of
from emscontrol.trials.oracle.violation import Violation
from firmware_sim.scope import ScopeLine

CHECK = "envelope"


def within_limits(case: Case) -> Iterator[Violation]:
    """Amplitude, width, rate, charge, r.m.s., density, power and energy of the strongest of each kind of pulses.

    All of them grow with the amplitude, so what the strongest keeps the weaker keep.
    """
    strongest: dict[tuple[int, int, int], ScopeLine] = {}
    for channel, lines in case.lines.items():
        for line, _, _ in lines:
            key = (channel, line.width_us, line.period_us)
            before_ua = strongest[key].amplitude_ua if key in strongest else 0
            if line.amplitude_ua > before_ua and clear_of(case, line.t_us, Spoils.FALSE):
                strongest[key] = line
    for (channel, _, _), line in strongest.items():
        wrong = _wrong(case, line)
        if wrong:
            yield Violation(CHECK, line.t_us, f"channel {channel}: {wrong}")


def _wrong(case: Case, line: ScopeLine) -> str:
    place = case.places.get(line.channel)
    if place is None:
        return f"{line.amplitude_ua} µA on a channel that the protocol does not use"
    if line.amplitude_ua > place.cap_ua:
        return f"{line.amplitude_ua} µA is above its cap of {place.cap_ua} µA"
    asked = _meant(place, line, case.device.clock_us)
    if asked is None:
        return f"{line.width_us} µs every {line.period_us} µs was asked for by no group"
    return _dose(place, asked, line)


def _meant(place: Place, line: ScopeLine, clock_us: int) -> Pulses | None:
    """The group these pulses belong to: no wider and no faster than it asks, and no slower than the device's clock makes it."""
    for asked in place.asked:
        if line.width_us == asked.width_us and asked.period_us <= line.period_us <= asked.period_us + clock_us:
            return asked
    return None


def _dose(place: Place, asked: Pulses, line: ScopeLine) -> str:
    """What is too much of these pulses, or an empty text. Sums run over both phases; a triangle has half the charge."""
    ua, us, triangle = line.amplitude_ua, line.width_us, asked.form == "triangular"
    charge_pc = ua * us // 2 if triangle else ua * us
    action = Fraction(ua * ua * us, 3 if triangle else 1) * (1 + Fraction(1, asked.ratio))
    mean_square = action * asked.burst / line.period_us
    pulse_us = us * (1 + asked.ratio)
    figures = (
        ("a phase", us, facts.LONG_WIDTH_MAX_US if asked.long else facts.SHORT_WIDTH_MAX_US, "µs"),
        ("charge per phase", 0 if asked.long else charge_pc, facts.CHARGE_MAX_PC, "pC"),
        ("r.m.s. current", isqrt(int(mean_square)), facts.RMS_MAX_UA, "µA"),
        ("r.m.s. density", isqrt(int(mean_square * 10_000 / place.area_mm2**2)), facts.DENSITY_MAX_UA_PER_CM2, "µA/cm²"),
        ("power density", mean_square * facts.LOAD_OHM / 10_000 / place.area_mm2, facts.POWER_MAX_UW_PER_CM2, "µW/cm²"),
        ("pulses a second", Fraction(asked.burst * facts.S, line.period_us), facts.PULSES_PER_S_MAX, ""),
        ("pulses in a period", pulse_us * asked.burst, line.period_us, "µs"),
        ("energy", 0 if pulse_us >= facts.LONG_PULSE_FROM_US else action * facts.LOAD_OHM / 10**12, facts.ENERGY_MAX_UJ, "µJ"),
        ("a long pulse", ua if pulse_us >= facts.LONG_PULSE_FROM_US else 0, facts.LONG_PULSE_PEAK_MAX_UA, "µA"),
    )
    return "; ".join(
        f"{name} {float(value):g} {unit} is above {limit}" for name, value, limit, unit in figures if value > limit
    )
