"""Frames on the line: the stuffing, the example of the page, what is dropped, and any bytes at all."""

import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_sim.reference import framing
from firmware_sim.reference.device import Reference
from firmware_sim.reference.framing import Deframer
from tests.unit.firmware_sim_reference.host import Host

STOP_7 = bytes.fromhex("030c0701010101 05b285c94700".replace(" ", ""))
"""The example of the page."""


def written_down(frame: bytes) -> bytes:
    """The stuffing as the page words it, byte by byte."""
    pieces, piece = [], bytearray()
    for byte in frame:
        if byte:
            piece.append(byte)
        else:
            pieces.append(bytes(piece))
            piece.clear()
    pieces.append(bytes(piece))
    return b"".join(bytes([len(each) + 1]) + each for each in pieces) + b"\x00"


def test_the_example_of_the_page() -> None:
    assert framing.pack(0x0C, 7, 0, b"") == STOP_7
    (frame,) = Deframer().frames(STOP_7, 0)
    assert (frame.code, frame.seq, frame.epoch, frame.payload) == (0x0C, 7, 0, b"")
    assert frame.data == bytes.fromhex("0c070000000000b285c947")
    assert zlib.crc32(b"123456789") == 0xCBF43926


@given(st.binary(max_size=235))
@settings(max_examples=300, deadline=None)
def test_stuffing_is_undone_and_as_the_page_words_it(frame: bytes) -> None:
    stuffed = framing.stuff(frame)
    assert stuffed == written_down(frame)
    assert stuffed.count(0) == 1
    assert framing.unstuff(stuffed[:-1]) == frame


@given(
    st.integers(0, 255),
    st.integers(0, 65_535),
    st.integers(0, 2**32 - 1),
    st.binary(max_size=224),
    st.lists(st.integers(1, 9), max_size=60),
)
@settings(max_examples=200, deadline=None)
def test_a_frame_is_found_in_any_portions(code: int, seq: int, epoch: int, payload: bytes, portions: list[int]) -> None:
    line = framing.pack(code, seq, epoch, payload)
    deframer = Deframer()
    frames = []
    for size in portions:
        frames += deframer.frames(line[:size], 0)
        line = line[size:]
    frames += deframer.frames(line, 0)
    assert [(frame.code, frame.seq, frame.epoch, frame.payload) for frame in frames] == [(code, seq, epoch, payload)]
    assert deframer.dropped == 0


def stuffed(frame: bytes) -> bytes:
    """A frame with its right CRC, of any length."""
    return written_down(frame + zlib.crc32(frame).to_bytes(4, "little"))


DROPPED = {
    "stuffing that does not come out even": b"\x09\x0c\x07\x00",
    "a frame of 10 bytes": stuffed(b"\x0c\x01\x01\x01\x01\x01"),
    "a frame of 236 bytes": stuffed(b"\x0c" + b"\x01" * 231),
    "a wrong CRC": STOP_7[:-2] + b"\x46\x00",
    "241 bytes before an end byte": b"\x01" * 241 + b"\x00",
    "a thousand bytes before an end byte": b"\x05" * 1000 + b"\x00",
}


@pytest.mark.parametrize("what", DROPPED)
def test_what_is_no_frame_is_dropped_and_counted(what: str) -> None:
    deframer = Deframer()
    assert deframer.frames(DROPPED[what], 0) == []
    assert deframer.dropped == 1
    assert len(deframer.frames(STOP_7, 0)) == 1
    host = Host()
    assert host.send_bytes(DROPPED[what]) == []
    assert len(host.send_bytes(STOP_7)) == 1


def test_nothing_between_two_end_bytes_is_not_counted() -> None:
    deframer = Deframer()
    assert len(deframer.frames(b"\x00\x00" + STOP_7 + b"\x00", 0)) == 1
    assert deframer.dropped == 0


def test_a_frame_of_the_longest_length_is_taken() -> None:
    frame = Deframer().frames(framing.pack(0x0C, 1, 0, b"\x01" * 224), 0)
    assert len(frame[0].data) == 235
    with pytest.raises(ValueError, match="236 bytes; 235 is the most"):
        framing.pack(0x0C, 1, 0, b"\x01" * 225)


@pytest.mark.parametrize("code", [0x40, 0x80, 0x8C, 0xC0, 0xFF])
def test_a_code_that_no_host_sends_is_not_answered(code: int) -> None:
    host = Host()
    assert host.send_bytes(framing.pack(code, 1, 0, b"")) == []


@pytest.mark.parametrize(("late_us", "answers"), [(100_000, 1), (100_001, 0)])
def test_half_a_frame_is_not_completed_after_100_ms(late_us: int, answers: int) -> None:
    host = Host()
    host.now_us = 1_000_000
    assert host.send_bytes(STOP_7[:5]) == []
    host.now_us += late_us
    assert len(host.send_bytes(STOP_7[5:])) == answers
    assert len(host.send_bytes(STOP_7)) == 1


def test_the_time_of_half_a_frame_counts_from_its_first_byte() -> None:
    host = Host()
    for at_us, piece in ((0, STOP_7[:2]), (60_000, STOP_7[2:4]), (120_000, STOP_7[4:])):
        host.now_us = at_us
        assert host.send_bytes(piece) == []


def test_what_comes_too_late_begins_a_frame_of_its_own() -> None:
    host = Host()
    host.send_bytes(b"\x05\x0c")
    host.now_us = 100_001
    assert len(host.send_bytes(STOP_7)) == 1


@given(st.lists(st.tuples(st.binary(max_size=300), st.integers(0, 200_000)), max_size=12))
@settings(max_examples=150, deadline=None)
def test_any_bytes_at_all_are_survived_in_bounded_memory(portions: list[tuple[bytes, int]]) -> None:
    device = Reference()
    now_us = 0
    for data, later_us in portions:
        now_us += later_us
        device.receive(data, now_us)
        device.advance(now_us)
        assert device._deframer.held <= framing.MAX_STUFFED
    device.receive(b"\x00" + STOP_7, now_us + 200_000)
    assert device.advance(now_us + 200_000).endswith(framing.pack(0x8C, 7, 0, b"\x00\x00"))


def test_answers_that_nobody_fetches_are_bounded() -> None:
    device = Reference()
    for _ in range(2_000):
        device.receive(STOP_7, 0)
    assert len(device.advance(0)) <= 256 * 20
