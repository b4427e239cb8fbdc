"""What a current source can drive through two electrodes and the skin under them: a resistor in series with a leaky capacitor.

    Z = Rs + Rp || Cp        Rp falls with the current        all three go with the area in contact

From rest a constant current needs V(t) = I (Rs + Rp (1 - exp(-t / Rp Cp))). Where the source has no more voltage, the current
decays from its set value towards V_max / (Rs + Rp) with Cp Rs Rp / (Rs + Rp); Rp keeps its value for the set current.
Every pulse begins from rest: what the pulse before left on the skin (`remainder_v`) fades in 2 ms and is not added.
"""

from dataclasses import dataclass
from math import exp, log1p
from typing import Final

from firmware_sim.body.pulse import Pulse

RS_OHM: Final = 250.0
RP_LEAST_OHM: Final = 300.0
RP_MORE_OHM: Final = 9700.0
RP_KNEE_MA: Final = 2.0
CP_F: Final = 200e-9
OPEN_ABOVE: Final = 0.95
"""An open electrode drives the voltage above this share of what the device has …"""
OPEN_BELOW: Final = 0.5
"""… and lets less than this share of the charge through."""
_BISECTIONS: Final = 50


@dataclass(frozen=True, slots=True)
class Flow:
    """What becomes of one pulse: as the body gets it and as a device that measures would see it.

    `fraction` = charge delivered / charge set; `into_body` = share of the delivered current that reaches the muscle;
    `peak_ua` = largest current; `start_mv`, `end_mv`, `peak_mv` = voltage at the start and end of the first phase, and its
    largest value; `impedance_ohm` = voltage over current at the end of the phase, None when no current flows.
    """

    fraction: float
    into_body: float
    peak_ua: int
    start_mv: int
    end_mv: int
    peak_mv: int
    impedance_ohm: float | None
    clipped: bool

    @property
    def is_open(self) -> bool:
        """Nothing is connected."""
        return self.peak_ua == 0

    def looks_open(self, voltage_mv: int) -> bool:
        """Whether a device with this voltage would call it an open electrode: nearly all of its voltage, half of the charge."""
        return self.peak_mv > OPEN_ABOVE * voltage_mv and self.fraction < OPEN_BELOW

    def effective_ma(self, pulse: Pulse) -> float:
        """The current that counts for nerve and muscle: the delivered charge spread over the pulse, less what by-passes."""
        return pulse.amplitude_ma * self.fraction * self.into_body


@dataclass(frozen=True, slots=True)
class Circuit:
    """The electrodes and skin of one channel. `area` 1 is two 5 × 5 cm pads in full contact on prepared skin, 0 is open."""

    area: float = 1.0
    rs_factor: float = 1.0
    rp_factor: float = 1.0
    into_body: float = 1.0
    short_ohm: float | None = None

    def rs_ohm(self) -> float:
        """The series resistance; only for an area above 0."""
        return RS_OHM * self.rs_factor / self.area

    def rp_ohm(self, current_ma: float) -> float:
        """The resistance across the capacitor at a current; only for an area above 0."""
        return self.rp_factor * (RP_LEAST_OHM + RP_MORE_OHM / (1.0 + abs(current_ma) / RP_KNEE_MA)) / self.area

    def flow(self, pulse: Pulse, voltage_mv: int) -> Flow:
        """What becomes of a pulse from a source with so much voltage."""
        if self.area <= 0.0:
            return Flow(0.0, 0.0, 0, voltage_mv, voltage_mv, voltage_mv, None, True)
        if self.short_ohm is not None:
            return self._shorted(pulse, self.short_ohm, voltage_mv)
        current, width_s, most_v = pulse.amplitude_ma / 1000, pulse.width_us * 1e-6, voltage_mv / 1000
        rs, rp = self.rs_ohm(), self.rp_ohm(pulse.amplitude_ma)
        tau = rp * CP_F * self.area
        triangular = pulse.shape == "triangular"
        if not width_s:
            return Flow(1.0, self.into_body, pulse.amplitude_ua, 0, 0, 0, None, False)
        start_v = 0.0 if triangular else current * rs
        end_v = (_rising_v if triangular else _steady_v)(current, width_s, width_s, rs, rp, tau)
        if max(start_v, end_v) <= most_v:
            impedance = end_v / current if current else rs + rp
            mv = round(end_v * 1000)
            return Flow(1.0, self.into_body, pulse.amplitude_ua, round(start_v * 1000), mv, mv, impedance, False)
        held_s = (_rising_hold if triangular else _steady_hold)(current, width_s, rs, rp, tau, most_v)
        top = current * held_s / width_s if triangular else min(current, most_v / rs)
        held = 0.5 * top * held_s if triangular else current * held_s
        limit = most_v / (rs + rp)
        tau_limited = tau * rs / (rs + rp)
        left_s = width_s - held_s
        fall = exp(-left_s / tau_limited)
        charge = held + limit * left_s + (top - limit) * tau_limited * (1.0 - fall)
        set_charge = current * width_s * (0.5 if triangular else 1.0)
        impedance = most_v / (limit + (top - limit) * fall)
        start_mv = min(voltage_mv, round(start_v * 1000))
        return Flow(charge / set_charge, self.into_body, round(top * 1e6), start_mv, voltage_mv, voltage_mv, impedance, True)

    def remainder_v(self, pulse: Pulse, after_us: float) -> float:
        """What a rectangular balanced pulse that was not clipped leaves on the skin, so long after its end (V)."""
        if self.area <= 0.0 or self.short_ohm is not None:
            return 0.0
        current, width_s = pulse.amplitude_ma / 1000, pulse.width_us * 1e-6
        rp = self.rp_ohm(pulse.amplitude_ma)
        fall = exp(-width_s / (rp * CP_F * self.area))
        still = self.rp_ohm(0.0) * CP_F * self.area
        left = current * rp * (1.0 - fall)
        if pulse.gap_us is not None:
            left = left * exp(-pulse.gap_us * 1e-6 / still) * fall - current * rp * (1.0 - fall)
        return left * exp(-after_us * 1e-6 / still)

    def _shorted(self, pulse: Pulse, ohm: float, voltage_mv: int) -> Flow:
        """The current takes the short way between the pads; none of it goes through the body."""
        peak_ua = min(pulse.amplitude_ua, round(voltage_mv * 1000 / ohm))
        mv = round(peak_ua * ohm / 1000)
        fraction = peak_ua / pulse.amplitude_ua if pulse.amplitude_ua else 1.0
        return Flow(fraction, 0.0, peak_ua, mv, mv, mv, ohm, peak_ua < pulse.amplitude_ua)


def _steady_v(current: float, at_s: float, _width_s: float, rs: float, rp: float, tau: float) -> float:
    return current * (rs + rp * (1.0 - exp(-at_s / tau)))


def _rising_v(current: float, at_s: float, width_s: float, rs: float, rp: float, tau: float) -> float:
    slope = current / width_s
    return slope * (rs * at_s + rp * (at_s - tau * (1.0 - exp(-at_s / tau))))


def _steady_hold(current: float, _width_s: float, rs: float, rp: float, tau: float, most_v: float) -> float:
    """How long the voltage suffices for a constant current."""
    return 0.0 if current * rs >= most_v else -tau * log1p(-(most_v / current - rs) / rp)


def _rising_hold(current: float, width_s: float, rs: float, rp: float, tau: float, most_v: float) -> float:
    """How long the voltage suffices for an evenly rising current."""
    low, high = 0.0, width_s
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        if _rising_v(current, middle, width_s, rs, rp, tau) < most_v:
            low = middle
        else:
            high = middle
    return low
