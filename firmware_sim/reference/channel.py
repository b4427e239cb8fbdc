"""One channel of the output: its pulse clock, and the pulses it gives to the output stage.

The pulse patterns (single pulses, or bursts) begin at start + k × period. They are counted in runs of one amplitude; nothing is
done for a single pulse except where each has an amplitude of its own.
"""

from collections.abc import Callable
from functools import partial
from typing import Final

from firmware_sim.body.pulse import Shape as BodyShape
from firmware_sim.output import OutputStage
from firmware_sim.reference.course import OFF, Course, Level
from firmware_sim.reference.meter import Meter
from firmware_sim.reference.pulse import STEP_UA, Train
from firmware_sim.reference.tables import Shape
from firmware_sim.reference.unfinished import OFF_WITHIN_US, Unfinished


class Channel:
    """What one channel puts out. Times never go backwards; `run` comes before each change."""

    def __init__(self, stage: OutputStage, number: int) -> None:
        self.number: Final = number
        self.meter: Final = Meter(stage, number)
        self.course: Course = OFF
        self.train: Train | None = None
        self.on = False
        self.run_amplitude = 0
        """The amplitude of the patterns that begin now, in 0.1 mA."""
        self._stage: Final = stage
        self._begin_us = 0  # of the present run: its first pattern
        self._next_us: int | None = None  # where the next run begins, or, when it `_ends`, where the current is off
        self._ends = False
        self._counted = 0  # patterns of the present run
        self._offsets: tuple[int, ...] = (0,)
        self._unfinished: Unfinished | None = None
        self._waits_until_us = 0  # a pulse of before is finished first
        self._pulse: Callable[..., None] = partial(stage.set_train, number)

    def amplitude(self, now_us: int) -> int:
        """The amplitude in force: that of a pulse that would begin now."""
        return self.course.amplitude(now_us) if self.on else 0

    def running_until_us(self, now_us: int) -> int | None:
        """When the contraction that runs now is over; None when none runs."""
        end_us = self.course.end_us if self.on else None
        return end_us if end_us is not None and now_us < end_us else None

    @property
    def judged_after_us(self) -> int:
        """How long after its beginning a pattern has been measured: when the first phase of its last pulse is over."""
        return self._offsets[-1] + self.train.width_us if self.train is not None else 0

    def next_pattern_us(self, now_us: int) -> int | None:
        """When the next pattern is due, at or after `now_us`; None when none is."""
        if not self.on or self.train is None:
            return None
        at_us = self._begin_us + self._begun(now_us) * self.train.period_us
        if self._next_us is not None and at_us >= self._next_us:
            return None if self._ends else self._next_us
        return at_us if self.run_amplitude else self._next_us

    def follow(self, train: Train, course: Course, now_us: int) -> None:
        """From now on the pulses have these amplitudes. The clock goes on where it runs, else it begins now, with a pulse."""
        if self.on and self.course.end_us is not None and now_us >= self.course.end_us:
            self.off(now_us)
        self.course = course
        if not self.on:
            self.on, self.train = True, train
            self._offsets = tuple([train.burst_interval_us * place for place in range(train.burst_pulses)])
            shape: BodyShape = "triangular" if train.shape == Shape.TRIANGULAR else "rectangular"
            self._pulse = partial(self._stage.set_train, self.number, shape=shape, gap_us=train.gap_us)
            if self._unfinished is not None and now_us < self._unfinished.end_us:
                self._wait(now_us, self._unfinished.end_us)
            else:
                self._begin_run(now_us)
            return
        if now_us < self._waits_until_us:
            return
        # A burst that has begun keeps its amplitude: the new one holds from the next pattern on.
        self._end_run_at(self._begin_us + self._begun(now_us) * train.period_us)
        self.run(now_us)

    def off(self, now_us: int) -> None:
        """No pulse begins any more. One that has begun is finished."""
        if not self.on:
            return
        self._count_part(now_us)
        self._note_unfinished(now_us)
        self.course, self.on, self.run_amplitude, self._next_us = OFF, False, 0, None
        self._stage.set_train(self.number, now_us, 0, 0, 0)

    def cut(self, now_us: int) -> None:
        """As `off`, and within 1 ms: a pulse that would last longer is cut off and discharged."""
        self.off(now_us)
        pulse, self._unfinished = self._unfinished, None
        if pulse is not None and pulse.end_us > now_us + OFF_WITHIN_US:
            self._stage.cut_off(self.number, *pulse.cut_at(now_us))

    def hold(self, now_us: int) -> None:
        """Keeps giving the pulses that it gives now."""
        if self.on and self.run_amplitude:
            self.course, self._next_us, self._ends = Level(self.run_amplitude), None, False
        else:
            self.off(now_us)

    def run(self, now_us: int) -> None:
        """Delivers the pulses that begin before `now_us`; a pulse that begins then has its amplitude set."""
        while self.on:
            next_us = self._next_us
            if next_us is None or next_us > now_us:
                self._count(now_us)
                return
            self._count(next_us)
            if self._ends:
                self.off(next_us)
            else:
                self._begin_run(next_us)

    def _wait(self, now_us: int, until_us: int) -> None:
        """The clock begins at `until_us`; up to then no pulse begins."""
        self._begin_us, self._counted, self.run_amplitude = now_us, 0, 0
        self._next_us = self._waits_until_us = until_us
        self._ends = False

    def _note_unfinished(self, now_us: int) -> None:
        """Of a channel that goes off now."""
        begun = self._begun(now_us) if self.run_amplitude else 0
        if self.train is None or not begun:
            return
        pattern_us = self._begin_us + (begun - 1) * self.train.period_us
        begin_us = max(pattern_us + offset_us for offset_us in self._offsets if pattern_us + offset_us < now_us)
        flowed_us = self._stage.last_pulse_us(self.number)
        if flowed_us is not None and flowed_us >= pattern_us:
            self._unfinished = Unfinished(begin_us, self.train, self.run_amplitude)

    def _begin_run(self, at_us: int) -> None:
        train, self._begin_us, self._counted = self.train, at_us, 0
        if train is None:
            return
        self.run_amplitude = self.course.amplitude(at_us)
        amplitude_ua = self.run_amplitude * STEP_UA
        offsets = self._offsets
        self._pulse(at_us, amplitude_ua, train.width_us, train.period_us, burst=len(offsets), offsets_us=offsets)
        until_us = self.course.same_until_us(at_us)
        if until_us is None:
            self._next_us, self._ends = None, False
        else:
            patterns = -(-(until_us - at_us) // train.period_us)
            self._end_run_at(at_us + patterns * train.period_us)

    def _end_run_at(self, next_us: int) -> None:
        """The next run begins with the pattern at `next_us`, unless it is all over by then."""
        end_us = self.course.end_us
        self._ends = end_us is not None and next_us >= end_us
        self._next_us = next_us
        if end_us is not None and self._ends and self.train is not None:
            begun = self.run_amplitude and self._begun(end_us)
            last_us = self._begin_us + (begun - 1) * self.train.period_us + self.train.burst_us if begun else end_us
            single = len(self._offsets) == 1
            self._next_us = end_us if single else max(end_us, min(next_us, last_us))

    def _begun(self, to_us: int) -> int:
        """How many patterns of the present run begin before `to_us`."""
        period_us = self.train.period_us if self.train is not None else 1
        return max(0, -(-(to_us - self._begin_us) // period_us))

    def _count(self, to_us: int) -> None:
        """Delivers the patterns of which the last pulse begins before `to_us`."""
        if not self.run_amplitude or self.train is None:
            return
        begun = self._begun(to_us - self._offsets[-1])
        if begun > self._counted:
            at_us = self._begin_us + (begun - 1) * self.train.period_us
            self._stage.deliver(self.number, begun - self._counted, at_us)
            self.meter.gave(self.run_amplitude, begun - self._counted, at_us + self.judged_after_us)
            self._counted = begun

    def _count_part(self, to_us: int) -> None:
        """Delivers what was given of a burst that is broken off."""
        if self.train is None or not self.run_amplitude or len(self._offsets) == 1 or self._begun(to_us) == self._counted:
            return
        begin_us = self._begin_us + self._counted * self.train.period_us
        self._pulse(to_us, self.run_amplitude * STEP_UA, self.train.width_us, self.train.period_us)
        for offset_us in self._offsets:
            if begin_us + offset_us < to_us:
                self._stage.deliver(self.number, 1, begin_us + offset_us)
