"""The HASOMED P24 on paper: what its channels can do, and what they can do together.

Figures are those of the P24 instructions for use 1.1 unless a comment says otherwise.
"""

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Final

from emscontrol.core.pulse import Shape, Train
from emscontrol.core.stimulator import Capabilities
from emscontrol.core.units import US_PER_MS
from emscontrol.devices.fit import channel_misfits, in_us, quantised, rounded_down, rounded_up

NAME: Final = "HASOMED P24"
CURRENT_STEP_UA: Final = 500  # the wire carries half milliamperes
POINT_MIN_US: Final = 10  # a shorter point is executed as 10 µs (vendor library 4.0.0)
POINT_MAX_US: Final = 4_095  # 12 bits
QUARTER_MAX_US: Final = 8_191_750  # longest period in steps of 0.25 ms; half milliseconds beyond
HALF_STEP_US: Final = 500
CHANNEL_OVERHEAD_US: Final = 60  # per channel and pulse, in the vendor library's duty rule
DUTY_US_PER_MS: Final = 999  # the rule: rounded up, less than 1000 µs of pulses in each millisecond

CAPABILITIES: Final = Capabilities(
    model="p24",
    name=NAME,
    channels=8,
    amplitude_max_ua=130_000,
    amplitude_step_ua=CURRENT_STEP_UA,
    width_min_us=POINT_MIN_US,
    width_max_us=POINT_MAX_US,
    width_step_us=1,
    period_min_us=500,
    period_max_us=16_383_000,
    period_step_us=250,
    gap_min_us=0,
    gap_max_us=POINT_MAX_US,
    gap_default_us=100,
    shapes=frozenset({Shape.SYMMETRIC, Shape.ASYMMETRIC}),
    burst_max=1,
    common_grid=False,
    slot_us=0,
    voltage_max_mv=150_000,
    watchdog_us=2_000_000,
    keepalive_us=80_000,
    measures=frozenset({"active_channels", "electrode_error"}),
    denervation=False,
    source="P24 instructions for use 1.1 (2023-01-25); duty rule and shortest point from the vendor's C library 4.0.0",
)


class P24Profile:
    """What a P24 can do (`DeviceProfile`)."""

    @property
    def capabilities(self) -> Capabilities:
        """Ranges, steps, watchdog."""
        return CAPABILITIES

    def quantise_train(self, train: Train) -> Train:
        """Period up to 0.25 ms (0.5 ms beyond 8 191.75 ms), width down to 1 µs."""
        made = quantised(train, CAPABILITIES)
        return made if made.period_us <= QUARTER_MAX_US else replace(made, period_us=rounded_up(made.period_us, HALF_STEP_US))

    def quantise_amplitude(self, train: Train, amplitude_ua: int) -> int:
        """Down to 0.5 mA; for asymmetric pulses down to 0.5 mA × recovery ratio, so that the second phase is exact as well."""
        return rounded_down(amplitude_ua, CURRENT_STEP_UA * max(1, train.waveform.recovery_ratio))

    def misfits(self, trains: Mapping[int, Train]) -> tuple[str, ...]:
        """Sentences saying why these trains cannot run together; each is looked at after rounding to the device's steps."""
        made = {channel: self.quantise_train(train) for channel, train in sorted(trains.items())}
        sentences = [
            sentence
            for channel, train in made.items()
            for sentence in (*channel_misfits(channel, train, CAPABILITIES), *_point_misfits(channel, train))
        ]
        return tuple(sentences or _duty_misfits(made))

    def slot_delays_us(self, channels: frozenset[int]) -> Mapping[int, int]:
        """None: every channel has a pulse clock of its own."""
        return dict.fromkeys(channels, 0)


def _point_misfits(channel: int, train: Train) -> list[str]:
    waveform = train.waveform
    recovery_us = waveform.width_us * waveform.recovery_ratio
    sentences = []
    if recovery_us > POINT_MAX_US >= waveform.width_us:
        sentences.append(
            f"Channel {channel} asks for a second phase of {in_us(recovery_us)}; the {NAME} makes at most "
            f"{in_us(POINT_MAX_US)}: use a shorter pulse width or a smaller recovery ratio."
        )
    if 0 < waveform.gap_us < POINT_MIN_US:
        sentences.append(
            f"Channel {channel} asks for a gap between the phases of {in_us(waveform.gap_us)}; the {NAME} makes "
            f"none or at least {in_us(POINT_MIN_US)}: change the gap."
        )
    return sentences


def _duty_misfits(trains: Mapping[int, Train]) -> list[str]:
    used = sum(
        (Fraction(train.waveform.duration_us + CHANNEL_OVERHEAD_US, train.period_us) for train in trains.values()),
        Fraction(0),
    )
    used_us_per_ms = used * US_PER_MS
    if used_us_per_ms <= DUTY_US_PER_MS:
        return []
    channels = ", ".join(str(channel) for channel in trains)
    return [
        f"Channels {channels} together ask for {float(used_us_per_ms):.0f} µs of pulses in each millisecond "
        f"({CHANNEL_OVERHEAD_US} µs of switching counted for each pulse); the {NAME} makes less than 1000: use lower rates, "
        "shorter pulses or fewer channels at a time."
    ]
