"""ScienceMode 4 on the wire: commands to bytes and bytes to commands. No I/O, no clock.

    encode("ml_update", {"packet_number": 1, "channels": [...]})    one frame from named values (mA, ms, µs)
    encode_ml_update(1, [...])                                      the same from integers (µA, µs), several times faster
    Decoder("device").feed(data)                                    received bytes to frames

A frame is F0, length and CRC-16 (polynomial 1021, initial 0, "XMODEM") in four escaped bytes, the stuffed body, 0F. The
length counts the whole frame, the CRC covers the stuffed body. A body begins with packet number (6 bits) and command number
(10 bits). Source: P24 instructions for use 1.1, ScienceMode 4 protocol.
"""

from binascii import crc_hqx
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from struct import Struct
from typing import Any, Final

from emscontrol.core.units import UA_PER_MA, US_PER_MS
from emscontrol.devices.declare.command import Sender
from emscontrol.devices.declare.compiled import block_structs, thousandths_coder
from emscontrol.devices.declare.reading import reader
from emscontrol.devices.declare.refusal import BadParameter
from emscontrol.devices.sciencemode4 import commands
from emscontrol.devices.sciencemode4.commands import RESULTS, TABLE
from emscontrol.devices.stuffing import Frame, FrameDecoder, Framing

__all__ = ["RESULTS", "TABLE", "BadParameter", "Decoder", "Frame", "encode", "encode_ml_update"]

_FRAME_MAX: Final = 1200  # bytes on the wire, stuffing included
_OVERHEAD: Final = 10  # start, four escaped check bytes, stop
_PREFIX: Final = Struct(">H")


def _check(stuffed: bytes) -> bytes:
    return (len(stuffed) + _OVERHEAD << 16 | crc_hqx(stuffed, 0)).to_bytes(4, "big")


_FRAMING: Final = Framing(_check, check_bytes=4, length_bytes=slice(0, 2), frame_max=_FRAME_MAX)


def encode(command: str, params: Mapping[str, Any]) -> bytes:
    """One whole frame.

    Raises BadParameter, a ValueError that names command, field, value and what is allowed, for a value out of range or
    between two steps of the device, a key that is not known and one that is missing. Nothing is rounded.
    """
    packet_number, number, data = TABLE.written(command, params)
    return _FRAMING.frame(_PREFIX.pack(packet_number << 10 | number) + data)


_TRAINS: Final = commands.TRAINS
_CHANNEL_BITS: Final = {channel: 1 << channel for channel in range(_TRAINS.channels)}
_COUNT_BITS: Final = commands.POINT_COUNT.bits_by_length()
_RAMP_BITS: Final = commands.RAMP.bits_by_value()
_PERIOD_BITS: Final = thousandths_coder(commands.PERIOD)
_DURATION_BITS: Final = commands.DURATION.bits_by_value()
_CURRENT_BITS: Final = commands.CURRENT.bits_by_thousandth()
_TRAIN_STRUCTS: Final = block_structs((commands.TRAIN_HEAD, commands.TRAIN_PERIOD), commands.POINTS)
_UPDATE: Final = TABLE.by_name["ml_update"]
_PREFIX_BY_NUMBER: Final = {n: _PREFIX.pack(n << 10 | _UPDATE.number) for n in range(int(TABLE.packet_numbers.high) + 1)}

MlTrain = tuple[int, int, int, Sequence[tuple[int, int]]]
"""One channel of an update: channel from 0, period in µs, ramp in pulses, points of (duration µs, current µA)."""


def encode_ml_update(packet_number: int, trains: Sequence[MlTrain]) -> bytes:
    """The frame of `ml_update` in ScienceMode 4 for these trains, ascending by channel.

    A period that is no multiple of 500 µs but one of 250 µs sets `quarter_ms`. Raises BadParameter exactly as `encode` does.
    """
    try:
        mask = 0
        blocks = []
        for channel, period_us, ramp, points in trains:
            bit = _CHANNEL_BITS[channel]
            if bit <= mask or not points:
                return _plain_update(packet_number, trains)
            mask |= bit
            words = [_DURATION_BITS[duration_us] | _CURRENT_BITS[current_ua] for duration_us, current_ua in points]
            count = len(words)
            head = _COUNT_BITS[count] | _RAMP_BITS[ramp]
            blocks.append(_TRAIN_STRUCTS[count].pack(head, _PERIOD_BITS(period_us), *words))
        prefix = _PREFIX_BY_NUMBER[packet_number]
    except (KeyError, IndexError, TypeError):
        return _plain_update(packet_number, trains)
    return _FRAMING.frame(b"%b%c%b" % (prefix, mask, b"".join(blocks)))


def _plain_update(packet_number: int, trains: Sequence[MlTrain]) -> bytes:
    channels = [
        {
            "channel": channel,
            "period_ms": period_us / US_PER_MS,
            "ramp": ramp,
            "points": [[duration_us, current_ua / UA_PER_MA] for duration_us, current_ua in points],
            "quarter_ms": period_us % 500 != 0,
        }
        for channel, period_us, ramp, points in trains
    ]
    return encode(_UPDATE.name, {"packet_number": packet_number, "channels": channels})


class Decoder(FrameDecoder):
    """Received bytes to frames, in any portions. `sender` says whose commands to expect; None takes both sides'."""

    def __init__(self, sender: Sender | None) -> None:
        super().__init__(_FRAMING, _reader(sender))


@cache
def _reader(sender: Sender | None) -> Callable[[bytes, bytes], Frame]:
    return reader(TABLE.sent_by(sender), _split)


def _split(body: bytes) -> tuple[int, int, bytes]:
    prefix = _PREFIX.unpack_from(body)[0]
    return prefix >> 10, prefix & 0x3FF, body[2:]
