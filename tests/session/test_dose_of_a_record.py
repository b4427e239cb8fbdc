"""The dose that a record tells, held against the oscilloscope: each pulse's current squared and added up, over a hold."""

from dataclasses import dataclass
from math import ceil, sqrt

import pytest

from emscontrol.record.dose import ChannelDose
from emscontrol.record.knowledge import Knowledge
from emscontrol.record.refusals import Effect
from emscontrol.record.report import VerifyReport
from emscontrol.record.verify import verify_lines
from emscontrol.session.inputs import Adjust
from tests.session.rig import SHORT, Rig, Stretch

LONG = SHORT.replace("on_s: 3", "on_s: 12")
AREAS_CM2 = {1: 45.0, 2: 25.0}  # as the protocol says


@dataclass(frozen=True)
class Case:
    """A session, and what its pulses look like: how many in a burst, and how much longer and weaker the second phase is."""

    model: str
    text: str
    burst: int = 1
    ratio: int = 1


CASES = {
    "one pulse after the other": Case("p24", LONG),
    "a weak, long second phase": Case("p24", LONG.replace("symmetric", "asymmetric\n        recovery_ratio: 4"), ratio=4),
    "doublets": Case(
        "rehastim2", LONG.replace("rate_hz: 50", "rate_hz: 25\n        burst: {pulses: 2, interval_ms: 10}"), burst=2
    ),
    "contractions of the device's own": Case("reference", LONG),
}


def squares(stretch: Stretch, ratio: int) -> float:
    """µA²·µs of one pulse, microsecond by microsecond."""
    first, second = [stretch.amplitude_ua] * stretch.width_us, [stretch.amplitude_ua / ratio] * (stretch.width_us * ratio)
    return sum(current**2 for current in (*first, *second))


def held(rig: Rig, channel: int) -> Stretch:
    """The longest time at the highest amplitude."""
    seen = rig.stretches(channel)
    highest = max(stretch.amplitude_ua for stretch in seen)
    return max((s for s in seen if s.amplitude_ua == highest), key=lambda stretch: stretch.pulses)


def value(dose: ChannelDose, rule: str) -> int:
    figure = dose.figure(rule)
    assert figure is not None, rule
    assert figure.value is not None, rule
    return figure.value


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_the_record_tells_the_dose_that_the_oscilloscope_saw(case: Case) -> None:
    rig = Rig(case.model, text=case.text).to_running().finish()
    found = {dose.channel: dose for dose in verify_lines(rig.journal.lines).dose}
    assert sorted(found) == [1, 2]
    for channel, dose in found.items():
        hold = held(rig, channel)
        assert hold.pulses > 400, "too short to tell"
        one = squares(hold, case.ratio)
        span_us = hold.to_us - hold.from_us
        least, most = (sqrt(one * (hold.pulses + more * case.burst) / span_us) for more in (-1, 1))
        assert least <= value(dose, "IEC_RMS") <= most + 1
        assert least / AREAS_CM2[channel] <= value(dose, "J_RMS") <= most / AREAS_CM2[channel] + 1
        assert value(dose, "AMPLITUDE") == hold.amplitude_ua
        assert value(dose, "CHARGE") == hold.amplitude_ua * hold.width_us
        assert value(dose, "CHARGE_DENSITY") == ceil(hold.amplitude_ua * hold.width_us / AREAS_CM2[channel])
        assert (dose.area_mm2, dose.unknown) == (AREAS_CM2[channel] * 100, ())


def of_small_pads() -> VerifyReport:
    """16 mA through pads of 2 cm², raised by hand by two steps, lowered by one."""
    rig = Rig("p24", text=LONG.replace("{width_cm: 5, height_cm: 9}", "{width_cm: 1, height_cm: 2}")).to_running()
    for delta_ua in (500, 500, -500):
        rig.run.give(Adjust(1, delta_ua))
        rig.run.advance(rig.now_us + 1_000_000)
    return verify_lines(rig.finish().journal.lines)


def test_the_limit_that_binds_is_the_one_that_is_met_first() -> None:
    one, two = of_small_pads().dose
    assert [figure.rule for dose in (one, two) for figure in dose.figures if figure.binds] == ["J_RMS", "AMPLITUDE"]
    assert one.allowed_ua == int(2000 * 2 / sqrt(2 * 300 / 20_000)), "2 mA/cm² over 2 cm², two phases of 300 µs at 50 Hz"
    assert two.allowed_ua == 25_000, "1.25 times the comfort level"
    amplitude, density = one.figure("AMPLITUDE"), one.figure("J_RMS")
    assert amplitude is not None
    assert density is not None
    assert (amplitude.value, amplitude.source) == (17_000, "cap of the patient")
    assert (density.limit, density.unit, density.margin_percent) == (2000, "µA/cm²", 26)  # 1.472 of 2 mA/cm²
    assert (amplitude.known, density.known) == (Knowledge.COMMANDED, Knowledge.ASSUMED)
    assert density.words().startswith("r.m.s. current density 1.473 mA/cm² (assumed), at most 2.0 mA/cm² (HASOMED")
    assert density.words().endswith(", binding")


def test_what_was_warned_of_and_changed_by_hand_is_told_with_why_and_how_often() -> None:
    warned, changed = of_small_pads().refusals
    assert (warned.effect, warned.rule, warned.count) == (Effect.WARNED, "J_RMS", 1)
    assert "within the limit but near it" in warned.reason
    assert (changed.effect, changed.channel, changed.count) == (Effect.CHANGED, 1, 3)
    assert changed.reason == "The operator set channel 1 from 16.0 mA to 16.5 mA."
    assert changed.first < changed.last


def test_a_set_point_that_the_stimulator_refuses_is_told() -> None:
    rig = Rig("p24", faults=["nak@2"]).to_running()
    refused = [row for row in verify_lines(rig.finish().journal.lines).refusals if row.effect is Effect.REFUSED]
    assert [row.by for row in refused] == ["the stimulator"]
