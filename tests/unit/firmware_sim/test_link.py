"""The cable by itself: what each fault does to the frames on it, which end with 0x0F as in the ScienceMode families."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_sim.faults import FaultSchedule, parse_fault
from firmware_sim.frames import COBS, SCIENCEMODE, FrameCutter
from firmware_sim.lane import WINDOW_US
from firmware_sim.link import MAX_UNREAD, FaultyLink
from firmware_sim.registry import codec
from firmware_sim.world import make

A, B, C = b"\xf0AAAA\x0f", b"\xf0BB\x0f", b"\xf0CCCCCC\x0f"


def link(*faults: str, seed: int = 0, frames: FrameCutter = SCIENCEMODE, foreign: tuple[bytes, ...] = ()) -> FaultyLink:
    return FaultyLink(FaultSchedule(map(parse_fault, faults)), seed, frames, foreign)


def down(cable: FaultyLink, at_us: int) -> bytes:
    cable.pass_time(at_us)
    return cable.for_device(at_us)


def up(cable: FaultyLink, at_us: int) -> bytes:
    cable.pass_time(at_us)
    return cable.arrived(at_us)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.binary(max_size=20)), st.sampled_from([SCIENCEMODE, COBS]))
def test_a_sound_cable_changes_nothing_and_a_cutter_loses_nothing(said: list[bytes], frames: FrameCutter) -> None:
    cable = link(frames=frames)
    for at, data in enumerate(said):
        cable.to_device(data, at)
        cable.to_host(data, at)
        assert cable.for_device(at) == cable.arrived(at) == data
        assert b"".join(frames.frames(data)) == data


def test_each_family_has_its_own_end_of_a_frame() -> None:
    assert SCIENCEMODE.frames(b"\xf01\x0f\xf0\x81\x0f2\x0fx") == [b"\xf01\x0f", b"\xf0\x81\x0f2\x0f", b"x"]
    assert COBS.frames(b"\x01\x0f\x00\x02\x00\x03") == [b"\x01\x0f\x00", b"\x02\x00", b"\x03"]


@pytest.mark.parametrize("cut", range(len(A) + 1))
def test_a_command_that_is_cut_anywhere_leaves_silence_and_its_rest_comes_first(cut: int) -> None:
    schedule = FaultSchedule([parse_fault(f"cut_command:{cut}@0+1")])
    schedule.begin(0)
    cable = FaultyLink(schedule)
    cable.to_device(A + B, 0)
    assert down(cable, 0) == A[:cut]
    cable.to_device(B, 10)
    cable.to_host(C, 10)
    assert (down(cable, 999_999), up(cable, 999_999)) == (b"", b"")
    cable.pass_time(1_000_000)
    cable.to_device(C, 1_000_000)
    assert down(cable, 1_000_000) == A[cut:] + C
    cable.to_host(C, 1_000_000)
    assert up(cable, 1_000_000) == C


def test_an_answer_that_is_cut_silences_both_ways() -> None:
    cable = link("cut_reply:2")
    cable.to_host(A, 0)
    cable.to_device(B, 1)
    assert (up(cable, 10), down(cable, 10)) == (A[:2], b"")


@pytest.mark.parametrize(
    ("fault", "hurt_down", "hurt_up"),
    [("garble_down:1", True, False), ("garble_up:1", False, True), ("garble:1", True, True)],
)
def test_damage_has_its_direction(fault: str, hurt_down: bool, hurt_up: bool) -> None:
    cable = link(fault)
    cable.to_device(A, 0)
    cable.to_host(A, 0)
    heard_down, heard_up = down(cable, 0), up(cable, 0)
    assert (heard_down != A, heard_up != A) == (hurt_down, hurt_up)
    assert len(heard_down) == len(heard_up) == len(A)


@pytest.mark.parametrize(
    ("fault", "of_host", "of_device"),
    [
        ("lose_bytes_down:1", b"", A),
        ("lose_bytes_up:1", A, b""),
        ("lose_bytes:1", b"", b""),
        ("drop_command:1", b"", A),
        ("drop_reply:1", A, b""),
        ("duplicate", A + A, A),
        ("duplicate_reply", A, A + A),
        ("dead_downlink", b"", A),
        ("dead_uplink", A, b""),
        ("dead_link", b"", b""),
        ("power_off", b"", b""),
        ("hang", b"", b""),
    ],
)
def test_what_is_lost_or_doubled(fault: str, of_host: bytes, of_device: bytes) -> None:
    cable = link(fault)
    cable.to_device(A, 0)
    cable.to_host(A, 0)
    assert (down(cable, 0), up(cable, 0)) == (of_host, of_device)


def test_lateness_and_jitter_keep_the_order() -> None:
    for fault in ("jitter_down:20", "late_down:20"):
        cable = link(fault, seed=3)
        for number in range(100):
            cable.to_device(b"%03d\x0f" % number, number * 1_000)
        arrivals: list[tuple[int, bytes]] = []
        while (due := cable.own_due_us()) is not None:
            arrivals += [(due, frame) for frame in SCIENCEMODE.frames(down(cable, due))]
        assert [frame for _, frame in arrivals] == [b"%03d\x0f" % number for number in range(100)]
        late_us = [at - number * 1_000 for number, (at, _) in enumerate(arrivals)]
        assert min(late_us) >= 0
        assert sum(late_us) / 100 >= 20_000, "as late as the mean, and more where one waits for another"


def test_answers_come_in_bunches() -> None:
    cable = link("bunch:100")
    for at_us in (10_000, 60_000, 99_000, 100_000, 130_000):
        cable.to_host(A, at_us)
    seen = {at_us: up(cable, at_us) for at_us in (99_999, 100_000, 199_999, 200_000)}
    assert seen == {99_999: b"", 100_000: A * 4, 199_999: b"", 200_000: A}


def test_frames_that_come_together_arrive_in_another_order_and_none_is_lost() -> None:
    orders = set()
    for seed in range(20):
        cable = link("reorder:3", seed=seed)
        for frame in (A, B, C):
            cable.to_device(frame, 0)
        orders.add(down(cable, 0))
    assert len(orders) == 6
    assert {len(order) for order in orders} == {len(A + B + C)}


def test_a_window_that_does_not_fill_ends_by_itself() -> None:
    cable = link("reorder_reply:8")
    cable.to_host(A, 1_000)
    assert up(cable, WINDOW_US) == b""
    assert up(cable, WINDOW_US + 1_000) == A


def test_what_was_said_is_said_once_more() -> None:
    schedule = FaultSchedule()
    cable = FaultyLink(schedule)
    cable.to_device(A + B, 0)
    cable.to_host(C, 0)
    assert (down(cable, 0), up(cable, 0)) == (A + B, C)
    for fault in ("replay:1", "replay_reply"):
        schedule.add(parse_fault(fault), 5)
    assert (down(cable, 5), up(cable, 5)) == (B, C)
    assert (down(cable, 6), up(cable, 6)) == (b"", b""), "once"


def test_noise_has_the_size_that_was_asked_for() -> None:
    cable = link("noise:3000", "noise_down:200")
    assert (len(down(cable, 0)), len(up(cable, 0))) == (200, 3000)
    cable = link("start_bytes:100")
    assert down(cable, 0) == up(cable, 0) == b"\xf0" * 100


def test_a_slow_reader_takes_its_time_and_what_waits_can_be_thrown_away() -> None:
    cable = link("slow_reader:1000")
    cable.to_device(b"x" * 79 + b"\x0f", 0)
    assert len(down(cable, 40_000)) == 40
    cable.discard_unread(40_000)
    cable.to_device(A, 40_000)
    assert down(cable, 40_000 + 1_000 * len(A)) == A
    room = cable.room(50_000)
    assert room == MAX_UNREAD
    cable.to_device(b"y" * 1_000, 50_000)
    assert cable.room(50_000) == MAX_UNREAD - 1_000


def test_something_else_on_the_port() -> None:
    heard = {}
    for which in (1, 2, 3, 4):
        cable = link(f"stranger:{which}")
        cable.to_device(A, 0)
        cable.to_host(B, 0)
        assert down(cable, 1_000_000) == b"", "the device hears nothing"
        heard[which] = up(cable, 1_000_000)
        assert B not in heard[which], "and is not heard"
    assert b"$GPGGA" in heard[1]
    assert b"ERROR" in heard[2]
    assert heard[3] == A
    assert len(heard[4]) > 20


def test_another_program_writes_in_turn_as_often_as_it_was_told() -> None:
    cable = link("foreign_writer:100", foreign=(A, B))
    times = []
    at_us: int | None = 0
    while at_us is not None and at_us <= 1_000_000:
        if heard := down(cable, at_us):
            times.append((at_us, heard))
        at_us = cable.own_due_us()
    assert [heard for _, heard in times] == [A, B] * 5 + [A]
    assert {b[0] - a[0] for a, b in pairwise(times)} == {100_000}


def test_what_was_said_while_nothing_was_wrong_can_be_said_once_more() -> None:
    """On the whole port: an answer to a question that was asked once comes twice."""
    port = make("p24")
    question = codec("p24").encode("get_device_id", {"packet_number": 5})
    port.write(question, 1_000)
    answer = port.read(1_000)
    assert answer
    port.inject(parse_fault("replay:1"), 2_000)
    assert port.read(2_000) == answer
    port.inject(parse_fault("replay_reply:1"), 3_000)
    assert port.read(3_000) == answer
    assert port.read(4_000) == b""
