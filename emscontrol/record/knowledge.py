"""How each figure of a record is known: what was commanded is not what flowed.

A table of every figure that an event carries, and of the totals. Texts, states and names are not figures and not in it.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from emscontrol.core.arguments import ArgType


class Knowledge(StrEnum):
    """Where a figure comes from, the surest last."""

    ASSUMED = "assumed"  # worked out, taking for granted that the stimulator keeps to its timing
    COMMANDED = "commanded"  # what this program asked for or decided, or an operator said
    ACKNOWLEDGED = "acknowledged"  # the stimulator confirmed the very command
    MEASURED = "measured"  # by the stimulator, or by the clock of this computer


FIGURES: Final = frozenset(
    {ArgType.UA, ArgType.US, ArgType.MN, ArgType.PERCENT, ArgType.COUNT, ArgType.INTEGER, ArgType.OUTPUTS, ArgType.TOTALS}
)
"""The types of arguments that are figures."""

_COMMANDED, _ACKNOWLEDGED, _MEASURED, _ASSUMED = (
    Knowledge.COMMANDED,
    Knowledge.ACKNOWLEDGED,
    Knowledge.MEASURED,
    Knowledge.ASSUMED,
)

EVENT_FIGURES: Final[Mapping[tuple[str, str], Knowledge]] = {
    ("booked", "plan"): _COMMANDED,
    ("booked", "appointment"): _COMMANDED,
    ("booked", "number"): _COMMANDED,
    ("booked", "contractions"): _COMMANDED,
    ("totals", "channels"): _ASSUMED,  # each figure by itself in TOTALS
    ("session_ended", "duration_us"): _MEASURED,
    ("phase_started", "index"): _COMMANDED,
    ("phase_started", "of"): _COMMANDED,
    ("contraction_started", "phase"): _COMMANDED,
    ("contraction_started", "index"): _COMMANDED,
    ("contraction_started", "of"): _COMMANDED,
    ("contraction_ended", "phase"): _COMMANDED,
    ("contraction_ended", "index"): _COMMANDED,
    ("contraction_ended", "of"): _COMMANDED,
    ("adjusted", "from_ua"): _COMMANDED,
    ("adjusted", "to_ua"): _COMMANDED,
    ("asked", "number"): _COMMANDED,
    ("asked", "width_us"): _COMMANDED,
    ("asked", "amplitude_ua"): _COMMANDED,
    ("answered", "width_us"): _COMMANDED,
    ("answered", "amplitude_ua"): _COMMANDED,
    ("threshold_found", "width_us"): _COMMANDED,
    ("threshold_found", "amplitude_ua"): _COMMANDED,
    ("threshold_found", "below_ua"): _COMMANDED,
    ("threshold_absent", "width_us"): _COMMANDED,
    ("threshold_absent", "up_to_ua"): _COMMANDED,
    ("threshold_absent", "too_much_ua"): _COMMANDED,
    ("curve_point", "width_us"): _COMMANDED,
    ("curve_point", "amplitude_ua"): _COMMANDED,
    ("curve_point", "below_ua"): _COMMANDED,
    ("curve_gap", "width_us"): _COMMANDED,
    ("curve_gap", "up_to_ua"): _COMMANDED,
    ("curve_gap", "too_much_ua"): _COMMANDED,
    ("electrode_checked", "ohm"): _MEASURED,
    ("set_point", "number"): _COMMANDED,
    ("set_point", "outputs"): _COMMANDED,
    ("acked", "number"): _ACKNOWLEDGED,
    ("refused_by_device", "code"): _ACKNOWLEDGED,
    ("refused_by_device", "number"): _COMMANDED,
    ("uncertain", "number"): _COMMANDED,
    ("measured", "amplitude_ua"): _MEASURED,
    ("measured", "set_ua"): _ACKNOWLEDGED,
    ("measured", "ohm"): _MEASURED,
    ("measured", "pulses"): _MEASURED,
    ("stop_confirmed", "after_us"): _MEASURED,
    ("device_fault", "code"): _ACKNOWLEDGED,
    ("link_lost", "silent_us"): _MEASURED,
    ("battery", "level_percent"): _MEASURED,
    ("tick_gap", "gap_us"): _MEASURED,
    ("journal_late", "lag_us"): _MEASURED,
    ("wall_clock_jump", "by_us"): _MEASURED,
    ("lease_lost", "silent_us"): _MEASURED,
    ("body_answered", "force_mn"): _MEASURED,  # by the simulator of a body
}
"""By event and argument."""

TOTALS: Final[Mapping[str, Knowledge]] = {
    "contractions": _COMMANDED,
    "peak_ua": _COMMANDED,
    "plateau_ua": _COMMANDED,
    "on_us": _COMMANDED,
    "pulses": _ASSUMED,
    "charge_pc": _ASSUMED,
}
"""By figure of a row of the totals: pulses and charge are worked out from the set points and the timing of the device."""

DOSE: Final[Mapping[str, Knowledge]] = {
    "AMPLITUDE": _COMMANDED,
    "WIDTH_MAX": _COMMANDED,
    "WIDTH_MIN": _COMMANDED,
    "LONG_PULSE": _COMMANDED,
    "RATE": _COMMANDED,
    "CHARGE": _ASSUMED,
    "IEC_RMS": _ASSUMED,
    "IEC_RMS_BURST": _ASSUMED,
    "IEC_E_PULSE": _ASSUMED,
    "IEC_LONG_PULSE": _COMMANDED,
    "IEC_DC": _ASSUMED,
    "BALANCE": _ASSUMED,
    "J_DC": _ASSUMED,
    "J_RMS": _ASSUMED,
    "POWER": _ASSUMED,
    "CHARGE_DENSITY": _ASSUMED,
}
"""By rule whose figure it is: what a command names is commanded, what was worked out from it takes the pulse for granted."""

MEASURED: Final = Knowledge.MEASURED
"""Of the figures by which verify tells what the stimulator itself reported."""


def knowledge_of(event: str, argument: str) -> Knowledge:
    """How this figure is known. Raises KeyError for an argument that is no figure."""
    return EVENT_FIGURES[event, argument]
