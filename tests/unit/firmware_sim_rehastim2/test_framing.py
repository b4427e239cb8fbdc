"""Byte stuffing, checksum, and a reader that nothing can upset."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_sim.rehastim2.framing import MAX_INNER_BYTES, FrameReader, RawFrame, build, crc8, stuff, unstuff
from firmware_sim.rehastim2.wire import Decoder, decode, encode

NOISE = st.lists(st.sampled_from([0xF0, 0x0F, 0x81, 0x55, 0xA5, 0x5A, 0xD4]) | st.integers(0, 255), max_size=400).map(bytes)
GOOD = encode("GetStimulationMode", {"packet_number": 1})


def test_checksum_check_value() -> None:
    assert crc8(b"123456789") == 0xF4


@given(st.binary(max_size=200))
@settings(max_examples=200, deadline=None)
def test_checksum_is_the_remainder_of_long_division(data: bytes) -> None:
    remainder = int.from_bytes(data, "big") << 8
    for bit in reversed(range(8, len(data) * 8 + 8)):
        if remainder >> bit & 1:
            remainder ^= 0x107 << (bit - 8)
    assert crc8(data) == remainder


@given(NOISE)
@settings(max_examples=200, deadline=None)
def test_stuffed_bytes_hold_no_delimiter_and_come_back(body: bytes) -> None:
    wire = stuff(body)
    assert not {0xF0, 0x0F} & set(wire)
    assert wire.replace(b"\x81", b"").count(0x81) == 0
    assert unstuff(wire) == body


def test_any_byte_after_the_escape_is_restored() -> None:
    for value in range(256):
        assert unstuff(bytes((0x81, value ^ 0x55))) == bytes((value,))


@given(st.integers(0, 255), st.integers(0, 255), st.binary(max_size=60))
@settings(max_examples=300, deadline=None)
def test_frame_is_as_long_as_it_says_and_is_read_back(packet_number: int, number: int, data: bytes) -> None:
    frame = build(packet_number, number, data)
    assert len(frame) == (frame[4] ^ 0x55) + 6
    assert list(FrameReader().feed(frame)) == [RawFrame(bytes((packet_number, number)) + data)]


@given(NOISE, st.lists(st.integers(1, 60), max_size=12))
@settings(max_examples=300, deadline=None)
def test_it_does_not_matter_how_bytes_are_portioned(noise: bytes, sizes: list[int]) -> None:
    stream = noise + GOOD + noise + GOOD
    decoder, rest, frames = Decoder("host"), stream, []
    for size in sizes:
        frames += decoder.feed(rest[:size])
        rest = rest[size:]
    frames += decoder.feed(rest)
    assert frames == list(Decoder("host").feed(stream))


@given(NOISE)
@settings(max_examples=300, deadline=None)
def test_after_any_noise_the_second_good_frame_is_read(noise: bytes) -> None:
    frames = decode(noise + GOOD + GOOD, "host")
    assert (frames[-1].command, frames[-1].params, frames[-1].error) == ("GetStimulationMode", {"packet_number": 1}, None)


@given(NOISE.filter(lambda noise: 0x81 not in noise))
@settings(max_examples=100, deadline=None)
def test_after_noise_without_an_escape_even_the_first_good_frame_is_read(noise: bytes) -> None:
    assert decode(noise + GOOD, "host")[-1].error is None


@given(st.binary(max_size=2000) | NOISE, st.sampled_from(["host", "device"]))
@settings(max_examples=300, deadline=None)
def test_any_bytes_are_taken_and_memory_stays_bounded(data: bytes, sender: str) -> None:
    decoder = Decoder(sender)  # type: ignore[arg-type]
    for frame in decoder.feed(data):
        assert len(frame.data) <= MAX_INNER_BYTES
        assert decoder.buffered <= MAX_INNER_BYTES
    assert decoder.buffered <= MAX_INNER_BYTES


def test_endless_frame_is_dropped_and_the_next_one_read() -> None:
    decoder = Decoder("host")
    assert list(decoder.feed(b"\xf0" + b"\x00" * 100_000)) == []
    assert decoder.buffered <= MAX_INNER_BYTES
    assert [frame.error for frame in decoder.feed(GOOD)] == [None]


@pytest.mark.parametrize(
    "cut", [b"\xf0\x81", b"\xf0" + b"\x00" * (MAX_INNER_BYTES - 1) + b"\x81\x81"], ids=["reset", "overflow"]
)
def test_an_escape_does_not_outlive_its_frame(cut: bytes) -> None:
    decoder = Decoder("host")
    assert list(decoder.feed(cut)) == []
    if len(cut) == 2:
        decoder.reset()
    checksum_a5 = bytes.fromhex("f0 81 f0 81 53 14 20 00 00 60 02 0f")
    assert [frame.error for frame in decoder.feed(checksum_a5)] == [None]


def test_second_start_byte_drops_what_came_before() -> None:
    assert [frame.error for frame in decode(GOOD[:-1] + GOOD, "host")] == [None]


@pytest.mark.parametrize("cut", range(1, len(GOOD)))
def test_a_cut_frame_is_reported_and_never_completed_by_a_good_one(cut: int) -> None:
    assert [frame.error for frame in decode(GOOD[:cut], "host")] == ["incomplete_frame"]
    frames = decode(GOOD[:cut] + GOOD, "host")
    assert all(frame.error or frame.params == {"packet_number": 1} for frame in frames)
    assert sum(frame.error is None for frame in frames) <= 1


@given(st.integers(0, len(GOOD) - 1), st.integers(1, 255))
@settings(max_examples=200, deadline=None)
def test_one_changed_byte_is_never_read_as_sound(position: int, change: int) -> None:
    damaged = bytearray(GOOD)
    damaged[position] ^= change
    assert all(frame.error is not None for frame in decode(bytes(damaged), "host"))


@pytest.mark.parametrize("inner", ["", "81 00", "81 00 81 55", "00 00 00 00 01 0a", "81 00 00 57 01 0a", "81 76 81 54 01"])
def test_what_is_not_a_frame_is_reported_as_such(inner: str) -> None:
    assert [frame.error for frame in decode(b"\xf0" + bytes.fromhex(inner) + b"\x0f", "host")] == ["framing_error"]
