"""The numbered words of the protocol, version 1: states, results, shapes, faults, and what this device can do."""

from enum import IntEnum, IntFlag
from typing import Final

VERSION: Final = 1


class State(IntEnum):
    """The states of the device."""

    IDLE = 0
    ARMED = 1
    ACTIVE = 2
    FAULT = 3


WITH_EPOCH: Final = frozenset({State.ARMED, State.ACTIVE})


class Result(IntEnum):
    """The results that answers begin with."""

    OK = 0
    UNKNOWN_COMMAND = 1
    BAD_LENGTH = 2
    BAD_VALUE = 3
    UNKNOWN_CHANNEL = 4
    STALE = 5
    WRONG_STATE = 6
    NO_EPOCH = 7
    WRONG_EPOCH = 8
    MISBELIEF = 9
    WIDER = 10
    NO_LIMITS = 11
    NOT_CAPABLE = 12
    OVER_AMPLITUDE = 13
    OVER_WIDTH = 14
    OVER_RATE = 15
    OVER_CHARGE = 16
    OVER_RISE = 17
    OVER_SHAPE = 18
    NO_TRAIN = 19
    NO_ROOM = 20
    NO_BALANCE = 21
    BUSY_CHANNEL = 22
    FAULT_STANDS = 23
    TOO_SOON = 24
    NO_VERSION = 25


class Shape(IntEnum):
    """The shapes of a pulse."""

    SYMMETRIC = 0
    ASYMMETRIC = 1
    TRIANGULAR = 2
    LONG_BIPHASIC = 3


class Bit(IntFlag):
    """The bits of `faults`."""

    ELECTRODE_OPEN = 1 << 0
    ELECTRODE_SHORT = 1 << 1
    OVERCURRENT = 1 << 2
    TEMPERATURE = 1 << 3
    BATTERY_EMPTY = 1 << 4
    PATIENT_STOP = 1 << 5
    SELF_TEST = 1 << 6
    LEASE_OVER = 1 << 7
    REBOOTED = 1 << 8


REAL_FAULTS: Final = Bit(0x7F)
"""The bits that mean FAULT; the others only tell something."""

CLEARABLE: Final = Bit(0x1F)
"""The bits that `CLEAR` ends when their cause is gone."""

DENERVATION: Final = 1
"""Bit 0 of the device's flags and of the flags of limits."""

MEASURES_IMPEDANCE: Final = 2

CHANNELS: Final = 8
VOLTAGE_MV: Final = 150_000
LEASE_MIN_MS: Final = 100
LEASE_MAX_MS: Final = 500
LONG_US: Final = 1000
"""A phase longer than this needs the denervation flag."""

UNKNOWN_OHM: Final = 0xFFFF


class Refused(Exception):
    """A command is not carried out: the result, and the channel it is about (0 = none)."""

    def __init__(self, result: int, channel: int = 0) -> None:
        super().__init__(result, channel)
        self.result = result
        self.channel = channel
