"""How many fibres answer a pulse.

Weiss: the current that a threshold needs is I_rh (1 + chronaxie / width). The thresholds of the fibres of a muscle are spread
log-normally around the median: r = Phi(ln(I / I50) / sigma). Short pulses reach nerve only; a fibre that lost its nerve has a
chronaxie of tens of ms. Currents in mA, times in µs.
"""

from dataclasses import dataclass
from math import erf, log, sqrt
from typing import Final

from firmware_sim.body.pulse import CLOSE_GAP_US, Pulse

CLOSE_PHASE_RAISES: Final = 0.10
"""A second phase without a gap raises the threshold of the first by this share; nothing is left of it at CLOSE_GAP_US."""
RISE_US: Final = 300_000.0
"""Half of the accommodation to a rising pulse is reached at this length."""
NO_FIBRE: Final = 1e-6
"""A smaller fraction than this is not even one fibre."""


@dataclass(frozen=True, slots=True)
class StrengthDuration:
    """A threshold as a function of pulse width: rheobase (mA), chronaxie (µs), accommodation quotient for rising pulses."""

    rheobase_ma: float
    chronaxie_us: float
    accommodation: float = 1.0

    def threshold_ma(self, width_us: float) -> float:
        """The current that a rectangular pulse of this width needs, without a second phase close by."""
        return self.rheobase_ma * (1.0 + self.chronaxie_us / width_us)

    def threshold_of(self, pulse: Pulse) -> float:
        """The peak current that a pulse of this form needs (mA)."""
        threshold = self.threshold_ma(pulse.width_us)
        if pulse.gap_us is not None and pulse.gap_us < CLOSE_GAP_US:
            threshold *= 1.0 + CLOSE_PHASE_RAISES * (1.0 - pulse.gap_us / CLOSE_GAP_US)
        if pulse.shape == "triangular":
            threshold *= 1.0 + (self.accommodation - 1.0) * pulse.width_us / (pulse.width_us + RISE_US)
        return threshold


@dataclass(frozen=True, slots=True)
class Fibrous:
    """Fibres with a spread of thresholds: the curve of the median one, and sigma of ln(threshold)."""

    median: StrengthDuration
    sigma: float

    def fraction(self, current_ma: float, pulse: Pulse) -> float:
        """The fraction that answers a pulse of this form with this effective peak current."""
        if current_ma <= 0.0:
            return 0.0
        return normal(log(current_ma / self.median.threshold_of(pulse)) / self.sigma)


def normal(z: float) -> float:
    """The distribution function of the normal distribution."""
    return 0.5 * (1.0 + erf(z / sqrt(2.0)))


SENSORY: Final = StrengthDuration(4.0, 250.0)
PAIN: Final = StrengthDuration(14.0, 450.0)
NERVE: Final = Fibrous(StrengthDuration(18.0, 200.0, accommodation=5.0), 0.25)
DENERVATED: Final = Fibrous(StrengthDuration(20.0, 20_000.0, accommodation=1.2), 0.20)
DEGENERATED: Final = Fibrous(StrengthDuration(80.0, 25_000.0, accommodation=1.2), 0.20)
DENERVATED_FORCE: Final = 0.35
DEGENERATED_FORCE: Final = 0.10
