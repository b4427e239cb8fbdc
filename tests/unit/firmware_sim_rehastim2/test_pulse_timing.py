"""Which pulse comes when: the device against the sheet's timing, pulse by pulse."""

import time
from dataclasses import dataclass, field
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_sim.rehastim2.channel_list import SLOT_US
from tests.unit.firmware_sim_rehastim2.host import Host, connected

BEGAN_US = 1_000_000
MODES = ("single", "doublet", "triplet")


@dataclass
class Story:
    """A list, the updates it gets (µs after the first start: mode and current by channel), and when it is stopped."""

    active: list[int]
    low: list[int]
    n: int
    t1_us: int
    t2_us: int
    updates: list[tuple[int, dict[int, tuple[str, int]]]]
    stop_us: int
    looks: list[int] = field(default_factory=list)

    def pulses(self) -> list[tuple[int, int, int]]:
        """(µs, channel, mA) of every pulse with current: the sheet's words, one cycle after the other."""
        out = []
        for cycle in range(self.stop_us // self.t1_us + 2):
            begin_us = cycle * self.t1_us
            groups = [update for at_us, update in self.updates if at_us <= begin_us][-1]
            for place, channel in enumerate(self.active):
                mode, current_ma = groups[channel]
                if current_ma == 0 or (channel in self.low and cycle % (self.n + 1)):
                    continue
                for member in range(MODES.index(mode) + 1):
                    out.append((begin_us + place * 1500 + member * self.t2_us, channel, current_ma))
        return sorted(pulse for pulse in out if pulse[0] < self.stop_us)


@st.composite
def stories(draw: st.DrawFn) -> Story:
    active = sorted(draw(st.sets(st.integers(1, 8), min_size=1)))
    t2_us = draw(st.integers(16, 40)) * 500
    largest = draw(st.integers(1, 3))
    t1_us = t2_us * largest + draw(st.integers(0, 60)) * 500
    moments = st.integers(0, 300_000) | st.integers(1, 15).map(lambda cycle: cycle * t1_us)
    strengths = st.tuples(st.sampled_from(MODES[:largest]), st.sampled_from([0, 0, 10, 20, 130]))
    times = [0, *sorted(draw(st.lists(moments, max_size=8)))]
    updates = [(at_us, {channel: draw(strengths) for channel in active}) for at_us in times]
    stop_us = times[-1] + draw(st.integers(0, 200_000) | st.integers(1, 8).map(lambda cycle: cycle * t1_us))
    looks = draw(st.lists(st.integers(0, stop_us), max_size=6))
    low = sorted(draw(st.sets(st.sampled_from(active))))
    return Story(active, low, draw(st.integers(0, 7)), t1_us, t2_us, updates, stop_us, looks)


def tell(story: Story) -> Host:
    """The story as it happens to a device; looking at it in between must change nothing."""
    host = connected(start_us=BEGAN_US, watchdog_ms=60_000)
    assert host.set_up(story.active, story.t1_us / 1000, story.t2_us / 1000, story.low, story.n) == 0
    events = [(at_us, update) for at_us, update in story.updates] + [(look, None) for look in story.looks]
    for at_us, update in sorted(events, key=lambda event: event[0]):
        if at_us > story.stop_us:
            continue
        host.at(BEGAN_US + at_us)
        if update is None:
            continue
        channels = [
            {"channel": channel, "mode": mode, "pulse_width_us": 200, "current_ma": current_ma}
            for channel, (mode, current_ma) in update.items()
        ]
        assert host.result("StartChannelListMode", channels=channels) == 0
    host.at(BEGAN_US + story.stop_us)
    assert host.stop() == 0
    host.later(1000)
    return host


def seen_by_the_scope(host: Host) -> dict[tuple[int, int], int]:
    """Pulses by (channel, mA): a line's pulses belong to the line before it."""
    counts: dict[tuple[int, int], int] = {}
    state: dict[int, int] = {}
    for line in host.lines:
        if line.pulses:
            key = (line.channel, state[line.channel] // 1000)
            counts[key] = counts.get(key, 0) + line.pulses
        state[line.channel] = line.amplitude_ua
    return counts


@given(stories())
@settings(max_examples=250, deadline=None)
def test_every_pulse_of_the_sheet_and_no_other(story: Story) -> None:
    host = tell(story)
    expected = story.pulses()
    counts: dict[tuple[int, int], int] = {}
    for _, channel, current_ma in expected:
        counts[channel, current_ma] = counts.get((channel, current_ma), 0) + 1
    assert seen_by_the_scope(host) == counts
    for at_us, channel, current_ma in expected:
        shown = [amplitude for t_us, amplitude in host.shown(channel) if t_us <= BEGAN_US + at_us]
        assert shown[-1] == current_ma * 1000, "the scope shows the current of a pulse when it begins"
    assert host.stage_is_silent()


@given(stories())
@settings(max_examples=150, deadline=None)
def test_the_scope_shows_a_channel_off_once_no_pulse_is_to_come(story: Story) -> None:
    host = tell(story)
    for channel in story.active:
        pulses = [BEGAN_US + at_us for at_us, of, _ in story.pulses() if of == channel]
        changes = host.shown(channel)
        for (on_us, amplitude), (off_us, after) in pairwise(changes):
            if amplitude and not after and off_us != BEGAN_US + story.stop_us:
                last_us = max((pulse for pulse in pulses if pulse < off_us), default=on_us)
                asked = [BEGAN_US + at_us for at_us, update in story.updates if update[channel][1] == 0]
                assert off_us in asked or off_us == last_us + 2 * 200 + 101 or off_us == on_us


def test_slots_follow_the_order_of_channels_and_only_active_ones_have_one() -> None:
    host = connected()
    host.set_up([1, 4, 5, 8])
    host.start({1: 10, 4: 0, 5: 12, 8: 14})
    began_us = host.now_us
    host.later(19)
    assert [host.shown(channel) for channel in (1, 4, 5, 8)] == [
        [(began_us, 10_000)],
        [],
        [(began_us + 2 * SLOT_US, 12_000)],
        [(began_us + 3 * SLOT_US, 14_000)],
    ]
    assert SLOT_US == 1500


def test_the_scope_names_width_and_effective_period() -> None:
    host = connected()
    host.set_up([1, 2], 25, 8, low=[2], n=3)
    host.start({1: 10, 2: 20}, width_us=300)
    host.later(24)
    assert {(line.channel, line.width_us, line.period_us) for line in host.lines} == {(1, 300, 25_000), (2, 300, 100_000)}


@pytest.mark.parametrize(("asked_us", "given_us"), [(0, 20), (19, 20), (20, 20), (21, 21), (500, 500)])
def test_short_widths_are_raised(asked_us: int, given_us: int) -> None:
    host = connected()
    host.set_up([1])
    host.start({1: 10}, width_us=asked_us)
    assert host.lines[-1].width_us == given_us


def test_the_pulse_clock_runs_on_while_currents_are_zero() -> None:
    host = connected()
    host.set_up([1], 20)
    began_us = host.now_us
    host.start({1: 0})
    host.at(began_us + 990_001)
    host.start({1: 10})
    host.at(began_us + 1_005_000)
    assert host.shown(1) == [(began_us + 1_000_000, 10_000)]


def test_after_a_stop_the_clock_begins_anew() -> None:
    host = connected()
    host.set_up([1], 20)
    host.start({1: 10})
    host.later(50)
    host.stop()
    host.later(3)
    host.set_up([1], 20)
    host.start({1: 10})
    assert host.shown(1)[-1] == (host.now_us, 10_000)


def test_an_update_waits_for_the_next_cycle_and_the_last_one_wins() -> None:
    host = connected()
    host.set_up([1], 20)
    began_us = host.now_us
    host.start({1: 10})
    for current_ma in (12, 14, 16):
        host.later(5)
        host.start({1: current_ma})
    host.at(began_us + 40_000)
    assert host.shown(1) == [(began_us, 10_000), (began_us + 20_000, 16_000)]


def test_an_update_at_the_very_start_of_a_cycle_holds_for_it() -> None:
    host = connected()
    host.set_up([1], 20)
    began_us = host.now_us
    host.start({1: 10})
    host.at(began_us + 20_000)
    host.start({1: 16})
    assert host.shown(1)[-1] == (began_us + 20_000, 16_000)
    host.later(1)
    host.stop()
    assert seen_by_the_scope(host) == {(1, 10): 1, (1, 16): 1}


def test_a_channel_set_to_zero_is_off_at_once_when_no_pulse_is_left() -> None:
    host = connected()
    host.set_up([1, 2], 20)
    began_us = host.now_us
    host.start({1: 10, 2: 10})
    host.at(began_us + 21_000)  # channel 1's pulse has begun 1 ms ago, channel 2's will begin in 0.5 ms
    host.start({1: 0, 2: 0}, width_us=250)
    host.later(500)
    assert host.shown(1)[-1] == (began_us + 21_000, 0)
    assert host.shown(2)[-1] == (began_us + 21_500 + 2 * 250 + 101, 0)
    assert [host.device.stage.pulses(channel) for channel in (1, 2)] == [2, 2]


def test_a_low_frequency_channel_set_to_zero_between_its_pulses_is_off_at_once() -> None:
    host = connected()
    host.set_up([1, 2], 25, 8, low=[2], n=1)
    began_us = host.now_us
    host.start({1: 0, 2: 20})
    host.later(1)
    host.start({1: 0, 2: 10})  # from the cycle at 25 ms, in which channel 2 is not served
    host.at(began_us + 25_001)
    host.start({1: 0, 2: 0})
    host.later(500)
    assert host.shown(2) == [(began_us + 1_500, 20_000), (began_us + 25_001, 0)]
    assert host.device.stage.pulses(2) == 1


def test_a_triplet_that_has_begun_is_finished_before_the_channel_is_off() -> None:
    host = connected()
    host.set_up([1], 60, 10)
    began_us = host.now_us
    host.start({1: 10}, mode="triplet")
    host.at(began_us + 65_000)
    host.start({1: 0}, mode="triplet")
    host.later(100)
    assert host.device.stage.pulses(1) == 6
    assert host.shown(1)[-1] == (began_us + 80_000 + 601, 0)


def test_a_stop_takes_effect_at_once_even_inside_a_doublet_or_a_slot() -> None:
    host = connected()
    host.set_up([1, 2], 40, 10)
    began_us = host.now_us
    host.start({1: 10, 2: 10}, mode="doublet")
    host.at(began_us + 10_000)
    host.stop()
    host.later(500)
    assert [host.device.stage.pulses(channel) for channel in (1, 2)] == [1, 1]
    assert host.shown(1)[-1] == host.shown(2)[-1] == (began_us + 10_000, 0)


def test_slots_that_reach_into_the_next_cycle() -> None:
    host = connected()
    channels = range(1, 9)
    host.set_up(list(channels), 8, 8)
    host.start(dict.fromkeys(channels, 10))
    host.later(1)
    host.start(dict.fromkeys(channels, 20))  # for the cycle at 8 ms; channel 8's first slot is at 10.5 ms
    host.later(8)
    host.start(dict.fromkeys(channels, 30))  # for the cycle at 16 ms
    host.later(991)
    host.stop()
    counts = seen_by_the_scope(host)
    assert {channel: (counts[channel, 10], counts[channel, 20]) for channel in channels} == dict.fromkeys(channels, (1, 1))
    assert counts[1, 30] == 123  # cycles at 16, 24, … 992 ms
    assert counts[8, 30] == 122  # the last one 10.5 ms later is past the stop


def test_one_shot_runs_the_list_once_for_each_start() -> None:
    host = connected()
    host.set_up([1, 2], None, 10)
    began_us = host.now_us
    for _ in range(3):
        host.start({1: 10, 2: 20}, mode="doublet")
        host.later(100)
    assert [host.device.stage.pulses(channel) for channel in (1, 2)] == [6, 6]
    assert host.shown(2)[:2] == [(began_us + 1500, 20_000), (began_us + 1500 + 10_000 + 601, 0)]
    assert host.mode() == 2


def test_one_shot_starts_that_come_too_early_wait_and_overwrite_each_other() -> None:
    host = connected()
    host.set_up([1], None, 10)
    began_us = host.now_us
    host.start({1: 10})
    for current_ma in (12, 14, 16):
        host.later(2)
        host.start({1: current_ma})
    host.later(100)
    assert host.shown(1) == [
        (began_us, 10_000),
        (began_us + 601, 0),
        (began_us + 10_000, 16_000),
        (began_us + 10_601, 0),
    ]


def test_one_shot_low_frequency_channels_skip_runs() -> None:
    host = connected()
    host.set_up([1, 2], None, 10, low=[2], n=2)
    for _ in range(7):
        host.start({1: 10, 2: 10})
        host.later(50)
    assert [host.device.stage.pulses(channel) for channel in (1, 2)] == [7, 3]


def test_a_single_pulse_is_one_pulse_now() -> None:
    host = connected()
    assert host.result("SinglePulse", channel=5, pulse_width_us=300, current_ma=44) == 0
    began_us = host.now_us
    host.later(100)
    assert host.device.stage.pulses(5) == 1
    assert host.device.stage.charge_pc(5) == 44_000 * 300
    assert host.shown(5) == [(began_us, 44_000), (began_us + 2 * 300 + 101, 0)]


def test_a_single_pulse_without_current_is_none() -> None:
    host = connected()
    assert host.result("SinglePulse", channel=5, pulse_width_us=300, current_ma=0) == 0
    host.later(100)
    assert host.lines == []


def test_an_hour_of_eight_channels_takes_well_under_a_second() -> None:
    host = connected()
    channels = range(1, 9)
    host.set_up(list(channels), 20, 8)
    host.start(dict.fromkeys(channels, 20))
    began_us, began_s = host.now_us, time.process_time()
    host.run_alive(began_us + 3_600_000_000)
    assert time.process_time() - began_s < 1.5
    assert [host.device.stage.pulses(channel) for channel in channels] == [180_000] * 8
