"""A small program of somebody else: it drives a P24 over pyserial and knows nothing of the simulators but the frames."""

from typing import Any

import serial

from firmware_sim.p24 import wire
from firmware_sim.p24.framing import Deframer
from tests.unit.firmware_sim.p24_host import train

INIT = wire.encode("ml_init", {"stop_all_on_error": False})
UPDATE = wire.encode("ml_update", {"channels": [train(0, 20)]})
STOP = wire.encode("ml_stop", {})
STATUS = wire.encode("get_stim_status", {})
ANSWER_S = 10.0


def ask(port: serial.SerialBase, data: bytes) -> wire.Frame:
    """One command and its one answer."""
    port.write(data)
    deframer = Deframer()
    while not (frames := deframer.feed(byte := port.read(1))):
        assert byte, "no answer"
    return wire.read(frames[0], "device")


def start(port: serial.SerialBase) -> None:
    """Channel 1: 20 mA, 200 µs, every 20 ms."""
    for command in (INIT, UPDATE):
        assert ask(port, command).params["result"] == 0


def level(port: serial.SerialBase) -> Any:
    """Whether it stimulates: 0 not initialized, 2 mid level, 3 running."""
    return ask(port, STATUS).params["stim_status"]
