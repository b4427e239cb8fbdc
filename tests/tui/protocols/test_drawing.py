"""Pulses and cycles to scale."""

from itertools import pairwise

import pytest

from emscontrol.core.errors import UsageError
from emscontrol.core.pulse import Shape, Waveform
from emscontrol.protocol.library import library_ids, load_named
from emscontrol.tui.screens.protocols.drawing import cycle_drawn, cycle_points, pulse_drawn, pulse_points
from emscontrol.tui.screens.protocols.levels import typed_levels


@pytest.mark.parametrize("shape", Shape)
def test_a_drawn_pulse_carries_no_net_charge_and_has_the_times_of_the_waveform(shape: Shape) -> None:
    ratio = 4 if shape is Shape.ASYMMETRIC else 1
    points = pulse_points(Waveform(shape, 300, 100, ratio))
    area = sum((x1 - x0) * (y0 + y1) / 2 for (x0, y0), (x1, y1) in pairwise(points))
    assert area == pytest.approx(0)
    assert max(y for _, y in points) == 1
    assert points[-1][0] == 300 + 100 + 300 * ratio
    assert all(y == 0 for x, y in points if 300 < x < 400)


@pytest.mark.parametrize("name", library_ids())
@pytest.mark.parametrize("width", [30, 46, 120])
@pytest.mark.parametrize("plain_only", [False, True])
def test_every_protocol_of_the_library_is_drawn_within_the_width_it_is_given(name: str, width: int, plain_only: bool) -> None:
    protocol = load_named(name).protocol
    for phase in protocol.phases:
        group = phase.groups[0]
        waveform = Waveform(group.waveform, group.pulse_width_us, 100, group.recovery_ratio)
        cycle = cycle_drawn(phase, protocol, width, plain_only)
        lines = [*pulse_drawn(waveform, "100 %", width, plain_only), *cycle]
        drawn = [line.plain for line in lines]
        assert max(map(len, drawn)) <= width
        assert not plain_only or all(character < "\u2800" for line in drawn for character in line)


def test_groups_that_take_turns_are_not_drawn_at_the_same_time() -> None:
    phase = load_named("acl-quadriceps-hamstrings").protocol.phases[1]
    first = cycle_points(phase.groups[0], 0, 32)
    second = cycle_points(phase.groups[1], 16, 32)
    assert max(x for x, y in first if y > 0) < min(x for x, y in second if y > 0)
    assert max(y for _, y in first) == 1.0


def test_one_level_is_for_all_channels_and_several_are_in_their_order() -> None:
    assert typed_levels("22.5", [2, 1]) == {1: 22_500, 2: 22_500}
    assert typed_levels(" 22.5  20 ", [2, 1]) == {1: 22_500, 2: 20_000}
    assert typed_levels("", [1]) == {}
    for wrong in ("1 2 3", "2,5", "0", "-3"):
        with pytest.raises(UsageError):
            typed_levels(wrong, [1, 2])
