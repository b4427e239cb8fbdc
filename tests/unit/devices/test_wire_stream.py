"""The framing both protocols share: any bytes in any portions, noise, cut frames, bounded memory."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emscontrol.devices.codecs import codec
from emscontrol.devices.stuffing import Frame, stuff
from tests.unit.devices.wire_params import SCIENCEMODE

DATA = Path(__file__).parent.parent.parent / "data"
FILES = {"p24": "sciencemode4.json", "rehastim2": "sciencemode2.json"}
WHOLE = {m: [bytes.fromhex(v["hex"]) for v in json.loads((DATA / f).read_text()) if v["canonical"]] for m, f in FILES.items()}
FRAME_MAX = {"p24": 1200, "rehastim2": 261}

models = st.sampled_from(sorted(SCIENCEMODE))
soup = st.lists(st.sampled_from([b"\xf0", b"\x0f", b"\x81", b"\xf0\x81", b"\x81\x0f", b"\x55"]) | st.binary(max_size=6)).map(
    b"".join
)
portions = st.lists(st.integers(1, 20), max_size=30)


def split(data: bytes, sizes: list[int]) -> Iterator[bytes]:
    for size in sizes:
        yield data[:size]
        data = data[size:]
    yield data


def by_the_letter(data: bytes) -> list[bytes]:
    """The receiver rule of the sheets, byte by byte: wait for F0, 81 makes the next byte literal, F0 restarts, 0F ends."""
    frames: list[bytes] = []
    begun: bytearray | None = None
    literal = False
    for byte in data:
        if literal and begun is not None:
            begun.append(byte)
            literal = False
        elif byte == 0xF0:
            begun = bytearray([byte])
        elif begun is not None:
            begun.append(byte)
            literal = byte == 0x81
            if byte == 0x0F:
                frames.append(bytes(begun))
                begun = None
    return frames


@settings(max_examples=150, deadline=None)
@given(soup)
def test_candidates_are_those_of_the_receiver_rule(data: bytes) -> None:
    decoder = codec("p24").Decoder(None)
    frames = decoder.feed(data)
    assert [frame.raw for frame in frames] == by_the_letter(data)
    assert sum(len(f.raw) for f in frames) + decoder.dropped + decoder.pending == len(data)


@settings(max_examples=150, deadline=None)
@given(models, soup, portions)
def test_portions_do_not_matter(model: str, data: bytes, sizes: list[int]) -> None:
    at_once, in_parts = codec(model).Decoder(None), codec(model).Decoder(None)
    frames = [frame for part in split(data, sizes) for frame in in_parts.feed(part)]
    assert frames == at_once.feed(data)
    assert (in_parts.dropped, in_parts.pending) == (at_once.dropped, at_once.pending)


@settings(max_examples=150, deadline=None)
@given(models, st.data())
def test_whole_frames_are_found_behind_any_noise(model: str, data: st.DataObject) -> None:
    sent = data.draw(st.lists(st.sampled_from(WHOLE[model]), min_size=1, max_size=5))
    noise = [data.draw(soup) for _ in sent]
    stream = b"".join(n + f for n, f in zip(noise, sent, strict=True))
    decoder = codec(model).Decoder(None)
    found = [f.raw for part in split(stream, data.draw(portions)) for f in decoder.feed(part) if f.error is None]
    assert [raw for raw in found if raw in sent] == sent


@pytest.mark.parametrize("model", SCIENCEMODE)
@pytest.mark.parametrize("noise", ["f0 81", "f0", "81", "f0 00 81", "f0 0f", "f0 81 f0 81", "00 f0 81 55 81"])
def test_stray_start_before_an_answer_does_not_swallow_it(model: str, noise: str) -> None:
    decoder = codec(model).Decoder(None)
    frames = decoder.feed(bytes.fromhex(noise) + WHOLE[model][0])
    assert frames[-1].raw == WHOLE[model][0]
    assert frames[-1].error is None
    assert decoder.pending == 0


@pytest.mark.parametrize("model", SCIENCEMODE)
def test_frame_without_its_stop_byte_costs_only_itself(model: str) -> None:
    one, other = WHOLE[model][0], WHOLE[model][-1]
    decoder = codec(model).Decoder(None)
    frames = decoder.feed(one[:-1] + other)
    assert [frame.raw for frame in frames] == [other]
    assert decoder.dropped == len(one) - 1


@pytest.mark.parametrize(
    ("model", "raw"), [pytest.param(m, raw, id=f"{m}-{raw[:12].hex()}") for m in WHOLE for raw in WHOLE[m]]
)
def test_any_damaged_byte_is_noticed(model: str, raw: bytes) -> None:
    """One wrong bit, wherever it is, gives no frame that is believed."""
    wire = codec(model)
    for at in range(len(raw)):
        damaged = raw[:at] + bytes((raw[at] ^ 0x04,)) + raw[at + 1 :]
        assert [f for f in wire.Decoder(None).feed(damaged) if f.error is None] == []


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("f0 0f", "header_error"),
        ("f0 81 55 81 58 00 55 81 55 00 00 00 0f", "header_error"),
        ("f0 81 55 81 57 81 55 81 55 00 00 00 0f", "length_error"),
        ("f0 81 55 81 58 81 55 81 54 00 00 00 0f", "checksum_error"),
        ("f0 81 55 81 5f 81 55 81 55 0f", "length_error"),  # whole, but too short to hold a command
    ],
)
def test_damage_is_named(text: str, error: str) -> None:
    [frame] = codec("p24").Decoder("host").feed(bytes.fromhex(text))
    assert frame == Frame("", {}, error, bytes.fromhex(text))


@pytest.mark.parametrize("model", SCIENCEMODE)
@pytest.mark.parametrize("byte", [b"\x00", b"\x81\xf0", b"\xf0\x81", b"\xf0"])
def test_memory_is_bounded_and_the_next_frame_is_found(model: str, byte: bytes) -> None:
    decoder = codec(model).Decoder(None)
    for _ in range(40):
        assert decoder.feed(b"\xf0" + byte * 500) == []
        assert decoder.pending <= FRAME_MAX[model]
    frames = decoder.feed(WHOLE[model][0])
    assert frames[-1].raw == WHOLE[model][0]


@pytest.mark.parametrize("byte", [b"\x00", b"\x81\xf0", b"\xf0\x81", b"\xf0"])
def test_a_megabyte_of_anything_takes_linear_time(byte: bytes) -> None:
    """An attempt that failed and began again at each escaped start byte would take hours here; the test's time-out holds it."""
    decoder = codec("p24").Decoder(None)
    frames = decoder.feed(b"\xf0" + byte * 1_000_000 + b"\xf0\x00" + b"\x0f")
    assert len(frames[-1].raw) <= FRAME_MAX["p24"]


@given(st.binary(max_size=100))
def test_stuffing_leaves_no_delimiter_and_comes_back(body: bytes) -> None:
    stuffed = stuff(body)
    assert b"\xf0" not in stuffed
    assert b"\x0f" not in stuffed
    plain = bytearray()
    rest = iter(stuffed)
    for byte in rest:
        plain.append(next(rest) ^ 0x55 if byte == 0x81 else byte)
    assert bytes(plain) == body


@pytest.mark.parametrize("model", SCIENCEMODE)
def test_bytearray_and_memoryview_are_bytes_too(model: str) -> None:
    raw = WHOLE[model][0]
    decoder = codec(model).Decoder(None)
    assert decoder.feed(bytearray(raw[:4])) == []
    [frame] = decoder.feed(memoryview(raw)[4:])
    assert frame.raw == raw


@pytest.mark.parametrize("model", SCIENCEMODE)
def test_unknown_sender_is_refused(model: str) -> None:
    with pytest.raises(ValueError, match="sender"):
        codec(model).Decoder("hots")
