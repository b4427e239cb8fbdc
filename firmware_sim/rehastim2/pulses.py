"""When one channel's pulses come, in closed form, and what the output stage sees of them.

A pulse belongs to the stretch of time in which it begins; at one and the same µs a command comes before a pulse. So all
stretches are half open: [from, to).
"""

from dataclasses import dataclass
from typing import Final

from firmware_sim.output import OutputStage

INTERPHASE_GAP_US: Final = 100
DISCHARGE_US: Final = 1


@dataclass(frozen=True, slots=True)
class Train:
    """Pulses of one strength at `first_us` + k · `repeat_us` + each of `offsets_us`, k = 0, 1, …; `repeat_us` 0 = k is only 0.

    `amplitude_ua` 0 makes no pulses. The distance shown on the oscilloscope is `repeat_us`: doublets and triplets are two and
    three pulses in each of these periods.
    """

    amplitude_ua: int
    width_us: int
    first_us: int
    repeat_us: int
    offsets_us: tuple[int, ...] = (0,)

    @property
    def pulse_us(self) -> int:
        """From the beginning of a pulse to the end of its discharge (both phases are as long as the width says)."""
        return 2 * self.width_us + INTERPHASE_GAP_US + DISCHARGE_US

    def count(self, from_us: int, to_us: int) -> int:
        """How many pulses begin in [from_us, to_us)."""
        pulses = 0
        if self.amplitude_ua:
            for offset_us in self.offsets_us:
                first_us = self.first_us + offset_us
                pulses += self._served(to_us - first_us) - self._served(from_us - first_us)
        return pulses

    def next_from(self, from_us: int) -> int | None:
        """The beginning of the first pulse at or after `from_us`; None when none comes."""
        if self.amplitude_ua == 0:
            return None
        firsts = ((at, self._served(from_us - at)) for at in self._firsts())
        return min((at + done * self.repeat_us for at, done in firsts if self.repeat_us or not done), default=None)

    def last_before(self, to_us: int) -> int | None:
        """The beginning of the last pulse before `to_us`; None when there is none."""
        if self.amplitude_ua == 0:
            return None
        firsts = ((at, self._served(to_us - at)) for at in self._firsts())
        return max((at + (done - 1) * self.repeat_us for at, done in firsts if done), default=None)

    def all_between(self, from_us: int, to_us: int) -> list[int]:
        """When each pulse in [from_us, to_us) begins, in order."""
        if self.amplitude_ua == 0:
            return []
        spans = ((at, self._served(from_us - at), self._served(to_us - at)) for at in self._firsts())
        return sorted(at + k * self.repeat_us for at, begun, done in spans for k in range(begun, done))

    def _firsts(self) -> tuple[int, ...]:
        return tuple(self.first_us + offset for offset in self.offsets_us)

    def _served(self, elapsed_us: int) -> int:
        """Pulses of one group member that begin less than `elapsed_us` after its first one."""
        if elapsed_us <= 0:
            return 0
        return (elapsed_us - 1) // self.repeat_us + 1 if self.repeat_us else 1


OFF: Final = Train(0, 0, 0, 0)


class ChannelOutput:
    """One channel of the stage: the train it makes now, and the changes that are already decided.

    Times given to it never lie before the last `run`. While it is `held` nothing that is decided reaches the output.
    """

    def __init__(self, stage: OutputStage, channel: int) -> None:
        self._stage: Final = stage
        self._channel: Final = channel
        self._train = OFF
        self._counted_us = 0
        self._changes: list[tuple[int, Train]] = []
        self._held = False

    @property
    def busy(self) -> bool:
        """True while a train is made or a change is decided."""
        return bool(self._changes) or self._train.amplitude_ua > 0

    @property
    def due_us(self) -> int | None:
        """When the next decided change takes place."""
        return self._changes[0][0] if self._changes else None

    def run(self, now_us: int) -> None:
        """Lets time pass: delivers the pulses that begin before `now_us` and makes the changes that are due."""
        while self._changes and self._changes[0][0] <= now_us:
            at_us, train = self._changes.pop(0)
            self._count(at_us)
            self._set(at_us, train)
        self._count(now_us)

    def change_at(self, at_us: int, train: Train) -> None:
        """From `at_us` on it is this train; what was decided for then or later is overwritten."""
        if self._held:
            return
        self._changes = [change for change in self._changes if change[0] < at_us]
        coming = self._changes[-1][1] if self._changes else self._train
        if coming != train:
            self._changes.append((at_us, train))

    def silence_before(self, slot_us: int, now_us: int) -> None:
        """No pulse from `slot_us` on: off as soon as the last one before that is over, now if none is to come."""
        if self._held:
            return
        for begin_us, end_us, train in reversed(self._stretches(now_us)):
            last_us = train.last_before(slot_us if end_us is None else min(end_us, slot_us))
            if last_us is not None and last_us >= begin_us:
                self.change_at(last_us + train.pulse_us, OFF)
                return
        self.change_at(now_us, OFF)

    def off(self, now_us: int) -> None:
        """Off at once; nothing that was decided happens any more."""
        if self._held:
            return
        self._changes.clear()
        self._set(now_us, OFF)

    def hold(self, held: bool) -> None:
        """Keeps the output as it is, whatever is commanded, until it is released."""
        self._held = held
        if held:
            self._changes.clear()

    def next_attempt(self, from_us: int) -> int | None:
        """When, as things are decided, the next pulse with current is due, at or after `from_us`."""
        for begin_us, end_us, train in self._stretches(from_us):
            pulse_us = train.next_from(begin_us)
            if pulse_us is not None and (end_us is None or pulse_us < end_us):
                return pulse_us
        return None

    def _stretches(self, from_us: int) -> list[tuple[int, int | None, Train]]:
        """What is decided from `from_us` on: from when, until when (None = open) and which train."""
        begins = [from_us, *(at_us for at_us, _ in self._changes)]
        trains = [self._train, *(train for _, train in self._changes)]
        return list(zip(begins, [*begins[1:], None], trains, strict=True))

    def _count(self, to_us: int) -> None:
        if to_us == self._counted_us:
            return
        train = self._train
        pulses = train.count(self._counted_us, to_us)
        if pulses and len(train.offsets_us) == 1:
            self._stage.deliver(self._channel, pulses, train.last_before(to_us))
        elif pulses:
            for at_us in train.all_between(self._counted_us, to_us):
                self._stage.deliver(self._channel, 1, at_us)
        self._counted_us = to_us

    def _set(self, at_us: int, train: Train) -> None:
        self._train = train
        self._stage.set_train(self._channel, at_us, train.amplitude_ua, train.width_us, train.repeat_us)
