"""The mid level of a P24: trains that the device makes by itself, the ramp, electrode errors, and the keep-alive pause."""

from dataclasses import dataclass
from typing import Any, Final

from firmware_sim.device import earliest
from firmware_sim.faults import FaultKind, FaultSchedule
from firmware_sim.output import OutputStage
from firmware_sim.p24.pulse import Pulse, pulse
from firmware_sim.p24.states import ChannelState


@dataclass(slots=True)
class Train:
    """The pulses of one channel: number k begins at `start_us` + k × `period_us`.

    The first `ramp` pulses after the channel was enabled are weaker, rising linearly; `ramped` of them came before `start_us`.
    """

    pulse: Pulse
    start_us: int
    period_us: int
    ramp: int
    ramped: int = 0
    counted: int = 0

    def begun(self, now_us: int) -> int:
        """How many pulses began before `now_us`."""
        return max(0, -(-(now_us - self.start_us) // self.period_us))

    def current_pulse(self, now_us: int) -> Pulse:
        """The pulse as it is now, in the ramp weaker; the one that begins exactly now is meant."""
        step = self.ramped + max(0, (now_us - self.start_us) // self.period_us) + 1
        return self.pulse if step > self.ramp else self.pulse.weakened(step, self.ramp + 1)

    def next_pulse_us(self, now_us: int) -> int:
        """When the first pulse at or after `now_us` begins."""
        return self.start_us + self.begun(now_us) * self.period_us

    def next_ramp_us(self, now_us: int) -> int | None:
        """When, after `now_us`, the next pulse begins that is stronger than the one before; None after the ramp."""
        if not self.ramp:
            return None
        at_us = self.next_pulse_us(now_us + 1)
        steps = self.ramped + (at_us - self.start_us) // self.period_us
        return at_us if steps <= self.ramp else None


class MidLevel:
    """Trains by channel (1 to 8). Knows time only from its caller, who lets `pass_time` go to each `due_us` in turn."""

    def __init__(self, stage: OutputStage, faults: FaultSchedule, keep_alive_us: int) -> None:
        self.errors: Final[dict[int, ChannelState]] = {}
        self._stage: Final = stage
        self._faults: Final = faults
        self._keep_alive_us: Final = keep_alive_us
        self._trains: Final[dict[int, Train]] = {}
        self._stop_all_on_error = False
        self._ramping = False
        self._heard_us: int | None = None

    @property
    def active(self) -> tuple[bool, ...]:
        """For each channel, whether it has a train."""
        return tuple([channel in self._trains for channel in self._stage.channels])

    @property
    def states(self) -> tuple[ChannelState, ...]:
        """For each channel, the error that ended it, or a current that the voltage cannot drive, or ok."""
        states = [ChannelState.OK] * len(self._stage.channels)
        for channel in (*self._trains, *self.errors):
            states[channel - 1] = self._state(channel)
        return tuple(states)

    def init(self, stop_all_on_error: bool, now_us: int) -> None:
        """Begins the level: no trains, no errors."""
        self._stop_all_on_error = stop_all_on_error
        self.stop(now_us)

    def update(self, channels: list[dict[str, Any]], now_us: int) -> None:
        """The complete set of trains from now on; a channel that is missing is off."""
        self.begin(now_us)
        wanted = {train["channel"] + 1: train for train in channels}
        for channel in self._trains.keys() - wanted.keys():
            self._end(channel, now_us)
        self.errors.clear()
        for channel, train in wanted.items():
            self._trains[channel] = self._train(channel, train, now_us)
            self._show(channel, now_us)
        self._ramping = any(train.ramp for train in self._trains.values())

    def begin(self, now_us: int) -> None:
        """The level is running from now on, and must hear from the host within the keep-alive time."""
        self._heard_us = now_us

    def heard(self, now_us: int) -> None:
        """The host is alive: if the level is running, the keep-alive time begins again."""
        if self._heard_us is not None:
            self._heard_us = now_us

    def stop(self, now_us: int) -> None:
        """No current at once, errors forgotten, no host expected."""
        self._heard_us = None
        self._silence(now_us)
        self.errors.clear()

    def due_us(self, now_us: int) -> int | None:
        """The next moment that is more than another pulse: ramp step, electrode error, keep-alive pause."""
        due_us = self._pause_us(now_us)
        plain = not self._stage.open_channels or self._stage.open_channels.isdisjoint(self._trains)
        if plain and not self._ramping:
            return due_us
        for channel, train in self._trains.items():
            if train.ramp or not plain:
                due_us = earliest(due_us, self._channel_due_us(channel, train, now_us))
        return due_us

    def pass_time(self, now_us: int) -> bool:
        """Delivers the pulses that began before `now_us` and does what is due at it. True when it paused for want of a host."""
        for channel, train in self._trains.items():
            begun = train.begun(now_us)
            if begun > train.counted:
                self._stage.deliver(channel, begun - train.counted, train.start_us + (begun - 1) * train.period_us)
                train.counted = begun
        pause_us = self._pause_us(now_us)
        if pause_us is not None and pause_us <= now_us:
            self._heard_us = None
            self._silence(now_us)
            return True
        if self._stage.open_channels:
            self._check_electrodes(now_us)
        if self._ramping:
            for channel, train in self._trains.items():
                if train.ramp:
                    self._show(channel, now_us)
        return False

    def _train(self, channel: int, wanted: dict[str, Any], now_us: int) -> Train:
        shape = pulse(wanted["points"])
        period_us = round(wanted["period_ms"] * 1000)
        old = self._trains.get(channel)
        if old is None:
            return Train(shape, now_us, period_us, wanted["ramp"])
        if old.period_us == period_us:
            return Train(shape, old.start_us, period_us, old.ramp, old.ramped, old.counted)
        return Train(shape, now_us, period_us, old.ramp, min(old.ramp, old.ramped + old.begun(now_us)))

    def _show(self, channel: int, now_us: int) -> None:
        train = self._trains[channel]
        now = train.current_pulse(now_us)
        self._stage.set_train(
            channel,
            now_us,
            now.amplitude_ua,
            now.width_us,
            train.period_us,
            charge_pc=now.charge_pc,
            burst=now.burst,
            gap_us=now.gap_us,
            offsets_us=now.offsets_us,
        )

    def _channel_due_us(self, channel: int, train: Train, now_us: int) -> int | None:
        if self._electrode_open(channel, train):
            return train.next_pulse_us(now_us)
        return train.next_ramp_us(now_us)

    def _pause_us(self, now_us: int) -> int | None:
        if self._heard_us is None:
            return None
        if not self._faults.planned:
            return self._heard_us + self._keep_alive_us
        if self._faults.active(FaultKind.STUCK_ON, now_us):
            return None
        drift = self._faults.active(FaultKind.DRIFT, now_us)
        return self._heard_us + (self._keep_alive_us if drift is None else round(self._keep_alive_us * drift.factor))

    def _electrode_open(self, channel: int, train: Train) -> bool:
        return channel in self._stage.open_channels and train.pulse.amplitude_ua > 0

    def _check_electrodes(self, now_us: int) -> None:
        """The device notices an open electrode when it tries to give a pulse."""
        trying = [channel for channel, train in self._trains.items() if train.next_pulse_us(now_us) == now_us]
        for channel in [channel for channel in trying if self._electrode_open(channel, self._trains[channel])]:
            self.errors[channel] = ChannelState.ELECTRODE_ERROR
            if self._stop_all_on_error:
                self._silence(now_us)
                return
            self._end(channel, now_us)

    def _state(self, channel: int) -> ChannelState:
        if channel in self.errors:
            return self.errors[channel]
        return ChannelState.CURRENT_TOO_LOW if self._stage.is_clipped(channel) else ChannelState.OK

    def _end(self, channel: int, now_us: int) -> None:
        del self._trains[channel]
        self._stage.set_train(channel, now_us, 0, 0, 0)

    def _silence(self, now_us: int) -> None:
        for channel in list(self._trains):
            self._end(channel, now_us)
