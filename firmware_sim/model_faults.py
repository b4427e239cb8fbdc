"""Which switches mean nothing on which model, and why."""

from collections.abc import Iterable, Mapping
from typing import Final

from firmware_sim.faults import KINDS, Fault, FaultKind, FaultTextError

_NO_LIMITS: Final = "it does not report any limits of its own"

CANNOT: Final[Mapping[str, Mapping[FaultKind, str]]] = {
    "p24": {
        FaultKind.LOWER_LIMITS: _NO_LIMITS,
        FaultKind.COUNTERS_NEAR_MAX: "it has no counter of its own on the wire: it repeats the host's packet numbers",
        FaultKind.STOP_BUTTON: "it has no stop button that its protocol tells of",
        FaultKind.MODULE_FAULT: "its protocol has no report of a faulty current source",
    },
    "rehastim2": {
        FaultKind.LOWER_LIMITS: _NO_LIMITS,
        FaultKind.OTHER_SERIAL: "its protocol carries no serial number",
        FaultKind.LOW_BATTERY: "its protocol says nothing about a battery",
        FaultKind.BATTERY_DRAIN: "its protocol says nothing about a battery (power_off takes the power away)",
    },
}
"""Model: {kind it cannot have: the reason}. A model that is missing can have them all."""


def refusal(model: str, channels: int, fault: Fault) -> str | None:
    """Why a model with so many channels cannot have this fault, in a sentence; None when it can."""
    reason = CANNOT.get(model, {}).get(fault.kind)
    if reason is not None:
        return f"{fault.kind} means nothing on a {model}: {reason}."
    for number in _channels(fault):
        if number > channels:
            return f"{fault.kind}: a {model} has no channel {number}; they go from 1 to {channels}."
    return None


def refuse_what_cannot_be(model: str, channels: int, faults: Iterable[Fault]) -> None:
    """Raises FaultTextError for the first fault that this model cannot have."""
    for fault in faults:
        if sentence := refusal(model, channels, fault):
            raise FaultTextError(sentence)


def _channels(fault: Fault) -> list[int]:
    spec = KINDS[fault.kind]
    given = ((spec.argument, fault.argument), (spec.second, fault.second))
    return [int(value) for argument, value in given if argument and value is not None and argument.meaning.endswith("channel")]
