"""The stimulation modes of ScienceMode2, what leads from one to the other, and the results a host is told."""

from collections.abc import Mapping
from enum import IntEnum
from typing import Final


class Mode(IntEnum):
    """Stimulation mode, with the number that GetStimulationModeAck carries."""

    START = 0
    INITIALIZED = 1
    STARTED = 2


class Result(IntEnum):
    """The result byte of an acknowledgement."""

    DONE = 0
    TRANSFER_ERROR = -1
    PARAMETER_ERROR = -2
    WRONG_MODE = -3
    MOTOMED_CONNECTION = -4
    INCOMPATIBLE_VERSION = -5
    INVALID_TRAINER = -6
    MOTOMED_BUSY = -7
    BUSY = -8


class StimulationFault(IntEnum):
    """What a StimulationError says."""

    EMERGENCY_SWITCH = -1
    ELECTRODE = -2
    MODULE = -3


TRANSITIONS: Final[Mapping[str, Mapping[Mode, Mode]]] = {
    "InitChannelListMode": {Mode.START: Mode.INITIALIZED},
    "StartChannelListMode": {Mode.INITIALIZED: Mode.STARTED, Mode.STARTED: Mode.STARTED},
    "StopChannelListMode": dict.fromkeys(Mode, Mode.START),
    "SinglePulse": {Mode.START: Mode.START},
}
"""Command: mode before, mode after. What is not here is answered with WRONG_MODE and changes nothing.

A StimulationError, the end of the connection and a new connection lead to START from everywhere.
"""
