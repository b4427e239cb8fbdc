"""Which commands lead from one set of outputs to the next: followed by a small device that keeps to the page."""

from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emscontrol.core.pulse import NOTHING, Output, Outputs, Swell, Train
from emscontrol.devices.reference.echo import mismatch
from emscontrol.devices.reference.order import InForce, Order, orders
from tests.unit.devices.driver_bench import train
from tests.unit.devices.reference_desk import swell

T, OTHER = train(), train(width_us=500)
S = swell()


@dataclass
class Page:
    """Trains, commanded channels, plain amplitudes and contractions, as the page tells of them."""

    trains: dict[int, Train] = field(default_factory=dict)
    commanded: set[int] = field(default_factory=set)
    plain_ua: dict[int, int] = field(default_factory=dict)
    begun: dict[int, tuple[int, int, Swell]] = field(default_factory=dict)

    def obey(self, order: Order, now_us: int) -> None:
        rows = order.params.get("each", [])
        if order.name == "TRAIN":
            (output,) = order.outputs
            assert output.channel not in self.commanded, "BUSY_CHANNEL"
            self.trains[output.channel] = output.train
        elif order.name == "SET":
            self.plain_ua = {row["channel"]: row["amplitude"] * 100 for row in rows}
            self.begun, self.commanded = {}, set(self.plain_ua)
        elif order.name == "CONTRACT":
            assert rows
            for row in rows:
                made = Swell(0, row["rise_us"], row["hold_us"], row["fall_us"])
                assert made.end_us > 0
                assert row["amplitude"] == 0 or row["rise_us"] > 0, "OVER_RISE"
                self.plain_ua.pop(row["channel"], None)
                self.begun[row["channel"]] = (now_us, row["amplitude"] * 100, made)
                self.commanded.add(row["channel"])
        for row in rows:
            assert row["channel"] in self.trains, "NO_TRAIN"

    def amplitude_ua(self, channel: int, at_us: int) -> int:
        if channel in self.begun:
            from_us, plateau_ua, made = self.begun[channel]
            return made.amplitude_ua(plateau_ua, at_us - from_us)
        return self.plain_ua.get(channel, 0)


class Road:
    """A device, what the driver believes of it, and when each wanted contraction began."""

    def __init__(self) -> None:
        self.page = Page(trains=dict.fromkeys(range(1, 5), T))
        self.believed = InForce(trains=dict.fromkeys(range(1, 5), T))
        self.begun_us: dict[int, int] = {}
        self.now_us = 0

    def to(self, wanted: Outputs) -> tuple[Order, ...]:
        before = self.believed
        plan = orders(before, wanted, self.now_us)
        assert plan
        for order in plan:
            self.page.obey(order, self.now_us)
            self.believed = self.believed.after(order, self.now_us)
            assert self.believed.amplitudes.keys() == self.page.commanded
        after = {output.channel: output for output in wanted.channels if output.amplitude_ua}
        for channel, output in after.items():
            if before.wanted.get(channel) != output:
                self.begun_us[channel] = self.now_us
        self.believed = replace(self.believed, wanted=after)
        self.check(after)
        return plan

    def check(self, wanted: dict[int, Output]) -> None:
        """What comes out now and later is what was wanted, contraction by contraction."""
        for channel in range(1, 5):
            for later_us in (0, 1, 400_000, 1_500_000, 4_100_000, 9_000_000):
                at_us, output = self.now_us + later_us, wanted.get(channel)
                expected_ua = 0 if output is None else output.amplitude_ua
                if output is not None and output.swell is not None:
                    expected_ua = output.swell.amplitude_ua(output.amplitude_ua, at_us - self.begun_us[channel])
                assert self.page.amplitude_ua(channel, at_us) == expected_ua, (channel, later_us)
                if output is not None and self.page.amplitude_ua(channel, at_us):
                    assert self.page.trains[channel] == output.train

    def names(self, *outputs: Output) -> list[str]:
        return [order.name for order in self.to(Outputs(outputs))]


def test_plain_amplitudes_are_one_set_each_time() -> None:
    road = Road()
    assert road.names(Output(1, T, 4_000), Output(2, T, 6_000)) == ["SET"]
    assert road.names(Output(1, T, 5_000), Output(2, T, 6_000)) == ["SET"]
    assert road.names(Output(1, T, 5_000), Output(2, T, 6_000)) == ["SET"]
    assert road.names() == ["SET"]


def test_contractions_begin_beside_whatever_else_goes_on() -> None:
    road = Road()
    assert road.names(Output(1, T, 4_000), Output(2, T, 20_000, S)) == ["SET", "CONTRACT"]
    road.now_us += 500_000
    assert road.names(Output(1, T, 4_000), Output(2, T, 20_000, S), Output(3, T, 9_000, S)) == ["CONTRACT"]
    assert road.names(Output(1, T, 4_000), Output(2, T, 20_000, S), Output(3, T, 9_000, S)) == ["RENEW"]


def test_a_contraction_that_is_left_out_ends_and_the_other_goes_on() -> None:
    road = Road()
    road.names(Output(1, T, 20_000, S), Output(2, T, 20_000, S))
    road.now_us += 2_000_000
    assert road.names(Output(2, T, 20_000, S)) == ["CONTRACT"]
    assert road.names(Output(2, T, 20_000, S)) == ["RENEW"]


