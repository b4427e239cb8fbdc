"""ScienceMode 4 and 3 vectors (peer libraries and documents, see tests/data/sciencemode4.json) in both directions."""

import json
from pathlib import Path
from typing import Any

import pytest

from emscontrol.devices.sciencemode4 import wire

VECTORS = json.loads((Path(__file__).parent.parent / "data" / "sciencemode4.json").read_text())
CANONICAL = [v for v in VECTORS if v["canonical"]]
DAMAGED = [v for v in VECTORS if not v["canonical"]]
# A RehaMove 3 has one connector, so its vectors do not name it; the bit is there all the same.
IMPLIED = {"ll_channel_config": {"connector": 0}}


def name(vector: dict[str, Any]) -> str:
    return str(vector["name"])


def sender(vector: dict[str, Any]) -> Any:
    return vector["direction"].split("->")[0]


def test_the_vectors_are_all_there() -> None:
    assert (len(CANONICAL), len(DAMAGED)) == (61, 2)


@pytest.mark.parametrize("vector", CANONICAL, ids=name)
def test_encoder_makes_exactly_these_bytes(vector: dict[str, Any]) -> None:
    assert wire.encode(vector["command"], vector["params"]).hex(" ") == vector["hex"]


@pytest.mark.parametrize("vector", CANONICAL, ids=name)
def test_decoder_returns_exactly_these_parameters(vector: dict[str, Any]) -> None:
    raw = bytes.fromhex(vector["hex"])
    decoder = wire.Decoder(sender(vector))
    params = IMPLIED.get(vector["command"], {}) | vector["params"]
    assert decoder.feed(raw) == [wire.Frame(vector["command"], params, None, raw)]
    assert (decoder.dropped, decoder.pending) == (0, 0)


@pytest.mark.parametrize("vector", CANONICAL, ids=name)
def test_table_has_the_command_under_this_number_and_sender(vector: dict[str, Any]) -> None:
    command = wire.TABLE.by_name[vector["command"]]
    assert (command.number, command.sender) == (vector["command_number"], sender(vector))


@pytest.mark.parametrize("vector", DAMAGED, ids=name)
def test_damaged_frame_is_told_and_names_no_command(vector: dict[str, Any]) -> None:
    raw = bytes.fromhex(vector["hex"])
    assert wire.Decoder(sender(vector)).feed(raw) == [wire.Frame("", {}, vector["expect"], raw)]


@pytest.mark.parametrize(
    ("data", "points"),
    [
        pytest.param("60", [], id="without points, as the vendor library does"),
        pytest.param("60 0f a5 50 00", [[250, 20.0]], id="with points, as science-mode-4 does"),
    ],
)
def test_pulse_that_is_not_executed_may_come_with_or_without_points(data: str, points: list[Any]) -> None:
    [frame] = wire.Decoder("host").feed(framed(bytes.fromhex("04 02" + data)))
    assert frame.params == {"packet_number": 1, "execute": False, "channel": 3, "connector": 0, "points": points}


def test_point_above_the_limit_is_shown_not_hidden() -> None:
    """A limit holds for what is sent. What another host sent is told as it is: code 1023 is (1023 − 300) / 2 mA."""
    [frame] = wire.Decoder("host").feed(framed(bytes.fromhex("04 02 80 0f af fc 00")))
    assert frame.params["points"] == [[250, 361.5]]


def test_point_with_an_interpolation_mode_is_not_taken_for_a_plain_one() -> None:
    """The library keeps a mode in bits 6 and 5; any but 0 changes the pulse, so it must not decode as a jump."""
    [frame] = wire.Decoder("host").feed(framed(bytes.fromhex("04 02 80 0f a5 50 20")))
    assert frame.error == "parameter_error"
    assert frame.params == {"packet_number": 1, "command_number": 2, "data_hex": "80 0f a5 50 20"}


def framed(body: bytes) -> bytes:
    """A frame by the letter of the sheet, bit by bit: independent of the codec."""
    stuffed = b"".join(bytes((0x81, b ^ 0x55)) if b in (0xF0, 0x0F, 0x81) else bytes((b,)) for b in body)
    crc = 0
    for byte in stuffed:
        for bit in range(8):
            carry = (crc >> 15 ^ byte >> 7 - bit) & 1
            crc = (crc << 1 & 0xFFFF) ^ (0x1021 if carry else 0)
    length = len(stuffed) + 10
    checks = (length >> 8, length & 0xFF, crc >> 8, crc & 0xFF)
    return b"\xf0" + b"".join(bytes((0x81, c ^ 0x55)) for c in checks) + stuffed + b"\x0f"


def test_the_letter_of_the_sheet_makes_the_vectors_too() -> None:
    assert framed(bytes.fromhex("14 3e")).hex(" ") == "f0 81 55 81 59 81 4d 81 7f 14 3e 0f"
