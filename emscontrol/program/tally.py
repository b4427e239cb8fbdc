"""Counting pulses from set points: what a channel has put out if the device keeps to its timing.

Two ways of timing are known (`Capabilities.common_grid`): a train that begins at the command that turns its channel on, and one
pulse clock for all channels that starts with the first command and runs on while they are silent. A contraction that the device
makes by itself (`Swell`) begins its own train.
"""

from collections.abc import Mapping
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


class Tally:
    """Follows the set points in force and counts.

    `prepared` are the trains of a device with one common pulse clock, empty otherwise; `slot_delays_us` are its channels'
    places inside one period. `step_ua` is the device's step of amplitude. Times must not go back.
    """

    def __init__(
        self, prepared: Mapping[int, Train], slot_delays_us: Mapping[int, int], step_ua: int = 1, keep_runs: bool = False
    ) -> None:
        self._prepared = prepared
        self._step_ua = step_ua
        self._slot_delays_us = slot_delays_us
        self._runs: dict[int, list[Delivery]] | None = {} if keep_runs else None
        self._sums: dict[int, ChannelSum] = {}
        self._plateaus: dict[int, Plateau] = {}
        self._outputs = NOTHING
        self._since_us = 0
        self._clock_from_us: int | None = None
        self._origins_us: dict[int, int] = {}

    def set(self, at_us: int, outputs: Outputs) -> None:
        """These outputs are in force from `at_us` on."""
        self._count_until(at_us)
        if self._prepared:
            if self._clock_from_us is None:
                self._clock_from_us = at_us
        else:
            self._keep_own_clocks(at_us, outputs)
        self._end_contractions(outputs)
        self._outputs, self._since_us = outputs, at_us

    def stop(self, at_us: int) -> None:
        """Everything ends at `at_us`, pulses that were still to come in this period included."""
        self._count_until(at_us, cut_short=True)
        self._end_contractions(NOTHING)
        self._outputs, self._since_us = NOTHING, at_us
        self._clock_from_us = None
        self._origins_us = {}

    def sums(self) -> Mapping[int, ChannelSum]:
        """Totals by channel, up to the last `set` or `stop`."""
        return self._sums

    def plateau_ua(self, channel: int) -> int:
        """The mean amplitude commanded on the plateaus of a channel, up to the last `set` or `stop`."""
        return self._plateaus[channel].mean_ua if channel in self._plateaus else 0

    def pulses(self, channel: int, at_us: int) -> int:
        """Pulses of a channel up to `at_us`, those of the set point in force included."""
        counted = self._sums[channel].pulses if channel in self._sums else 0
        running = (self._delivered(output, at_us, False) for output in self._outputs.channels if output.channel == channel)
        return counted + sum(pulses for made in running for _, pulses in made)

    def runs(self, channel: int) -> list[Delivery]:
        """Runs of equal pulses in order, neighbours that are alike joined (only when kept)."""
        return [] if self._runs is None else self._runs.get(channel, [])

    def _keep_own_clocks(self, at_us: int, outputs: Outputs) -> None:
        """A train goes on undisturbed while its channel stays on at the same rate; a new contraction begins its own."""
        running = {o.channel: o for o in self._outputs.channels}
        self._origins_us = {
            o.channel: self._origins_us[o.channel] if _goes_on(running.get(o.channel), o) else at_us for o in outputs.channels
        }

    def _count_until(self, at_us: int, cut_short: bool = False) -> None:
        for output in self._outputs.channels:
            total = self._sums.setdefault(output.channel, ChannelSum())
            total.on_us += at_us - self._since_us
            self._note_plateau(output, at_us)
            for amplitude_ua, pulses in self._delivered(output, at_us, cut_short):
                total.pulses += pulses
                total.peak_ua = max(total.peak_ua, amplitude_ua)
                total.charge_pc += pulses * output.train.waveform.charge_pc(amplitude_ua)
                self._note_run(output, amplitude_ua, pulses)

    def _delivered(self, output: Output, until_us: int, cut_short: bool) -> list[tuple[int, int]]:
        """(amplitude, pulses) in order, from the last set point to `until_us`."""
        if not self._prepared:
            origin_us, period_us, delay_us = self._origins_us[output.channel], output.train.period_us, 0
        else:
            origin_us, period_us = self._clock_from_us or 0, self._prepared[output.channel].period_us
            delay_us = self._slot_delays_us.get(output.channel, 0) if cut_short else 0
        first = _grid_points(self._since_us - origin_us, period_us)
        last = _grid_points(until_us - delay_us - origin_us, period_us)
        if last <= first:
            return []
        if output.swell is not None:
            return self._of_swell(output, output.swell, range(first, last))
        return [(output.amplitude_ua, (last - first) * output.train.burst_pulses)]

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

    def _note_plateau(self, output: Output, at_us: int) -> None:
        """Of a contraction that the device makes by itself, the part of its plateau that lies in this stretch."""
        plateau = self._plateaus.get(output.channel)
        if plateau is None:
            plateau = self._plateaus[output.channel] = Plateau()
        from_us, to_us = self._since_us, at_us
        if output.swell is not None:
            begins_us = self._origins_us.get(output.channel, self._since_us) + output.swell.rise_us
            from_us, to_us = max(from_us, begins_us), min(to_us, begins_us + output.swell.hold_us)
        plateau.add(output.amplitude_ua, max(0, to_us - from_us))

    def _end_contractions(self, outputs: Outputs) -> None:
        """The channels that go off now, and those whose device begins another contraction."""
        if not self._outputs.channels:
            return
        now = {output.channel: output for output in outputs.channels}
        for before in self._outputs.channels:
            after = now.get(before.channel)
            if after is None or not after.amplitude_ua or after.swell != before.swell:
                self._plateaus[before.channel].end()

    def _note_run(self, output: Output, amplitude_ua: int, pulses: int) -> None:
        if self._runs is None:
            return
        width_us = output.train.waveform.width_us
        runs = self._runs.setdefault(output.channel, [])
        if runs and (runs[-1].amplitude_ua, runs[-1].width_us) == (amplitude_ua, width_us):
            runs[-1] = Delivery(amplitude_ua, width_us, runs[-1].pulses + pulses)
        else:
            runs.append(Delivery(amplitude_ua, width_us, pulses))


def _goes_on(before: Output | None, output: Output) -> bool:
    """Whether an output keeps the train that its channel has: the same rate, and no new contraction."""
    if before is None or before.train.period_us != output.train.period_us:
        return False
    return output.swell is None or output.swell == before.swell


def _grid_points(before_us: int, period_us: int) -> int:
    """How many of 0, period, 2·period … lie before this time."""
    return -(-max(0, before_us) // period_us)
