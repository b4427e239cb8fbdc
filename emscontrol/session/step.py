"""One step of a measuring procedure on the clock: a ramp, the full current for a while, off; and from when it may be judged.

A step of a train is a short contraction. Where pulses are further apart than `TRAIN_MAX_US`, a few single pulses are given: the
first one weak, because the current rises in a ramp from zero like any other.

A step ends between two pulses: one that is cut in its second phase would leave charge behind. Only what may not wait, a stop, a
pause and too much, can cut a pulse.
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
LAG_US: Final = 20 * US_PER_MS  # a stimulator may begin and end so much later than it is told to [D]


class Step:
    """An output that begins at `from_us`, rises over `ramp_us`, and ends at `to_us`.

    `to_us` is as planned until current flows: its pulses count from then.
    """

    def __init__(self, output: Output, from_us: int, ramp_us: int = RAMP_US) -> None:
        self._output = output
        self._ramp_us = ramp_us
        self._ramp_steps = -(-ramp_us // RAMP_UPDATE_US)
        self._now = NOTHING
        self._judged_from_us: int | None = None
        self._begun_us: int | None = None  # the first pulse
        self._felt_from_us: int | None = None
        self._frozen = False
        self.from_us: Final = from_us
        self.to_us = self._end_us(from_us, from_us + ramp_us)

    def outputs(self, now_us: int) -> Outputs:
        """What is wanted now: the same object for as long as nothing changes."""
        if not self.from_us <= now_us < self.to_us:
            return NOTHING
        if self._frozen:
            return self._now
        risen = min(self._ramp_steps, (now_us - self.from_us) * self._ramp_steps // self._ramp_us + 1)
        output = Output(self._output.channel, self._output.train, self._output.amplitude_ua * risen // self._ramp_steps)
        if self._now.channels != (output,):
            self._now = Outputs((output,))
        return self._now

    def given(self, outputs: Outputs, now_us: int) -> None:
        """These outputs are in force. The step counts once a pulse with full current is over, and there was time to feel it."""
        amplitude_ua, train = outputs.amplitude_ua(self._output.channel), self._output.train
        if self._begun_us is None and amplitude_ua:
            self._begun_us = now_us
            self._felt_from_us = now_us + PERCEIVED_US if train.period_us <= TRAIN_MAX_US else None
            self.to_us = self._end_us(now_us, max(now_us, self.from_us + self._ramp_us))
        if self._judged_from_us is None and amplitude_ua >= self._output.amplitude_ua:
            self._judged_from_us = now_us + max(PERCEIVED_US, train.period_us + _pulse_us(train))
            begun_us = now_us if self._begun_us is None else self._begun_us
            self.to_us = self._end_us(begun_us, now_us)
            full_us = begun_us + ((now_us - begun_us) // train.period_us + 1) * train.period_us
            self._felt_from_us = self._felt_from_us or full_us + PERCEIVED_US

    def felt_by(self, now_us: int) -> bool:
        """True when so much of it has flowed, for so long, that a word may be about it and not about the step before."""
        return self._felt_from_us is not None and now_us >= self._felt_from_us

    @property
    def begun(self) -> bool:
        """True when current has flowed for it."""
        return self._begun_us is not None

    def end(self, now_us: int) -> int:
        """End it before the next pulse, or after the one that runs now, without another rise; when that is."""
        if self._begun_us is None:
            self.to_us = min(self.to_us, now_us)
        elif now_us < self.to_us:
            train, begun_us = self._output.train, self._begun_us
            margin_us = _margin_us(train)
            at_us = (now_us - begun_us) % train.period_us
            earliest_us, latest_us = _pulse_us(train) + margin_us, train.period_us - margin_us
            wait_us = max(0, earliest_us - at_us) if at_us <= latest_us else train.period_us - at_us + earliest_us
            self._frozen, self.to_us = True, min(self.to_us, now_us + wait_us)
        return self.to_us

    def _end_us(self, begun_us: int, full_us: int) -> int:
        """Between two pulses: after a contraction at the full current, or after so many single pulses that begin at it."""
        train = self._output.train
        if train.period_us <= TRAIN_MAX_US:
            last = max(0, -(-(full_us + HOLD_US - begun_us) // train.period_us) - 1)
        else:
            last = (full_us - begun_us) // train.period_us + SINGLE_PULSES
        return begun_us + last * train.period_us + _pulse_us(train) + _margin_us(train)

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
    """How long the full step lasts at the most: a contraction, or so many single pulses."""
    full_us = HOLD_US if train.period_us <= TRAIN_MAX_US else SINGLE_PULSES * train.period_us
    return full_us + _pulse_us(train) + _margin_us(train)


def _pulse_us(train: Train) -> int:
    """From the start of a pulse, or of the first one of a burst, to the end of the last phase."""
    return (train.burst_pulses - 1) * train.burst_interval_us + train.waveform.duration_us


def _margin_us(train: Train) -> int:
    """How far from the pulses before and after it a step ends: what a stimulator may lag, or the middle between them."""
    return min(LAG_US, max(0, train.period_us - _pulse_us(train)) // 2)
