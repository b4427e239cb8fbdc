"""What a protocol asks for, worked out from its plain data: pulses, plateaus, caps and times of each channel."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from typing import Any, Final

from emscontrol.trials.oracle.facts import DEVICES, SITE_CAP_UA, TOLERANCE_PERCENT, Device, S
from emscontrol.trials.trial import Trial

RISE_STEP_UA_PER_S: Final = 100  # devices hold a limit of the rise in steps of 0.1 mA a second


@dataclass(frozen=True, slots=True)
class Pulses:
    """What one group asks of one channel. `ratio` is how much longer and weaker the second phase is."""

    width_us: int
    period_us: int
    burst: int
    ratio: int
    form: str
    plateau_ua: int
    up_us: int

    @property
    def long(self) -> bool:
        """For denervated muscle only."""
        return self.form == "long_biphasic" or (self.form == "triangular" and self.width_us > 1_000)


@dataclass(frozen=True, slots=True)
class Contraction:
    """One contraction of one channel, from START of the program on."""

    start_us: int
    end_us: int
    up_us: int
    down_us: int
    pulses: Pulses


@dataclass(frozen=True, slots=True)
class Place:
    """One channel: its cap (µA), the area of its pads (mm²), everything asked of it, and when.

    `peak_ua` is the highest plateau in the device's steps, from where the operator's hand counts; `rise_ua_per_s` the fastest
    ramp that is asked for, with a hand that has raised it as far as it may; `slowest_us` the longest period.
    """

    channel: int
    cap_ua: int
    area_mm2: int
    asked: tuple[Pulses, ...]
    contractions: tuple[Contraction, ...]
    peak_ua: int
    rise_ua_per_s: int
    slowest_us: int

    @property
    def on_us(self) -> int:
        """Time on in the whole program."""
        return sum(contraction.end_us - contraction.start_us for contraction in self.contractions)


def places(trial: Trial) -> Mapping[int, Place]:
    """Every channel of a trial."""
    device = DEVICES[trial.model]
    contractions = _schedule(trial)
    found = {}
    for channel, given in trial.protocol["channels"].items():
        own = tuple(sorted(contractions[channel], key=lambda contraction: contraction.start_us))
        asked = tuple(dict.fromkeys(contraction.pulses for contraction in own))
        peak_ua = max(_in_steps_ua(pulses, device) for pulses in asked)
        steepest = max(pulses.plateau_ua * S // pulses.up_us for pulses in asked)
        found[channel] = Place(
            channel=channel,
            cap_ua=_cap_ua(trial, channel, given, device),
            area_mm2=_area_mm2(given),
            asked=asked,
            contractions=own,
            peak_ua=peak_ua,
            rise_ua_per_s=steepest * (trial.comfort_ua[channel] * TOLERANCE_PERCENT // 100) // peak_ua + RISE_STEP_UA_PER_S,
            slowest_us=max(pulses.period_us for pulses in asked),
        )
    return found


def _in_steps_ua(pulses: Pulses, device: Device) -> int:
    """The plateau that the device makes of this: in its steps, and where the second phase is weaker, in that one's."""
    step_ua = device.step_ua * pulses.ratio
    return pulses.plateau_ua // step_ua * step_ua


def _cap_ua(trial: Trial, channel: int, given: Mapping[str, Any], device: Device) -> int:
    caps = [trial.comfort_ua[channel] * TOLERANCE_PERCENT // 100, SITE_CAP_UA[given["muscle"]], device.amplitude_max_ua]
    if "amplitude_cap_ma" in given:
        caps.append(int(given["amplitude_cap_ma"] * 1_000))
    return min(caps)


def _area_mm2(given: Mapping[str, Any]) -> int:
    pads = given["electrode"]
    return int(pads["width_cm"] * pads["height_cm"] * 100)


def _schedule(trial: Trial) -> dict[int, list[Contraction]]:
    """When each channel contracts: phases one after the other, groups as their phase says."""
    found: dict[int, list[Contraction]] = {channel: [] for channel in trial.protocol["channels"]}
    begins_us = 0
    for phase in trial.protocol["phases"]:
        ends_us = begins_us
        for place, group in enumerate(phase["groups"]):
            cycle_us = _us(group["on_s"]) + _us(group["off_s"])
            first_us = begins_us + _later_us(phase, place, cycle_us)
            asked = {channel: _pulses(trial, group, channel) for channel in group["channels"]}
            on_us, down_us = _us(group["on_s"]), _us(group["ramp_down_s"])
            for number in range(_count(phase, first_us - begins_us, on_us, cycle_us)):
                start_us = first_us + number * cycle_us
                ends_us = max(ends_us, start_us + cycle_us)
                for channel, pulses in asked.items():
                    found[channel].append(Contraction(start_us, start_us + on_us, pulses.up_us, down_us, pulses))
        begins_us = begins_us + _us(phase["duration_s"]) if "duration_s" in phase else ends_us
    return found


def _later_us(phase: Mapping[str, Any], place: int, cycle_us: int) -> int:
    if phase["contract"] == "alternately":
        return cycle_us * place // len(phase["groups"])
    return place * _us(phase["stagger_s"]) if phase["contract"] == "staggered" else 0


def _count(phase: Mapping[str, Any], later_us: int, on_us: int, cycle_us: int) -> int:
    if "contractions" in phase:
        return int(phase["contractions"])
    room_us = _us(phase["duration_s"]) - later_us - on_us
    return room_us // cycle_us + 1 if room_us >= 0 else 0


def _pulses(trial: Trial, group: Mapping[str, Any], channel: int) -> Pulses:
    levels = trial.motor_ua if group["intensity"]["of"] == "motor" else trial.comfort_ua
    return Pulses(
        width_us=group["pulse_width_us"],
        period_us=-(-S // Fraction(group["rate_hz"])),
        burst=group["burst"]["pulses"] if "burst" in group else 1,
        ratio=group.get("recovery_ratio", 1),
        form=group["waveform"],
        plateau_ua=int(group["intensity"]["fraction"] * levels[channel]),
        up_us=_us(group["ramp_up_s"]),
    )


def _us(seconds: Any) -> int:
    return int(seconds * S)


def planned_ua(contractions: Sequence[Contraction], at_us: int, early_us: int, late_us: int) -> int:
    """The highest amplitude that the plan has between `late_us` before this time and `early_us` after it."""
    highest_ua = 0
    first = bisect_right(contractions, at_us - late_us, key=_end_us)
    for contraction in islice(contractions, first, None):
        if contraction.start_us > at_us + early_us:
            break
        if contraction.end_us > at_us - late_us:
            highest_ua = max(highest_ua, _on_the_slope(contraction, at_us, early_us, late_us))
    return highest_ua


def _end_us(contraction: Contraction) -> int:
    return contraction.end_us


def _on_the_slope(contraction: Contraction, at_us: int, early_us: int, late_us: int) -> int:
    plateau_ua = contraction.pulses.plateau_ua
    up_us, down_us = at_us + early_us - contraction.start_us, contraction.end_us - (at_us - late_us)
    rising_ua = plateau_ua * up_us // contraction.up_us if up_us < contraction.up_us else plateau_ua
    falling_ua = plateau_ua * down_us // contraction.down_us if down_us < contraction.down_us else plateau_ua
    return min(rising_ua, falling_ua)
