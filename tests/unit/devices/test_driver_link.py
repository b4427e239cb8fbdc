"""Silence, keep-alive, damage and a host that slept, for every model."""

from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from emscontrol.core import budget
from emscontrol.core.pulse import NOTHING
from emscontrol.core.stimulator import Acked, Command, LinkSilent, Noise, ReadBack, Refused, Uncertain
from emscontrol.devices import registry
from firmware_sim.faults import FaultKind
from tests.unit.devices.driver_bench import ACK_WAIT_US, MS, POLL, SET_POINT, STOP, Bench, only, outputs, train

MODELS = sorted(registry.MODELS)
pytestmark = pytest.mark.parametrize("model", MODELS)
TRAIN = train()
SOME = outputs(TRAIN, ch1=4_000)
LINK_LOST_US = budget.T_LINK_LOST * MS


def running(model: str) -> Bench:
    bench = Bench(model).ready(1)
    bench.send(SOME, for_us=100 * MS)
    return bench


@given(after_us=st.integers(0, 200 * MS))
@settings(max_examples=25, deadline=None)
def test_a_device_that_falls_silent_is_noticed_within_the_time_for_a_lost_link(model: str, after_us: int) -> None:
    """F05: the stop has to be written T_LINK_LOST after the last answer, so the poll before must not add to it."""
    bench = running(model)
    bench.run(after_us)
    bench.inject("dead_uplink")
    silent_us = bench.now_us
    events = bench.run(2_000 * MS)
    (told,) = only(LinkSilent, events)
    (at_us,) = [at for at, event in bench.events if isinstance(event, LinkSilent)]
    assert at_us - silent_us <= LINK_LOST_US
    assert told.silent_us >= LINK_LOST_US
    assert only(Uncertain, events) == []


def test_silence_both_ways_is_told_once_and_again_after_the_link_was_back(model: str) -> None:
    bench = running(model)
    bench.inject("dead_link")
    assert len(only(LinkSilent, bench.run(700 * MS))) == 1
    bench.port.faults.clear(FaultKind.DEAD_LINK)
    assert only(LinkSilent, bench.run(500 * MS)) == []
    bench.inject("dead_link")
    assert len(only(LinkSilent, bench.run(700 * MS))) == 1


@pytest.mark.parametrize("late_ms", [0, 15, 80, 150])
def test_answers_that_are_late_but_come_within_the_budget_lose_nothing(model: str, late_ms: int) -> None:
    """F14. The budget is T_LINK_LOST less the time to the next poll, for silence counts from the last answer."""
    bench = running(model)
    bench.inject(f"late:{late_ms}")
    events = bench.run(3_000 * MS)
    assert only(LinkSilent, events) == only(Uncertain, events) == []
    assert only(ReadBack, events)
    assert bench.amplitude_ua(1) == 4_000


@pytest.mark.parametrize("amplitude_ua", [0, 4_000])
def test_the_device_hears_from_the_host_all_the_time(model: str, amplitude_ua: int) -> None:
    bench = Bench(model).ready(1)
    if amplitude_ua:
        bench.send(SOME)
    began_us = bench.now_us
    bench.run(20_000 * MS)
    times_us = [at for at, _ in bench.requests(began_us)]
    gaps_us = [b - a for a, b in pairwise(times_us)]
    assert bench.driver.capabilities.keepalive_us <= budget.T_HEARTBEAT * MS
    assert max(gaps_us) <= (bench.driver.capabilities.keepalive_us if amplitude_ua else budget.T_LINK_LOST * MS)
    assert max(gaps_us) <= bench.driver.capabilities.watchdog_us // 2
    assert set(bench.names(began_us)) == {POLL[model]}
    assert bench.amplitude_ua(1) == amplitude_ua


def test_the_keep_alive_goes_on_while_set_points_follow_each_other(model: str) -> None:
    """Set points must not starve the polls: only those tell about electrodes and stops."""
    bench = Bench(model).ready(1)
    began_us = bench.now_us
    for step in range(100):
        bench.send(outputs(TRAIN, ch1=2_000 * (step % 5 + 1)), number=step + 1, for_us=20 * MS)
    polls_us = [at for at, frame in bench.requests(began_us) if frame.command == POLL[model]]
    assert max(b - a for a, b in pairwise(polls_us)) <= 100 * MS


def test_at_most_a_command_and_a_poll_are_outstanding(model: str) -> None:
    """The RehaStim 2 answers `busy` to a second request, the reference page forbids one; a stop alone does not wait."""
    bench = Bench(model).ready(1)
    bench.inject("late:15")
    most = 0
    for step in range(60):
        answered = len(only(Acked, [event for _, event in bench.events])) + len(only(ReadBack, [e for _, e in bench.events]))
        began_us = bench.now_us
        bench.send(outputs(TRAIN, ch1=2_000 * (step % 5 + 1)), number=step + 1, for_us=37 * MS)
        now = len(only(Acked, [event for _, event in bench.events])) + len(only(ReadBack, [e for _, e in bench.events]))
        most = max(most, len([at for at, _ in bench.requests(began_us) if at < began_us + 15 * MS]))
        assert now > answered
    assert most <= {"p24": 2, "rehastim2": 1, "reference": 1}[model]


