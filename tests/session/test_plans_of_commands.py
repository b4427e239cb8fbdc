"""Outputs that take a device several commands: what a pause, and what a slow link, makes of them."""

import pytest

from emscontrol.session.inputs import Pause
from emscontrol.session.states import State
from tests.session.rig import SHORT, Rig

MUSCLES = ("quad_rf", "quad_vm", "ham", "gastroc")
GROUP = """
  - name: {name}
    contract: together
    contractions: 1
    groups:
      - channels: {channels}
        waveform: symmetric
        pulse_width_us: {width_us}
        rate_hz: 50
        intensity: {{of: comfort, fraction: 0.8}}
        on_s: {on_s}
        off_s: 2
        ramp_up_s: 0.5
        ramp_down_s: 0.5
"""
SECOND_PHASE_US = 5_000_000


def two_phases(channels: int, long: bool) -> str:
    """Both phases use all channels, with other pulses; with a `long` contraction later on, all is given in steps."""
    places = [(muscle, side) for side in ("left", "right") for muscle in MUSCLES][:channels]
    head = SHORT.partition("channels:")[0]
    table = "".join(
        f"  {n}: {{muscle: {muscle}, side: {side}, label: {muscle} {side}, electrode: {{width_cm: 5, height_cm: 9}}}}\n"
        for n, (muscle, side) in enumerate(places, 1)
    )
    every = list(range(1, channels + 1))
    phases = [("one", 300, 3), ("two", 250, 3), *([("three", 250, 70)] if long else [])]
    body = "".join(GROUP.format(name=name, channels=every, width_us=width, on_s=on_s) for name, width, on_s in phases)
    return f"{head}channels:\n{table}phases:\n{body}"


@pytest.mark.parametrize("after_us", range(2_000, 38_000, 7_000))
def test_no_current_begins_after_a_pause_in_the_middle_of_a_plan(after_us: int) -> None:
    rig = Rig("reference", text=two_phases(8, long=True), faults=["late:5"]).to_running(SECOND_PHASE_US + after_us)
    rig.run.give(Pause())
    paused_us = rig.now_us
    assert not any(line.amplitude_ua for line in rig.lines if line.t_us > paused_us - after_us - 1_000)
    rig.run.advance(paused_us + 1_000_000)
    assert rig.engine.state is State.PAUSED
    assert [line for line in rig.lines if line.t_us > paused_us and line.amplitude_ua] == []


def test_a_change_of_eight_channels_over_a_slow_link_does_not_outlast_the_lease() -> None:
    rig = Rig("reference", text=two_phases(8, long=False), faults=["late:45"]).to_running(SECOND_PHASE_US + 1_500_000)
    assert rig.engine.state is State.RUNNING, rig.engine.reason
    assert all(rig.port.stage.amplitude_ua(channel) for channel in range(1, 9))
