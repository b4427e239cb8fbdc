"""The simulator's ScienceMode 4 codec against frames that other people's software made, both ways."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_sim.p24 import wire
from firmware_sim.p24.framing import MAX_FRAME, Deframer, pack

VECTORS: list[dict[str, Any]] = json.loads((Path(__file__).parents[1] / "data" / "sciencemode4.json").read_text("utf-8"))
SOUND = [vector for vector in VECTORS if vector["canonical"]]
DAMAGED = [vector for vector in VECTORS if not vector["canonical"]]


def sender(vector: dict[str, Any]) -> wire.Sender:
    return "host" if vector["direction"] == "host->device" else "device"


def name(vector: dict[str, Any]) -> str:
    return str(vector["name"])


def test_the_vectors_are_all_there() -> None:
    assert (len(SOUND), len(DAMAGED)) == (61, 2)


@pytest.mark.parametrize("vector", SOUND, ids=name)
def test_a_vector_is_read_as_it_was_meant(vector: dict[str, Any]) -> None:
    (frame,) = wire.decode(bytes.fromhex(vector["hex"]), sender(vector))
    assert frame.error is None
    assert frame.command == vector["command"]
    assert wire.BY_NAME[frame.command].number == vector["command_number"]
    assert {key: frame.params.get(key) for key in vector["params"]} == vector["params"]
    assert not any(frame.params[key] for key in frame.params.keys() - vector["params"].keys()), "more was read than is there"


@pytest.mark.parametrize("vector", SOUND, ids=name)
def test_a_vector_is_written_to_the_byte(vector: dict[str, Any]) -> None:
    assert wire.encode(vector["command"], vector["params"]) == bytes.fromhex(vector["hex"])


@pytest.mark.parametrize("vector", SOUND, ids=name)
def test_what_was_read_writes_the_same_bytes(vector: dict[str, Any]) -> None:
    data = bytes.fromhex(vector["hex"])
    (frame,) = wire.decode(data, sender(vector))
    assert frame.command is not None
    assert wire.encode(frame.command, frame.params) == data


@pytest.mark.parametrize("vector", DAMAGED, ids=name)
def test_a_damaged_vector_is_refused_for_the_stated_reason(vector: dict[str, Any]) -> None:
    (frame,) = wire.decode(bytes.fromhex(vector["hex"]), sender(vector))
    assert frame.error == vector["expect"]


@pytest.mark.parametrize("vector", SOUND, ids=name)
def test_a_frame_from_the_wrong_side_is_named(vector: dict[str, Any]) -> None:
    other: wire.Sender = "device" if sender(vector) == "host" else "host"
    (frame,) = wire.decode(bytes.fromhex(vector["hex"]), other)
    assert frame.error == wire.WRONG_DIRECTION


@pytest.mark.parametrize("vector", SOUND[:12], ids=name)
def test_no_single_changed_byte_passes_for_the_command(vector: dict[str, Any]) -> None:
    data = bytes.fromhex(vector["hex"])
    for at in range(len(data)):
        for flip in (0x01, 0x80, 0xFF):
            damaged = data[:at] + bytes((data[at] ^ flip,)) + data[at + 1 :]
            assert all(frame.error is not None for frame in wire.decode(damaged, sender(vector)))


def test_the_whole_stream_of_vectors_is_read_in_any_portions() -> None:
    stream = b"".join(b"\x55noise" + bytes.fromhex(vector["hex"]) for vector in SOUND)
    for portion in (1, 2, 7, len(stream)):
        deframer = Deframer()
        frames = [f for at in range(0, len(stream), portion) for f in deframer.feed(stream[at : at + portion])]
        assert frames == [bytes.fromhex(vector["hex"]) for vector in SOUND]


def test_a_cut_frame_gives_way_to_the_next_one_at_every_place() -> None:
    good = bytes.fromhex(SOUND[4]["hex"])
    for cut in range(1, len(good)):
        frames = wire.decode(good[:cut] + good, "host")
        if good[cut - 1] == 0x81:  # the cut took the escaped byte away: the next frame's start byte looks escaped and is lost
            continue
        assert [frame.error for frame in frames] == [None]


def test_a_bare_configuration_without_points_is_understood() -> None:
    (frame,) = wire.decode(pack(1, 2, b"\x20"), "host")
    assert (frame.error, frame.params["execute"], frame.params["channel"], frame.params["points"]) == (None, False, 1, [])


@pytest.mark.parametrize(
    ("command", "params", "word"),
    [
        ("ml_unknown", {}, "ml_unknown"),
        ("ml_init", {}, "stop_all_on_error"),
        ("ml_init", {"stop_all_on_error": True, "extra": 1}, "extra"),
        ("ml_stop", {"packet_number": 64}, "packet_number"),
        ("ml_update", {"channels": [{"channel": 8, "period_ms": 20, "points": [[100, 1]]}]}, "channel"),
        ("ml_update", {"channels": [{"channel": 0, "period_ms": 20.25, "points": [[100, 1]]}]}, "period_ms"),
        ("ml_update", {"channels": [{"channel": 0, "period_ms": 20, "points": [[100, 20.3]]}]}, "current"),
        ("ml_update", {"channels": [{"channel": 0, "period_ms": 20, "points": [[4096, 20]]}]}, "duration"),
        ("ml_update", {"channels": [{"channel": 0, "period_ms": 20, "points": [[100, 20]] * 17}]}, "points"),
        ("ml_update", {"channels": [{"channel": 0, "period_ms": 20, "points": [[100, 20]], "ramps": 1}]}, "ramps"),
        ("ml_update", {"channels": [{"channel": 0, "period_ms": 20, "points": [[100, float("nan")]]}]}, "current"),
        ("get_device_id_ack", {"result": 0, "device_id": "short"}, "device_id"),
    ],
)
def test_what_cannot_be_written_is_refused_by_name(command: str, params: dict[str, Any], word: str) -> None:
    with pytest.raises(ValueError, match=word):
        wire.encode(command, params)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.binary(max_size=40),
            st.sampled_from([b"\xf0", b"\x0f", b"\x81"]),
            st.sampled_from([bytes.fromhex(vector["hex"]) for vector in VECTORS]),
        ),
        max_size=12,
    )
)
def test_any_bytes_at_all_are_survived_and_left_behind(pieces: list[bytes]) -> None:
    """After any garbage, one sacrificial frame at most is lost; memory is that of one frame."""
    deframer = Deframer()
    for piece in pieces:
        for frame in deframer.feed(piece):
            assert len(frame) <= MAX_FRAME
            wire.read(frame, "host")
    wire.decode(b"".join(pieces), "host")
    good = bytes.fromhex(SOUND[4]["hex"])
    assert good in deframer.feed(good + good)


def test_endless_frame_starts_and_endless_frames_take_no_memory() -> None:
    deframer = Deframer()
    for noise in (b"\xf0" * 65_536, b"\xf0" + b"\x01" * 65_536, b"\xf0" + b"\x81\x0f" * 65_536):
        assert deframer.feed(noise) == []
        assert len(deframer._frame) <= MAX_FRAME
    good = bytes.fromhex(SOUND[4]["hex"])
    assert deframer.feed(good) == [good]


_points = st.lists(st.tuples(st.integers(0, 4095), st.integers(-300, 300).map(lambda code: code / 2)), min_size=1, max_size=16)


@settings(max_examples=100, deadline=None)
@given(
    st.dictionaries(
        st.integers(0, 7), st.tuples(st.integers(1, 32_767), st.booleans(), st.integers(0, 15), _points), min_size=0, max_size=8
    ),
    st.integers(0, 63),
)
def test_every_update_comes_back_as_it_was_sent(trains: dict[int, Any], number: int) -> None:
    channels = []
    for channel, (code, quarter, ramp, points) in sorted(trains.items()):
        entry = {
            "channel": channel,
            "period_ms": code / (4 if quarter else 2),
            "ramp": ramp,
            "points": [list(p) for p in points],
        }
        channels.append({**entry, "quarter_ms": True} if quarter else entry)
    data = wire.encode("ml_update", {"packet_number": number, "channels": channels})
    (frame,) = wire.decode(data, "host")
    assert frame == wire.Frame("ml_update", {"packet_number": number, "channels": channels})
