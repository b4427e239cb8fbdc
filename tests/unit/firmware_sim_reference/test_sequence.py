"""Sequence numbers: repeats do nothing and renew nothing, old frames are refused."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_sim.reference import wire
from firmware_sim.reference.memory import Age, Memory
from firmware_sim.reference.tables import Result, State
from tests.unit.firmware_sim_reference.host import LIMITS, Host


def state(host: Host) -> State:
    """The state as it is."""
    found: State = host.port.device.state  # type: ignore[attr-defined]
    return found


@given(st.integers(0, 65_535), st.integers(0, 65_535))
@settings(max_examples=300, deadline=None)
def test_the_age_of_a_number(last: int, seq: int) -> None:
    memory = Memory()
    assert memory.age(seq, b"a") is Age.NEWER
    memory.keep(last, b"a", b"answer")
    ahead = (seq - last) % 65_536
    expected = Age.REPEAT if ahead == 0 else Age.NEWER if ahead <= 32_767 else Age.STALE
    assert memory.age(seq, b"a") is expected
    assert memory.age(seq, b"b") is (Age.STALE if ahead == 0 else expected)
    assert memory.is_older(seq) == (ahead >= 32_768)


def test_a_repeat_gets_the_same_answer_and_does_nothing() -> None:
    host = Host()
    host.ready((1, 2))
    frame = host.frame("SET", {"each": [{"channel": 1, "amplitude": 100}]})
    (first,) = host.send_bytes(frame)
    assert first.params["result"] == 0
    host.wait(100_000)
    for _ in range(3):
        assert host.send_bytes(frame) == [first]
    assert host.pulses(1) == 5


def test_a_repeat_renews_nothing() -> None:
    host = Host()
    host.ready()
    frame = host.frame("RENEW", {"state": 1, "channels": 0})
    (first,) = host.send_bytes(frame)
    for at_us in (200_000, 400_000, 499_999):
        host.wait(at_us)
        assert host.send_bytes(frame) == [first]
    assert state(host) is State.ARMED
    host.wait(500_000)
    assert state(host) is State.IDLE
    assert host.send_bytes(frame) == [first]  # what was answered once, and no more than that
    assert state(host) is State.IDLE


def test_a_refusal_is_remembered_as_well() -> None:
    host = Host()
    frame = host.frame("CHECK", {"channel": 9})
    (first,) = host.send_bytes(frame)
    assert first.params["result"] == Result.UNKNOWN_CHANNEL
    assert host.send_bytes(frame) == [first]


def test_the_same_number_with_other_bytes_and_older_numbers_are_stale() -> None:
    host = Host()
    host.ok("STATUS", seq=100)
    assert host.result("IDENTIFY", seq=100) == (Result.STALE, 0)
    assert host.result("STATUS", seq=99) == (Result.STALE, 0)
    assert host.result("STATUS", seq=100 + 32_768) == (Result.STALE, 0)
    host.ok("STATUS", seq=100 + 32_767)
    assert host.result("LIMITS", seq=100, channel=1, **LIMITS) == (Result.STALE, 0)
    assert host.result("READ_LIMITS", seq=32_868, channel=1) == (Result.NO_LIMITS, 1)


def test_numbers_go_on_after_65535() -> None:
    host = Host()
    host.ok("STATUS", seq=65_535)
    host.ok("STATUS", seq=0)
    assert host.result("STATUS", seq=65_535) == (Result.STALE, 0)


def test_hello_sets_the_count_whatever_its_number() -> None:
    host = Host()
    host.ok("STATUS", seq=1000)
    host.ok("HELLO", seq=10, version_min=1, version_max=1)
    assert host.result("STATUS", seq=10) == (Result.STALE, 0)
    host.ok("STATUS", seq=11)
    host.ok("HELLO", seq=11, version_min=1, version_max=1)
    host.ok("HELLO", seq=11, version_min=1, version_max=1)


def test_a_refused_hello_does_not_set_the_count() -> None:
    host = Host()
    host.ok("STATUS", seq=1000)
    assert host.result("HELLO", seq=10, version_min=7, version_max=7) == (Result.NO_VERSION, 0)
    assert host.result("STATUS", seq=11) == (Result.STALE, 0)


def test_a_repeated_hello_disarms_again() -> None:
    host = Host()
    frame = host.frame("HELLO", {"version_min": 1, "version_max": 1})
    host.send_bytes(frame)
    host.ready()
    host.send_bytes(frame)
    assert state(host) is State.IDLE


def test_an_older_stop_does_not_set_the_count_back() -> None:
    host = Host()
    host.ok("STATUS", seq=1000)
    host.ok("STOP", seq=500)
    assert host.result("STATUS", seq=501) == (Result.STALE, 0)
    host.ok("STOP", seq=1005)
    assert host.result("STATUS", seq=1005) == (Result.STALE, 0)
    assert host.result("STATUS", seq=1004) == (Result.STALE, 0)


def test_a_repeated_stop_stops_again() -> None:
    host = Host()
    frame = host.frame("STOP", {})
    host.send_bytes(frame)
    host.ready()
    host.set(c1=10)
    (answer,) = host.send_bytes(frame)
    assert answer.params["state"] == State.IDLE
    assert host.port.stage.is_zero


@pytest.mark.parametrize("armed", [False, True])
def test_a_frame_of_an_epoch_that_is_not_in_force_uses_no_number(armed: bool) -> None:
    host = Host()
    host.prepare()
    if armed:
        host.arm()
    seq = host.seq
    far = (seq + 30_000) % 65_536
    wrong = Result.WRONG_EPOCH if armed else Result.NO_EPOCH
    assert host.result("RENEW", seq=far, epoch=77, state=1, channels=0) == (wrong, 0)
    assert host.send_bytes(wire.encode("STATUS", {"seq": seq + 1}))[0].params["result"] == 0


def test_what_is_unknown_or_of_a_bad_length_uses_no_number() -> None:
    host = Host()
    host.ok("STATUS", seq=5)
    host.send_bytes(bytes.fromhex("00"))
    bad = wire.framing.pack(0x0B, 6, 0, b"x")
    assert host.send_bytes(bad)[0].params["result"] == Result.BAD_LENGTH
    host.ok("STATUS", seq=6)


def test_a_start_forgets_the_count() -> None:
    host = Host()
    host.ok("STATUS", seq=1000)
    host.port.power_cycle(0)
    host.ok("STATUS", seq=3)
