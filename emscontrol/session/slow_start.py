"""The slow start after a pause or a fault: the first two seconds of current of each channel, counted while current flows.

A rest in between does not count: whoever was paused at the end of a contraction meets the next one slowly as well. The gate
counts by itself and does not trust this.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from emscontrol.core.pulse import Outputs
from emscontrol.safety.gate import SOFT_START_US


@dataclass(slots=True)
class _Part:
    """One channel. `left_us` of current are to come, not counting those since `since_us`, when current was last asked for."""

    left_us: int = SOFT_START_US
    since_us: int | None = None
    flowed: bool = False

    def passed_us(self, now_us: int) -> int:
        return 0 if self.since_us is None else now_us - self.since_us


class SlowStart:
    """Which share of its amplitude each channel may have."""

    def __init__(self) -> None:
        self._parts: dict[int, _Part] = {}

    def begin(self, channels: Iterable[int]) -> None:
        """Each of these channels starts slowly with its next current."""
        self._parts = {channel: _Part() for channel in channels}

    def ask(self, planned: Outputs, now_us: int) -> None:
        """This is planned now: a channel's time begins when current is, and stands still while none is."""
        for channel, part in self._parts.items():
            if planned.amplitude_ua(channel):
                part.since_us = now_us if part.since_us is None else part.since_us
            elif part.since_us is not None:
                if part.flowed:
                    part.left_us -= part.passed_us(now_us)
                part.since_us, part.flowed = None, False

    def given(self, outputs: Outputs) -> None:
        """This is in force: what was only asked for does not count."""
        for channel, part in self._parts.items():
            part.flowed = part.flowed or (part.since_us is not None and outputs.amplitude_ua(channel) > 0)

    def lasts(self, now_us: int) -> bool:
        """Whether any channel has some of it before it."""
        return any(part.left_us > (part.passed_us(now_us) if part.flowed else 0) for part in self._parts.values())

    def share_us(self, channel: int, now_us: int) -> int:
        """How much of SOFT_START_US a channel has behind it."""
        part = self._parts.get(channel)
        return SOFT_START_US if part is None else min(SOFT_START_US, SOFT_START_US - part.left_us + part.passed_us(now_us))
