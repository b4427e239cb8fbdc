"""How soon after a fault the output of each model is zero at the latest: one table for the tests and the campaign."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from firmware_sim.fault_kinds import FaultKind
from firmware_sim.fault_matrix import BY_ID, HARDWARE, NEVER_STARTS, NO_STOP

WATCHDOG_MS: Final[dict[str, int]] = {
    "p24": 2_000,  # sheet of ScienceMode 4: keep-alive 2 s
    "rehastim2": 1_200,  # sheet of ScienceMode 2: watchdog timeout
    "reference": 500,  # docs/reference-protocol.md: output lease
}
"""How long a model goes on without its host."""

SLACK_MS: Final = 50
"""What the matrix grants a watchdog beyond its own time."""

ALARM_MS: Final = 300
"""How soon the alarm comes where software cannot end the current (`detect_ms` of F24)."""

ENDED_BY: Final[Mapping[FaultKind, str]] = {
    FaultKind.UNPLUG: "F01",
    FaultKind.CUT_COMMAND: "F02",
    FaultKind.CUT_REPLY: "F02",
    FaultKind.DEAD_LINK: "F03",
    FaultKind.STRANGER: "F03",
    FaultKind.DEAD_DOWNLINK: "F04",
    FaultKind.DEAD_UPLINK: "F05",
    FaultKind.FOREIGN_WRITER: "F18",
    FaultKind.DEAF: "F20",
    FaultKind.REBOOT: "F23",
    FaultKind.BOOT_TEXT: "F23",
    FaultKind.STUCK_ON: "F24",
    FaultKind.HANG: "F24",
    FaultKind.FREEZE: "F26",
    FaultKind.GAIN: "F27",
    FaultKind.DRIFT: "F28",
    FaultKind.ELECTRODE_OFF: "F29",
    FaultKind.ELECTRODE_HALF: "F30",
    FaultKind.SHORT: "F31",
    FaultKind.ELECTRODE_FLAP: "F32",
    FaultKind.LOW_BATTERY: "F33",
    FaultKind.POWER_OFF: "F34",
    FaultKind.SWAP_CHANNELS: "F37",
    FaultKind.STOP_BUTTON: "F38",
    FaultKind.MODULE_FAULT: "F38",
}
"""Switch: the fault whose time holds when it strikes on a plateau and lasts. The others may be survived, or strike later."""


@dataclass(frozen=True, slots=True)
class Bound:
    """The limit for a fault on a model.

    `ms` is the longest time from the fault to zero output; 0 = no current begins; None = it need not end: `why` says so,
    because the session goes on, because hardware alone can end it, or because nothing in the protocol shows it.
    `survivable`: where the fault is weak or short the session may go on, and `ms` counts from when it gives up.
    """

    ms: int | None
    why: str = ""
    survivable: bool = False


def bound(fault_id: str, model: str, watchdog_ms: int | None = None) -> Bound:
    """The limit for a fault of the matrix on a model; `watchdog_ms` replaces the model's own.

    Raises KeyError for an unknown fault or model.
    """
    row = BY_ID[fault_id]
    own_ms = (WATCHDOG_MS[model] if watchdog_ms is None else watchdog_ms) + SLACK_MS
    if row.max_ms == NO_STOP:
        return Bound(None, "the session goes on")
    if row.max_ms == HARDWARE:
        return Bound(None, "only the stimulator's own switch or pulling the leads ends it")
    if model in row.unseen:
        return Bound(None, row.unseen[model])
    if model in row.obeys:
        return Bound(own_ms, row.obeys[model])
    if row.max_ms == NEVER_STARTS:
        return Bound(0)
    return Bound(max(row.max_ms, own_ms) if row.deadman else row.max_ms, survivable=row.survivable)


def bound_ms(fault_id: str, model: str, watchdog_ms: int | None = None) -> int | None:
    """As `bound`, the figure alone."""
    return bound(fault_id, model, watchdog_ms).ms


def struck_ms(kind: FaultKind, model: str, watchdog_ms: int | None = None) -> int | None:
    """How soon the current has ended after a fault of this kind has struck on a plateau, and lasts; None = it need not end.

    Raises KeyError for a kind that is not in `ENDED_BY`.
    """
    return bound_ms(ENDED_BY[kind], model, watchdog_ms)
