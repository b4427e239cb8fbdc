"""What must hold inside one electrode, one channel, one channel group.

A rule is a generator of findings. It reads the file's own keys only, never derived figures, so that it also runs on a file that
is partly wrong (`draft.py`).
"""

from decimal import Decimal
from typing import Final

from emscontrol.core.pulse import Shape
from emscontrol.core.units import US_PER_MS, US_PER_S
from emscontrol.protocol.bounds import BOUNDS
from emscontrol.protocol.findings import Finding, Findings, plain
from emscontrol.protocol.parts import Channel, Electrode, Group, Reference
from emscontrol.protocol.text import quoted
from emscontrol.safety.sites import known_muscles, likely_muscles

LONG_SHAPES: Final = (Shape.TRIANGULAR, Shape.LONG_BIPHASIC)
"""The waveforms whose pulses may be long, for denervated muscle."""


def electrode_shape(electrode: Electrode) -> Findings:
    """A pad is a rectangle or a disc."""
    given = [k for k in ("width_cm", "height_cm", "diameter_cm") if getattr(electrode, k) is not None]
    if given not in (["width_cm", "height_cm"], ["diameter_cm"]):
        yield Finding((), f"found {' and '.join(given) or 'no size'}", "give width_cm and height_cm, or diameter_cm alone")


def muscle_in_catalogue(channel: Channel) -> Findings:
    """The muscle has a place and a cap. Whether it may be stimulated is for the safety rules to say."""
    if channel.muscle not in known_muscles():
        found = f"found {quoted(channel.muscle)}, which is not in the muscle catalogue"
        yield Finding(("muscle",), found, likely_muscles(channel.muscle))


def ramps_inside_on(group: Group) -> Findings:
    """Rise and fall are part of the time on."""
    ramps = group.ramp_up_s + group.ramp_down_s
    if ramps > group.on_s:
        found = f"found {plain(group.on_s)} s on, with ramps of {plain(ramps)} s"
        yield Finding(("on_s",), found, "ramps lie inside on: a longer on_s or shorter ramps")


def recovery_of_asymmetric(group: Group) -> Findings:
    """Only an asymmetric pulse has a recovery ratio, and it needs one."""
    asymmetric = group.waveform == Shape.ASYMMETRIC
    if asymmetric and group.recovery_ratio == 1:
        right = f"recovery_ratio from 2 to {BOUNDS['recovery_ratio'].high}"
        yield Finding(("waveform",), "found asymmetric with no recovery_ratio, or 1", right)
    if not asymmetric and group.recovery_ratio != 1:
        found = f"found with waveform {Shape(group.waveform)}"
        yield Finding(("recovery_ratio",), found, "leave it out; only asymmetric pulses have it", on_key=True)


def intensity_of_threshold(group: Group) -> Findings:
    """Comfort is never exceeded; the motor threshold may be, by half."""
    reference, fraction = group.intensity.of, group.intensity.fraction
    bound = BOUNDS["fraction_of_motor" if reference == Reference.MOTOR else "fraction_of_comfort"]
    if not bound.holds(fraction):
        found = f"found {plain(fraction)} of {Reference(reference)}"
        yield Finding(("intensity", "fraction"), found, f"of {Reference(reference)}: {bound.expects}")


def short_pulse_width(group: Group) -> Findings:
    """Rectangular pulses for innervated muscle are short."""
    bound = BOUNDS["short_pulse_width_us"]
    if group.waveform not in LONG_SHAPES and not bound.holds(group.pulse_width_us):
        shape = Shape(group.waveform)
        yield Finding(("pulse_width_us",), f"found {group.pulse_width_us} with waveform {shape}", f"with it: {bound.expects}")


def pulses_apart(group: Group) -> Findings:
    """A pulse, or a whole burst, is over before the next is due."""
    all_us = Decimal(_pulse_us(group))
    if group.burst is not None:
        all_us += (group.burst.pulses - 1) * group.burst.interval_ms * US_PER_MS
    if all_us * group.rate_hz > US_PER_S:
        what = "pulses" if group.burst is None else "bursts"
        found = f"found {plain(group.rate_hz)} with {what} that last {plain(all_us)} µs"
        yield Finding(("rate_hz",), found, f"a rate at which {what} do not overlap, or shorter {what}")


def burst_pulses_apart(group: Group) -> Findings:
    """Inside a burst a pulse is over before the next is due."""
    if group.burst is not None and _pulse_us(group) > group.burst.interval_ms * US_PER_MS:
        found = f"found {plain(group.burst.interval_ms)} with pulses that last {_pulse_us(group)} µs"
        yield Finding(("burst", "interval_ms"), found, "an interval at which pulses do not overlap, or shorter pulses")


def pulses_per_second(group: Group) -> Findings:
    """The ceiling of the rate counts every pulse of a burst."""
    bound = BOUNDS["pulses_per_s"]
    if group.burst is not None and group.rate_hz * group.burst.pulses > bound.high:
        found = f"found {group.burst.pulses} at {plain(group.rate_hz)} Hz, {plain(group.rate_hz * group.burst.pulses)} pulses/s"
        yield Finding(("burst", "pulses"), found, f"at most {bound.high} {bound.unit}, bursts counted pulse by pulse")


def _pulse_us(group: Group) -> int:
    """Both phases and the gap that the file states; the device's own gap is the driver's to check."""
    return group.pulse_width_us * (1 + group.recovery_ratio) + (group.interphase_gap_us or 0)


ELECTRODE_RULES: Final = (electrode_shape,)
CHANNEL_RULES: Final = (muscle_in_catalogue,)
GROUP_RULES: Final = (
    ramps_inside_on,
    recovery_of_asymmetric,
    intensity_of_threshold,
    short_pulse_width,
    pulses_apart,
    burst_pulses_apart,
    pulses_per_second,
)
