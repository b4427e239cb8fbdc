"""The time budget: every deadline of the program, in milliseconds, in one place.

The figures are those of the fault matrix (`tests/data/faults.toml`, `[budget]`); a test holds the two together.
"""

from typing import Final

T_HEARTBEAT: Final = 100  # engine to device while output is possible
T_DEADMAN: Final = 500  # a device with our own wire protocol zeroes itself without a fresh command
T_DEADMAN_MAX: Final = 2000  # longest watchdog of a supported device
T_ACK: Final = 60  # wait for an acknowledgement before repeating; two repeats
T_LINK_LOST: Final = 250  # no valid reply for so long: the link is lost
T_STOP_KEY: Final = 100  # STOP key byte in the terminal to STOP frame written
T_STOP_DEV: Final = 20  # in the device: STOP frame complete to zero output
T_STOP_CONFIRM: Final = 200  # STOP written to read-back of zero, else the output is unknown
T_UI_LEASE: Final = 2000  # a client renews its lease or the engine stops
T_TICK_GAP: Final = 300  # gap between two engine ticks that is itself a fault
T_WRITE: Final = 100  # longest write to the port
T_SOFT_STOP: Final = 2000  # controlled ramp to zero for ends that are not urgent
T_JOURNAL: Final = 1000  # oldest journal record that is not on disk yet
