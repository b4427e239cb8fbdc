"""The truth of what comes out, and how the oscilloscope writes it."""

import json
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_sim.output import OutputStage
from firmware_sim.scope import HEARTBEAT_US, Scope, ScopeLine


def test_a_line_at_each_change_and_none_without() -> None:
    lines: list[ScopeLine] = []
    stage = OutputStage(2, Scope.in_memory(lines))
    stage.set_train(1, 10, 0, 0, 0)
    stage.set_train(1, 20, 5_000, 200, 20_000)
    stage.set_train(1, 30, 5_000, 200, 20_000)
    stage.deliver(1, 3)
    stage.set_train(1, 60_000, 5_000, 250, 20_000)
    stage.deliver(1, 1)
    stage.set_train(1, 70_000, 0, 250, 20_000)
    assert lines == [
        ScopeLine(20, 1, 5_000, 200, 20_000, 0),
        ScopeLine(60_000, 1, 5_000, 250, 20_000, 3),
        ScopeLine(70_000, 1, 0, 0, 0, 1),
    ]


def test_totals() -> None:
    stage = OutputStage(2)
    stage.deliver(1, 5)
    stage.set_train(1, 0, 5_000, 200, 20_000)
    stage.deliver(1, 3, at_us=40_000)
    stage.set_train(1, 50_000, 8_000, 100, 20_000, charge_pc=1_000, burst=2)
    stage.deliver(1, 2)
    assert (stage.pulses(1), stage.charge_pc(1), stage.peak_ua(1)) == (7, 3 * 1_000_000 + 2 * 1_000, 8_000)
    assert (stage.last_pulse_us(1), stage.last_pulse_us(2), stage.first_output_us) == (40_000, None, 0)
    assert not stage.is_zero
    stage.all_off(60_000)
    assert stage.is_zero
    assert (stage.pulses(2), stage.charge_pc(2)) == (0, 0)


def test_without_contact_nothing_flows_and_nothing_counts() -> None:
    lines: list[ScopeLine] = []
    stage = OutputStage(1, Scope.in_memory(lines))
    stage.set_contact(1, False, 0)
    stage.set_train(1, 10, 5_000, 200, 20_000)
    stage.deliver(1, 9)
    assert (stage.pulses(1), stage.set_ua(1), stage.amplitude_ua(1), stage.is_zero) == (0, 5_000, 0, True)
    assert (lines, stage.first_output_us) == ([], None)
    stage.set_contact(1, True, 20)
    assert lines == [ScopeLine(20, 1, 5_000, 200, 20_000, 0)]
    assert stage.first_output_us == 20


@pytest.mark.parametrize(("load_ohm", "flowing_ua"), [(1_000, 100_000), (1_500, 100_000), (3_000, 50_000)])
def test_a_load_bounds_the_current(load_ohm: int, flowing_ua: int) -> None:
    stage = OutputStage(1, loads_ohm={1: load_ohm}, voltage_mv=150_000)
    stage.set_train(1, 0, 100_000, 200, 20_000)
    stage.deliver(1, 2)
    assert stage.amplitude_ua(1) == stage.peak_ua(1) == flowing_ua
    assert stage.charge_pc(1) == 2 * flowing_ua * 200


def test_a_channel_that_is_on_is_written_every_while_in_real_time(tmp_path: Path) -> None:
    path = tmp_path / "scope.jsonl"
    scope = Scope.to_file(path)
    stage = OutputStage(2, scope)
    assert scope.heartbeat_due_us() is None
    stage.set_train(2, 1_000, 5_000, 200, 20_000)
    assert scope.heartbeat_due_us() == 1_000 + HEARTBEAT_US
    scope.heartbeat(1_000 + HEARTBEAT_US - 1)
    stage.deliver(2, 3)
    scope.heartbeat(1_000 + HEARTBEAT_US)
    written = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    on = {"channel": 2, "amplitude_ua": 5_000, "width_us": 200, "period_us": 20_000}
    assert written == [{"t_us": 1_000, **on, "pulses": 0}, {"t_us": 1_000 + HEARTBEAT_US, **on, "pulses": 3}]
    assert list(written[0]) == ["t_us", "channel", "amplitude_ua", "width_us", "period_us", "pulses"]
    stage.deliver(2, 1)
    scope.finish(90_000)
    assert json.loads(path.read_text("utf-8").splitlines()[-1])["pulses"] == 1
    assert 2 * HEARTBEAT_US <= 100_000


_change = st.tuples(st.integers(1, 3), st.integers(0, 2), st.integers(0, 5), st.booleans())


@settings(max_examples=100, deadline=None)
@given(st.lists(_change, max_size=40))
def test_the_lines_add_up_to_the_totals(changes: list[tuple[int, int, int, bool]]) -> None:
    lines: list[ScopeLine] = []
    scope = Scope.in_memory(lines)
    stage = OutputStage(3, scope)
    for now_us, (channel, amplitude, pulses, beat) in enumerate(changes):
        stage.set_train(channel, now_us * 60_000, amplitude * 1000, 200, 20_000)
        stage.deliver(channel, pulses)
        if beat:
            scope.heartbeat(now_us * 60_000 + 50_000)
    scope.finish(len(changes) * 60_000)
    for channel in stage.channels:
        own = [line for line in lines if line.channel == channel]
        assert sum(line.pulses for line in own) == stage.pulses(channel)
        assert sum(line.pulses * before.amplitude_ua * 200 for before, line in pairwise(own)) == stage.charge_pc(channel)
        assert [line.t_us for line in own] == sorted(line.t_us for line in own)
