"""The codec of the reference protocol for `emssim`: frames to commands with parameters, and back.

Besides its fields every frame has `seq` and `epoch`; answers are called as their command with `_ANSWER` and have `result`. What
is repeated per channel is a list of objects called `each`.
"""

from dataclasses import dataclass, field
from typing import Any, Final, Literal

from firmware_sim.reference import framing
from firmware_sim.reference.commands import ANSWER, BY_CODE, BY_NAME, EVENT, EVENT_CODE, REFUSAL, STATUS_BLOCK
from firmware_sim.reference.layout import EACH, TEXT_MAX, Kind, Layout, Params
from firmware_sim.reference.layout import Field as WireField

Sender = Literal["host", "device"]

UNKNOWN_COMMAND: Final = "unknown_command"
PAYLOAD_ERROR: Final = "payload_error"
ANSWER_NAME: Final = "_ANSWER"


@dataclass(frozen=True, slots=True)
class Frame:
    """A decoded frame. With an `error`, `command` and `params` are what could still be read."""

    command: str | None
    params: Params = field(default_factory=dict)
    error: str | None = None


def decode(data: bytes, sender: Sender) -> list[Frame]:
    """Every frame in these bytes, sound or damaged. Never raises. Bytes without an end give the error `incomplete`."""
    deframer = framing.Deframer()
    frames = [read(stuffed, sender) for stuffed in deframer.feed(data, 0)]
    frames += [Frame(None, {}, framing.LENGTH_ERROR)] * deframer.dropped
    if deframer.inside:
        frames.append(Frame(None, {}, framing.INCOMPLETE))
    elif data and not frames:
        frames.append(Frame(None, {}, framing.NO_FRAME))
    return frames


def read(stuffed: bytes, sender: Sender) -> Frame:
    """One frame, stuffed, without its end byte. Never raises."""
    frame = framing.unstuff(stuffed)
    error = framing.check(frame)
    if frame is None or error is not None:
        return Frame(None, {}, error)
    raw = framing.open_frame(frame)
    params: Params = {"seq": raw.seq, "epoch": raw.epoch}
    if sender == "device" and raw.code == EVENT_CODE:
        return _payload(EVENT, STATUS_BLOCK, raw.payload, params)
    command = BY_CODE.get(raw.code & ~ANSWER)
    if command is None or (raw.code >= ANSWER) != (sender == "device"):
        return Frame(None, {**params, "code": raw.code, "data": raw.payload.hex()}, UNKNOWN_COMMAND)
    if sender == "host":
        return _payload(command.name, command.request, raw.payload, params)
    params["result"] = raw.payload[0] if raw.payload else None
    layout = command.answer if params["result"] == 0 else REFUSAL
    return _payload(command.name + ANSWER_NAME, layout, raw.payload[1:], params)


def encode(command: str, params: dict[str, Any]) -> bytes:
    """One frame of the host or the device. `seq`, `epoch` and `result` are 0 when they are not given.

    Raises ValueError with a sentence for an unknown command, a missing or unknown parameter, or one that does not fit its type;
    ranges are the device's affair, so that a frame with a wrong value can be made.
    """
    code, layout, head = _spec(command, params)
    seq = _whole(params, "seq", 0, 0xFFFF, 0)
    epoch = _whole(params, "epoch", 0, 0xFFFF_FFFF, 0)
    unknown = params.keys() - {"seq", "epoch", "result", EACH} - {each.name for each in layout.fields}
    if unknown or (EACH in params and not layout.each):
        raise ValueError(f"{command} has no parameter {', '.join(sorted(unknown or {EACH}))}")
    _check(params, layout.fields)
    if layout.each:
        rows = params.get(EACH)
        if not isinstance(rows, list) or len(rows) > 255 or not all(isinstance(row, dict) for row in rows):
            raise ValueError(f"{command}: {EACH} is {rows!r}, not a list of objects")
        for row in rows:
            _check(row, layout.each)
    return framing.pack(code, seq, epoch, head + layout.pack(params))


def _spec(command: str, params: dict[str, Any]) -> tuple[int, Layout, bytes]:
    """Code, payload and what comes before it."""
    if command == EVENT:
        return EVENT_CODE, STATUS_BLOCK, b""
    spec = BY_NAME.get(command.removesuffix(ANSWER_NAME))
    if spec is None:
        raise ValueError(
            f"no command is called {command!r}; there are {', '.join(BY_NAME)}, each with {ANSWER_NAME}, and {EVENT}"
        )
    if not command.endswith(ANSWER_NAME):
        return spec.code, spec.request, b""
    result = _whole(params, "result", 0, 255, 0)
    return spec.code | ANSWER, REFUSAL if result else spec.answer, bytes((result,))


def _check(params: dict[str, Any], fields: tuple[WireField, ...]) -> None:
    for each in fields:
        if each.kind is Kind.TEXT:
            value = params.get(each.name)
            if not isinstance(value, str) or len(value.encode()) > TEXT_MAX:
                raise ValueError(f"{each.name} is {value!r}, not a text of {TEXT_MAX} bytes at most")
        else:
            _whole(params, each.name, *each.kind.bounds)


def _whole(params: dict[str, Any], name: str, low: int, high: int, default: int | None = None) -> int:
    value = params.get(name, default)
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise ValueError(f"{name} is {value!r}, not a whole number from {low} to {high}")
    return value


def _payload(command: str, layout: Layout, payload: bytes, params: Params) -> Frame:
    if not layout.fits(payload):
        return Frame(command, {**params, "data": payload.hex()}, PAYLOAD_ERROR)
    return Frame(command, {**params, **layout.unpack(payload)})
