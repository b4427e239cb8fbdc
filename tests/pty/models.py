"""What the tests in real time must know of each model, from its sheet, and the budgets of the fault matrix."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from emscontrol.core import budget
from firmware_sim.registry import codec

DATA = Path(__file__).parent.parent / "data"
WATCHDOG_SLACK_MS = 50
_MATRIX = tomllib.loads((DATA / "faults.toml").read_text(encoding="utf-8"))
MAX_MS: dict[str, int] = {row["id"]: row["max_ms"] for row in _MATRIX["fault"]}
DETECT_MS: dict[str, int] = {row["id"]: row["detect_ms"] for row in _MATRIX["fault"] if "detect_ms" in row}
STOP_MS = budget.T_STOP_KEY + budget.T_STOP_DEV


@dataclass(frozen=True)
class Model:
    """One stimulator. `watchdog_ms`: how long it goes on without its host, by its sheet. `harmless`: the commands that cannot
    lead to current; `currents`: what sets amplitudes.
    """

    name: str
    watchdog_ms: int
    harmless: frozenset[str]
    currents: frozenset[str]

    @property
    def by_watchdog_ms(self) -> int:
        """The limit where only the device itself can save: its own time, and a little for the clock of the fault."""
        return self.watchdog_ms + WATCHDOG_SLACK_MS

    def frames(self, sent: bytes) -> list[Any]:
        """What a host has sent, read by the simulator's own codec."""
        return list(codec(self.name).decode(sent, "host"))

    def arming_frames(self, sent: bytes) -> list[str]:
        """Everything among them that could lead to current: whatever is not known to be harmless."""
        return [str(frame.command) for frame in self.frames(sent) if frame.command not in self.harmless]

    def amplitude_frames(self, sent: bytes) -> list[str]:
        """The commands among them that set amplitudes."""
        return [frame.command for frame in self.frames(sent) if frame.command in self.currents]


P24 = Model(
    "p24",
    2000,  # sheet of ScienceMode 4, mid level: "Keep-alive: 2 s"
    frozenset({"get_stim_status", "get_device_id", "get_extended_version", "ml_stop", "ll_stop"}),
    frozenset({"ml_update"}),
)
REHASTIM2 = Model(
    "rehastim2",
    1200,  # sheet of ScienceMode 2: WatchdogTimeout
    frozenset({"InitAck", "Watchdog", "StopChannelListMode", "GetStimulationMode"}),
    frozenset({"StartChannelListMode"}),
)
REFERENCE = Model(
    "reference",
    budget.T_DEADMAN,  # the lease of its published protocol
    frozenset({"HELLO", "IDENTIFY", "CAPABILITIES", "STATUS", "STOP", "CLEAR", "CHECK", "READ_LIMITS"}),
    frozenset({"ARM", "SET", "CONTRACT"}),
)
MODELS = {model.name: model for model in (P24, REHASTIM2, REFERENCE)}
