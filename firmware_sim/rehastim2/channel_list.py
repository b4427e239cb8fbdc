"""Channel list mode: which channel is served when (protocol description 1.24, "Pulse timing").

The list begins every t1, from the first start on and until it is stopped, however long currents are 0. Each active channel
has a slot of 1.5 ms in ascending order (module A is channels 1 to 4, module B 5 to 8); doublets and triplets are served again
t2 and 2·t2 after their first slot. Low-frequency channels are served in cycle 0 and then in every (n+1)-th.

An update takes effect with the next cycle that begins at or after it; a channel changes with its own slot in that cycle. A
channel that becomes silent is off as soon as its last pulse before that slot is over, at once if there is none.

With one-shot (no t1) each start runs the list once. A run lasts t2, 2·t2 or 3·t2, as its largest group needs; a start that
comes earlier waits for its end, and a later one replaces it while it waits.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from firmware_sim.rehastim2.fields import GROUP_MODES
from firmware_sim.rehastim2.pulses import OFF, ChannelOutput, Train

SLOT_US: Final = 1_500
INTERVAL_MIN_US: Final = 8_000  # t1 and t2, as the command table gives it; the 16 ms for both modules is a reading of it
WIDTH_MIN_US: Final = 20  # a smaller width, 0 included, is raised


@dataclass(frozen=True, slots=True)
class Setup:
    """What InitChannelListMode fixes until the next stop. `main_us` None = one-shot."""

    active: tuple[int, ...]
    low_frequency: frozenset[int]
    low_frequency_factor: int
    group_us: int
    main_us: int | None

    @classmethod
    def read(cls, params: Mapping[str, Any]) -> "Setup":
        """From the parameters of the command."""
        main_ms = params["main_interval_ms"]
        return cls(
            tuple(params["active_channels"]),
            frozenset(params["low_frequency_channels"]),
            params["low_frequency_factor"],
            round(params["inter_pulse_interval_ms"] * 1000),
            None if main_ms is None else round(main_ms * 1000),
        )

    @property
    def possible(self) -> bool:
        """Whether there is a channel and the intervals keep their minima (t1 ≥ t2 is needed even for single pulses)."""
        return bool(self.active) and self.group_us >= INTERVAL_MIN_US and (self.main_us is None or self.fits(1))

    def fits(self, pulses: int) -> bool:
        """Whether groups of so many pulses fit into the main interval: t1 ≥ n·t2."""
        return self.main_us is None or self.main_us >= max(INTERVAL_MIN_US, pulses * self.group_us)


@dataclass(frozen=True, slots=True)
class Group:
    """What StartChannelListMode asks of one channel."""

    pulses: int
    width_us: int
    amplitude_ua: int

    @classmethod
    def read(cls, params: Mapping[str, Any]) -> "Group":
        """From one channel's part of the command."""
        width_us = max(WIDTH_MIN_US, params["pulse_width_us"])
        return cls(GROUP_MODES.index(params["mode"]) + 1, width_us, params["current_ma"] * 1000)


class ChannelList:
    """A list that has been set up, and the outputs it drives.

    `stretch` is how many times as long its main interval really is: other than 1 only with a wrong time base.
    """

    def __init__(self, setup: Setup, outputs: Mapping[int, ChannelOutput]) -> None:
        self.setup: Final = setup
        self.stretch = 1.0
        self._outputs: Final = outputs
        self._origin_us: int | None = None
        self._groups: tuple[Group, ...] = ()
        self._run_us = 0
        self._run_number = -1

    def possible(self, groups: Sequence[Group]) -> bool:
        """Whether there is one group for each active channel and the largest fits into t1."""
        return len(groups) == len(self.setup.active) and self.setup.fits(max(group.pulses for group in groups))

    def start(self, groups: Sequence[Group], now_us: int) -> None:
        """Starts the list or updates it. The groups are those of the active channels, in ascending order."""
        if self.setup.main_us is None:
            self._run_once(groups, now_us)
        else:
            self._update(groups, now_us, self.setup.main_us)
        self._groups = tuple(groups)

    def restore(self, now_us: int) -> None:
        """Brings outputs that did not obey back to what the last start asked for; in one-shot mode they become silent."""
        running = bool(self._groups) and self.setup.main_us is not None
        for channel, output in self._outputs.items():
            if not running or channel not in self.setup.active:
                output.off(now_us)
        if running and self.setup.main_us is not None:
            self._update(self._groups, now_us, self.setup.main_us)

    def _update(self, groups: Sequence[Group], now_us: int, set_up_us: int) -> None:
        main_us = set_up_us if self.stretch == 1.0 else round(set_up_us * self.stretch)
        if self._origin_us is None:
            self._origin_us = now_us
        cycle_us = now_us + (self._origin_us - now_us) % main_us
        for place, (channel, group) in enumerate(zip(self.setup.active, groups, strict=True)):
            output, delay_us = self._outputs[channel], place * SLOT_US
            if group.amplitude_ua == 0:
                output.silence_before(cycle_us + delay_us, now_us)
                continue
            skip = self.setup.low_frequency_factor if channel in self.setup.low_frequency else 0
            train = self._train(group, self._origin_us + delay_us, main_us * (skip + 1))
            output.change_at(cycle_us + delay_us, train)

    def _run_once(self, groups: Sequence[Group], now_us: int) -> None:
        if self._run_us <= now_us or not self._groups:
            longest = max((group.pulses for group in self._groups), default=0)
            self._run_us = max(now_us, self._run_us + longest * self.setup.group_us)
            self._run_number += 1
        for place, (channel, group) in enumerate(zip(self.setup.active, groups, strict=True)):
            output, slot_us = self._outputs[channel], self._run_us + place * SLOT_US
            skip = self.setup.low_frequency_factor if channel in self.setup.low_frequency else 0
            if group.amplitude_ua == 0 or self._run_number % (skip + 1):
                output.change_at(slot_us, OFF)
                continue
            train = self._train(group, slot_us, 0)
            output.change_at(slot_us, train)
            output.change_at(slot_us + train.offsets_us[-1] + train.pulse_us, OFF)

    def _train(self, group: Group, first_us: int, repeat_us: int) -> Train:
        offsets_us = tuple(member * self.setup.group_us for member in range(group.pulses))
        return Train(group.amplitude_ua, group.width_us, first_us, repeat_us, offsets_us)
