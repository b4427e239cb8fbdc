"""Does one train fit one stimulator? What every model has in common: ranges, steps, shapes, said in sentences.

Rounding lives here too: a period only ever gets longer, a width only ever shorter. Nothing is pulled into a range; what lies
outside is refused.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from emscontrol.core.pulse import Shape, Train, Waveform
from emscontrol.core.stimulator import Capabilities
from emscontrol.core.units import US_PER_MS, US_PER_S

DENERVATED_WIDTH_US: Final = (
    1_000  # longer phases are for denervated muscle only: "innervated muscle (< 1 ms)", safety-limits §1
)


def rounded_down(value: int, step: int) -> int:
    """The largest multiple of `step` that is not above `value`."""
    return value // step * step


def rounded_up(value: int, step: int) -> int:
    """The smallest multiple of `step` that is not below `value`."""
    return -(-value // step) * step


def quantised(train: Train, capabilities: Capabilities) -> Train:
    """The train in the steps of the device: period and burst interval rounded up, width down. Ranges are not looked at."""
    width_us = rounded_down(train.waveform.width_us, capabilities.width_step_us)
    return replace(
        train,
        waveform=replace(train.waveform, width_us=width_us),
        period_us=rounded_up(train.period_us, capabilities.period_step_us),
        burst_interval_us=rounded_up(train.burst_interval_us, capabilities.period_step_us),
    )


def in_ms(time_us: int) -> str:
    """A time in milliseconds, as `28.5 ms`."""
    return f"{time_us / US_PER_MS:g} ms"


def in_us(time_us: int) -> str:
    """A time in microseconds, as `300 µs`."""
    return f"{time_us} µs"


def every(period_us: int) -> str:
    """A period with its rate, as `every 20 ms (50 Hz)`."""
    return f"every {in_ms(period_us)} ({US_PER_S / period_us:.4g} Hz)" if period_us > 0 else f"every {in_ms(period_us)}"


@dataclass(frozen=True, slots=True)
class _Range:
    """One figure of a train that has a smallest and a largest value on the device."""

    what: str
    value: Callable[[Train], int]
    low: Callable[[Capabilities], int]
    high: Callable[[Capabilities], int]
    written: Callable[[int], str]
    remedy: str


_RANGES: Final = (
    _Range(
        "a pulse width of",
        lambda train: train.waveform.width_us,
        lambda device: device.width_min_us,
        lambda device: device.width_max_us,
        in_us,
        "change pulse_width_us",
    ),
    _Range(
        "a gap between the phases of",
        lambda train: train.waveform.gap_us,
        lambda device: device.gap_min_us,
        lambda device: device.gap_max_us,
        in_us,
        "change the gap",
    ),
    _Range(
        "a pulse",
        lambda train: train.period_us,
        lambda device: device.period_min_us,
        lambda device: device.period_max_us,
        every,
        "change rate_hz",
    ),
)


def absent_channel(channel: int, device: Capabilities) -> Iterator[str]:
    """A sentence when this device has no such channel."""
    if not 1 <= channel <= device.channels:
        yield f"Channel {channel} does not exist on the {device.name}: use channels 1 to {device.channels}."


def channel_misfits(channel: int, train: Train, device: Capabilities) -> Iterator[str]:
    """Sentences about what this channel asks for and no channel of this device can do, whatever the others do."""
    yield from absent_channel(channel, device)
    yield from _shape_misfits(channel, train.waveform, device)
    for limits in _RANGES:
        value, low, high = limits.value(train), limits.low(device), limits.high(device)
        if not low <= value <= high:
            span = f"only {limits.written(low)}" if low == high else f"{limits.written(low)} to {limits.written(high)}"
            yield (
                f"Channel {channel} asks for {limits.what} {limits.written(value)}; "
                f"the {device.name} makes {span}: {limits.remedy}."
            )
    yield from _burst_misfits(channel, train, device)


def _shape_misfits(channel: int, waveform: Waveform, device: Capabilities) -> Iterator[str]:
    if waveform.shape is Shape.LONG_BIPHASIC or waveform.width_us > DENERVATED_WIDTH_US:
        if not device.denervation:
            yield (
                f"Channel {channel} asks for long pulses for denervated muscle ({in_ms(waveform.width_us)} a phase); the "
                f"{device.name} is not declared for that: use a device that is, or phases of "
                f"{in_ms(DENERVATED_WIDTH_US)} or less for innervated muscle."
            )
    elif waveform.shape not in device.shapes:
        names = " and ".join(sorted(device.shapes))
        yield f"Channel {channel} asks for {waveform.shape} pulses; the {device.name} makes {names} ones: change the waveform."
    if waveform.recovery_ratio < 1 or (waveform.recovery_ratio > 1 and waveform.shape is not Shape.ASYMMETRIC):
        yield (
            f"Channel {channel} asks for {waveform.shape} pulses with a recovery ratio of {waveform.recovery_ratio}; "
            "only asymmetric pulses have one other than 1: change the waveform."
        )


def _burst_misfits(channel: int, train: Train, device: Capabilities) -> Iterator[str]:
    if not 1 <= train.burst_pulses <= device.burst_max:
        most = "single pulses only" if device.burst_max == 1 else f"at most {device.burst_max} pulses a burst"
        yield (
            f"Channel {channel} asks for bursts of {train.burst_pulses} pulses; the {device.name} makes {most}: "
            "change the burst or the device."
        )
