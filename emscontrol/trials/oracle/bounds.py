"""How soon the current must be zero: one row for each kind of trouble and deed, with its row of the fault matrix.

`None` as a time means the device's own watchdog: nothing else can act.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from emscontrol.trials.oracle.facts import MS
from emscontrol.trials.oracle.spoils import LINK, Spoils
from firmware_sim.fault_kinds import FaultKind
from firmware_sim.host_faults import HostKind


@dataclass(frozen=True, slots=True)
class Bound:
    """Zero within `max_us` of the cause, or of the first current after it where the cause came in a rest.

    `row` is the row of the fault matrix. A cause that lasts less than `lasts_us` need not be noticed. The bound holds while
    nothing else spoils `needs`; if something does, the device's watchdog is added to it. `argument_from` is the smallest
    argument for which it holds; `unseen` names the models that do not show it to their host.
    """

    row: str
    max_us: int | None
    lasts_us: int = 0
    needs: Spoils = Spoils.COMMANDS | Spoils.FALSE | Spoils.ENGINE
    argument_from: float = 0.0
    unseen: frozenset[str] = frozenset()


ALONE: Final = LINK | Spoils.FALSE | Spoils.ENGINE
DEVICE: Final = Spoils.FALSE
COMMANDED: Final = LINK | Spoils.ENGINE | Spoils.FALSE
SILENT_US: Final = 450 * MS  # silence both while running and in a rest is noticed by then
WATCHDOG_US: Final = 4_000 * MS  # a cause that outlasts every watchdog

BOUNDS: Final[Mapping[str, Bound]] = {
    # deeds
    "stop": Bound("T_STOP_DEV", 20 * MS),
    "stop from elsewhere": Bound("T_STOP_DEV", 20 * MS),
    "pause": Bound("T_ACK", 250 * MS, needs=ALONE),
    # the computer
    HostKind.CLIENT_GONE: Bound("F43", 100 * MS),
    HostKind.LEASE_LOST: Bound("F44", 2_000 * MS),
    HostKind.EXCEPTION: Bound("F41", 150 * MS),
    "crash": Bound("F41", 150 * MS),
    HostKind.KILLED: Bound("F39", None, needs=DEVICE),
    HostKind.STANDSTILL: Bound("F40", None, needs=DEVICE),
    HostKind.JOURNAL_FAILS: Bound("F61", 3_000 * MS),
    HostKind.JOURNAL_LOST: Bound("F64", 3_000 * MS),
    HostKind.JOURNAL_LAGS: Bound("F63", 3_000 * MS, argument_from=1_000_001),
    # the link
    FaultKind.DEAD_LINK: Bound("F03", None, SILENT_US, needs=Spoils.FALSE),
    FaultKind.DEAD_DOWNLINK: Bound("F04", None, SILENT_US, needs=Spoils.FALSE),
    FaultKind.DEAD_UPLINK: Bound("F05", 330 * MS, SILENT_US),
    FaultKind.DEAF: Bound("F20", None, WATCHDOG_US, needs=Spoils.FALSE),
    FaultKind.UNPLUG: Bound("F01", None, SILENT_US, needs=Spoils.FALSE),
    FaultKind.LATE: Bound("F14", 550 * MS, SILENT_US, argument_from=400.0),
    FaultKind.STRANGER: Bound("F16", None, WATCHDOG_US, needs=Spoils.FALSE),
    # the device
    FaultKind.NAK: Bound("F15", 300 * MS),
    FaultKind.IGNORE_SET: Bound("F25", 800 * MS, 1_000 * MS, COMMANDED, unseen=frozenset({"rehastim2"})),
    FaultKind.REBOOT: Bound("F23", 50 * MS, needs=DEVICE),
    FaultKind.BOOT_TEXT: Bound("F22", 50 * MS, needs=DEVICE),
    FaultKind.POWER_OFF: Bound("F34", 50 * MS, needs=DEVICE),
    FaultKind.STOP_BUTTON: Bound("F38", 50 * MS, needs=DEVICE),
    FaultKind.MODULE_FAULT: Bound("device", 50 * MS, needs=DEVICE),
}
"""Kind of trouble or deed: its bound. What is missing need not stop a session; all else that is checked still holds."""
