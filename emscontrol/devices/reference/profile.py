"""The reference stimulator on paper: what its channels can do, and what a device that answers may do of that.

Figures are those of `docs/reference-protocol.md`, version 1.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from emscontrol.core.pulse import Shape, Train
from emscontrol.core.stimulator import Capabilities
from emscontrol.core.units import US_PER_MS
from emscontrol.devices.fit import channel_misfits, every, in_us, quantised, rounded_down
from emscontrol.devices.reference.commands import LEASE_MAX_MS, ShapeCode

NAME: Final = "reference stimulator"
STEP_UA: Final = 100
STEP_MV: Final = 100
HEARTBEAT_US: Final = 100_000  # T_HEARTBEAT: the lease is renewed by the loop that runs the checks
RATIOS: Final = range(2, 11)  # of asymmetric pulses
BURST_INTERVAL_MAX_US: Final = 1_000_000
SWELL_PART_MAX_US: Final = 60_000_000  # each of rise, hold and fall

SHAPE_CODES: Final[Mapping[Shape, ShapeCode]] = {
    Shape.SYMMETRIC: ShapeCode.SYMMETRIC,
    Shape.ASYMMETRIC: ShapeCode.ASYMMETRIC,
    Shape.TRIANGULAR: ShapeCode.TRIANGULAR,
    Shape.LONG_BIPHASIC: ShapeCode.LONG_BIPHASIC,
}
DENERVATION_BIT: Final = 1
IMPEDANCE_BIT: Final = 2

CAPABILITIES: Final = Capabilities(
    model="reference",
    name=NAME,
    channels=8,
    amplitude_max_ua=120_000,
    amplitude_step_ua=STEP_UA,
    width_min_us=20,
    width_max_us=200_000,
    width_step_us=1,
    period_min_us=2_500,
    period_max_us=5_000_000,
    period_step_us=1,
    gap_min_us=0,
    gap_max_us=1_000,
    gap_default_us=100,
    shapes=frozenset(SHAPE_CODES),
    burst_max=6,
    common_grid=False,
    slot_us=0,
    voltage_max_mv=150_000,
    watchdog_us=LEASE_MAX_MS * US_PER_MS,
    keepalive_us=HEARTBEAT_US,
    measures=frozenset({"active_channels", "electrode_error", "impedance", "amplitude", "pulses", "battery"}),
    denervation=True,
    source="the reference stimulator protocol, version 1",
    contractions=True,
    contraction_max_us=SWELL_PART_MAX_US,
)


class ReferenceProfile:
    """What a reference stimulator can do (`DeviceProfile`)."""

    @property
    def capabilities(self) -> Capabilities:
        """Ranges, steps, watchdog."""
        return CAPABILITIES

    def quantise_train(self, train: Train) -> Train:
        """As it is: the device's steps are those of a train, 1 µs."""
        return quantised(train, CAPABILITIES)

    def quantise_amplitude(self, train: Train, amplitude_ua: int) -> int:
        """Down to 0.1 mA; for asymmetric pulses down to 0.1 mA × recovery ratio, so that the second phase is exact as well."""
        return rounded_down(amplitude_ua, STEP_UA * max(1, train.waveform.recovery_ratio))

    def misfits(self, trains: Mapping[int, Train]) -> tuple[str, ...]:
        """Sentences saying why these trains cannot run together; each channel is for itself."""
        return tuple(
            sentence
            for channel, train in sorted(trains.items())
            for sentence in (*channel_misfits(channel, train, self.capabilities), *_shape_misfits(channel, train))
        )

    def slot_delays_us(self, channels: frozenset[int]) -> Mapping[int, int]:
        """None: every channel has a pulse clock of its own."""
        return dict.fromkeys(channels, 0)


