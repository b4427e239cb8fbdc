"""The lines between clients and engine: every verb of the table, and anything else that may arrive."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emscontrol.core.errors import UsageError
from emscontrol.core.events import make
from emscontrol.session.inputs import Adjust, Answer, Arm, Check, Clear, Close, Connect, Note, Pause, Resume, Start, Stop
from emscontrol.session.messages import REQUESTS, asks_to_stop, event_line, parse

BUILT = {
    "hello": None,
    "beat": None,
    "connect": Connect(),
    "arm": Arm(),
    "start": Start("me"),
    "pause": Pause("me"),
    "resume": Resume("me"),
    "adjust": Adjust(2, -500),
    "seen": Note(make("alarm_seen", who="me", alarm="The electrode of channel 1 is off.")),
    "answer": Answer(2, "felt", "me"),
    "check": Check(2),
    "clear": Clear(),
    "close": Close(),
    "stop": Stop("me", "asked for"),
}
FIELDS = {
    "hello": {"role": "operator", "name": "n", "version": 1},
    "adjust": {"channel": 2, "delta_ua": -500},
    "seen": {"alarm": "The electrode of channel 1 is off."},
    "answer": {"channel": 2, "word": "felt"},
    "check": {"channel": 2},
}


@pytest.mark.parametrize("verb", REQUESTS)
def test_every_verb_builds_its_input(verb: str) -> None:
    line = json.dumps({"do": verb, **FIELDS.get(verb, {})}).encode()
    parsed, fields = parse(line)
    assert parsed == verb
    assert REQUESTS[verb].build(fields, "me") == BUILT[verb]


def test_only_these_need_no_operator() -> None:
    assert {verb for verb, request in REQUESTS.items() if not request.operator_only} == {"hello", "beat", "pause", "stop"}


@pytest.mark.parametrize(
    "line",
    [
        b'{"do":"stop"}',
        b'{"do": "stop", "who": 7, "cause": null}',
        b"STOP",
        b"stop\r",
        b'"stop"',
        b'{"do":"stop", broken',
        b'  {"do" : "stop"} ',
        b'{"do":"stop","who":"' + b"x" * 50_000 + b'"}',
    ],
)
def test_whatever_can_mean_stop_means_stop(line: bytes) -> None:
    assert asks_to_stop(line)


@pytest.mark.parametrize(
    "line", [b'{"do":"start"}', b"", b"{}", b"[]", b"nonstop", b'{"do":"adjust","channel":1,"delta_ua":1}']
)
def test_other_lines_do_not(line: bytes) -> None:
    assert not asks_to_stop(line)


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"not json",
        b"[1]",
        b'{"do":"explode"}',
        b'{"do":7}',
        b'{"do":"adjust","channel":1}',
        b'{"do":"adjust","channel":1,"delta_ua":true}',
        b'{"do":"adjust","channel":1,"delta_ua":1.5}',
        b'{"do":"adjust","channel":"1","delta_ua":1}',
        b"[" * 100_000,
    ],
)
def test_a_line_that_is_no_request_is_refused_in_words(line: bytes) -> None:
    with pytest.raises(UsageError) as problem:
        parse(line)
    assert str(problem.value)


@given(st.binary(max_size=200))
def test_any_bytes_at_all_are_read_or_refused(line: bytes) -> None:
    asks_to_stop(line)
    try:
        parse(line)
    except UsageError:
        return


def test_an_event_travels_with_its_sentence_on_one_line() -> None:
    line = event_line(make("client_gone", client="a\nb"), 5)
    assert line.count(b"\n") == 1
    told = json.loads(line)
    assert (told["type"], told["event"], told["severity"], told["t_us"]) == ("event", "client_gone", "alarm_medium", 5)
    assert "a\\nb" in told["sentence"]
