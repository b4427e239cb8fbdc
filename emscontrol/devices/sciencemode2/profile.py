"""The HASOMED RehaStim 2 on paper: what its channels can do, and how all of them share one pulse clock.

Figures are those of the vendor's protocol description 1.24 (2012-12-12) unless a comment says otherwise.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from emscontrol.core.pulse import Shape, Train
from emscontrol.core.stimulator import Capabilities
from emscontrol.devices.fit import channel_misfits, every, in_ms, quantised, rounded_down

NAME: Final = "HASOMED RehaStim 2"
CHANNELS: Final = 8
SLOT_US: Final = 1_500
INTERVAL_STEP_US: Final = 500
GROUP_MIN_US: Final = 8_000  # shortest t2 with one stimulation module; also the firmware's shortest t1
GROUP_MIN_BOTH_US: Final = 16_000  # inferred: "8 ms per stimulation module" read as twice that when both are used
GROUP_MAX_US: Final = 129_000
MAIN_MAX_US: Final = 1_025_000
ALL_CHANNELS_PERIOD_US: Final = 20_000  # 50 Hz with 8 channels
FACTOR_MAX: Final = 7  # a slow channel skips at most so many cycles
MODULE_CHANNELS: Final = (frozenset(range(1, 5)), frozenset(range(5, 9)))

CAPABILITIES: Final = Capabilities(
    model="rehastim2",
    name=NAME,
    channels=CHANNELS,
    amplitude_max_ua=130_000,
    amplitude_step_ua=2_000,  # 65 steps, user manual 2.5c; the wire would carry 1 mA
    width_min_us=20,
    width_max_us=500,
    width_step_us=1,
    period_min_us=GROUP_MIN_US,
    period_max_us=MAIN_MAX_US,
    period_step_us=INTERVAL_STEP_US,
    gap_min_us=100,
    gap_max_us=100,
    gap_default_us=100,
    shapes=frozenset({Shape.SYMMETRIC}),
    burst_max=3,
    common_grid=True,
    slot_us=SLOT_US,
    voltage_max_mv=154_000,
    watchdog_us=1_200_000,
    keepalive_us=80_000,
    measures=frozenset({"stimulation_mode", "electrode_error"}),
    denervation=False,
    source="ScienceMode2 protocol description 1.24 (2012-12-12); steps of 2 mA from the RehaStim 2 user manual 2.5c",
)


@dataclass(frozen=True, slots=True)
class ChannelList:
    """The one rhythm that all channels share: what InitChannelListMode sets.

    `main_interval_us` is t1, `group_interval_us` is t2; `slow_channels` pulse only in every `slow_factor` + 1st cycle.
    """

    channels: tuple[int, ...]
    main_interval_us: int
    group_interval_us: int
    slow_channels: tuple[int, ...]
    slow_factor: int


class RehaStim2Profile:
    """What a RehaStim 2 can do (`DeviceProfile`)."""

    @property
    def capabilities(self) -> Capabilities:
        """Ranges, steps, watchdog."""
        return CAPABILITIES

    def quantise_train(self, train: Train) -> Train:
        """Period and burst interval up to 0.5 ms, width down to 1 µs."""
        return quantised(train, CAPABILITIES)

    def quantise_amplitude(self, train: Train, amplitude_ua: int) -> int:
        """Down to 2 mA."""
        return rounded_down(amplitude_ua, CAPABILITIES.amplitude_step_ua)

    def misfits(self, trains: Mapping[int, Train]) -> tuple[str, ...]:
        """Sentences saying why these trains cannot run together; each is looked at after rounding to the device's steps."""
        made = {channel: self.quantise_train(train) for channel, train in sorted(trains.items())}
        sentences = [sentence for channel, train in made.items() for sentence in channel_misfits(channel, train, CAPABILITIES)]
        if sentences or not made:
            return tuple(sentences)
        return (*_rate_misfits(made), *_group_misfits(made))

    def slot_delays_us(self, channels: frozenset[int]) -> Mapping[int, int]:
        """One slot of 1.5 ms after the other, module A's channels (1 to 4) first."""
        return {channel: place * SLOT_US for place, channel in enumerate(sorted(channels))}


