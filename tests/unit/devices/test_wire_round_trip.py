"""Random legal parameters go out and come back as they were, whatever the command."""

import json
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emscontrol.devices.codecs import codec
from emscontrol.devices.declare.command import Command
from emscontrol.devices.stuffing import Frame
from tests.unit.devices.wire_params import SCIENCEMODE, command_params

COMMANDS = [pytest.param(m, c, id=f"{m}-{c.name}") for m in SCIENCEMODE for c in codec(m).TABLE.commands]


@pytest.mark.parametrize(("model", "command"), COMMANDS)
def test_what_is_encoded_decodes_to_the_same_parameters(model: str, command: Command) -> None:
    wire = codec(model)

    @settings(max_examples=12, deadline=None)
    @given(command_params(command, wire.TABLE.packet_numbers))
    def round_trip(params: dict[str, object]) -> None:
        raw = wire.encode(command.name, params)
        assert wire.Decoder(command.sender).feed(raw) == [Frame(command.name, params, None, raw)]
        assert wire.Decoder(None).feed(raw) == [Frame(command.name, params, None, raw)]

    round_trip()


@pytest.mark.parametrize(("model", "command"), COMMANDS)
def test_frame_of_the_other_side_is_not_taken_for_a_command(model: str, command: Command) -> None:
    wire = codec(model)

    @settings(max_examples=2, deadline=None)
    @given(command_params(command, wire.TABLE.packet_numbers))
    def echo(params: dict[str, object]) -> None:
        [frame] = wire.Decoder("device" if command.sender == "host" else "host").feed(wire.encode(command.name, params))
        assert (frame.command, frame.error) == ("", "unknown_command")
        assert frame.params["command_number"] == command.number

    echo()


PREFIXES = {
    "p24": [bytes((command.number >> 8, command.number & 0xFF)) for command in codec("p24").TABLE.commands],
    "rehastim2": [bytes((0, command.number)) for command in codec("rehastim2").TABLE.commands],
}


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(sorted(SCIENCEMODE)), st.data())
def test_any_body_in_a_whole_frame_decodes_to_something(model: str, data: st.DataObject) -> None:
    """Frames whose checks are right but whose content may be anything: no exception, one frame, and nothing half read."""
    wire = codec(model)
    prefix = data.draw(st.sampled_from(PREFIXES[model]) | st.binary(max_size=2))
    raw = wire._FRAMING.frame(prefix + data.draw(st.binary(max_size=40)))
    [frame] = wire.Decoder(None).feed(raw)
    assert frame.raw == raw
    if frame.error is not None:
        assert frame.error in ("unknown_command", "parameter_error", "length_error")
        assert set(frame.params) in ({"packet_number", "command_number", "data_hex"}, set())
    elif within_limits(wire, frame):
        [again] = wire.Decoder(None).feed(wire.encode(frame.command, frame.params))
        assert (again.command, again.params, again.error) == (frame.command, frame.params, None)


def within_limits(wire: ModuleType, frame: Frame) -> bool:
    """True when the encoder would send this too; what is heard may lie outside of what may be sent."""
    try:
        wire.encode(frame.command, frame.params)
    except ValueError:
        return False
    return True


DATA = Path(__file__).parent.parent.parent / "data"
FILES = {"p24": "sciencemode4.json", "rehastim2": "sciencemode2.json"}
# One byte more or less turns this answer of ScienceMode 3 (2 bytes) and of ScienceMode 4 (3 bytes) into the other.
ALIKE = {"ll_cfg_ack_rm3_electrode", "ll_cfg_ack_ok", "ll_cfg_ack_electrode"}
VECTORS = [
    pytest.param(model, bytes.fromhex(v["hex"]), id=f"{model}-{v['name']}")
    for model, file in FILES.items()
    for v in json.loads((DATA / file).read_text())
    if v["canonical"] and v["name"] not in ALIKE
]


@pytest.mark.parametrize(("model", "raw"), VECTORS)
def test_data_of_another_length_are_no_command(model: str, raw: bytes) -> None:
    """The checks are right, the data are one byte too long or too short: nothing of it is believed."""
    wire = codec(model)
    body = wire._FRAMING.opened(raw)
    for data in (body + b"\x00", body[:-1]):
        [frame] = wire.Decoder(None).feed(wire._FRAMING.frame(data))
        assert frame.error in ("parameter_error", "unknown_command", "length_error")


def test_softstart_frame_with_more_than_four_channels_is_no_command() -> None:
    """Mask 31: soft start and channel 1 of a RehaMove 3, and a bit that it does not have; one block of data."""
    wire = codec("p24")
    block = bytes.fromhex("00 00 28 0c 84 b0 00")
    for mask, error in ((0x11, None), (0x31, "parameter_error"), (0x91, "parameter_error")):
        [frame] = wire.Decoder("host").feed(wire._FRAMING.frame(bytes((0x00, 0x20, mask)) + block))
        assert frame.error == error
