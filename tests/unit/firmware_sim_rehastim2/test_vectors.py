"""The vectors of the reference sheet, both ways."""

import json
from pathlib import Path
from typing import Any

import pytest

from firmware_sim.rehastim2.wire import Decoder, decode, encode

VECTORS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[2] / "data" / "sciencemode2.json").read_text(encoding="utf-8")
)
CANONICAL = [vector for vector in VECTORS if vector["canonical"]]
QUIRKS = [vector for vector in VECTORS if "decodes_as" in vector]
DAMAGED = [vector for vector in VECTORS if "expect" in vector]
PEERS = [(vector["name"], peer["hex"]) for vector in VECTORS for peer in vector.get("peers_that_differ", ())]


def by_name(vectors: list[dict[str, Any]]) -> Any:
    return pytest.mark.parametrize("vector", vectors, ids=[vector["name"] for vector in vectors])


def sender(vector: dict[str, Any]) -> Any:
    return vector["direction"].partition("->")[0]


def test_every_vector_is_of_one_of_the_three_kinds() -> None:
    assert len(VECTORS) == 56
    assert len(CANONICAL) + len(QUIRKS) + len(DAMAGED) == len(VECTORS)
    assert QUIRKS
    assert DAMAGED


@by_name(CANONICAL)
def test_encodes_to_exactly_these_bytes(vector: dict[str, Any]) -> None:
    assert encode(vector["command"], vector["params"]).hex(" ") == vector["hex"]


@by_name(CANONICAL)
def test_decodes_to_these_params(vector: dict[str, Any]) -> None:
    decoder = Decoder(sender(vector))
    if channels := [channel["channel"] for channel in vector["params"].get("channels", ())]:
        # Only an InitChannelListMode before it says which channels the groups of a start belong to.
        setup = {
            "packet_number": 0,
            "low_frequency_factor": 0,
            "active_channels": channels,
            "low_frequency_channels": [],
            "inter_pulse_interval_ms": 8,
            "main_interval_ms": 20,
            "channel_execution": 0,
        }
        assert list(decoder.feed(encode("InitChannelListMode", setup)))
    (frame,) = decoder.feed(bytes.fromhex(vector["hex"]))
    assert (frame.command, frame.params, frame.error) == (vector["command"], vector["params"], None)


@by_name(QUIRKS)
def test_decodes_what_clients_send_beside_the_protocol(vector: dict[str, Any]) -> None:
    (frame,) = decode(bytes.fromhex(vector["hex"]), sender(vector))
    seen = {"packet_number": frame.packet_number, "command_number": frame.command_number, "data_hex": frame.data.hex(" ")}
    assert seen == vector["decodes_as"]
    if seen["command_number"] == 95:
        assert (frame.command, frame.error) == (None, "unknown_command")
    else:
        assert (frame.command, frame.error) == (vector["command"], None)


@by_name(DAMAGED)
def test_reports_damage(vector: dict[str, Any]) -> None:
    (frame,) = decode(bytes.fromhex(vector["hex"]), sender(vector))
    assert (frame.command, frame.params, frame.error) == (vector["command"], vector["params"], vector["expect"])


@pytest.mark.parametrize(("name", "peer_hex"), PEERS, ids=[f"{name}-{number}" for number, (name, _) in enumerate(PEERS)])
def test_never_takes_a_peers_other_bytes_for_something_else(name: str, peer_hex: str) -> None:
    (vector,) = [vector for vector in VECTORS if vector["name"] == name]
    for frame in decode(bytes.fromhex(peer_hex), sender(vector)):
        assert frame.error is not None or frame.command == vector["command"]
