"""Published extensions that scale the force or the activation by the stimulus: for comparison with the recruitment used here.

They are not used for patients: as the intensity multiplies the activation, the force would saturate early.
"""

from math import exp, tanh
from typing import Final

from firmware_sim.body.force import Constants

SPINAL_CORD_INJURY: Final = Constants(4920.0, 0.060601, 0.001, 0.137, 0.011, 0.0, 0.0, 0.0, 127.0)
"""The set of the pulse-width model (2007). No fatigue constants were published with it, so it does not tire here."""
SHORTEST_US: Final = 131.405
WIDTH_SCALE_US: Final = 194.138


def width_factor(width_us: float) -> float:
    """The factor on A for a pulse width (2007); 0 below the shortest one that does anything."""
    return max(0.0, 1.0 - exp(-(width_us - SHORTEST_US) / WIDTH_SCALE_US))


def intensity_factor(current_ma: float) -> float:
    """The relative activation lam for a current (Hmed 2018); never below 0."""
    return max(0.0, 0.586 * (tanh(0.026 * (current_ma - 63.1)) + 0.833))
