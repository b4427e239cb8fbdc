"""The status block of a reference stimulator as events: what it measured, which channels are on, what went wrong."""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, Final

from emscontrol.core.stimulator import DeviceFault, ElectrodeFault, ReadBack, Reading, Telemetry
from emscontrol.core.units import US_PER_MS
from emscontrol.devices.reference.commands import RESULT_MEANINGS, UNKNOWN_OHM, FaultBit, Flag, Result, Status
from emscontrol.devices.reference.layout import LIST
from emscontrol.devices.reference.profile import STEP_UA

MAINS: Final = 255
ON: Final = Flag.ON.value  # plain numbers: these are looked at ten times a second for each channel
CLIPPED: Final = Flag.CLIPPED.value
SHORT_OHM: Final = 60
FAULT_BITS: Final = 16

FAULT_WORDS: Final[Mapping[FaultBit, str]] = {
    FaultBit.ELECTRODE_OPEN: "is off or makes poor contact; the stimulator has switched off all output.",
    FaultBit.ELECTRODE_SHORT: "are bridged (metal, water or gel between them); the stimulator has switched off all output.",
    FaultBit.OVERCURRENT: "It has measured more current than was set and switched off all output: do not use it any more.",
    FaultBit.TEMPERATURE: "It has switched off all output: its output stage is too warm. Let it cool down.",
    FaultBit.BATTERY_EMPTY: "It has switched off all output: its battery is empty. Charge it.",
    FaultBit.PATIENT_STOP: "The patient's stop button is pressed.",
    FaultBit.SELF_TEST: "It has failed its own test of the output stage: do not use it.",
    FaultBit.LEASE_OVER: "It has switched off all output: its lease ran out, because nothing valid renewed it in time.",
    FaultBit.REBOOTED: "It has restarted: all output is off and everything it was told is forgotten. Connect again.",
}
"""What each bit means for the person who reads it; the electrode faults go on from the electrodes they name."""

ELECTRODES: Final = {
    FaultBit.ELECTRODE_OPEN: "An electrode",
    FaultBit.ELECTRODE_SHORT: "The electrodes",
}


def result_words(params: Mapping[str, Any]) -> str:
    """The result of an answer: `above the channel's amplitude limit (channel 2, result 13)`."""
    result = params["result"]
    channel = f"channel {params['channel']}, " if params.get("channel") else ""
    return f"{RESULT_MEANINGS[Result(result)]} ({channel}result {result})"


def telemetry(block: Mapping[str, Any]) -> Telemetry:
    """What the device measured on each channel that was commanded since it was armed."""
    readings = [
        Reading(
            channel=row["channel"],
            amplitude_ua=row["measured"] * STEP_UA,
            set_ua=row["set"] * STEP_UA,
            pulses=row["pulses"],
            impedance_ohm=None if row["ohm"] == UNKNOWN_OHM else row["ohm"],
            clipped=row["flags"] & CLIPPED != 0,
        )
        for row in block[LIST]
    ]
    return Telemetry(tuple(readings), block["device_ms"] * US_PER_MS)


def read_back(block: Mapping[str, Any], armed: bool) -> ReadBack:
    """Which channels are on. An `ACTIVE` device that this host has not armed counts as on, whatever its channels say."""
    return _read_back(block["state"], tuple([row["channel"] for row in block[LIST] if row["flags"] & ON]), armed)


@cache
def _read_back(state: int, active: tuple[int, ...], armed: bool) -> ReadBack:
    strange = not armed and state == Status.ACTIVE
    return ReadBack(bool(active) or strange, frozenset(active), f"It says {state_name(state)}.")


def state_name(state: int) -> str:
    """A state as the protocol calls it; its number when it has none."""
    return next((known.name for known in Status if known == state), f"state {state}")


def fault_events(bits: int, block: Mapping[str, Any]) -> list[DeviceFault | ElectrodeFault]:
    """One event for each of these bits of `faults`."""
    if not bits:
        return []
    return [_fault_event(place, block) for place in range(FAULT_BITS) if bits >> place & 1]


def _fault_event(place: int, block: Mapping[str, Any]) -> DeviceFault | ElectrodeFault:
    bit = FaultBit(1 << place)
    if bit in ELECTRODES:
        channel = _suspect(bit, block[LIST])
        where = f"channel {channel}" if channel else "a channel that it does not name"
        return ElectrodeFault(channel, f"{ELECTRODES[bit]} of {where} {FAULT_WORDS[bit]}")
    unknown = f"It reports a fault that is not known here (bit {place})."
    return DeviceFault(place, FAULT_WORDS.get(bit, unknown))


def _suspect(bit: FaultBit, rows: Iterable[Mapping[str, Any]]) -> int | None:
    """The one channel whose last pulse shows this fault; None where there are several or none."""
    if bit is FaultBit.ELECTRODE_OPEN:
        clipped = [row for row in rows if row["flags"] & CLIPPED]
        worst = [row for row in clipped if 2 * row["measured"] < row["set"]]
        found = [row["channel"] for row in (worst or clipped)]
    else:
        found = [row["channel"] for row in rows if row["measured"] and row["ohm"] < SHORT_OHM]
    return found[0] if len(found) == 1 else None
