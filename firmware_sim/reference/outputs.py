"""All channels of the output together: what they are told, and what becomes of it where the output stage has a fault."""

from typing import Final

from firmware_sim.device import earliest
from firmware_sim.faults import FaultKind, FaultSchedule
from firmware_sim.output import OutputStage
from firmware_sim.reference.channel import Channel
from firmware_sim.reference.course import OFF, Contraction, Course, Level
from firmware_sim.reference.pulse import Train
from firmware_sim.reference.tables import Bit


class Outputs:
    """The channels by number. What is told them while the output is stuck takes effect when it no longer is."""

    def __init__(self, stage: OutputStage, faults: FaultSchedule) -> None:
        self.channels: Final = {number: Channel(stage, number) for number in stage.channels}
        self._stage: Final = stage
        self._faults: Final = faults
        self._on: dict[int, Channel] = {}
        self._stuck = False
        self._held_back: dict[int, tuple[Train, Course] | None] = {}
        self._looked: dict[int, tuple[object, object, Course]] = {}
        self._suspects: set[int] = set()
        self._due: tuple[int, int, int | None] | None = None  # when and with how many open electrodes it was worked out

    def follow(self, number: int, train: Train, course: Course, now_us: int) -> None:
        """From now on the pulses of a channel have these amplitudes."""
        if self._faults.planned:
            drift = self._faults.active(FaultKind.DRIFT, now_us)
            if drift is not None:
                train, course = stretched(train, drift.factor), slowed(course, drift.factor)
            if self._stuck:
                self._held_back[number] = (train, course)
                return
        channel = self.channels[number]
        channel.follow(train, course, now_us)
        self._on[number] = channel
        self._due = None

    def off(self, number: int, now_us: int) -> None:
        """A channel gives no current any more once the pulse that has begun is finished."""
        if self._stuck:
            self._held_back[number] = None
        elif number in self._on:
            self._on.pop(number).off(now_us)
            self._due = None

    def all_off(self, now_us: int) -> None:
        """No channel gives current any more: a pulse that would last longer than 1 ms is cut off."""
        for number, channel in self.channels.items():
            self.off(number, now_us)
            if not self._stuck:
                channel.cut(now_us)

    def release(self, now_us: int) -> None:
        """Power is lost: nothing is held, nothing flows."""
        self._stuck = False
        self._held_back.clear()
        self.all_off(now_us)

    def run(self, now_us: int) -> None:
        """Delivers the pulses that begin before `now_us`."""
        self._due = None
        for channel in tuple(self._on.values()):
            channel.run(now_us)
            if not channel.on:
                del self._on[channel.number]

    def suffer(self, now_us: int) -> None:
        """Begins or ends being stuck."""
        stuck = self._faults.active(FaultKind.STUCK_ON, now_us) is not None
        if stuck == self._stuck:
            return
        self._stuck, self._due = stuck, None
        if stuck:
            for channel in self._on.values():
                channel.hold(now_us)
            return
        held_back, self._held_back = self._held_back, {}
        for number, wanted in held_back.items():
            if wanted is None:
                self.off(number, now_us)
            else:
                channel = self.channels[number]
                channel.off(now_us)
                channel.follow(*wanted, now_us)
                self._on[number] = channel

    def tripped(self, now_us: int) -> Bit:
        """What the meters have found by now, once."""
        found = Bit(0)
        for channel in self._on.values():
            trip_us = channel.meter.trip_us
            if trip_us is not None and trip_us <= now_us:
                found |= channel.meter.bit
                channel.meter.trip_us = None
        return found

    def due_us(self, now_us: int) -> int | None:
        """When more happens than another pulse as expected: the end of a contraction, a pulse to be judged."""
        if not self._on:
            return None
        opened = len(self._stage.open_channels)
        if self._due is not None and self._due[0] == now_us and self._due[1] == opened and not self._faults.planned:
            return self._due[2]
        due_us = self._work_out_due_us(now_us)
        self._due = (now_us, opened, due_us)
        return due_us

    def _work_out_due_us(self, now_us: int) -> int | None:
        due_us = None
        waits_for_first = self._faults.planned and self._stage.first_output_us is None
        for number, channel in self._on.items():
            due_us = earliest(due_us, channel.running_until_us(now_us))
            if channel.meter.trip_us is not None:
                due_us = earliest(due_us, channel.meter.trip_us)
            if waits_for_first or self._is_suspect(number, channel, now_us):
                at_us = channel.next_pattern_us(now_us)
                due_us = earliest(due_us, now_us + channel.judged_after_us if at_us == now_us else at_us)
        return due_us

    def _is_suspect(self, number: int, channel: Channel, now_us: int) -> bool:
        """Whether a pulse could become a fault. Looked at anew when the course, the electrodes or the skin have changed."""
        if number in self._stage.open_channels:
            return True
        if self._faults.planned and self._faults.active(FaultKind.GAIN, now_us, number):
            return True
        load = self._stage.load(number)
        if load is None:
            return False
        looked = (load, load.circuit, channel.course)
        before = self._looked.get(number)
        if before is None or any(one is not other for one, other in zip(looked, before, strict=True)):
            self._looked[number] = looked
            self._suspects.discard(number)
            if channel.train is not None and channel.meter.would_be(channel.course.peak, channel.train.width_us):
                self._suspects.add(number)
        return number in self._suspects


def stretched(train: Train, factor: float) -> Train:
    """The train as a device makes it whose time base is wrong."""
    times = (train.width_us, train.gap_us, train.period_us, train.burst_interval_us)
    width_us, gap_us, period_us, interval_us = (round(time * factor) for time in times)
    return Train(train.shape, width_us, gap_us, train.recovery_ratio, period_us, train.burst_pulses, interval_us)


def slowed(course: Course, factor: float) -> Course:
    """The course as a device keeps it whose time base is wrong."""
    if not isinstance(course, Contraction):
        return course if isinstance(course, Level) else OFF
    rise_us, hold_us, fall_us = (round(time * factor) for time in (course.rise_us, course.hold_us, course.fall_us))
    return Contraction(course.peak, course.step, course.start_us, rise_us, hold_us, fall_us)
