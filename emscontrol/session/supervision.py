"""Does the stimulator do what it was told? Its own report against the set point in force."""

from collections.abc import Collection
from typing import Final

from emscontrol.core import budget
from emscontrol.core.pulse import Outputs
from emscontrol.core.stimulator import ReadBack
from emscontrol.core.units import US_PER_MS

SETTLED_US: Final = budget.T_LINK_LOST * US_PER_MS  # a report about a set point younger than this may be about the one before


def deviation(report: ReadBack, in_force: Outputs, steady_us: int, flowing: Collection[int]) -> str:
    """What is wrong, in a sentence, or an empty text.

    `steady_us` is how long the set point has been in force unchanged; `flowing` are the channels on which a current must have
    been on for as long: at the feet of a ramp there is none, although one is commanded.
    """
    if steady_us < SETTLED_US:
        return ""
    commanded = {output.channel for output in in_force.channels}
    strange = sorted(report.active - commanded)
    if strange:
        return f"the stimulator drives channel {', '.join(map(str, strange))}, which was not commanded"
    if report.output_on is False and flowing:
        return "the stimulator reports no output although current is commanded; it has stopped by itself"
    return ""
