"""The table of commands and the two directions it is used in."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_sim.rehastim2.commands import BY_NAME, COMMANDS, Command
from firmware_sim.rehastim2.fields import ChannelBits, ChannelNumber, Field, GroupMode, HalfMilliseconds, Integer
from firmware_sim.rehastim2.framing import build
from firmware_sim.rehastim2.wire import decode, encode

# Number, sender and bytes of data of every command, read off the sheet's tables by hand.
SHEET = {
    "Init": (1, "device", 1),
    "InitAck": (2, "host", 1),
    "UnknownCommand": (3, "device", 1),
    "Watchdog": (4, "host", 0),
    "GetStimulationMode": (10, "host", 0),
    "GetMotomedMode": (12, "host", 0),
    "InitChannelListMode": (30, "host", 7),
    "StartChannelListMode": (32, "host", 4),
    "StopChannelListMode": (34, "host", 0),
    "SinglePulse": (36, "host", 4),
    "StimulationError": (38, "device", 1),
    "InitPhaseTraining": (50, "host", 1),
    "StartPhase": (52, "host", 8),
    "PausePhase": (54, "host", 0),
    "StopPhaseTraining": (56, "host", 0),
    "PhaseResult": (58, "device", 16),
    "ActualValues": (60, "device", 6),
    "SetRotationDirection": (70, "host", 1),
    "SetSpeed": (72, "host", 1),
    "SetGear": (74, "host", 1),
    "SetKeyboardLock": (76, "host", 1),
    "StartBasicTraining": (80, "host", 1),
    "PauseBasicTraining": (82, "host", 0),
    "ContinueBasicTraining": (84, "host", 0),
    "StopBasicTraining": (86, "host", 0),
    "MotomedCommandDone": (89, "device", 1),
    "MotomedError": (90, "device", 1),
}
UNANSWERED = {"InitAck", "Watchdog"}


def values(field: Field) -> st.SearchStrategy[Any]:
    match field:
        case Integer():
            return st.integers(field.low, field.high)
        case ChannelNumber():
            return st.integers(1, 8)
        case ChannelBits():
            return st.sets(st.integers(1, 8)).map(sorted)
        case GroupMode():
            return st.sampled_from(["single", "doublet", "triplet"])
        case HalfMilliseconds():
            lowest = 1 if field.zero_is_none else 0
            times = st.integers(lowest, field.highest_code).map(lambda code: code / 2 + field.first_ms)
            return times | st.none() if field.zero_is_none else times
        case _:
            raise AssertionError(field)


@st.composite
def commands(draw: st.DrawFn) -> tuple[Command, dict[str, Any]]:
    command = draw(st.sampled_from(COMMANDS))
    params: dict[str, Any] = {"packet_number": draw(st.integers(0, 255))}
    if command.layout == "channel_groups":
        count = draw(st.integers(1, 8))
        groups = [{field.name: draw(values(field)) for field in command.fields} for _ in range(count)]
        return command, params | {"channels": [{"channel": number, **group} for number, group in enumerate(groups, 1)]}
    params |= {field.name: draw(values(field)) for field in command.fields}
    if command.layout == "result_then_rest" and params["result"] != 0:
        del params["mode"]
    return command, params


def test_every_command_of_the_sheet_and_no_other() -> None:
    answers = {name + "Ack": (number + 1, "device", 1) for name, (number, who, _) in SHEET.items() if who == "host"}
    for name in UNANSWERED:
        del answers[name + "Ack"]
    answers["GetStimulationModeAck"] = (11, "device", 2)
    answers["GetMotomedModeAck"] = (13, "device", 2)
    table = {command.name: (command.number, command.sender, command.size) for command in COMMANDS}
    assert table == SHEET | answers
    assert len({command.number for command in COMMANDS}) == len(COMMANDS)


@pytest.mark.parametrize("name", [name for name, (_, who, _) in SHEET.items() if who == "host"])
def test_answered_commands(name: str) -> None:
    assert BY_NAME[name].answered == (name not in UNANSWERED)


@given(commands())
@settings(max_examples=400, deadline=None)
def test_decode_is_the_inverse_of_encode(example: tuple[Command, dict[str, Any]]) -> None:
    command, params = example
    (frame,) = decode(encode(command.name, params), command.sender)
    assert (frame.command, frame.params, frame.error) == (command.name, params, None)


@given(commands())
@settings(max_examples=100, deadline=None)
def test_a_command_of_the_other_side_is_unknown(example: tuple[Command, dict[str, Any]]) -> None:
    command, params = example
    (frame,) = decode(encode(command.name, params), "host" if command.sender == "device" else "device")
    assert frame.error == "unknown_command"


@given(st.sampled_from(COMMANDS), st.binary(max_size=40), st.integers(0, 255))
@settings(max_examples=400, deadline=None)
def test_any_data_is_read_or_reported(command: Command, data: bytes, packet_number: int) -> None:
    (frame,) = decode(build(packet_number, command.number, data), command.sender)
    assert (frame.command, frame.packet_number, frame.data) == (command.name, packet_number, data)
    if frame.error is None:
        assert decode(encode(command.name, frame.params), command.sender)[0].params == frame.params
    else:
        assert frame.error == "parameter_error"


@pytest.mark.parametrize(
    ("command", "data"),
    [
        ("InitChannelListMode", "08 01 00 0d 00 26 00"),  # low-frequency factor 8
        ("InitChannelListMode", "00 01 00 0d 08 01 00"),  # main interval code 2049
        ("InitChannelListMode", "00 01 00 0d 00 26 02"),  # execution 2
        ("InitChannelListMode", "00 01 00 0d 00 26"),  # too few
        ("InitChannelListMode", "00 01 00 0d 00 26 00 00"),  # too many
        ("StartChannelListMode", "03 00 fa 0a"),  # group mode 3
        ("StartChannelListMode", "00 01 f5 0a"),  # 501 µs
        ("StartChannelListMode", "00 00 fa 83"),  # 131 mA
        ("StartChannelListMode", "00 00 fa"),  # not a whole group
        ("StartChannelListMode", "00 00 fa 0a 00"),  # a group and a rest
        ("StartChannelListMode", ""),
        ("StartChannelListMode", "00 00 fa 0a" * 9),  # nine groups
        ("SinglePulse", "08 00 fa 0a"),  # channel 9
        ("InitPhaseTraining", "02"),
    ],
)
def test_values_out_of_range_are_parameter_errors(command: str, data: str) -> None:
    (frame,) = decode(build(1, BY_NAME[command].number, bytes.fromhex(data)), "host")
    assert (frame.command, frame.error) == (command, "parameter_error")


PULSE = {"packet_number": 1, "channel": 1, "pulse_width_us": 250, "current_ma": 10}


@pytest.mark.parametrize(
    ("command", "params", "says"),
    [
        ("Launch", {}, "no command is called 'Launch'"),
        ("Watchdog", {}, "packet_number"),
        ("Watchdog", {"packet_number": 256}, "from 0 to 255"),
        ("Watchdog", {"packet_number": True}, "not a whole number"),
        ("Watchdog", {"packet_number": 1, "colour": 3}, "takes no parameters"),
        ("SinglePulse", {**PULSE, "channel": 0}, "from 1 to 8"),
        ("SinglePulse", {**PULSE, "pulse_width_us": 501}, "from 0 to 500"),
        ("SinglePulse", {**PULSE, "current_ma": 131}, "from 0 to 130"),
        ("SinglePulse", {**PULSE, "current_ma": 10.5}, "not a whole number"),
        ("SinglePulse", {key: PULSE[key] for key in PULSE if key != "channel"}, "takes channel, pulse_width_us"),
        ("StartChannelListMode", {"packet_number": 1, "channels": []}, "one to eight channels"),
        ("StartChannelListMode", {"packet_number": 1, "channels": "all"}, "one to eight channels"),
        ("GetStimulationModeAck", {"packet_number": 1, "result": 0}, "takes result, mode"),
    ],
)
def test_what_cannot_be_encoded_is_refused_with_a_sentence(command: str, params: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        encode(command, params)


@pytest.mark.parametrize("channels", [(2, 1), (1, 1), (0,), (9,)])
def test_channels_of_a_start_must_ascend(channels: tuple[int, ...]) -> None:
    groups = [{"channel": channel, "mode": "single", "pulse_width_us": 250, "current_ma": 10} for channel in channels]
    with pytest.raises(ValueError, match="ascending"):
        encode("StartChannelListMode", {"packet_number": 1, "channels": groups})


@pytest.mark.parametrize(
    ("t1_ms", "fits"), [(1, False), (1.5, True), (20.25, False), (1025, True), (1025.5, False), (None, True)]
)
def test_the_shortest_main_interval_is_one_step_above_one_shot(t1_ms: float | None, fits: bool) -> None:
    params = {
        "packet_number": 1,
        "low_frequency_factor": 0,
        "active_channels": [1],
        "low_frequency_channels": [],
        "inter_pulse_interval_ms": 8,
        "main_interval_ms": t1_ms,
        "channel_execution": 0,
    }
    if fits:
        assert decode(encode("InitChannelListMode", params), "host")[0].params == params
    else:
        with pytest.raises(ValueError, match="main_interval_ms"):
            encode("InitChannelListMode", params)


def test_a_start_is_read_with_the_channels_of_the_set_up_before_it() -> None:
    setup = bytes.fromhex("f0 81 5b 81 5c 09 1e 00 05 00 0d 00 00 00 0f")  # channels 1 and 3
    start = bytes.fromhex("f0 81 52 81 5f 0b 20 01 01 2c 14 02 00 fa 20 0f")
    with_set_up = decode(setup + start, "host")[1].params["channels"]
    alone = decode(start, "host")[0].params["channels"]
    assert [group["channel"] for group in with_set_up] == [1, 3]
    assert [group["channel"] for group in alone] == [1, 2]