def test_a_contraction_that_has_run_out_needs_no_command_and_is_not_begun_again() -> None:
    road = Road()
    road.names(Output(1, T, 20_000, swell(1)))
    road.now_us += 2_000_000
    road.names(Output(1, T, 20_000, swell(1)), Output(2, T, 20_000, swell(2)))
    road.now_us += 3_000_000
    assert road.names(Output(2, T, 20_000, swell(2))) == ["RENEW"]
    road.now_us += 3_000_000
    assert road.names(Output(1, T, 4_000), Output(2, T, 20_000, swell(2))) == ["SET"]
    assert road.names(Output(1, T, 6_000), Output(2, T, 20_000, swell(2))) == ["SET"]


def test_the_next_contraction_that_is_just_like_the_last_begins() -> None:
    road = Road()
    assert road.names(Output(1, T, 20_000, swell(1))) == ["CONTRACT"]
    road.now_us += 9_000_000
    assert road.names(Output(1, T, 20_000, swell(2))) == ["CONTRACT"]
    assert road.names() == ["SET"]
    assert road.names(Output(1, T, 20_000, swell(2))) == ["CONTRACT"]


def test_a_commanded_channel_is_silenced_before_it_gets_another_train() -> None:
    road = Road()
    road.names(Output(1, T, 4_000), Output(2, T, 6_000))
    assert road.names(Output(1, OTHER, 4_000), Output(2, T, 7_000)) == ["SET", "TRAIN", "SET"]
    assert road.names(Output(1, T, 20_000, S), Output(2, T, 7_000)) == ["SET", "TRAIN", "CONTRACT"]
    assert road.names() == ["SET"]
    assert road.names(Output(1, OTHER, 4_000)) == ["TRAIN", "SET"]
    assert road.names() == ["SET"]
    assert road.names(Output(1, T, 20_000, S)) == ["TRAIN", "CONTRACT"]


@pytest.mark.parametrize(
    "wanted",
    [
        (Output(1, T, 20_000, S), Output(2, T, 5_000)),
        (Output(1, T, 20_000, S),),
        (Output(1, T, 20_000, S), Output(2, OTHER, 9_000, S)),
    ],
)
def test_what_would_break_off_another_channels_contraction_is_refused_before_anything_is_sent(
    wanted: tuple[Output, ...],
) -> None:
    road = Road()
    road.to(Outputs((Output(1, T, 20_000, S), Output(2, T, 4_000))))
    with pytest.raises(ValueError, match="the contraction on channel 1 goes on"):
        orders(road.believed, Outputs(wanted), road.now_us + 1_000)
    assert orders(road.believed, NOTHING, road.now_us + 1_000)[0].name == "SET"


outputs = st.builds(
    Output,
    st.just(0),
    st.sampled_from([T, OTHER]),
    st.sampled_from([0, 4_000, 9_000]),
    st.none() | st.builds(swell, st.integers(1, 3)),
)
sets = st.dictionaries(st.integers(1, 4), outputs, max_size=4).map(
    lambda drawn: Outputs(tuple(replace(output, channel=channel) for channel, output in sorted(drawn.items())))
)


@given(st.lists(st.tuples(sets, st.integers(0, 6_000_000)), max_size=12))
@settings(max_examples=200, deadline=None)
def test_any_way_through_outputs_ends_with_what_was_wanted_or_is_refused_for_a_running_contraction(
    walk: list[tuple[Outputs, int]],
) -> None:
    road = Road()
    for wanted, for_us in walk:
        try:
            road.to(wanted)
        except ValueError:
            kept = [o for o in wanted.channels if o.swell and o.amplitude_ua and road.believed.wanted.get(o.channel) == o]
            assert any(road.now_us < road.begun_us[o.channel] + S.end_us for o in kept)
        road.now_us += for_us


# -- the answer's echo -----------------------------------------------------------------------------------------------------


def rows(**amplitudes: int) -> list[dict[str, int]]:
    return [{"channel": int(name[2:]), "amplitude": amplitude} for name, amplitude in amplitudes.items()]


@pytest.mark.parametrize(
    ("said", "word"),
    [
        (rows(ch1=40, ch2=60), ""),
        (rows(ch1=40, ch2=60, ch3=0), ""),
        (rows(ch1=40, ch2=61), "channel 2 is at 6.1 mA where 6.0 mA was sent"),
        (rows(ch1=40), "channel 2 is at 0.0 mA where 6.0 mA was sent"),
        (rows(ch1=40, ch2=60, ch5=1), "channel 5 is at 0.1 mA where 0.0 mA was sent"),
    ],
)
def test_the_answer_to_a_set_must_name_it_whole(said: list[dict[str, int]], word: str) -> None:
    (order,) = orders(Road().believed, Outputs((Output(1, T, 4_000), Output(2, T, 6_000))), 0)
    found = mismatch(order, InForce(), said)
    assert word in found
    assert bool(found) == bool(word)


@pytest.mark.parametrize(
    ("said", "right"),
    [
        (rows(ch1=40, ch2=90, ch3=50), True),
        (rows(ch1=40, ch3=50), True),  # the contraction on channel 2 has run out
        (rows(ch1=40, ch2=91, ch3=50), False),
        (rows(ch2=90, ch3=50), False),
        (rows(ch1=40, ch2=90), False),
        (rows(ch1=40, ch2=90, ch3=50, ch4=1), False),
    ],
)
def test_the_answer_to_a_contract_must_leave_the_others_as_they_were(said: list[dict[str, int]], right: bool) -> None:
    road = Road()
    road.to(Outputs((Output(1, T, 4_000), Output(2, T, 9_000, S))))
    wanted = Outputs((Output(1, T, 4_000), Output(2, T, 9_000, S), Output(3, T, 5_000, S)))
    (order,) = orders(road.believed, wanted, 1_000)
    assert order.name == "CONTRACT"
    assert (mismatch(order, road.believed, said) == "") == right
