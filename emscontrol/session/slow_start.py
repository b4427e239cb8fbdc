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
    """One channel. `left_us` of current are to come, not counting those since it flows (`flows_us`).

    `asked_us` is when current was last asked for; the first step of a ramp may be too small to flow.
    """

    left_us: int = SOFT_START_US
    asked_us: int | None = None
    flows_us: int | None = None

    def goes_on(self, now_us: int) -> bool:
        return self.left_us > (0 if self.flows_us is None else now_us - self.flows_us)

    def rest(self, now_us: int) -> None:
        if self.flows_us is not None:
            self.left_us -= now_us - self.flows_us
        self.asked_us = self.flows_us = None


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
            if not planned.amplitude_ua(channel):
                part.rest(now_us)
            elif part.asked_us is None:
                part.asked_us = now_us

    def given(self, outputs: Outputs, now_us: int) -> None:
        """This is in force from now on: only what flows counts, as it does for the gate."""
        for channel, part in self._parts.items():
            if part.flows_us is None and part.asked_us is not None and outputs.amplitude_ua(channel):
                part.flows_us = now_us

    def lasts(self, now_us: int) -> bool:
        """Whether any channel has some of it before it."""
        return any(part.goes_on(now_us) for part in self._parts.values())

    def acts(self, now_us: int) -> bool:
        """Whether it holds a channel back that is asked for now: what is wanted then changes with every µs."""
        return any(part.asked_us is not None and part.goes_on(now_us) for part in self._parts.values())

    def share_us(self, channel: int, now_us: int) -> int:
        """How much of SOFT_START_US a channel has behind it."""
        part = self._parts.get(channel)
        if part is None:
            return SOFT_START_US
        asked_for_us = 0 if part.asked_us is None else now_us - part.asked_us
        return min(SOFT_START_US, SOFT_START_US - part.left_us + asked_for_us)
