"""Counting pulses from set points: what a channel has put out if the device keeps to its timing.

Two ways of timing are known (`Capabilities.common_grid`): a train that begins at the command that turns its channel on, and one
pulse clock for all channels that starts with the first command and runs on while they are silent. A contraction that the device
makes by itself (`Swell`) begins its own train.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from emscontrol.core.pulse import NOTHING, Output, Outputs, Swell, Train
from emscontrol.program.plateau import Plateau


@dataclass(frozen=True, slots=True)
class Delivery:
    """A run of pulses on one channel that are all alike."""

    amplitude_ua: int
    width_us: int
    pulses: int


@dataclass(slots=True)
class ChannelSum:
    """What one channel has put out; `charge_pc` is the charge of first phases, `on_us` the time with a current commanded."""

    pulses: int = 0
    peak_ua: int = 0
    charge_pc: int = 0
    on_us: int = 0


@dataclass(slots=True)
class _Followed:
    """What is remembered of one channel: when its train began, and the mean of its plateaus."""

    plateau: Plateau
    origin_us: int


class Tally:
    """Follows the set points in force and counts.

    `prepared` are the trains of a device with one common pulse clock, empty otherwise; `slot_delays_us` are its channels'
    places inside one period. `step_ua` is the device's step of amplitude. Times must not go back.

    A million set points are counted in the reading of a long record, so what is done at each of them is written out.
    """

    def __init__(
        self, prepared: Mapping[int, Train], slot_delays_us: Mapping[int, int], step_ua: int = 1, keep_runs: bool = False
    ) -> None:
        self._prepared = prepared
        self._step_ua = step_ua
        self._slot_delays_us = slot_delays_us
        self._runs: dict[int, list[Delivery]] | None = {} if keep_runs else None
        self._sums: dict[int, ChannelSum] = {}
        self._followed: dict[int, _Followed] = {}
        self._outputs = NOTHING
        self._since_us = 0
        self._clock_from_us: int | None = None

    def set(self, at_us: int, outputs: Outputs) -> None:
        """These outputs are in force from `at_us` on."""
        before = self._outputs.channels
        self._count_until(at_us)
        self._since_us = at_us
        if self._clock_from_us is None:
            self._clock_from_us = at_us
        if outputs is self._outputs:
            return
        if _only_amplitudes_change(before, outputs.channels):
            self._outputs = outputs
            return
        self._follow(at_us, {output.channel: output for output in before}, outputs)
        self._outputs = outputs
        if before:
            self._end_contractions(before, {output.channel: output for output in outputs.channels})

    def stop(self, at_us: int) -> None:
        """Everything ends at `at_us`, pulses that were still to come in this period included."""
        self._count_until(at_us, cut_short=True)
        self._end_contractions(self._outputs.channels, {})
        self._outputs, self._since_us = NOTHING, at_us
        self._clock_from_us = None

    def sums(self) -> Mapping[int, ChannelSum]:
        """Totals by channel, up to the last `set` or `stop`."""
        return self._sums

    def plateau_ua(self, channel: int) -> int:
        """The mean amplitude commanded on the plateaus of a channel, up to the last `set` or `stop`."""
        return self._followed[channel].plateau.mean_ua if channel in self._followed else 0

    def pulses(self, channel: int, at_us: int) -> int:
        """Pulses of a channel up to `at_us`, those of the set point in force included."""
        counted = self._sums[channel].pulses if channel in self._sums else 0
        running = (output for output in self._outputs.channels if output.channel == channel)
        return counted + sum(pulses for output in running for _, pulses in self._delivered(output, at_us, False))

    def runs(self, channel: int) -> list[Delivery]:
        """Runs of equal pulses in order, neighbours that are alike joined (only when kept)."""
        return [] if self._runs is None else self._runs.get(channel, [])

    def _follow(self, at_us: int, before: Mapping[int, Output], outputs: Outputs) -> None:
        """A train goes on undisturbed while its channel stays on at the same rate; a new contraction begins its own."""
        for output in outputs.channels:
            was = before.get(output.channel)
            if (
                was is None
                or was.train.period_us != output.train.period_us
                or (output.swell is not None and output.swell != was.swell)
            ):
                followed = self._followed.get(output.channel)
                if followed is None:
                    self._followed[output.channel] = _Followed(Plateau(), at_us)
                else:
                    followed.origin_us = at_us

    def _end_contractions(self, before: Sequence[Output], now: Mapping[int, Output]) -> None:
        """The channels that go off now, and those whose device begins another contraction."""
        for was in before:
            after = now.get(was.channel)
            if after is None or not after.amplitude_ua or (after.swell is not was.swell and after.swell != was.swell):
                self._followed[was.channel].plateau.end()

    def _count_until(self, at_us: int, cut_short: bool = False) -> None:
        since_us, sums = self._since_us, self._sums
        usual = not self._prepared and self._runs is None
        for output in self._outputs.channels:
            amplitude_ua, total = output.amplitude_ua, sums.get(output.channel)
            if total is None:
                total = sums[output.channel] = ChannelSum()
            total.on_us += at_us - since_us
            followed = self._followed[output.channel]
            if output.swell is not None:
                self._note_plateau(followed, output, output.swell, at_us)
            else:
                followed.plateau.add(amplitude_ua, at_us - since_us)
                if usual:  # as below, without a call for each
                    train, origin_us = output.train, followed.origin_us
                    points = (origin_us - since_us) // train.period_us - (origin_us - at_us) // train.period_us
                    if points > 0:
                        pulses = points * train.burst_pulses
                        total.pulses += pulses
                        total.charge_pc += pulses * train.waveform.charge_pc(amplitude_ua)
                        if amplitude_ua > total.peak_ua:
                            total.peak_ua = amplitude_ua
                    continue
            for step_ua, pulses in self._delivered(output, at_us, cut_short):
                self._add(total, output, step_ua, pulses)

    def _add(self, total: ChannelSum, output: Output, amplitude_ua: int, pulses: int) -> None:
        total.pulses += pulses
        if amplitude_ua > total.peak_ua:
            total.peak_ua = amplitude_ua
        total.charge_pc += pulses * output.train.waveform.charge_pc(amplitude_ua)
        if self._runs is not None:
            self._note_run(self._runs, output, amplitude_ua, pulses)

    def _delivered(self, output: Output, until_us: int, cut_short: bool) -> Sequence[tuple[int, int]]:
        """(amplitude, pulses) in order, from the last set point to `until_us`."""
        train = output.train
        if not self._prepared:
            origin_us, period_us = self._followed[output.channel].origin_us, train.period_us
        else:
            origin_us, period_us = self._clock_from_us or 0, self._prepared[output.channel].period_us
            if cut_short:
                until_us -= self._slot_delays_us.get(output.channel, 0)
        # how many of 0, period, 2·period … lie before the one time and the other
        first = -((origin_us - self._since_us) // period_us)
        last = -((origin_us - until_us) // period_us) if until_us > origin_us else 0
        if last <= first:
            return ()
        if output.swell is not None:
            after = -(-output.swell.end_us // train.period_us)  # the first that is at zero again
            return self._of_swell(output, output.swell, range(first, min(last, after)))
        return ((output.amplitude_ua, (last - first) * train.burst_pulses),)

    def _of_swell(self, output: Output, swell: Swell, points: range) -> list[tuple[int, int]]:
        """As `_delivered`: each pulse at the amplitude that the ramp has where it begins, in the device's steps."""
        period_us, burst = output.train.period_us, output.train.burst_pulses
        step_ua = self._step_ua * output.train.waveform.recovery_ratio
        made: list[tuple[int, int]] = []
        for point in points:
            amplitude_ua = swell.amplitude_ua(output.amplitude_ua, point * period_us) // step_ua * step_ua
            if made and made[-1][0] == amplitude_ua:
                made[-1] = (amplitude_ua, made[-1][1] + burst)
            elif amplitude_ua:
                made.append((amplitude_ua, burst))
        return made

    def _note_plateau(self, followed: _Followed, output: Output, swell: Swell, at_us: int) -> None:
        """Of a contraction that the device makes by itself, the part of its plateau that lies in this stretch."""
        origin_us = self._since_us if self._prepared else followed.origin_us
        begins_us = origin_us + swell.rise_us
        from_us, to_us = max(self._since_us, begins_us), min(at_us, begins_us + swell.hold_us)
        followed.plateau.add(output.amplitude_ua, max(0, to_us - from_us))

    @staticmethod
    def _note_run(known: dict[int, list[Delivery]], output: Output, amplitude_ua: int, pulses: int) -> None:
        width_us = output.train.waveform.width_us
        runs = known.setdefault(output.channel, [])
        if runs and (runs[-1].amplitude_ua, runs[-1].width_us) == (amplitude_ua, width_us):
            runs[-1] = Delivery(amplitude_ua, width_us, runs[-1].pulses + pulses)
        else:
            runs.append(Delivery(amplitude_ua, width_us, pulses))


def _only_amplitudes_change(before: Sequence[Output], now: Sequence[Output]) -> bool:
    """As at each step of a ramp: every channel keeps its train, none goes off, and no contraction is the device's own."""
    if len(before) != len(now):
        return False
    for was, output in zip(before, now, strict=True):
        if was.channel != output.channel or was.train is not output.train or not output.amplitude_ua:
            return False
        if was.swell is not None or output.swell is not None:
            return False
    return True
