"""The reference protocol on the wire, against bytes put together by hand from the page."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emscontrol.devices.codecs import codec
from emscontrol.devices.declare.refusal import BadParameter
from emscontrol.devices.reference.commands import COMMANDS, EVENT, Each, Field, Layout
from emscontrol.devices.reference.wire import Decoder, Frame, decode, encode, request
from tests.unit.devices.reference_vectors import EPOCH, STATUS_BYTES, STOP_7, VECTORS, crc, line


def test_the_check_value_of_the_page() -> None:
    assert crc(b"123456789") == 0xCBF43926


def test_the_example_of_the_page() -> None:
    assert line(0x0C, 7, 0, b"") == STOP_7
    assert encode("STOP", {"seq": 7, "epoch": 0}) == STOP_7
    assert decode(STOP_7) == [Frame("STOP", {"seq": 7, "epoch": 0}, None, STOP_7)]


@pytest.mark.parametrize(("name", "code", "payload", "values"), VECTORS)
@pytest.mark.parametrize(("seq", "epoch"), [(0, 0), (0xFFFF, 0xFFFF_FFFF), (0x0100, EPOCH)])
def test_frames_put_together_by_hand(
    name: str, code: int, payload: bytes, values: dict[str, Any], seq: int, epoch: int
) -> None:
    raw = line(code, seq, epoch, payload)
    params = {"seq": seq, "epoch": epoch, **values}
    if name == "ARM_ANSWER":
        raw, params = line(code, seq, EPOCH, payload), {"seq": seq, "epoch": EPOCH, "result": 0}
    assert decode(raw, "device" if code >= 0x80 else "host") == [Frame(name, params, None, raw)]
    if name != "ARM_ANSWER":
        assert encode(name, params) == raw


def test_every_command_and_every_answer_has_a_vector() -> None:
    names = {name for name, *_ in VECTORS}
    assert names == {c.name for c in COMMANDS} | {f"{c.name}_ANSWER" for c in COMMANDS} | {"EVENT"}
    for name, code, *_ in VECTORS:
        command = next((c for c in COMMANDS if c.name == name.removesuffix("_ANSWER")), None)
        assert code == (0xC0 if command is None else command.code | (0x80 if name.endswith("_ANSWER") else 0))


@pytest.mark.parametrize(("name", "code", "payload", "values"), [v for v in VECTORS if v[1] < 0x80])
def test_a_request_looked_at_early_makes_the_same_bytes(name: str, code: int, payload: bytes, values: dict[str, Any]) -> None:
    assert request(name, values)(9, EPOCH) == line(code, 9, EPOCH, payload)


# -- any values ----------------------------------------------------------------------------------------------------------

_SPANS = {"u8": (0, 255), "u16": (0, 65_535), "u32": (0, 2**32 - 1), "i8": (-128, 127)}


def values_of(field: Field) -> st.SearchStrategy[Any]:
    if field.kind == "text":
        return st.text(max_size=32).filter(lambda text: len(text.encode("utf-8", "replace")) <= 32 and "\ud800" not in text)
    low, high = _SPANS[field.kind] if field.high is None else (field.low, field.high)
    return st.integers(low, high)


def params_of(layout: Layout) -> st.SearchStrategy[dict[str, Any]]:
    counts = {part.of for part in layout if isinstance(part, Each)}
    drawn = {part.name: values_of(part) for part in layout if isinstance(part, Field) and part.name not in counts}
    for part in layout:
        if isinstance(part, Each):
            count = next(f for f in layout if isinstance(f, Field) and f.name == part.of)
            entry = st.fixed_dictionaries({field.name: values_of(field) for field in part.fields})
            drawn["each"] = st.lists(entry, min_size=count.low, max_size=part.most)
    return st.fixed_dictionaries(drawn)


LAYOUTS = [
    *((c.name, c.request, False) for c in COMMANDS),
    *((f"{c.name}_ANSWER", c.answer, True) for c in COMMANDS if c.name != "ARM"),
    ("EVENT", EVENT, False),
]
headings = st.fixed_dictionaries({"seq": st.integers(0, 0xFFFF), "epoch": st.integers(0, 0xFFFF_FFFF)})


@pytest.mark.parametrize(("name", "layout", "is_answer"), LAYOUTS, ids=[name for name, *_ in LAYOUTS])
@given(st.data())
@settings(max_examples=25, deadline=None)
def test_whatever_is_encoded_is_decoded_and_its_line_has_no_zero(
    name: str, layout: Layout, is_answer: bool, data: st.DataObject
) -> None:
    params = {**data.draw(headings), **data.draw(params_of(layout)), **({"result": 0} if is_answer else {})}
    raw = encode(name, params)
    assert raw.endswith(b"\0")
    assert b"\0" not in raw[:-1]
    assert len(raw) <= 241
    (frame,) = decode(raw)
    assert (frame.command, frame.params, frame.error) == (name, params, None)


# -- what is refused -----------------------------------------------------------------------------------------------------

BAD: list[tuple[str, dict[str, Any], str]] = [
    ("STOP", {"seq": 65_536}, "seq is 65536; allowed: a whole number, 0 to 65535"),
    ("STOP", {"epoch": -1}, "epoch is -1"),
    ("STOP", {"seq": True}, "seq is True"),
    ("STOP", {"state": 1}, "state is not a parameter"),
    ("HELLO", {"version_min": 1}, "version_max is missing"),
    ("ARM", {"lease_ms": 99}, "lease_ms is 99; allowed: a whole number, 100 to 500"),
    ("ARM", {"lease_ms": 501}, "lease_ms is 501"),
    ("ARM", {"lease_ms": 250.0}, "lease_ms is 250.0"),
    ("SET", {}, "each is missing"),
    ("SET", {"each": [{"channel": 0, "amplitude": 0}]}, "each[0].channel is 0; allowed: a whole number, 1 to 8"),
    ("SET", {"each": [{"channel": 1, "amplitude": 1_201}]}, "each[0].amplitude is 1201"),
    ("SET", {"each": [{"channel": 1, "amplitude": 1, "width": 2}]}, "each[0].width is not a parameter"),
    ("SET", {"each": [{"channel": c % 8 + 1, "amplitude": 1} for c in range(9)]}, "each has 9 entries"),
    ("SET", {"each": [5]}, "each[0].entry is 5; allowed: an object"),
    ("CONTRACT", {"each": []}, "each has 0 entries"),
    ("RENEW", {"state": 0, "channels": 0}, "state is 0; allowed: a whole number, 1 to 2"),
    ("SET_ANSWER", {"result": 26, "channel": 0}, "result is 26"),
    ("SET_ANSWER", {"result": 13, "each": []}, "each is not a parameter; allowed: channel, epoch, result, seq"),
    ("SET_ANSWER", {"each": []}, "result is missing"),
    ("IDENTIFY_ANSWER", {"result": 0, "maker": "x" * 33, "model": "", "serial": "", "firmware": ""}, "a text of at most 32"),
    ("GO", {}, "command is 'GO'; allowed: HELLO, "),
]


@pytest.mark.parametrize(("name", "changes", "said"), BAD)
def test_what_cannot_be_on_the_wire_is_refused_in_a_sentence(name: str, changes: dict[str, Any], said: str) -> None:
    with pytest.raises(BadParameter) as bad:
        encode(name, {"seq": 1, "epoch": 0, **changes})
    assert said in str(bad.value)


def test_parameters_that_are_no_object_are_refused() -> None:
    with pytest.raises(BadParameter, match="object"):
        encode("STOP", [1])  # type: ignore[arg-type]


# -- what is dropped -----------------------------------------------------------------------------------------------------

SET_1 = line(0x09, 3, EPOCH, b"\x01\x01\x2c\x01")


@pytest.mark.parametrize("raw", [STOP_7, SET_1, line(0x8B, 9, 0, b"\x00" + STATUS_BYTES)])
def test_no_damaged_bit_makes_a_frame_that_is_believed(raw: bytes) -> None:
    for at in range(len(raw)):
        for bit in range(8):
            damaged = raw[:at] + bytes((raw[at] ^ 1 << bit,)) + raw[at + 1 :]
            assert [frame for frame in decode(damaged) if frame.error is None] == []


@pytest.mark.parametrize(
    ("raw", "error"),
    [
        (b"\x05\x01\x00", "stuffing_error"),  # the piece is longer than what follows
        (b"\xff" + b"\x01" * 20 + b"\x00", "stuffing_error"),
        (b"\x0b" + b"\x01" * 10 + b"\x00", "length_error"),  # ten bytes
        (b"\xed" + b"\x01" * 236 + b"\x00", "length_error"),  # 236 bytes
        (b"\x0c" + b"\x01" * 11 + b"\x00", "checksum_error"),
    ],
)
def test_damage_is_named(raw: bytes, error: str) -> None:
    assert decode(raw) == [Frame("", {}, error, raw)]


def test_an_unknown_code_and_values_that_cannot_be_are_told() -> None:
    (unknown,) = decode(line(0x55, 4, 5, b"\x01\x02"))
    assert (unknown.command, unknown.error) == ("", "unknown_command")
    assert unknown.params == {"seq": 4, "epoch": 5, "code": 0x55, "data_hex": "0102"}
    for payload in (b"\x01", b"\x09\x00\x00", b"\x01\x00\x01\x00", b"\x01\x09\x01\x00", b"\x01\x01\xb1\x04", b""):
        (bad,) = decode(line(0x09, 4, 5, payload))
        assert (bad.command, bad.error) == ("SET", "parameter_error")
        assert bad.params == {"seq": 4, "epoch": 5, "data_hex": payload.hex()}


@pytest.mark.parametrize("payload", [b"", b"\x1a\x00", b"\x0d", b"\x0d\x01\x00", b"\x00", b"\x00\x01"])
def test_an_answer_without_a_known_result_or_with_the_wrong_length_is_unreadable(payload: bytes) -> None:
    (bad,) = decode(line(0x89, 4, 5, payload))
    assert (bad.command, bad.error) == ("SET_ANSWER", "parameter_error")


def test_texts_that_do_not_end_or_are_no_utf_8_are_unreadable() -> None:
    for payload in (
        b"\x00\x02a",
        b"\x00\x01\xff\x00\x00\x00",
        b"\x00\x00\x00\x00\x00\x00",
        b"\x00\x21" + b"a" * 33 + b"\0\0\0",
    ):
        (bad,) = decode(line(0x82, 4, 5, payload))
        assert bad.error == "parameter_error"


def test_one_side_does_not_take_the_others_frames_for_its_own() -> None:
    (mine,) = decode(STOP_7, "device")
    assert mine.error == "unknown_command"
    with pytest.raises(ValueError, match="sender"):
        Decoder("hots")  # type: ignore[arg-type]


# -- any stream ----------------------------------------------------------------------------------------------------------

soup = st.lists(st.sampled_from([b"\0", b"\1", STOP_7, SET_1, SET_1[:-1]]) | st.binary(max_size=12)).map(b"".join)


def portions(data: bytes, sizes: list[int]) -> Iterator[bytes]:
    for size in sizes:
        yield data[:size]
        data = data[size:]
    yield data


def by_the_letter(data: bytes) -> list[bytes]:
    """The receiver rule of the page, byte by byte: what is between two end bytes, but for nothing and more than 240 bytes."""
    lines, begun = [], bytearray()
    for byte in data:
        if byte:
            begun.append(byte)
        else:
            lines.append(bytes(begun) + b"\0")
            begun.clear()
    return [found for found in lines if 1 < len(found) <= 241]


@given(soup | st.binary(max_size=800), st.lists(st.integers(1, 40), max_size=30))
@settings(max_examples=150, deadline=None)
def test_any_bytes_in_any_portions(data: bytes, sizes: list[int]) -> None:
    at_once, in_parts = Decoder(None), Decoder(None)
    frames = at_once.feed(data)
    assert [frame.raw for frame in frames] == by_the_letter(data)
    assert [frame for part in portions(data, sizes) for frame in in_parts.feed(part)] == frames
    assert (in_parts.dropped, in_parts.pending) == (at_once.dropped, at_once.pending)


@given(st.binary(max_size=400), st.lists(st.integers(1, 40), max_size=20))
@settings(max_examples=100, deadline=None)
def test_the_frame_behind_any_noise_and_one_end_byte_is_found(noise: bytes, sizes: list[int]) -> None:
    decoder = Decoder("host")
    frames = [frame for part in portions(noise + b"\0" + STOP_7, sizes) for frame in decoder.feed(part)]
    assert (frames[-1].command, frames[-1].error) == ("STOP", None)


def test_memory_is_bounded_and_the_next_frame_is_found() -> None:
    decoder = Decoder("host")
    for _ in range(2_000):
        assert decoder.feed(b"\x01" * 100) == []
        assert decoder.pending <= 240
    assert decoder.feed(b"\0" + STOP_7)[-1].command == "STOP"
    assert decoder.dropped == 200_001


def test_end_bytes_by_themselves_are_nothing() -> None:
    decoder = Decoder("host")
    assert decoder.feed(b"\0\0\0") == []
    assert (decoder.dropped, decoder.pending) == (0, 0)


@pytest.mark.parametrize("cut", range(1, len(SET_1)))
def test_half_a_frame_is_never_completed_by_bytes_that_come_late(cut: int) -> None:
    """F02. After 100 ms it is gone, and its rest is no frame; in time it is whole."""
    for late_us, found in ((100_000, ["SET"]), (100_001, [])):
        decoder = Decoder("host")
        decoder.at(5_000)
        assert decoder.feed(SET_1[:cut]) == []
        decoder.at(5_000 + late_us)
        assert [frame.command for frame in decoder.feed(SET_1[cut:]) if frame.error is None] == found
        assert decoder.dropped == (0 if found else cut)
        assert decoder.feed(STOP_7)[-1].command == "STOP"


def test_bytearray_and_memoryview_are_bytes_too() -> None:
    decoder = codec("reference").Decoder(None)
    assert decoder.feed(bytearray(STOP_7[:4])) == []
    (frame,) = decoder.feed(memoryview(STOP_7)[4:])
    assert frame.raw == STOP_7
