"""The pair in memory and the recorder."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emscontrol.core.errors import LinkError, LinkLost
from emscontrol.transport.memory import pair
from emscontrol.transport.tap import Passed, Tap


@given(st.lists(st.tuples(st.booleans(), st.binary(max_size=20)), max_size=20))
@settings(max_examples=100, deadline=None)
def test_every_byte_arrives_once_and_in_order(writes: list[tuple[bool, bytes]]) -> None:
    host, device = pair()
    for from_host, data in writes:
        (host if from_host else device).write(data)
    assert device.read() == b"".join(data for from_host, data in writes if from_host)
    assert host.read() == b"".join(data for from_host, data in writes if not from_host)
    assert host.read() == device.read() == b""


def test_hang_up_is_felt_at_both_ends_after_what_was_said_before() -> None:
    host, device = pair()
    device.write(b"last words")
    device.close()
    assert host.read() == b"last words"
    for call in (host.read, lambda: host.write(b"x"), device.read, lambda: device.write(b"x")):
        with pytest.raises(LinkLost):
            call()
    host.close()


def test_a_reader_that_stops_is_felt_and_a_discard_lets_a_stop_through() -> None:
    host, device = pair(capacity=10)
    host.write(b"12345678")
    with pytest.raises(LinkError) as problem:
        host.write(b"9abc")
    assert not isinstance(problem.value, LinkLost)
    assert host.fileno() is None
    host.discard_output()
    host.write(b"STOP")
    assert device.read() == b"STOP"


def test_what_passes_can_be_garbled() -> None:
    host, device = pair()
    host.passing = lambda data: data[::-1]
    host.write(b"abc")
    device.write(b"abc")
    assert (device.read(), host.read()) == (b"cba", b"abc")


def test_the_tap_tells_what_passed_and_when() -> None:
    host, device = pair(capacity=3)
    seen: list[Passed] = []
    times = iter(range(100, 1000, 100))
    tap = Tap(host, seen.append, lambda: next(times))
    tap.write(b"\x01\xff")
    assert device.read() == b"\x01\xff"
    assert tap.read() == b""
    device.write(b"\x02")
    assert tap.read() == b"\x02"
    tap.discard_output()
    with pytest.raises(LinkError):
        tap.write(b"long")
    assert tap.fileno() is None
    tap.close()
    with pytest.raises(LinkLost):
        device.write(b"x")
    assert seen == [
        Passed("to", 100, "01ff"),
        Passed("from", 200, "02"),
        Passed("discard", 300, ""),
        Passed("to", 400, b"long".hex()),
    ]
