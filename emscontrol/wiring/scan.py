"""Which ports there are, and what is on them. Connecting brings a stimulator to zero; nothing is ever armed."""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from emscontrol.core.errors import EmsError, LinkBusy
from emscontrol.core.stimulator import Connected, Refused, Uncertain
from emscontrol.devices.registry import MODELS, driver
from emscontrol.session.links import Link
from emscontrol.wiring.address import DeviceAddress
from emscontrol.wiring.ports import open_link

ANSWER_S = 4.0  # longer than the drivers wait before they say what is on the port instead
NAP_S = 0.005

USB_HINTS = {
    (0x0483, 0x5740): ("p24", "reference"),
    (0x0403, 0x6001): ("rehastim2", "reference"),
    (0x0403, 0x6015): ("rehastim2", "reference"),
}
"""USB vendor and product ids that a model is known to come with (ScienceMode sheets: STM32 default, FTDI).

The reference protocol has no ids of its own: a maker may use any of these.
"""


@dataclass(frozen=True, slots=True)
class Found:
    """One port: what the system says of it, and what answered."""

    port: str
    description: str
    model: str
    serial: str
    firmware: str
    note: str


def scan(lock_folder: Path, ports: tuple[str, ...] = (), probe: bool = True) -> Iterator[Found]:
    """Every serial port of this machine and the given ones; with `probe`, those that can be a stimulator are asked."""
    from serial.tools.list_ports import comports

    for info in comports():
        hints = USB_HINTS.get((info.vid or 0, info.pid or 0), ())
        yield _look(info.device, info.description or "", hints if probe else (), lock_folder)
    for port in ports:
        yield _look(port, "as asked", tuple(MODELS), lock_folder)


def _look(port: str, description: str, models: tuple[str, ...], lock_folder: Path) -> Found:
    note = "not asked: no USB id of a known stimulator" if not models else ""
    for model in models:
        try:
            with ExitStack() as stack:
                link = open_link(DeviceAddress(model, port), lock_folder, stack)
                found, note = _identify(model, link)
        except LinkBusy as busy:
            return Found(port, description, "", "", "", f"in use: {busy.what}")
        except EmsError as problem:
            note = str(problem)
            continue
        if found is not None:
            return Found(port, description, model, found.identity.serial, found.identity.firmware, "")
    return Found(port, description, "", "", "", note)


def _identify(model: str, link: Link) -> tuple[Connected | None, str]:
    stimulator = driver(model)
    link.write(stimulator.connect(_now_us()), _now_us(), urgent=False)
    until_us = _now_us() + round(ANSWER_S * 1_000_000)
    while _now_us() < until_us:
        for event in stimulator.receive(link.read(_now_us()), _now_us()):
            if isinstance(event, Connected):
                return event, ""
            if isinstance(event, Refused | Uncertain):
                return None, event.text
        data = stimulator.tick(_now_us())
        if data:
            link.write(data, _now_us(), urgent=False)
        time.sleep(NAP_S)
    return None, "no stimulator answered"


def _now_us() -> int:
    return time.monotonic_ns() // 1_000
