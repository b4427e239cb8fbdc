"""The judge of rises: what a set point that takes over a contraction of the device's own may show at once, and no more."""

import json
from dataclasses import replace
from functools import cache

import pytest

from emscontrol.trials.draw import draw
from emscontrol.trials.oracle import facts
from emscontrol.trials.oracle.asked import places
from emscontrol.trials.oracle.read import read
from emscontrol.trials.oracle.rise import slow_enough
from emscontrol.trials.stage import Stage
from emscontrol.trials.trial import Evidence, Seen

BEGIN_US = 10 * facts.S
BEFORE_UA = 2_000
MODEL = "reference"


@cache
def trial_without_troubles() -> Evidence:
    """A session on the reference stimulator in which nothing goes wrong."""
    for seed in range(1, 200):
        trial, assembly = draw(seed, (MODEL,), 60.0)
        if trial.calm and trial.body is None:
            played = Stage(trial, assembly).play()
            if played.scope:
                return played
    raise RuntimeError("no calm trial among the seeds")


def found(rise_ua: int, swelling: bool) -> bool:
    """Whether a rise from `BEFORE_UA` at once is found wrong, out of a contraction that the device makes or not."""
    played = trial_without_troubles()
    channel = next(iter(places(played.trial)))
    made = {"rise_us": 9 * facts.S, "hold_us": facts.S, "fall_us": 0} if swelling else {}
    outputs = [{"channel": channel, "amplitude_ua": 4_500, **made}]
    journal = [json.dumps({"t_us": BEGIN_US, "event": "set_point", "number": 1, "outputs": outputs}).encode() + b"\n"]
    line = replace(played.scope[0].line, channel=channel)
    amplitudes = [0, BEFORE_UA, BEFORE_UA + rise_ua]
    times = [0, BEGIN_US + facts.S, BEGIN_US + 9 * facts.S]  # late enough for all that a ramp may have saved up
    scope = [Seen(replace(line, t_us=t, amplitude_ua=ua), 1) for t, ua in zip(times, amplitudes, strict=True)]
    case = read(replace(played, scope=scope, journal=journal, watched_us=BEGIN_US + 10 * facts.S))
    return any(violation.at_us == times[2] for violation in slow_enough(case))


@pytest.mark.parametrize(("swelling", "steps"), [(False, 1), (True, 2)])
def test_a_rise_may_show_the_slope_of_150_ms_and_one_pulse_and_a_step_for_each_rounding(swelling: bool, steps: int) -> None:
    """A stair of set points is rounded once. A contraction of the device's own is rounded down too before it is taken over."""
    place = next(iter(places(trial_without_troubles().trial).values()))
    ratio = max(pulses.ratio for pulses in place.asked)
    step_ua = facts.DEVICES[MODEL].step_ua * ratio
    slope_ua = place.rise_ua_per_s * (150_000 + place.slowest_us) // facts.S
    assert not found(slope_ua + steps * step_ua, swelling)
    assert found(slope_ua + steps * step_ua + 1, swelling)
