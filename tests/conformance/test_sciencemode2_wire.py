"""ScienceMode 2 vectors (real devices, peer builders, document; see tests/data/sciencemode2.json) in both directions."""

import json
from pathlib import Path
from typing import Any

import pytest

from emscontrol.devices.sciencemode2 import wire

VECTORS = json.loads((Path(__file__).parent.parent / "data" / "sciencemode2.json").read_text())
CANONICAL = [v for v in VECTORS if v["canonical"]]
DAMAGED = [v for v in VECTORS if "expect" in v]
QUIRKS = [v for v in VECTORS if "decodes_as" in v]
STARTS = [v for v in CANONICAL if v["command"] == "StartChannelListMode"]


def name(vector: dict[str, Any]) -> str:
    return str(vector["name"])


def sender(vector: dict[str, Any]) -> Any:
    return vector["direction"].split("->")[0]


def without_numbers(params: dict[str, Any]) -> dict[str, Any]:
    """Parameters of a StartChannelListMode as far as its bytes tell: channel numbers only where all eight are there."""
    groups = params["channels"]
    return params if len(groups) == 8 else params | {"channels": [{k: g[k] for k in g if k != "channel"} for g in groups]}


def test_the_vectors_are_all_there() -> None:
    assert (len(CANONICAL), len(DAMAGED), len(QUIRKS)) == (49, 2, 5)
    assert len(VECTORS) == 56


@pytest.mark.parametrize("vector", CANONICAL, ids=name)
def test_encoder_makes_exactly_these_bytes(vector: dict[str, Any]) -> None:
    assert wire.encode(vector["command"], vector["params"]).hex(" ") == vector["hex"]


@pytest.mark.parametrize("vector", CANONICAL, ids=name)
def test_decoder_returns_exactly_these_parameters(vector: dict[str, Any]) -> None:
    raw = bytes.fromhex(vector["hex"])
    decoder = wire.Decoder(sender(vector))
    params = without_numbers(vector["params"]) if vector in STARTS else vector["params"]
    assert decoder.feed(raw) == [wire.Frame(vector["command"], params, None, raw)]
    assert (decoder.dropped, decoder.pending) == (0, 0)


@pytest.mark.parametrize("vector", STARTS, ids=name)
def test_start_gets_its_channel_numbers_from_the_init_before_it(vector: dict[str, Any]) -> None:
    timing = next(v for v in CANONICAL if v["name"] == "init_clm_one_shot")["params"]
    channels = [group["channel"] for group in vector["params"]["channels"]]
    decoder = wire.Decoder("host")
    decoder.feed(wire.encode("InitChannelListMode", timing | {"active_channels": channels}))
    [frame] = decoder.feed(bytes.fromhex(vector["hex"]))
    assert frame.params == vector["params"]


def test_start_that_does_not_match_the_init_keeps_its_groups_without_numbers() -> None:
    init = next(v for v in CANONICAL if v["name"] == "init_clm_one_shot")  # channels 1 and 3
    start = next(v for v in CANONICAL if v["name"] == "start_clm_one_channel")
    _, frame = wire.Decoder("host").feed(bytes.fromhex(init["hex"] + start["hex"]))
    assert frame.error is None
    assert frame.params == without_numbers(start["params"])


@pytest.mark.parametrize("vector", VECTORS, ids=name)
def test_table_has_the_command_and_its_sender(vector: dict[str, Any]) -> None:
    assert wire.TABLE.by_name[vector["command"]].sender == sender(vector)


@pytest.mark.parametrize("vector", DAMAGED, ids=name)
def test_damaged_frame_is_told_and_names_no_command(vector: dict[str, Any]) -> None:
    raw = bytes.fromhex(vector["hex"])
    assert wire.Decoder(sender(vector)).feed(raw) == [wire.Frame("", {}, vector["expect"], raw)]


@pytest.mark.parametrize("vector", QUIRKS, ids=name)
def test_quirk_is_read_as_a_device_reads_it(vector: dict[str, Any]) -> None:
    meant = vector["decodes_as"]
    [frame] = wire.Decoder("host").feed(bytes.fromhex(vector["hex"]))
    if frame.error is not None:
        assert (frame.error, frame.command, frame.params) == ("unknown_command", "", meant)
        return
    assert wire.TABLE.by_name[frame.command].number == meant["command_number"]
    assert frame.params["packet_number"] == meant["packet_number"]
    data = bytearray()
    wire.TABLE.by_name[frame.command].write(frame.params, data)
    assert data.hex(" ") == meant["data_hex"]


def checked(stuffed: bytes) -> bytes:
    """A frame by the letter of the sheet around a stuffed body, checksum bit by bit: independent of the codec."""
    crc = 0
    for bit in (byte >> shift & 1 for byte in stuffed for shift in range(7, -1, -1)):
        crc = (crc << 1 & 0xFF) ^ (0x07 if (crc >> 7) ^ bit else 0)
    return bytes((0xF0, 0x81, crc ^ 0x55, 0x81, len(stuffed) ^ 0x55)) + stuffed + b"\x0f"


def test_any_byte_may_be_escaped() -> None:
    """Clients escape more than the protocol asks for."""
    for value in range(256):
        raw = checked(bytes((0x81, value ^ 0x55, 0x04)))
        assert wire.Decoder("host").feed(raw) == [wire.Frame("Watchdog", {"packet_number": value}, None, raw)]