def channel_list(trains: Mapping[int, Train]) -> ChannelList:
    """The rhythm for these trains, which must be in device steps and fit together (`misfits` empty)."""
    main_us = min(train.period_us for train in trains.values())
    slow = {channel: train.period_us // main_us - 1 for channel, train in trains.items() if train.period_us > main_us}
    return ChannelList(
        channels=tuple(sorted(trains)),
        main_interval_us=main_us,
        group_interval_us=_group_interval_us(trains),
        slow_channels=tuple(sorted(slow)),
        slow_factor=max(slow.values(), default=0),
    )


def _group_min_us(channels: frozenset[int]) -> int:
    return GROUP_MIN_BOTH_US if all(channels & module for module in MODULE_CHANNELS) else GROUP_MIN_US


def _group_interval_us(trains: Mapping[int, Train]) -> int:
    """t2: the burst interval where there are bursts, else the shortest that is allowed."""
    bursts = (train.burst_interval_us for train in trains.values() if train.burst_pulses > 1)
    return max(bursts, default=_group_min_us(frozenset(trains)))


def _rate_misfits(trains: Mapping[int, Train]) -> list[str]:
    """Different rates: every slower channel must skip the same whole number of cycles of the fastest."""
    fastest = min(trains, key=lambda channel: trains[channel].period_us)
    main_us = trains[fastest].period_us
    slower = {channel: train.period_us for channel, train in trains.items() if train.period_us != main_us}
    sentences = []
    for channel, period_us in slower.items():
        if period_us % main_us or period_us // main_us > FACTOR_MAX + 1:
            whole = min(max(2, -(-period_us // main_us)), FACTOR_MAX + 1)
            sentences.append(
                f"Channel {channel} asks for a pulse {every(period_us)} beside channel {fastest}, {every(main_us)}; all "
                f"channels of the {NAME} share one pulse clock, and a slower channel can only pulse in every 2nd to "
                f"{FACTOR_MAX + 1}th cycle: use {every(whole * main_us)} or {every(main_us)} for channel {channel}."
            )
    if not sentences and len(set(slower.values())) > 1:
        first, *others = slower
        other = next(channel for channel in others if slower[channel] != slower[first])
        sentences.append(
            f"Channel {first} asks for a pulse {every(slower[first])} and channel {other} for one {every(slower[other])}, "
            f"both slower than channel {fastest}, {every(main_us)}; all slower channels of the {NAME} share one rate: "
            f"use {every(slower[first])} for channel {other}."
        )
    if len(trains) == CHANNELS and main_us < ALL_CHANNELS_PERIOD_US:
        sentences.append(
            f"Channel {fastest} asks for a pulse {every(main_us)} while all {CHANNELS} channels are in use; the "
            f"{NAME} then makes one {every(ALL_CHANNELS_PERIOD_US)} at most: use a lower rate or fewer channels."
        )
    return sentences


def _group_misfits(trains: Mapping[int, Train]) -> list[str]:
    """Bursts share one interval (t2), and t1 must hold the longest burst: t1 ≥ n·t2."""
    bursts = {channel: train for channel, train in trains.items() if train.burst_pulses > 1}
    sentences = []
    shortest_us = _group_min_us(frozenset(trains))
    for channel, train in bursts.items():
        if not shortest_us <= train.burst_interval_us <= GROUP_MAX_US:
            sentences.append(
                f"Channel {channel} asks for bursts with a pulse every {in_ms(train.burst_interval_us)}; the {NAME} "
                f"makes {in_ms(shortest_us)} to {in_ms(GROUP_MAX_US)} with these channels: change the interval in the burst."
            )
    if len({train.burst_interval_us for train in bursts.values()}) > 1:
        intervals = ", ".join(f"channel {channel} {in_ms(train.burst_interval_us)}" for channel, train in bursts.items())
        sentences.append(
            f"The bursts ask for different intervals ({intervals}); all channels of the {NAME} share one: "
            "use the same interval inside all bursts."
        )
    return sentences or _main_interval_misfits(trains)


def _main_interval_misfits(trains: Mapping[int, Train]) -> list[str]:
    fastest = min(trains, key=lambda channel: trains[channel].period_us)
    main_us, group_us = trains[fastest].period_us, _group_interval_us(trains)
    pulses = max(train.burst_pulses for train in trains.values())
    if main_us >= pulses * group_us:
        return []
    bursts = f" and bursts of {pulses} pulses {in_ms(group_us)} apart" if pulses > 1 else ""
    return [
        f"Channel {fastest} asks for a pulse {every(main_us)}; with these channels{bursts} the {NAME} needs at least "
        f"{in_ms(pulses * group_us)} for each round: use a lower rate, "
        + ("shorter bursts, " if bursts else "")
        + "or one plug only."
    ]
