"""The format, byte by byte, worked out here by hand and with other tools."""

import hashlib
import json
import subprocess

import pytest

from emscontrol.core.errors import JournalBroken
from emscontrol.core.events import EVENTS, make
from emscontrol.record.line import FIRST_PREV, FORMAT, FRAME_KEYS, encode, link, parse

PREV = "0f" * 32


def test_a_line_byte_by_byte() -> None:
    body = (
        '{"n":2,"t_us":1500,"wall":"2026-11-22T10:10:40.123+01:00","event":"phase_started","name":"Aufw\\u00e4rmen","index":1,"of":3,'
        f'"prev":"{PREV}"'
    )
    digest = hashlib.sha256(body.encode()).hexdigest()
    event = make("phase_started", name="Aufwärmen", index=1, of=3)
    assert encode(2, 1500, "2026-11-22T10:10:40.123+01:00", event, PREV) == (f'{body},"hash":"{digest}"}}\n'.encode(), digest)


def test_the_first_line_names_the_format() -> None:
    line, _ = encode(1, 0, "2026-11-22T10:10:40.123+01:00", make("started"), FIRST_PREV)
    members = json.loads(line)
    assert list(members) == ["n", "t_us", "wall", "event", "format", "prev", "hash"]
    assert members["format"] == FORMAT == 2
    assert members["prev"] == "0" * 64


def test_the_shell_agrees() -> None:
    line, digest = encode(7, 1, "2026-11-22T10:10:40.123+01:00", make("warned", rule="R1", sentence='x","hash":"y'), PREV)
    script = """printf %s "$(sed 's/,"hash":"[0-9a-f]*"}$//')" | sha256sum"""
    said = subprocess.run(["sh", "-c", script], input=line, capture_output=True, check=True).stdout
    assert said.split()[0].decode() == digest


def test_a_line_comes_back_as_it_went() -> None:
    event = make("warned", rule="R1", sentence='all sorts: "quotes" \n \x1b \u202e \U0001f600 \ud800 ,"hash":"')
    line, digest = encode(7, -3, "2026-11-22T10:10:40.123+01:00", event, PREV)
    assert line.isascii()
    assert line.count(b"\n") == 1
    record = parse(line)
    assert (record.n, record.t_us, record.event) == (7, -3, event)
    found = link(line[:-1])
    assert found is not None
    assert (found.n, found.event, found.format, found.prev, found.hash) == (7, "warned", None, PREV, digest)


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"{}",
        b"null",
        b"[1]",
        b'{"n":1}',
        b'{"n":1,"t_us":0,"wall":"","event":"no_such_event"}',
        b'{"n":1,"t_us":0,"wall":"","event":"warned","event":"started"}',
        b'{"n":1,"t_us":0,"wall":"","event":"warned","\\u0065vent":"started"}',
        b'{"n":2,"t_us":0,"wall":"","event":"started","n":1}',
        b'{"n":[],"t_us":0,"wall":"","event":"started"}',
        b'{"n":1,"t_us":0,"wall":"","event":"started","extra":1}',
        b'{"n":' + b"9" * 5000 + b',"t_us":0,"wall":"","event":"started"}',
        b"[" * 100_000,
        b"\xff\xfe\x00",
    ],
)
def test_no_record_in_it(line: bytes) -> None:
    assert link(line) is None
    with pytest.raises(JournalBroken):
        parse(line)


@pytest.mark.parametrize("kind", EVENTS)
def test_no_argument_hides_a_key_of_the_frame(kind: str) -> None:
    assert not FRAME_KEYS & set(EVENTS[kind].args)
