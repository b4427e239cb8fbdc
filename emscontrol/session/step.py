"""One step of a measuring procedure on the clock: a ramp, the full current for a while, off; and from when it may be judged.

A step of a train is a short contraction. Where pulses are further apart than `TRAIN_MAX_US`, a few single pulses are given: the
first one weak, because the current rises in a ramp from zero like any other.
"""

from typing import Final

from emscontrol.core.pulse import NOTHING, Output, Outputs, Train
from emscontrol.core.units import US_PER_MS, US_PER_S
from emscontrol.program.compile import RAMP_UPDATE_US
from emscontrol.safety.limits import LIMITS

RAMP_US: Final = LIMITS["RAMP_MIN"].value
HOLD_US: Final = US_PER_S  # a contraction long enough to be seen and felt
TRAIN_MAX_US: Final = 100 * US_PER_MS  # pulses further apart than this do not fuse: single pulses are given
PERCEIVED_US: Final = 300 * US_PER_MS  # at full current, before a person can say anything of it [D]
SINGLE_PULSES: Final = 2  # so many at the full step


class Step:
    """An output that begins at `from_us`, rises over `ramp_us`, and ends at `to_us`."""

    def __init__(self, output: Output, from_us: int, ramp_us: int = RAMP_US) -> None:
        self._output = output
        self._ramp_us = ramp_us
        self._ramp_steps = -(-ramp_us // RAMP_UPDATE_US)
        self._now = NOTHING
        self._judged_from_us: int | None = None
        self.from_us: Final = from_us
        self.to_us: Final = from_us + ramp_us + _hold_us(output.train)

    def outputs(self, now_us: int) -> Outputs:
        """What is wanted now: the same object for as long as nothing changes."""
        if not self.from_us <= now_us < self.to_us:
            return NOTHING
        risen = min(self._ramp_steps, (now_us - self.from_us) * self._ramp_steps // self._ramp_us + 1)
        output = Output(self._output.channel, self._output.train, self._output.amplitude_ua * risen // self._ramp_steps)
        if self._now.channels != (output,):
            self._now = Outputs((output,))
        return self._now

    def given(self, outputs: Outputs, now_us: int) -> None:
        """These outputs are in force. The step counts once a pulse with full current is over, and there was time to feel it."""
        if self._judged_from_us is None and outputs.amplitude_ua(self._output.channel) >= self._output.amplitude_ua:
            train = self._output.train
            self._judged_from_us = now_us + max(PERCEIVED_US, train.period_us + train.waveform.duration_us)

    def may_be_judged(self, now_us: int) -> bool:
        """True from when it has been given and felt."""
        return self._judged_from_us is not None and now_us >= self._judged_from_us

    def due_us(self, now_us: int) -> list[int]:
        """When something about it changes by itself."""
        changes = [self.from_us, self._next_ramp_us(now_us), self.to_us, self._judged_from_us or now_us]
        return [at_us for at_us in changes if at_us > now_us]

    def doing(self, now_us: int) -> tuple[str, int] | None:
        """(what it does, for how long, µs) for screens; None when it is over."""
        for until_us, what in ((self.from_us, "rest"), (self.from_us + self._ramp_us, "ramp up"), (self.to_us, "hold")):
            if now_us < until_us:
                return what, until_us - now_us
        return None

    def _next_ramp_us(self, now_us: int) -> int:
        """The next change of the ramp, or now when there is none."""
        since_us = max(0, now_us - self.from_us)
        if since_us >= self._ramp_us:
            return now_us
        risen = since_us * self._ramp_steps // self._ramp_us + 1
        return self.from_us - (-risen * self._ramp_us // self._ramp_steps)


def step_us(train: Train) -> int:
    """How long one step of this train takes, a slow ramp after a pause left out."""
    return RAMP_US + _hold_us(train)


def _hold_us(train: Train) -> int:
    """How long the full step lasts: a contraction, or so many single pulses."""
    if train.period_us <= TRAIN_MAX_US:
        return HOLD_US
    return SINGLE_PULSES * train.period_us + train.waveform.duration_us
