"""The levels of a P24, what each command does to them, and the result codes it answers with."""

from enum import IntEnum
from typing import Final


class Level(IntEnum):
    """What Get_stim_status reports."""

    NONE = 0
    LOW = 1
    MID = 2
    RUNNING = 3


class Result(IntEnum):
    """The results this simulator gives; numbers of the P24 instructions for use, busy of the vendor library."""

    OK = 0
    TRANSFER = 1
    PARAMETER = 2
    NOT_INITIALIZED = 7
    ELECTRODE = 10
    UNKNOWN_COMMAND = 11
    BUSY = 21
    CURRENT_TOO_LOW = 28


class HighVoltage(IntEnum):
    """The high voltage as reported; a P24 knows only these two."""

    OFF = 1
    V150 = 6


class ChannelState(IntEnum):
    """The state of a channel in Ml_get_current_data_ack."""

    OK = 0
    ELECTRODE_ERROR = 1
    PULSE_TIMEOUT = 2
    CURRENT_TOO_LOW = 3


TRANSITIONS: Final[dict[str, dict[Level, Level]]] = {
    "ll_init": {Level.NONE: Level.LOW, Level.LOW: Level.LOW},
    "ll_channel_config": {Level.LOW: Level.LOW},
    "ll_stop": {Level.NONE: Level.NONE, Level.LOW: Level.NONE},
    "ml_init": {Level.NONE: Level.MID, Level.MID: Level.MID, Level.RUNNING: Level.MID},
    "ml_update": {Level.MID: Level.RUNNING, Level.RUNNING: Level.RUNNING},
    "ml_get_current_data": {Level.MID: Level.MID, Level.RUNNING: Level.RUNNING},
    "ml_stop": {Level.NONE: Level.NONE, Level.MID: Level.NONE, Level.RUNNING: Level.NONE},
}
"""Command: {level it is allowed in: level after it}. A level that is missing answers NOT_INITIALIZED and nothing changes."""

KEEP_ALIVE_US: Final = 2_000_000
"""Without Ml_update or Ml_get_current_data for so long the device pauses (P24 instructions for use)."""
