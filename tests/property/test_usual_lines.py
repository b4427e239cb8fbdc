"""Set points and their acknowledgements are taken apart without being parsed; what comes out is what parsing would give."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from emscontrol.core.errors import JournalBroken
from emscontrol.core.events import Event
from emscontrol.record.line import FRAME_KEYS, Link, link, members_of
from emscontrol.record.reading import read, record_read

# figures as they are written, and as nobody's program may take them for the same
FIGURES = st.one_of(
    st.integers(0, 10**6).map(str),
    st.sampled_from(
        ["0", "-0", "007", "-5", "1.0", "1e3", "null", "true", '"3"', " 4", "4 ", "9" * 18, "9" * 19, "9" * 5000, "{}", "٣"]
    ),
)
TEXTS = st.one_of(
    st.sampled_from(
        ["program", "", "up]", ",", '\\"', '"', "\\u0041", "\\", "\x1b", "ä", "{", '","cause":"ramp', '","number":9,"x":"']
    ),
    st.text(max_size=4),
)
KEYS = st.sampled_from(
    ["channel", "amplitude_ua", "width_us", "period_us", "rise_us", "hold_us", "fall_us", "channel ", "x", "n"]
)
USUAL_ROW = st.tuples(FIGURES, FIGURES, FIGURES, FIGURES).map(
    lambda of: [(name, value) for name, value in zip(("channel", "amplitude_ua", "width_us", "period_us"), of, strict=True)]
)
ANY_ROW = st.lists(st.tuples(KEYS, FIGURES), max_size=8)
ROWS = st.lists(st.one_of(USUAL_ROW, USUAL_ROW, ANY_ROW), max_size=9)
ENDS = st.sampled_from(["", "", "", "", ',"x":1', ',"number":7', ',"event":"started"', ' ,"n":3', ',"sig":"00"'])


def in_line(n: str, t_us: str, wall: str, rest: str, prev: str = "0f" * 32) -> bytes:
    body = f'{{"n":{n},"t_us":{t_us},"wall":"{wall}",{rest},"prev":"{prev}"'.encode("utf-8", "surrogatepass")
    return body + b',"hash":"' + sha256(body).hexdigest().encode() + b'"}'


def rows_text(rows: list[list[tuple[str, str]]]) -> str:
    return "[" + ",".join("{" + ",".join(f'"{key}":{value}' for key, value in row) + "}" for row in rows) + "]"


def parsed(line: bytes) -> tuple[Link, str, Mapping[str, Any]] | None:
    """What parsing the line gives, None when it cannot be read in one way only."""
    found = link(line)
    if found is None:
        return None
    try:
        members = members_of(line)
    except (ValueError, RecursionError):
        return None
    return found, members["wall"], {name: value for name, value in members.items() if name not in FRAME_KEYS}


def agree(line: bytes) -> bool:
    """Whether the line was taken apart; that it was as parsing would, is checked."""
    got, expected = read(line), parsed(line)
    if isinstance(got, str):
        assert expected is None
        return False
    assert expected is not None
    assert (Link(*got[:8]), got.wall, dict(got.args)) == (expected[0], expected[1], dict(expected[2]))
    assert repr(dict(got.args)) == repr(dict(expected[2]))  # of 1, 1.0 and true each is itself
    if got.fits:
        assert record_read(got).event == Event(got.event, got.args)  # which looks at every argument again
    return True


@given(FIGURES, FIGURES, TEXTS, FIGURES, ROWS, TEXTS, ENDS)
@example(
    "2",
    "5",
    "w",
    "1",
    [[("channel", "1"), ("channel", "2"), ("amplitude_ua", "0"), ("width_us", "1"), ("period_us", "1")]],
    "p",
    "",
)
@example(
    "2", "5", "w", "1", [[("channel", "0"), ("amplitude_ua", "0"), ("width_us", "1"), ("period_us", "1")]], "p", ',"number":2'
)
@example("2", "05", "w", "1", [], "p", "")
@example("2", "5", "w", "01", [], "p", "")
@example("2", "5", "\x01", "1", [], "p", "")
@example("2", "5", "w", "1", [], "\x01", "")
@example("2", "5", "w", "1", [[("x", "[" * 9 + "]" * 9)]], "p", "")
def test_a_set_point_is_what_its_line_says_or_refused(
    n: str, t_us: str, wall: str, number: str, rows: list[list[tuple[str, str]]], cause: str, end: str
) -> None:
    agree(in_line(n, t_us, wall, f'"event":"set_point","number":{number},"outputs":{rows_text(rows)},"cause":"{cause}"{end}'))


@given(FIGURES, FIGURES, TEXTS, FIGURES, ENDS)
@example("2", "5", "w", "1", ',"number":2')
@example("2", "5", "w", "01", "")
def test_an_acknowledgement_is_what_its_line_says_or_refused(n: str, t_us: str, wall: str, number: str, end: str) -> None:
    agree(in_line(n, t_us, wall, f'"event":"acked","number":{number}{end}'))


def test_the_usual_form_need_not_be_parsed_and_a_changed_byte_of_it_is_found() -> None:
    rows = rows_text(
        [[("channel", str(c)), ("amplitude_ua", "20000"), ("width_us", "300"), ("period_us", "28572")] for c in (1, 2)]
    )
    for rest in (f'"event":"set_point","number":3,"outputs":{rows},"cause":"ramp"', '"event":"acked","number":3'):
        line = in_line("7", "1500", "2026-11-22T10:10:40.123+01:00", rest)
        got = read(line)
        assert not isinstance(got, str)
        assert got.fits
        assert agree(line)
        for place in range(len(line)):
            changed = bytearray(line)
            changed[place] ^= 1
            assert isinstance(read(bytes(changed)), str), place


def test_a_set_point_that_fits_no_stimulator_is_parsed_and_not_called_fit() -> None:
    row = [("channel", "0"), ("amplitude_ua", "1"), ("width_us", "1"), ("period_us", "1"), ("charge", "1")]
    got = read(in_line("2", "0", "w", f'"event":"set_point","number":1,"outputs":{rows_text([row])},"cause":"p"'))
    assert not isinstance(got, str)
    assert not got.fits
    with pytest.raises(JournalBroken, match="outputs"):
        record_read(got)