def _shape_misfits(channel: int, train: Train) -> list[str]:
    waveform = train.waveform
    if waveform.shape is Shape.ASYMMETRIC and waveform.recovery_ratio not in RATIOS:
        return [
            f"Channel {channel} asks for asymmetric pulses with a recovery ratio of {waveform.recovery_ratio}; the {NAME} "
            f"makes {RATIOS[0]} to {RATIOS[-1]}: change the recovery ratio."
        ]
    if train.burst_pulses > 1 and not waveform.duration_us < train.burst_interval_us <= BURST_INTERVAL_MAX_US:
        return [
            f"Channel {channel} asks for pulses of a burst {in_us(train.burst_interval_us)} apart; the {NAME} makes them "
            f"more than the {in_us(waveform.duration_us)} of one pulse and at most {in_us(BURST_INTERVAL_MAX_US)} apart: "
            "change the burst."
        ]
    filled_us = waveform.duration_us + (train.burst_pulses - 1) * train.burst_interval_us
    if filled_us >= train.period_us:
        return [
            f"Channel {channel} asks for {in_us(filled_us)} of pulses {every(train.period_us)}; the {NAME} must end them "
            "before the next begin: use a lower rate or shorter pulses."
        ]
    return []


def lowered(reported: Mapping[str, Any]) -> tuple[Capabilities, tuple[str, ...]]:
    """The profile with each figure that this device reports lower, and what was lowered, in words.

    `reported` is an answer to `CAPABILITIES`. What a device reports beyond the profile changes nothing.
    """
    whole = CAPABILITIES
    shapes = frozenset(shape for shape in whole.shapes if reported["shapes"] >> SHAPE_CODES[shape] & 1)
    able = replace(
        whole,
        channels=min(whole.channels, reported["channels"]),
        amplitude_max_ua=min(whole.amplitude_max_ua, reported["amplitude_max"] * STEP_UA),
        width_min_us=max(whole.width_min_us, reported["width_min_us"]),
        width_max_us=min(whole.width_max_us, reported["width_max_us"]),
        period_min_us=max(whole.period_min_us, reported["period_min_us"]),
        period_max_us=min(whole.period_max_us, reported["period_max_us"]),
        burst_max=min(whole.burst_max, reported["burst_max"]),
        voltage_max_mv=min(whole.voltage_max_mv, reported["voltage_max"] * STEP_MV),
        watchdog_us=min(whole.watchdog_us, reported["lease_max_ms"] * US_PER_MS),
        shapes=shapes,
        denervation=bool(reported["flags"] & DENERVATION_BIT),
        measures=whole.measures if reported["flags"] & IMPEDANCE_BIT else whole.measures - {"impedance"},
    )
    return able, tuple(words for name, words in _LOWERED.items() if getattr(able, name) != getattr(whole, name))


_LOWERED: Final = {
    "channels": "fewer channels",
    "amplitude_max_ua": "a lower highest current",
    "width_min_us": "a longer shortest pulse",
    "width_max_us": "a shorter longest pulse",
    "period_min_us": "a lower highest rate",
    "period_max_us": "a higher lowest rate",
    "burst_max": "shorter bursts",
    "voltage_max_mv": "a lower voltage",
    "watchdog_us": "a shorter lease",
    "shapes": "fewer shapes of pulses",
    "denervation": "no long pulses for denervated muscle",
    "measures": "no measuring of impedance",
}


def unusable(able: Capabilities) -> str:
    """Why a device with these figures cannot be used at all; empty when it can."""
    if able.watchdog_us < 2 * able.keepalive_us:
        return (
            f"Its lease of {able.watchdog_us // US_PER_MS} ms is too short: it must hold over two renewals "
            f"({2 * able.keepalive_us // US_PER_MS} ms)."
        )
    empty = {
        "no channel": able.channels < 1,
        "no current": able.amplitude_max_ua < STEP_UA,
        "no shape of pulse": not able.shapes,
        "no pulse width": able.width_min_us > able.width_max_us,
        "no rate": able.period_min_us > able.period_max_us,
        "no single pulses": able.burst_max < 1,
    }
    left = [words for words, is_so in empty.items() if is_so]
    return f"It can do nothing that this program could ask for: it reports {', '.join(left)}." if left else ""
