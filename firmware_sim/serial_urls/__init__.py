"""`import firmware_sim.serial_urls` teaches pyserial the URL `ems-sim://MODEL?…`: a simulator in the program's own process.

    import serial
    import firmware_sim.serial_urls

    port = serial.serial_for_url("ems-sim://p24?fault=late:150@3&seed=7", baudrate=3_000_000, timeout=0.5)

Programs that call `serial.Serial(name)` themselves are served by putting `Serial` in its place.
"""

import sys
from typing import Final

import serial

from firmware_sim.serial_urls import port
from firmware_sim.serial_urls.port import Serial

__all__ = ["HANDLER", "Serial"]

HANDLER: Final = f"{__name__}.protocol_ems-sim"
"""The module that pyserial looks for: it takes the scheme as it stands, hyphen and all, so this is a second name of `port`."""

sys.modules[HANDLER] = port
if __name__ not in serial.protocol_handler_packages:
    serial.protocol_handler_packages.append(__name__)
