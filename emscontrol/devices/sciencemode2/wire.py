"""ScienceMode 2 on the wire: commands to bytes and bytes to commands. No I/O, no clock.

    encode("StartChannelListMode", {"packet_number": 1, "channels": [...]})    one frame from named values (mA, ms, µs)
    encode_start(1, [...])                                                     the same from integers (µA, µs), faster
    Decoder("device").feed(data)                                               received bytes to frames

A frame is F0, CRC-8 and length in two escaped bytes, the stuffed body, 0F. The length counts the stuffed body, the CRC
(polynomial 07, initial 0) covers it. A body begins with packet number and command number. Source: the vendor's protocol
description 1.24; frames of real devices agree.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any, Final

from emscontrol.core.units import UA_PER_MA
from emscontrol.devices.declare.command import Sender
from emscontrol.devices.declare.compiled import block_structs
from emscontrol.devices.declare.reading import reader
from emscontrol.devices.declare.refusal import BadParameter
from emscontrol.devices.sciencemode2 import commands
from emscontrol.devices.sciencemode2.commands import RESULTS, STIMULATION_ERRORS, TABLE
from emscontrol.devices.stuffing import Frame, FrameDecoder, Framing

__all__ = ["RESULTS", "STIMULATION_ERRORS", "TABLE", "BadParameter", "Decoder", "Frame", "encode", "encode_start"]

_FRAME_MAX: Final = 261  # the longest a frame can be: its length field is one byte and leaves out six
_POLYNOMIAL: Final = 0x07


def _crc_of_byte(crc: int) -> int:
    for _ in range(8):
        crc = crc << 1 ^ (_POLYNOMIAL if crc & 0x80 else 0)
    return crc & 0xFF


_CRC: Final = bytes(_crc_of_byte(byte) for byte in range(256))


def _check(stuffed: bytes) -> bytes:
    crc = 0
    table = _CRC
    for byte in stuffed:
        crc = table[crc ^ byte]
    return bytes((crc, len(stuffed) & 0xFF))


_FRAMING: Final = Framing(_check, check_bytes=2, length_bytes=slice(1, 2), frame_max=_FRAME_MAX)


def encode(command: str, params: Mapping[str, Any]) -> bytes:
    """One whole frame.

    Raises BadParameter, a ValueError that names command, field, value and what is allowed, for a value out of range or
    between two steps of the device, a key that is not known and one that is missing. Nothing is rounded.
    """
    packet_number, number, data = TABLE.written(command, params)
    return _FRAMING.frame(bytes((packet_number, number)) + data)


_START: Final = TABLE.by_name["StartChannelListMode"]
_MODE_BITS: Final = commands.MODE.bits_by_name()
_WIDTH_BITS: Final = commands.WIDTH.bits_by_value()
_CURRENT_BITS: Final = commands.CURRENT.bits_by_thousandth()
_GROUP_STRUCTS: Final = block_structs((), commands.GROUPS)
_PREFIX_BY_NUMBER: Final = {n: bytes((n, _START.number)) for n in range(int(TABLE.packet_numbers.high) + 1)}

Pulse = tuple[str, int, int]
"""One active channel: mode (single, doublet, triplet), pulse width in µs, current in µA."""


def encode_start(packet_number: int, pulses: Sequence[Pulse]) -> bytes:
    """The frame of `StartChannelListMode`: one pulse for each active channel, ascending.

    Raises BadParameter exactly as `encode` does.
    """
    try:
        words = [_MODE_BITS[mode] | _WIDTH_BITS[width_us] | _CURRENT_BITS[current_ua] for mode, width_us, current_ua in pulses]
        body = _PREFIX_BY_NUMBER[packet_number] + _GROUP_STRUCTS[len(words)].pack(*words)
    except (KeyError, IndexError, TypeError):
        words = []
    return _FRAMING.frame(body) if words else _plain_start(packet_number, pulses)


def _plain_start(packet_number: int, pulses: Sequence[Pulse]) -> bytes:
    channels = [
        {"mode": mode, "pulse_width_us": width_us, "current_ma": current_ua / UA_PER_MA}
        for mode, width_us, current_ua in pulses
    ]
    return encode(_START.name, {"packet_number": packet_number, "channels": channels})


class Decoder(FrameDecoder):
    """Received bytes to frames, in any portions. `sender` says whose commands to expect; None takes both sides'.

    A StartChannelListMode does not transmit its channel numbers. They are put in where the same stream held the
    InitChannelListMode that they follow from, and are left out otherwise.
    """

    def __init__(self, sender: Sender | None) -> None:
        super().__init__(_FRAMING, self._numbered)
        self._plain = _reader(sender)
        self._active: list[int] = []

    def _numbered(self, body: bytes, raw: bytes) -> Frame:
        frame = self._plain(body, raw)
        if frame.error is None and frame.command == "InitChannelListMode":
            self._active = frame.params["active_channels"]
        elif frame.error is None and frame.command == "StartChannelListMode":
            groups = frame.params["channels"]
            if len(groups) == len(self._active):
                numbered = [{"channel": c, **g} for c, g in zip(self._active, groups, strict=True)]
                return replace(frame, params={**frame.params, "channels": numbered})
        return frame


@cache
def _reader(sender: Sender | None) -> Callable[[bytes, bytes], Frame]:
    return reader(TABLE.sent_by(sender), _split)


def _split(body: bytes) -> tuple[int, int, bytes]:
    return body[0], body[1], body[2:]
