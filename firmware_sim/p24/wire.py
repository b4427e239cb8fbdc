"""The commands of ScienceMode 4, declared once, and the codec made of them.

Names and units of parameters are those of the published test vectors: channels count from 0, `points` are [µs, mA],
`period_ms`. Where ScienceMode 3 differs in a command that both have, both forms are understood: the short pulse answer
(`electrode_error_channel`) and the soft start bit (`softstart`).
"""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final, Literal

from firmware_sim.p24 import framing
from firmware_sim.p24.fields import Bits, DataError, Field, Flag, Hex, Number, Numbers, Params, Reader, Text, whole
from firmware_sim.p24.layouts import ChannelConfig, CurrentData, PulseAnswer, Update

Sender = Literal["host", "device"]

DATA_ERROR: Final = "data_error"
UNKNOWN_COMMAND: Final = "unknown_command"
WRONG_DIRECTION: Final = "wrong_direction"
REMEMBERED: Final = 4096
"""So many different frames are taken apart and put together once only: polls and their answers repeat themselves."""


@dataclass(frozen=True, slots=True)
class Command:
    """A command of the sheet: number, who sends it, and its data fields in order."""

    name: str
    number: int
    sender: Sender
    fields: tuple[Field, ...] = ()


@dataclass(frozen=True, slots=True)
class Frame:
    """A decoded frame. With an `error`, `command` and `params` are what could still be read and must not be acted upon.

    Frames that say the same may share what is in their `params`, which is not to be changed.
    """

    command: str | None
    params: Params = field(default_factory=dict)
    error: str | None = None


RESULT: Final = Number("result")
_VERSIONS: Final = (Numbers("firmware", 3), Numbers("sciencemode", 3))

COMMANDS: Final[tuple[Command, ...]] = (
    # low level: one command is one pulse
    Command("ll_init", 0, "host", (Bits((("measurement", 4, 3), ("high_voltage", 1, 3))),)),
    Command("ll_init_ack", 1, "device", (RESULT,)),
    Command("ll_channel_config", 2, "host", (ChannelConfig(),)),
    Command("ll_channel_config_ack", 3, "device", (RESULT, PulseAnswer())),
    Command("ll_stop", 4, "host"),
    Command("ll_stop_ack", 5, "device", (RESULT,)),
    # mid level: the device makes the train
    Command("ml_init", 30, "host", (Flag("stop_all_on_error"),)),
    Command("ml_init_ack", 31, "device", (RESULT,)),
    Command("ml_update", 32, "host", (Update(),)),
    Command("ml_update_ack", 33, "device", (RESULT,)),
    Command("ml_stop", 34, "host"),
    Command("ml_stop_ack", 35, "device", (RESULT,)),
    Command("ml_get_current_data", 36, "host", (Number("selection"),)),
    Command("ml_get_current_data_ack", 37, "device", (RESULT, CurrentData())),
    # general
    Command("get_version_main", 50, "host"),
    Command("get_version_main_ack", 51, "device", (RESULT, *_VERSIONS)),
    Command("get_device_id", 52, "host"),
    Command("get_device_id_ack", 53, "device", (RESULT, Text("device_id", 10))),
    Command("get_battery_status", 54, "host"),
    Command("get_battery_status_ack", 55, "device", (RESULT, Number("level_percent"), Number("voltage_mv", 2))),
    Command("set_power", 56, "host", (Hex("modules", 8),)),
    Command("set_power_ack", 57, "device", (RESULT,)),
    Command("reset", 58, "host"),
    Command("reset_ack", 59, "device", (RESULT,)),
    Command("get_version_stim", 60, "host"),
    Command("get_version_stim_ack", 61, "device", (RESULT, *_VERSIONS)),
    Command("get_stim_status", 62, "host"),
    Command("get_stim_status_ack", 63, "device", (RESULT, Number("stim_status"), Number("high_voltage"))),
    Command("get_main_status", 64, "host"),
    Command("get_main_status_ack", 65, "device", (RESULT, Number("main_status"))),
    Command("general_error", 66, "device", (RESULT,)),
    Command("unknown_cmd", 67, "device", (RESULT,)),
    Command("get_extended_version", 68, "host"),
    Command(
        "get_extended_version_ack",
        69,
        "device",
        (RESULT, *_VERSIONS, Hex("hash", 4), Number("hash_type"), Number("hash_valid")),
    ),
)

