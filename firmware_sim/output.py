"""The output stage: the truth of what comes out of a simulated stimulator.

Devices tell it what they have set and how many pulses have begun; it knows whether current could flow, keeps the totals and
writes the oscilloscope.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from firmware_sim.scope import Scope


@dataclass(slots=True)
class _Channel:
    """The setting of a channel, the load on it, and its totals."""

    load_ohm: int | None = None
    set_ua: int = 0
    width_us: int = 0
    period_us: int = 0
    pattern_charge_pc: int = 0
    burst: int = 1
    pulses: int = 0
    charge_pc: int = 0
    peak_ua: int = 0
    last_pulse_us: int | None = None


class OutputStage:
    """The channels of one device, counted from 1, and everything they have delivered since it was built.

    `loads_ohm` puts a resistance on a channel; the current is then no more than `voltage_mv` drives through it. A channel
    without a load takes any current. Power cycles do not reset the totals: what went into the body stays there.
    """

    def __init__(
        self,
        channels: int,
        scope: Scope | None = None,
        *,
        loads_ohm: Mapping[int, int] | None = None,
        voltage_mv: int = 150_000,
    ) -> None:
        loads = loads_ohm or {}
        self.channels: Final = range(1, channels + 1)
        self.scope: Final = scope
        self.voltage_mv: Final = voltage_mv
        self.first_output_us: int | None = None
        self.open_channels: Final[set[int]] = set()
        self._state: Final = {number: _Channel(load_ohm=loads.get(number)) for number in self.channels}

    def set_train(
        self,
        channel: int,
        now_us: int,
        amplitude_ua: int,
        width_us: int,
        period_us: int,
        *,
        charge_pc: int | None = None,
        burst: int = 1,
    ) -> None:
        """From now on the pulses of `channel` have this peak, width of the first phase and distance; amplitude 0 is off.

        Setting what is set already does nothing. Where one pattern holds several pulses, `burst` says how many; `charge_pc` is
        the charge that a pattern drives in one direction, amplitude × width × burst when not given. Pulses that began before
        `now_us` are to be delivered before this call.
        """
        state = self._state[channel]
        charge = amplitude_ua * width_us * burst if charge_pc is None else charge_pc
        wanted = (amplitude_ua, width_us, period_us, charge, burst) if amplitude_ua else (0, 0, 0, 0, 1)
        if wanted == (state.set_ua, state.width_us, state.period_us, state.pattern_charge_pc, state.burst):
            return
        state.set_ua, state.width_us, state.period_us, state.pattern_charge_pc, state.burst = wanted
        self._show(channel, now_us)

    def set_contact(self, channel: int, contact: bool, now_us: int) -> None:
        """The electrode of `channel` comes off (False) or is put back on (True). Without contact no current flows."""
        if self.has_contact(channel) != contact:
            self.open_channels.symmetric_difference_update((channel,))
            self._show(channel, now_us)

    def deliver(self, channel: int, pulses: int, at_us: int | None = None) -> None:
        """Counts pulses (whole patterns, where a pattern is a burst) that began in the present state.

        With no current in that state nothing is delivered. `at_us` says when the last of them began.
        """
        flowing = self.amplitude_ua(channel)
        if flowing == 0 or pulses <= 0:
            return
        state = self._state[channel]
        state.pulses += pulses * state.burst
        state.charge_pc += pulses * state.pattern_charge_pc * flowing // state.set_ua
        state.peak_ua = max(state.peak_ua, flowing)
        if at_us is not None:
            state.last_pulse_us = at_us
        if self.scope is not None:
            self.scope.count(channel, pulses * state.burst)

    def all_off(self, now_us: int) -> None:
        """Sets every channel to zero."""
        for channel in self.channels:
            self.set_train(channel, now_us, 0, 0, 0)

    def amplitude_ua(self, channel: int) -> int:
        """The peak current of a pulse on this channel as things are: 0 when it is off or nothing is connected."""
        state = self._state[channel]
        if channel in self.open_channels:
            return 0
        if state.load_ohm is None:
            return state.set_ua
        return min(state.set_ua, self.voltage_mv * 1000 // state.load_ohm)

    def set_ua(self, channel: int) -> int:
        """The amplitude the device has set, whether or not it can flow."""
        return self._state[channel].set_ua

    def has_contact(self, channel: int) -> bool:
        """Whether the electrode of this channel is on."""
        return channel not in self.open_channels

    def width_us(self, channel: int) -> int:
        """The width of the first phase as set; 0 when off."""
        return self._state[channel].width_us

    def period_us(self, channel: int) -> int:
        """The distance of the pulses as set; 0 when off."""
        return self._state[channel].period_us

    def pulses(self, channel: int) -> int:
        """Pulses with current, ever."""
        return self._state[channel].pulses

    def charge_pc(self, channel: int) -> int:
        """The charge of one phase of every pulse, added up (pC)."""
        return self._state[channel].charge_pc

    def peak_ua(self, channel: int) -> int:
        """The largest current that ever flowed."""
        return self._state[channel].peak_ua

    def last_pulse_us(self, channel: int) -> int | None:
        """When the last pulse with current began, as far as the device has said; None before the first."""
        return self._state[channel].last_pulse_us

    @property
    def is_zero(self) -> bool:
        """True when no channel carries current."""
        return all(self.amplitude_ua(channel) == 0 for channel in self.channels)

    def _show(self, channel: int, now_us: int) -> None:
        flowing = self.amplitude_ua(channel)
        if flowing and self.first_output_us is None:
            self.first_output_us = now_us
        if self.scope is not None:
            state = self._state[channel]
            on = bool(flowing)
            self.scope.change(channel, now_us, flowing, state.width_us if on else 0, state.period_us if on else 0)
