"""What each trouble spoils, so that no check asks for what cannot be: the commands' way, or the output itself.

Every kind of fault has its row. What a fault spoils is not excused: the bound of a stop becomes the one of the device's own
watchdog, and what only hardware can end is listed as known in `emscontrol.trials.known`.
"""

from collections.abc import Mapping
from enum import Flag, auto
from typing import Final

from emscontrol.trials.oracle.read import Case
from emscontrol.trials.trial import Struck
from firmware_sim.fault_kinds import FaultKind
from firmware_sim.host_faults import HostKind


class Spoils(Flag):
    """What is no longer as it should be."""

    NOTHING = 0
    ANSWERS = auto()  # what the device says is lost, late, damaged or untrue
    COMMANDS = auto()  # what the host says is lost, late or damaged
    FALSE = auto()  # the output is not what was commanded, or somebody else commands
    ENGINE = auto()  # nobody is there to act
    RECORD = auto()  # what is written down is lost


LINK: Final = Spoils.ANSWERS | Spoils.COMMANDS

SPOILS: Final[Mapping[str, Spoils]] = {
    FaultKind.DROP_REPLY: Spoils.ANSWERS,
    FaultKind.DROP_COMMAND: Spoils.COMMANDS,
    FaultKind.GARBLE: LINK,
    FaultKind.GARBLE_UP: Spoils.ANSWERS,
    FaultKind.GARBLE_DOWN: Spoils.COMMANDS,
    FaultKind.LOSE_BYTES: LINK,
    FaultKind.LOSE_BYTES_UP: Spoils.ANSWERS,
    FaultKind.LOSE_BYTES_DOWN: Spoils.COMMANDS,
    FaultKind.LATE: Spoils.ANSWERS,
    FaultKind.LATE_DOWN: Spoils.COMMANDS,
    FaultKind.JITTER: LINK,
    FaultKind.JITTER_UP: Spoils.ANSWERS,
    FaultKind.JITTER_DOWN: Spoils.COMMANDS,
    FaultKind.BUNCH: Spoils.ANSWERS,
    FaultKind.DUPLICATE: Spoils.NOTHING,
    FaultKind.DUPLICATE_REPLY: Spoils.ANSWERS,
    FaultKind.REORDER: Spoils.COMMANDS,
    FaultKind.REORDER_REPLY: Spoils.ANSWERS,
    FaultKind.CUT_COMMAND: LINK,
    FaultKind.CUT_REPLY: LINK,
    FaultKind.REPLAY: Spoils.FALSE,
    FaultKind.REPLAY_REPLY: Spoils.ANSWERS,
    FaultKind.NOISE: Spoils.ANSWERS,
    FaultKind.NOISE_DOWN: Spoils.COMMANDS,
    FaultKind.START_BYTES: LINK,
    FaultKind.DEAD_LINK: LINK,
    FaultKind.DEAD_UPLINK: Spoils.ANSWERS,
    FaultKind.DEAD_DOWNLINK: Spoils.COMMANDS,
    FaultKind.DEAF: LINK,
    FaultKind.SLOW_READER: Spoils.COMMANDS,
    FaultKind.UNPLUG: LINK,
    FaultKind.STRANGER: LINK,
    FaultKind.FOREIGN_WRITER: Spoils.FALSE | Spoils.ANSWERS,
    FaultKind.BOOT_TEXT: Spoils.ANSWERS,
    FaultKind.REBOOT: Spoils.ANSWERS,
    FaultKind.POWER_OFF: LINK,
    FaultKind.HANG: LINK | Spoils.FALSE,
    FaultKind.OTHER_SERIAL: Spoils.NOTHING,
    FaultKind.OTHER_FIRMWARE: Spoils.NOTHING,
    FaultKind.LOWER_LIMITS: Spoils.NOTHING,
    FaultKind.COUNTERS_NEAR_MAX: Spoils.NOTHING,
    FaultKind.STUCK_ON: Spoils.FALSE,
    FaultKind.IGNORE_SET: Spoils.FALSE,
    FaultKind.IGNORE_STOP: Spoils.FALSE,
    FaultKind.NAK: Spoils.NOTHING,
    FaultKind.FREEZE: Spoils.ANSWERS,
    FaultKind.FALSE_OFF: Spoils.ANSWERS,
    FaultKind.GAIN: Spoils.FALSE,
    FaultKind.DRIFT: Spoils.FALSE,
    FaultKind.SWAP_CHANNELS: Spoils.FALSE,
    FaultKind.STOP_BUTTON: Spoils.NOTHING,
    FaultKind.MODULE_FAULT: Spoils.NOTHING,
    FaultKind.LOW_BATTERY: Spoils.NOTHING,
    FaultKind.BATTERY_DRAIN: Spoils.NOTHING,
    FaultKind.ELECTRODE_OFF: Spoils.NOTHING,
    FaultKind.ELECTRODE_FLAP: Spoils.NOTHING,
    FaultKind.ELECTRODE_HALF: Spoils.NOTHING,
    FaultKind.ELECTRODE_DRY: Spoils.NOTHING,
    FaultKind.BROKEN_LEAD: Spoils.NOTHING,
    FaultKind.SHORT: Spoils.NOTHING,
    HostKind.STANDSTILL: Spoils.ENGINE,
    HostKind.KILLED: Spoils.ENGINE,
    HostKind.EXCEPTION: Spoils.ENGINE,
    HostKind.CLIENT_GONE: Spoils.NOTHING,
    HostKind.LEASE_LOST: Spoils.NOTHING,
    HostKind.JOURNAL_FAILS: Spoils.NOTHING,
    HostKind.JOURNAL_LOST: Spoils.RECORD,
    HostKind.JOURNAL_LAGS: Spoils.NOTHING,
    HostKind.CLOCK_JUMPS: Spoils.NOTHING,
}
"""Kind of trouble: what it spoils while it is in force, and after it where it leaves something behind."""

LINGERS_US: Final = 4_000_000  # what was held back, said late or set falsely still acts for so long after the end of its cause


def spoiled(struck: Struck, what: Spoils) -> bool:
    """Whether this trouble spoils any of these."""
    return bool(SPOILS[struck.kind] & what)


def clear_of(case: Case, at_us: int, what: Spoils, until_us: int | None = None) -> bool:
    """Whether nothing in force between these times (or at the first) spoils any of these."""
    end_us = at_us if until_us is None else until_us
    return not any(
        spoiled(struck, what) and struck.from_us <= end_us and (struck.until_us is None or at_us < struck.until_us + LINGERS_US)
        for struck in case.evidence.struck
    )
