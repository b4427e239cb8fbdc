"""Random legal parameters go out and come back as they were, whatever the command."""

from types import ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emscontrol.devices.codecs import WIRE_MODULES, codec
from emscontrol.devices.declare.command import Command
from emscontrol.devices.stuffing import Frame
from tests.unit.devices.wire_params import command_params

COMMANDS = [pytest.param(m, c, id=f"{m}-{c.name}") for m in WIRE_MODULES for c in codec(m).TABLE.commands]


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
@given(st.sampled_from(sorted(WIRE_MODULES)), st.data())
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