@given(noise=st.binary(max_size=400), chunk=st.integers(1, 64))
@example(noise=b"\xf0" * 300, chunk=7)
@example(noise=b"\xf0\x81" * 100, chunk=1)
@settings(max_examples=60, deadline=None)
def test_any_bytes_are_taken_without_harm_and_the_next_answer_is_understood(model: str, noise: bytes, chunk: int) -> None:
    bench = running(model)
    for start in range(0, len(noise), chunk):
        bench.driver.receive(noise[start : start + chunk], bench.now_us)
    bench.driver.receive(b"\x0f", bench.now_us)  # ends a frame that the noise has begun
    assert bench.send(outputs(TRAIN, ch1=6_000), number=9, for_us=150 * MS)[-1:]
    assert Acked(Command.OUTPUTS, 9) in [event for _, event in bench.events]


@given(seed=st.integers(0, 2**32), damage=st.sampled_from(["garble:0.001", "garble:0.02", "lose_bytes:0.01", "garble:0.3"]))
@settings(max_examples=40, deadline=None)
def test_on_a_bad_line_every_command_has_one_outcome_and_no_damaged_set_point_comes_out(
    model: str, seed: int, damage: str
) -> None:
    bench = Bench(model, seed=seed).ready(1)
    bench.inject(damage)
    sent_ua = {0}
    for number in range(1, 15):
        amplitude_ua = 2_000 * number
        sent_ua.add(amplitude_ua)
        try:
            events = bench.send(outputs(TRAIN, ch1=amplitude_ua), number=number, for_us=400 * MS)
        except RuntimeError:  # uncertain or fallen back: only a stop is left
            break
        outcomes = [
            event
            for event in events
            if isinstance(event, Acked | Refused | Uncertain) and event.command is Command.OUTPUTS and event.number == number
        ]
        assert len(outcomes) == 1
        assert not bench.driver.busy
    bench.stop(for_us=400 * MS)
    assert {line.amplitude_ua for line in bench.lines} <= sent_ua


def test_noise_is_told_at_most_once_a_second(model: str) -> None:
    bench = running(model)
    events = []
    for _ in range(300):
        events += bench.driver.receive(b"\x00\xf0garbage\x0f", bench.now_us)
        events += bench.run(10 * MS)
    reports = only(Noise, events)
    assert 3 <= len(reports) <= 4
    assert "times since the last report" in reports[1].text


def test_after_the_host_has_slept_no_old_set_point_is_repeated(model: str) -> None:
    """F40: a process that was stopped and goes on must not send what it meant to send then."""
    bench = running(model)
    bench.inject("dead_uplink")
    bench.send(outputs(TRAIN, ch1=8_000), number=4)
    bench.now_us += 10_000 * MS
    began_us = bench.now_us
    events = bench.run(1_000 * MS)
    assert [(event.command, event.number) for event in only(Uncertain, events)] == [(Command.OUTPUTS, 4)]
    assert SET_POINT[model] not in bench.names(began_us)


def test_a_stop_never_grows_old(model: str) -> None:
    bench = running(model)
    bench.inject("dead_uplink")
    bench.stop()
    bench.now_us += 10_000 * MS
    began_us = bench.now_us
    bench.run(ACK_WAIT_US[model])
    assert STOP[model] in bench.names(began_us)


def test_a_host_that_is_late_does_not_blame_the_link(model: str) -> None:
    bench = running(model)
    bench.now_us += 280 * MS
    assert only(LinkSilent, bench.run(500 * MS)) == []


def test_time_always_moves_on(model: str) -> None:
    """After receive and tick nothing is due in the past, else a runner would turn without end."""
    bench = running(model)
    bench.inject("late:70")
    for step in range(200):
        bench.run(13 * MS)
        due_us = bench.driver.due_us()
        assert due_us is None or due_us > bench.now_us
        if step == 100:
            bench.inject("dead_link")


def test_packet_numbers_wrap_around_without_anyone_noticing(model: str) -> None:
    bench = Bench(model).ready(1)
    for step in range(600):
        (acked,) = only(Acked, bench.send(outputs(TRAIN, ch1=2_000 * (step % 3)) if step % 3 else NOTHING, number=step + 1))
        assert acked.number == step + 1
    assert bench.driver.late_answers == 0  # type: ignore[attr-defined]


def test_silence_counts_from_the_last_answer_also_while_an_older_question_is_open(model: str) -> None:
    bench = running(model)
    bench.inject("drop_reply:1")
    began_us = bench.now_us
    while POLL[model] not in bench.names(began_us):
        bench.run(MS)
    events = bench.send(outputs(TRAIN, ch1=6_000), number=2, for_us=110 * MS)
    assert only(Acked, events) == [Acked(Command.OUTPUTS, 2)]
    (acked_us,) = [at for at, event in bench.events if event == Acked(Command.OUTPUTS, 2)]
    bench.inject("dead_uplink")
    heard_us = max(at for at, event in bench.events if isinstance(event, Acked | ReadBack))
    assert heard_us >= acked_us
    bench.run(1_000 * MS)
    (silent_us,) = [at for at, event in bench.events if isinstance(event, LinkSilent)]
    assert silent_us - heard_us <= LINK_LOST_US
