"""From the body of an intact frame to named parameters."""

import struct
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from emscontrol.devices.declare.command import PACKET_NUMBER, Command
from emscontrol.devices.declare.refusal import Malformed
from emscontrol.devices.stuffing import REMEMBERED, Frame

Split = Callable[[bytes], tuple[int, int, bytes]]


def reader(commands: Mapping[int, Command], split: Split) -> Callable[[bytes, bytes], Frame]:
    """A function `(body, raw) -> Frame` for these commands. `split` parts a body into packet number, command number, data."""

    @lru_cache(maxsize=REMEMBERED)
    def read(body: bytes, raw: bytes) -> Frame:
        try:
            packet_number, number, data = split(body)
        except (IndexError, struct.error):
            return Frame("", {}, "length_error", raw)
        command = commands.get(number)
        if command is None:
            return Frame("", _undecoded(packet_number, number, data), "unknown_command", raw)
        try:
            params = command.read(packet_number, data)
        except Malformed:
            return Frame(command.name, _undecoded(packet_number, number, data), "parameter_error", raw)
        return Frame(command.name, params, None, raw)

    return read


def _undecoded(packet_number: int, number: int, data: bytes) -> dict[str, Any]:
    return {PACKET_NUMBER: packet_number, "command_number": number, "data_hex": data.hex(" ")}
