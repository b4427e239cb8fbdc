"""The reference protocol on the wire: commands to bytes and bytes to commands. No I/O, no clock.

    encode("SET", {"seq": 1, "epoch": 7, "each": [{"channel": 1, "amplitude": 300}]})     one frame from named values
    Decoder("device").feed(data)                                                              received bytes to frames

The values are those of `docs/reference-protocol.md`, in its units; the answer to `SET` is named `SET_ANSWER`. A frame is code,
sequence number, epoch, payload and CRC-32, without its zero bytes (consistent overhead byte stuffing), and one zero byte.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from struct import Struct
from typing import Any, Final, Literal
from zlib import crc32

from emscontrol.devices.declare.refusal import BadParameter, Malformed, mapping, shown, wrong
from emscontrol.devices.reference.commands import (
    ANSWER,
    COMMANDS,
    EVENT,
    EVENT_CODE,
    FRAME_MAX,
    FRAME_MIN,
    Field,
    Result,
)
from emscontrol.devices.reference.layout import Payload, is_whole, payload_of, refuse_strange
from emscontrol.devices.stuffing import Frame

__all__ = ["ANSWERED", "BadParameter", "Decoder", "Frame", "decode", "encode", "request"]

LINE_MAX: Final = 240  # bytes before the end byte; more are no frame
HALF_FRAME_US: Final = 100_000  # a frame that has not ended by then is dropped
ANSWERED: Final = "_ANSWER"
_HEAD: Final = Struct("<BHI")
_CRC: Final = Struct("<I")
_BODY_AT: Final = _HEAD.size
_LENGTH: Final = [bytes((length + 1,)) for length in range(FRAME_MAX + 1)]
_REFUSAL: Final = payload_of((Field("channel", "u8"),))
_RESULTS: Final = frozenset(Result)

Sender = Literal["host", "device"]


@dataclass(frozen=True, slots=True)
class _Kind:
    """What one code stands for. An answer begins with its result, and has its payload where that is OK."""

    name: str
    code: int
    payload: Payload
    is_answer: bool


def _kinds() -> tuple[_Kind, ...]:
    requests = [_Kind(command.name, command.code, payload_of(command.request), False) for command in COMMANDS]
    answers = [_Kind(c.name + ANSWERED, c.code | ANSWER, payload_of(c.answer), True) for c in COMMANDS]
    return (*requests, *answers, _Kind("EVENT", EVENT_CODE, payload_of(EVENT), False))


_KINDS: Final = _kinds()
_BY_NAME: Final = {kind.name: kind for kind in _KINDS}
_BY_CODE: Final = {kind.code: kind for kind in _KINDS}
_SENT_BY: Final[dict[str | None, dict[int, _Kind]]] = {
    "host": {code: kind for code, kind in _BY_CODE.items() if code < ANSWER},
    "device": {code: kind for code, kind in _BY_CODE.items() if code >= ANSWER},
    None: _BY_CODE,
}


def request(command: str, params: Mapping[str, Any]) -> Callable[[int, int], bytes]:
    """A host's command, looked at now, to be given its sequence number and epoch later.

    Raises BadParameter as `encode` does.
    """
    kind = _BY_NAME[command]
    try:
        refuse_strange(params, kind.payload.keys)
        payload = kind.payload.write(params)
    except BadParameter as bad:
        raise bad.of_command(command) from None
    return lambda seq, epoch: _framed(kind.code, seq, epoch, payload)


def _framed(code: int, seq: int, epoch: int, payload: bytes) -> bytes:
    plain = _HEAD.pack(code, seq, epoch) + payload
    plain += _CRC.pack(crc32(plain))
    return b"".join([_LENGTH[len(piece)] + piece for piece in plain.split(b"\0")]) + b"\0"


def encode(command: str, params: Mapping[str, Any]) -> bytes:
    """One whole frame.

    Raises BadParameter, a ValueError that names command, field, value and what is allowed, for a value that is no whole number
    or out of range, a key that is not known and one that is missing.
    """
    kind = _BY_NAME.get(command)
    if kind is None:
        raise wrong("command", command, ", ".join(_BY_NAME))
    try:
        given = mapping("parameters", params)
        seq, epoch = _whole(given, "seq", 0xFFFF), _whole(given, "epoch", 0xFFFF_FFFF)
        return _framed(kind.code, seq, epoch, _payload(kind, given))
    except BadParameter as bad:
        raise bad.of_command(command) from None


def _payload(kind: _Kind, params: Mapping[str, Any]) -> bytes:
    heading = {"seq", "epoch", "result"} if kind.is_answer else {"seq", "epoch"}
    if not kind.is_answer:
        refuse_strange(params, kind.payload.keys | heading)
        return kind.payload.write(params)
    result = _whole(params, "result", max(_RESULTS))
    body = kind.payload if result == Result.OK else _REFUSAL
    refuse_strange(params, body.keys | heading)
    return bytes((result,)) + body.write(params)


def _whole(params: Mapping[str, Any], name: str, high: int) -> int:
    value = params.get(name)
    if is_whole(value) and 0 <= value <= high:
        return value
    allowed = f"a whole number, 0 to {high}"
    raise wrong(name, value, allowed) if name in params else BadParameter(name, "is missing", allowed)


def decode(data: bytes, sender: Sender | None = None) -> list[Frame]:
    """The frames in these bytes, damaged ones included."""
    return Decoder(sender).feed(data)


class Decoder:
    """Received bytes to frames, in any portions. `sender` says whose commands to expect; None takes both sides'.

    Holds at most one unfinished frame. `dropped` counts the bytes that belonged to none: those of a frame longer than any, and
    of one that was not finished in time (`at`). An end byte by itself is nothing.
    """

    def __init__(self, sender: Sender | None) -> None:
        if sender not in _SENT_BY:
            raise ValueError(f"sender must be host, device or None, not {shown(sender)}")
        self._kind_of: Callable[[int], _Kind | None] = _SENT_BY[sender].get
        self._rest = b""
        self._overlong = False
        self._now_us = self._begun_us = 0
        self.dropped = 0

    @property
    def pending(self) -> int:
        """Bytes of the frame that has begun and not ended."""
        return len(self._rest)

    def at(self, now_us: int) -> None:
        """When the bytes of the next `feed` have come. A frame that began too long ago is never completed by them."""
        self._now_us = now_us
        if self._rest and now_us - self._begun_us > HALF_FRAME_US:
            self.dropped += len(self._rest)
            self._rest = b""

    def feed(self, data: bytes) -> list[Frame]:
        """Take received bytes, return the frames they complete, damaged ones included. Never raises for any bytes."""
        had = len(self._rest)
        *whole, rest = (self._rest + data if had else bytes(data)).split(b"\0")
        frames = [self._frame(line) for line in whole if self._is_line(line)]
        if rest and (whole or not had):
            self._begun_us = self._now_us
        if self._overlong or len(rest) > LINE_MAX:
            self._overlong = True
            self.dropped += len(rest)
            rest = b""
        self._rest = rest
        return frames

    def _is_line(self, line: bytes) -> bool:
        """Whether what came before an end byte may be a frame; what is too long for one is dropped."""
        if self._overlong or len(line) > LINE_MAX:
            self._overlong = False
            self.dropped += len(line) + 1
            return False
        return bool(line)

    def _frame(self, line: bytes) -> Frame:
        raw = line + b"\0"
        plain = _unstuffed(line)
        if plain is None:
            return Frame("", {}, "stuffing_error", raw)
        if not FRAME_MIN <= len(plain) <= FRAME_MAX:
            return Frame("", {}, "length_error", raw)
        if crc32(plain[:-4]) != _CRC.unpack_from(plain, len(plain) - 4)[0]:
            return Frame("", {}, "checksum_error", raw)
        code, seq, epoch = _HEAD.unpack_from(plain)
        params: dict[str, Any] = {"seq": seq, "epoch": epoch}
        kind, data = self._kind_of(code), plain[_BODY_AT:-4]
        if kind is None:
            return Frame("", params | {"code": code, "data_hex": data.hex()}, "unknown_command", raw)
        try:
            _read(kind, data, params)
        except Malformed:
            return Frame(kind.name, {"seq": seq, "epoch": epoch, "data_hex": data.hex()}, "parameter_error", raw)
        return Frame(kind.name, params, None, raw)


def _read(kind: _Kind, data: bytes, params: dict[str, Any]) -> None:
    if not kind.is_answer:
        kind.payload.read(data, params)
        return
    if not data or data[0] not in _RESULTS:
        raise Malformed("no result")
    params["result"] = data[0]
    body = _REFUSAL if data[0] else kind.payload
    body.read(data[1:], params)


def _unstuffed(line: bytes) -> bytes | None:
    """The plain frame; None where its pieces do not come out even. Each length byte becomes the zero byte it stands for."""
    plain = bytearray(line)
    at, end = 0, len(line)
    while at < end:
        step = plain[at]
        plain[at] = 0
        at += step
    return bytes(plain[1:]) if at == end and end else None