BY_NUMBER: Final = {command.number: command for command in COMMANDS}
BY_NAME: Final = {command.name: command for command in COMMANDS}


def decode(data: bytes, sender: Sender) -> list[Frame]:
    """Every frame in these bytes, sound or damaged; bytes between frames are passed over. Never raises.

    Bytes that hold no whole frame give one Frame with the error `incomplete` or `no_frame`.
    """
    deframer = framing.Deframer()
    frames = [read(frame, sender) for frame in deframer.feed(data)]
    if deframer.inside:
        frames.append(Frame(None, {}, framing.INCOMPLETE))
    elif data and not frames:
        frames.append(Frame(None, {}, framing.NO_FRAME))
    return frames


def read(frame: bytes, sender: Sender) -> Frame:
    """One frame from start to stop byte. Never raises."""
    error = framing.check(frame)
    body = framing.unstuff(frame[framing.HEADER : -1])
    if error == framing.HEADER_ERROR or len(body) < 2:
        return Frame(None, {}, error or framing.LENGTH_ERROR)
    prefix = int.from_bytes(body[:2], "big")
    command = BY_NUMBER.get(prefix & 0x3FF)
    params: Params = {"packet_number": prefix >> 10}
    if command is None:
        params |= {"command_number": prefix & 0x3FF, "data": body[2:].hex()}
        return Frame(None, params, error or UNKNOWN_COMMAND)
    wrong = _read_fields(command.number, body[2:], params)
    direction = None if command.sender == sender else WRONG_DIRECTION
    return Frame(command.name, params, error or direction or wrong)


@lru_cache(maxsize=REMEMBERED)
def read_from_host(frame: bytes) -> Frame:
    """`read` for the device, which does not change what it is given."""
    return read(frame, "host")


def encode(command: str, params: dict[str, Any]) -> bytes:
    """One frame. `packet_number` is 0 when it is not given.

    Raises ValueError with a sentence for an unknown command, a missing or unknown parameter, or one out of range.
    """
    spec = BY_NAME.get(command)
    if spec is None:
        raise ValueError(f"no command is called {command!r}; there are {', '.join(BY_NAME)}")
    data = _data(spec, params)
    unknown = params.keys() - {"packet_number"} - _read_back(spec, data)
    if unknown:
        raise ValueError(f"{command} has no parameter {', '.join(sorted(unknown))}")
    return framing.pack(whole(params, "packet_number", 0, 63, 0), spec.number, data)


def answer(command: str, params: Params) -> bytes:
    """One frame of the device's own making: `encode` without the search for parameters that do not belong. No lists in it."""
    return _answer(command, tuple(params.items()))


@lru_cache(maxsize=REMEMBERED)
def _answer(command: str, items: tuple[tuple[str, Any], ...]) -> bytes:
    spec, params = BY_NAME[command], dict(items)
    return framing.pack(params.get("packet_number", 0), spec.number, _data(spec, params))


def _data(command: Command, params: Params) -> bytes:
    return b"".join(part.write(params) for part in command.fields)


def _read_fields(number: int, data: bytes, params: Params) -> str | None:
    said, wrong = _said(number, data)
    params |= said
    return wrong


@lru_cache(maxsize=REMEMBERED)
def _said(number: int, data: bytes) -> tuple[Params, str | None]:
    reader, params = Reader(data), Params()
    try:
        for part in BY_NUMBER[number].fields:
            part.read(reader, params)
    except DataError:
        return params, DATA_ERROR
    return params, DATA_ERROR if reader.left else None


def _read_back(command: Command, data: bytes) -> set[str]:
    """The names that the command's data give when read, and the optional ones that are left out where they say nothing."""
    params: Params = {}
    _read_fields(command.number, data, params)
    return params.keys() | {"softstart", "data"}
