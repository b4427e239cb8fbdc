"""The codec for the command line: both directions, and sentences for what is wrong."""

from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_sim.__main__ import cli
from firmware_sim.reference import framing, wire
from firmware_sim.reference.commands import COMMANDS, STATUS_BLOCK
from firmware_sim.reference.layout import Kind, Layout
from firmware_sim.registry import codec, frame_cutter


def values(layout: Layout) -> st.SearchStrategy[dict[str, Any]]:
    """Any parameters that fit the types of a payload."""

    def of(kind: Kind) -> st.SearchStrategy[Any]:
        if kind is Kind.TEXT:
            return st.text(max_size=8)
        return st.integers(*kind.bounds)

    fields = {field.name: of(field.kind) for field in layout.fields}
    if layout.each:
        row = st.fixed_dictionaries({field.name: of(field.kind) for field in layout.each})
        fields["each"] = st.lists(row, max_size=8)
    return st.fixed_dictionaries(fields)


KINDS: list[tuple[str, Layout]] = [
    *((command.name, command.request) for command in COMMANDS),
    *((f"{command.name}_ANSWER", command.answer) for command in COMMANDS),
    ("EVENT", STATUS_BLOCK),
]


@given(st.sampled_from(KINDS).flatmap(lambda kind: st.tuples(st.just(kind[0]), values(kind[1]))), st.integers(0, 65_535))
@settings(max_examples=250, deadline=None)
def test_what_is_encoded_is_decoded(kind: tuple[str, dict[str, Any]], seq: int) -> None:
    name, params = kind
    sender: wire.Sender = "device" if name.endswith("_ANSWER") or name == "EVENT" else "host"
    data = wire.encode(name, {"seq": seq, "epoch": 7, **params})
    (frame,) = wire.decode(data, sender)
    result = {"result": 0} if name.endswith("_ANSWER") else {}
    assert frame == wire.Frame(name, {"seq": seq, "epoch": 7, **result, **params})
    (other,) = wire.decode(data, "host" if sender == "device" else "device")
    assert other.error == wire.UNKNOWN_COMMAND


def test_a_refusal_has_a_channel_and_nothing_else() -> None:
    data = wire.encode("SET_ANSWER", {"seq": 3, "result": 13, "channel": 2})
    (frame,) = wire.decode(data, "device")
    assert frame.params == {"seq": 3, "epoch": 0, "result": 13, "channel": 2}
    assert framing.unstuff(data[:-1])[7:-4] == bytes((13, 2))  # type: ignore[index]


@given(st.binary(max_size=600), st.sampled_from(["host", "device"]))
@settings(max_examples=200, deadline=None)
def test_any_bytes_are_decoded_to_something(data: bytes, sender: wire.Sender) -> None:
    frames = wire.decode(data, sender)
    assert bool(frames) == bool(data)


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"\x00", framing.NO_FRAME),
        (b"\x05\x01", framing.INCOMPLETE),
        (b"\x09\x01\x00", framing.STUFFING_ERROR),
        (b"\x03\x01\x01\x00", framing.LENGTH_ERROR),
        (b"\x01" * 300 + b"\x00", framing.LENGTH_ERROR),
        (framing.pack(0x0C, 1, 0, b"")[:-2] + b"\x55\x00", framing.CHECKSUM_ERROR),
        (framing.pack(0x33, 1, 0, b""), wire.UNKNOWN_COMMAND),
        (framing.pack(0x0C, 1, 0, b"x"), wire.PAYLOAD_ERROR),
    ],
)
def test_errors_have_names(data: bytes, error: str) -> None:
    assert [frame.error for frame in wire.decode(data, "host")] == [error]


@pytest.mark.parametrize(
    ("command", "params", "sentence"),
    [
        ("FLY", {}, "no command is called 'FLY'"),
        ("ARM", {}, "lease_ms is None, not a whole number from 0 to 65535"),
        ("ARM", {"lease_ms": 70_000}, "lease_ms is 70000, not a whole number"),
        ("ARM", {"lease_ms": 300, "epoch": -1}, "epoch is -1, not a whole number"),
        ("ARM", {"lease_ms": 300, "power": 1}, "ARM has no parameter power"),
        ("STOP", {"each": []}, "STOP has no parameter each"),
        ("SET", {"each": 3}, "each is 3, not a list of objects"),
        ("SET", {"each": [{"channel": 1}]}, "amplitude is None"),
        ("SET", {"each": [{"channel": 1, "amplitude": 1}] * 80}, "bytes; 235 is the most"),
        ("IDENTIFY_ANSWER", {"maker": "x" * 33, "model": "", "serial": "", "firmware": ""}, "not a text of 32 bytes"),
        ("STOP_ANSWER", {"state": 0, "result": 256}, "result is 256"),
    ],
)
def test_what_cannot_be_encoded_is_said_in_a_sentence(command: str, params: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        wire.encode(command, params)


def test_the_command_line_knows_the_protocol() -> None:
    done = CliRunner().invoke(cli, ["wire", "encode", "reference", "STOP", '{"seq": 7}'])
    assert done.output.strip() == "03 0c 07 01 01 01 01 05 b2 85 c9 47 00"
    done = CliRunner().invoke(cli, ["wire", "decode", "reference", *done.output.split()])
    assert '"command": "STOP", "params": {"seq": 7, "epoch": 0}, "error": null' in done.output


def test_bytes_without_a_frame_are_said_to_have_none() -> None:
    done = CliRunner().invoke(cli, ["wire", "decode", "reference", "03 0c"])
    assert done.exit_code == 2
    assert "no whole reference frame in these 2 bytes; a frame ends with 00." in done.output


def test_the_registry_has_it() -> None:
    assert codec("reference").encode("STOP", {"seq": 7}) == framing.pack(0x0C, 7, 0, b"")
    two = framing.pack(0x0C, 7, 0, b"") + framing.pack(0x0B, 8, 0, b"")
    assert b"".join(frame := frame_cutter("reference").frames(two)) == two
    assert len(frame) == 2
