"""ScienceMode2 on the wire: bytes to named commands and back, without I/O or clock.

Parameters are spelled as people say them: channels from 1, ms, µs, mA. A frame that cannot be trusted is reported, not raised.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

from firmware_sim.rehastim2.commands import BY_NAME, BY_NUMBER, Command, Sender
from firmware_sim.rehastim2.fields import PARAMETER_ERROR, BadValue, whole
from firmware_sim.rehastim2.framing import CUT_SHORT, REMEMBERED, FrameReader, RawFrame, build

UNKNOWN_COMMAND: Final = "unknown_command"


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame as decoded.

    `command` is None where the command number is not known or did not arrive. `error` is None or one of framing_error,
    length_error, checksum_error, unknown_command, parameter_error and incomplete_frame; `params` then hold only the packet
    number and what else is certain. `packet_number`, `command_number` and `data` are the bytes as they came (-1 and empty
    where there were none). Equal frames may share their `params`, which are not to be changed.
    """

    command: str | None
    params: dict[str, Any] = field(default_factory=dict)
    error: str | None = None
    packet_number: int = -1
    command_number: int = -1
    data: bytes = b""


class Decoder:
    """Decodes what one side sends, in whatever pieces it comes.

    A StartChannelListMode does not carry channel numbers. They are taken from the last InitChannelListMode this decoder saw;
    where that does not fit, or none was seen, groups are numbered from channel 1.
    """

    def __init__(self, sender: Sender) -> None:
        self._sender = sender
        self._reader = FrameReader()
        self._active: tuple[int, ...] = ()

    @property
    def buffered(self) -> int:
        """Bytes held of a frame that is not complete; never more than one frame."""
        return self._reader.buffered

    @property
    def inside_frame(self) -> bool:
        """Whether a frame has begun and not ended."""
        return self._reader.inside

    def reset(self) -> None:
        """Forget an incomplete frame, and the active channels."""
        self._reader.reset()
        self._active = ()

    def feed(self, data: bytes) -> Iterator[Frame]:
        """The frames that these bytes complete. Exhaust it: bytes are taken as it is read."""
        for raw in self._reader.feed(data):
            frame = _named(raw, self._sender, self._active)
            if frame.command == "InitChannelListMode" and frame.error is None:
                self._active = tuple(frame.params["active_channels"])
            yield frame


def decode(data: bytes, sender: Sender) -> list[Frame]:
    """All frames in `data` that `sender` ("host" or "device") sent; one cut off at the end is reported as incomplete_frame."""
    decoder = Decoder(sender)
    frames = list(decoder.feed(data))
    if decoder.inside_frame:
        frames.append(Frame(None, {}, CUT_SHORT))
    return frames


def encode(command: str, params: Mapping[str, Any]) -> bytes:
    """The frame of a command. Raises ValueError for an unknown command, a missing, superfluous or unfitting parameter."""
    known = BY_NAME.get(command)
    if known is None:
        raise BadValue(f"no command is called {command!r}; there are {', '.join(sorted(BY_NAME))}")
    given = dict(params)
    packet_number = whole("packet_number", given.pop("packet_number", None), 0, 255)
    return build(packet_number, known.number, _write(known, given))


def answer(command: str, params: Mapping[str, int]) -> bytes:
    """`encode` for the device, which says the same few things again and again."""
    return _answer(command, tuple(params.items()))


def answer_number(command_number: int) -> int | None:
    """The number of the acknowledgement that belongs to a host command, or None where it has none."""
    known = BY_NUMBER.get(command_number)
    return command_number + 1 if known is not None and known.answered else None


@lru_cache(maxsize=REMEMBERED)
def _named(raw: RawFrame, sender: Sender, active: tuple[int, ...]) -> Frame:
    if len(raw.body) < 2:
        return Frame(None, {}, raw.error)
    packet_number, number, data = raw.body[0], raw.body[1], raw.body[2:]
    known = BY_NUMBER.get(number)
    name = known.name if known is not None else None
    params: dict[str, Any] = {"packet_number": packet_number}
    if raw.error is not None:
        return Frame(name, params, raw.error, packet_number, number, data)
    if known is None or known.sender != sender:
        params |= {"command_number": number, "data_hex": data.hex(" ")}
        return Frame(name, params, UNKNOWN_COMMAND, packet_number, number, data)
    try:
        params |= _read(known.number, data, active)
    except BadValue:
        params |= {"data_hex": data.hex(" ")}
        return Frame(name, params, PARAMETER_ERROR, packet_number, number, data)
    return Frame(name, params, None, packet_number, number, data)


@lru_cache(maxsize=REMEMBERED)
def _answer(command: str, items: tuple[tuple[str, int], ...]) -> bytes:
    return encode(command, dict(items))


@lru_cache(maxsize=REMEMBERED)
def _read(number: int, data: bytes, active: tuple[int, ...]) -> dict[str, Any]:
    command = BY_NUMBER[number]
    if command.layout == "channel_groups":
        return {"channels": _read_groups(command, data, active)}
    if command.layout == "result_then_rest" and data[:1] != b"\0":
        return _read_fields(command, data, 1)
    return _read_fields(command, data, len(command.fields))


def _read_fields(command: Command, data: bytes, count: int) -> dict[str, Any]:
    fields = command.fields[:count]
    if len(data) != sum(each.size for each in fields):
        raise BadValue(f"{command.name}: {len(data)} bytes of data do not make its {count} fields")
    params, offset = {}, 0
    for each in fields:
        params[each.name] = each.read(data[offset : offset + each.size])
        offset += each.size
    return params


def _read_groups(command: Command, data: bytes, active: tuple[int, ...]) -> list[dict[str, Any]]:
    count, rest = divmod(len(data), command.size)
    if rest or not 1 <= count <= 8:
        raise BadValue(f"{command.name}: {len(data)} bytes are not one to eight groups of {command.size}")
    channels = active if len(active) == count else tuple(range(1, count + 1))
    groups = [data[at : at + command.size] for at in range(0, len(data), command.size)]
    return [
        {"channel": channel, **_read_fields(command, group, len(command.fields))}
        for channel, group in zip(channels, groups, strict=True)
    ]


def _write(command: Command, params: dict[str, Any]) -> bytes:
    if command.layout == "channel_groups":
        return _write_groups(command, params)
    fields = command.fields
    if command.layout == "result_then_rest" and params.get("result") != 0:
        fields = fields[:1]
    _check_names(command, params, [each.name for each in fields])
    return b"".join(each.write(params[each.name]) for each in fields)


def _write_groups(command: Command, params: dict[str, Any]) -> bytes:
    _check_names(command, params, ["channels"])
    groups = params["channels"]
    if not isinstance(groups, list | tuple) or not 1 <= len(groups) <= 8 or not all(isinstance(g, Mapping) for g in groups):
        raise BadValue(f"channels: {groups!r} is not a list of one to eight channels")
    out, before = b"", 0
    for group in groups:
        _check_names(command, dict(group), ["channel", *(each.name for each in command.fields)])
        before = whole("channel (ascending)", group["channel"], before + 1, 8)
        out += b"".join(each.write(group[each.name]) for each in command.fields)
    return out


def _check_names(command: Command, params: Mapping[str, Any], wanted: list[str]) -> None:
    if set(params) != set(wanted):
        raise BadValue(
            f"{command.name} takes {', '.join(wanted) or 'no parameters'}; given: {', '.join(map(str, params)) or 'none'}"
        )
