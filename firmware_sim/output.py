"""The output stage: the truth of what comes out of a simulated stimulator.

Devices tell it what they have set and how many pulses have begun; it asks the load what really flows, keeps the totals, writes
the oscilloscope and hands the pulses on to the body, in runs of equal ones.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final, Protocol

from firmware_sim.body.pulse import CLOSE_GAP_US, Pulse, Shape
from firmware_sim.scope import Scope

if TYPE_CHECKING:
    from firmware_sim.body.circuit import Flow
    from firmware_sim.body.load import Load

OFF: Final = Pulse(0, 0)
PLAIN: Final[tuple[Shape, int | None, tuple[int, ...]]] = ("rectangular", CLOSE_GAP_US, (0,))


@dataclass(slots=True)
class Run:
    """Equal pulses at equal distances: `count` patterns from `first_us` on, each with a pulse at each of `offsets_us`."""

    pulse: Pulse
    flow: "Flow"
    first_us: int
    period_us: int
    count: int
    offsets_us: tuple[int, ...] = (0,)


class Body(Protocol):
    """Who is connected to the channels."""

    def load(self, channel: int) -> "Load":
        """The electrodes of a channel and the skin under them; always the same object."""

    def receive(self, channel: int, run: Run) -> None:
        """Pulses that were delivered. The runs of a channel come in order of time."""

    def begin(self, channel: int, now_us: int) -> None:
        """The first current of a channel is about to flow."""

    def connect(self, stage: "OutputStage") -> None:
        """Remembers whom to ask for the pulses that were delivered and not yet handed over (`hand_over`)."""


@dataclass(slots=True)
class _Channel:
    """The setting of a channel, the socket it comes out of, the load on that, and its totals."""

    socket: int
    load: "Load | None" = None
    pulse: Pulse = OFF
    flow: "Flow | None" = None
    flowing_ua: int = 0
    gain: float = 1.0
    set_ua: int = 0
    width_us: int = 0
    period_us: int = 0
    pattern_charge_pc: int = 0
    burst: int = 1
    form: tuple[Shape, int | None, tuple[int, ...]] = PLAIN
    pulses: int = 0
    charge_pc: int = 0
    peak_ua: int = 0
    missed: int = 0
    cuts: int = 0
    discharged_pc: int = 0
    last_pulse_us: int | None = None
    run_first_us: int = 0
    run_last_us: int = 0
    run_count: int = 0


class OutputStage:
    """The channels of one device, counted from 1, and everything they have delivered since it was built.

    `loads_ohm` puts a resistance on a channel; the current is then no more than `voltage_mv` drives through it. A channel
    without a load takes any current. `connect` puts a person on all channels instead. Power cycles do not reset the totals:
    what went into the body stays there.
    """

    def __init__(
        self,
        channels: int,
        scope: Scope | None = None,
        *,
        loads_ohm: Mapping[int, int] | None = None,
        voltage_mv: int = 150_000,
    ) -> None:
        self.channels: Final = range(1, channels + 1)
        self.scope: Final = scope
        self.voltage_mv: Final = voltage_mv
        self.first_output_us: int | None = None
        self.open_channels: Final[set[int]] = set()
        self._body: Body | None = None
        self._begun: Final[set[int]] = set()
        self._state: Final = {number: _Channel(number) for number in self.channels}
        if loads_ohm:
            for channel, ohm in loads_ohm.items():
                self.set_load(channel, ohm, 0)

    def connect(self, body: Body) -> None:
        """Puts the electrodes of all channels on a person. Once, before any output."""
        self._body = body
        for channel in self.channels:
            self._state[channel].load = load = body.load(channel)
            load.changed = partial(self._load_changed, load)
        body.connect(self)

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
        shape: Shape = "rectangular",
        gap_us: int | None = CLOSE_GAP_US,
        offsets_us: tuple[int, ...] = (0,),
    ) -> None:
        """From now on the pulses of `channel` have this peak, width of the first phase and distance; amplitude 0 is off.

        Setting what is set already does nothing. Where one pattern holds several pulses, `burst` says how many and
        `offsets_us` when each of them begins; `charge_pc` is the charge that a pattern drives in one direction, amplitude ×
        width × burst when not given (half of it for a triangular pulse). `gap_us` is the pause between the two phases, None
        for one phase alone; a body that is connected feels `shape` and `gap_us`. Pulses that began before `now_us` are to be
        delivered before this call.
        """
        state = self._state[channel]
        charge = amplitude_ua * width_us * burst // (2 if shape == "triangular" else 1) if charge_pc is None else charge_pc
        wanted = (amplitude_ua, width_us, period_us, charge, burst) if amplitude_ua else (0, 0, 0, 0, 1)
        form = (shape, gap_us, offsets_us) if amplitude_ua else state.form
        same = wanted == (state.set_ua, state.width_us, state.period_us, state.pattern_charge_pc, state.burst)
        if same and form == state.form:
            return
        self._hand_over(state)
        state.set_ua, state.width_us, state.period_us, state.pattern_charge_pc, state.burst = wanted
        state.form = form
        if self._body is not None and amplitude_ua and state.socket not in self._begun:
            self._begun.add(state.socket)
            self._body.begin(state.socket, now_us)
        if state.load is not None and amplitude_ua:
            self._follow(state, state.load, now_us)
        self._work_out(channel, state, now_us)

    def set_contact(self, channel: int, contact: bool, now_us: int) -> None:
        """The electrode of `channel` comes off (False) or is put back on (True). Without contact no current flows."""
        state = self._state[channel]
        if state.load is not None:
            state.load.set_connected(contact, now_us)
        elif self.has_contact(channel) != contact:
            self.open_channels.symmetric_difference_update((channel,))
            self._work_out(channel, state, now_us)

    def set_load(self, channel: int, ohm: int | None, now_us: int) -> None:
        """Puts a plain resistance between the electrodes of `channel`; None = it takes any current."""
        from firmware_sim.body.load import Resistor

        state = self._state[channel]
        if ohm == self.load_ohm(channel) and (ohm is None) == (state.load is None):
            return
        self._hand_over(state)
        state.load = None if ohm is None else Resistor(ohm)
        if state.load is not None:
            state.load.changed = partial(self._load_changed, state.load)
            state.load.set_connected(channel not in self.open_channels, now_us)
        self._work_out(channel, state, now_us)

    def set_gain(self, channel: int, gain: float, now_us: int) -> None:
        """The current of `channel` is so many times what is set, without the device knowing."""
        state = self._state[channel]
        if state.gain != gain:
            self._hand_over(state)
            state.gain = gain
            self._work_out(channel, state, now_us)

    def cross(self, channel: int, other: int, now_us: int) -> None:
        """Two channels have exchanged their sockets and what hangs on them, without the device knowing; once more undoes it."""
        one, two = self._state[channel], self._state[other]
        for state in (one, two):
            self._hand_over(state)
        one.socket, two.socket = two.socket, one.socket
        one.load, two.load = two.load, one.load
        if (channel in self.open_channels) != (other in self.open_channels):
            self.open_channels.symmetric_difference_update((channel, other))
        for each in (channel, other):
            self._work_out(each, self._state[each], now_us)

    def socket(self, channel: int) -> int:
        """The socket that this channel's current comes out of: its own, unless sockets are crossed."""
        return self._state[channel].socket

    def load_ohm(self, channel: int) -> int | None:
        """The plain resistance between the electrodes of this channel; None = there is none."""
        load = self._state[channel].load
        return None if load is None else load.plain_ohm

    def load(self, channel: int) -> "Load | None":
        """What hangs on this channel; None = it takes any current."""
        return self._state[channel].load

    def deliver(self, channel: int, pulses: int, at_us: int | None = None) -> None:
        """Counts pulses (whole patterns, where a pattern is a burst) that began in the present state.

        With no current in that state nothing is delivered. `at_us` says when the last of them began; a body needs it.
        """
        if pulses <= 0:
            return
        state = self._state[channel]
        load = state.load
        if load is not None and at_us is not None and load.restless:
            self._deliver_to_restless(state, load, pulses, at_us)
        elif state.flowing_ua:
            self._count(state, pulses, at_us)

    def cut_off(self, channel: int, missing_pc: int, discharged_pc: int) -> None:
        """The last pulse that was delivered has been cut off in its middle.

        So much of the charge of its first phase was not given, and so much that its second phase has not taken back was
        discharged by the device. It counts as a pulse all the same, on the oscilloscope too.
        """
        state = self._state[channel]
        state.cuts += 1
        state.charge_pc -= missing_pc
        state.discharged_pc += discharged_pc

    def all_off(self, now_us: int) -> None:
        """Sets every channel to zero."""
        for channel in self.channels:
            self.set_train(channel, now_us, 0, 0, 0)

    def hand_over(self) -> None:
        """Hands the body every pulse that was delivered up to now."""
        for state in self._state.values():
            self._hand_over(state)

    def amplitude_ua(self, channel: int) -> int:
        """The peak current of a pulse on this channel as things are: 0 when it is off or nothing is connected."""
        return self._state[channel].flowing_ua

    def flow(self, channel: int) -> "Flow | None":
        """What becomes of a pulse as things are, with the voltages that a device measures. None when off or without a load."""
        return self._state[channel].flow

    def measure(self, channel: int, pulse: Pulse) -> "Flow | None":
        """What would become of this pulse (a test pulse too weak to count). None without a load."""
        load = self._state[channel].load
        return None if load is None else load.flow(pulse, self.voltage_mv)

    def is_clipped(self, channel: int) -> bool:
        """Whether the voltage does not suffice for the current that is set, while something is connected."""
        flow = self._state[channel].flow
        return flow is not None and flow.clipped and not flow.is_open and self.has_contact(channel)

    def set_ua(self, channel: int) -> int:
        """The amplitude the device has set, whether or not it can flow."""
        return self._state[channel].set_ua

    def has_contact(self, channel: int) -> bool:
        """Whether the electrode of this channel is on, as far as a device can tell from its voltage and charge."""
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

    def missed(self, channel: int) -> int:
        """Patterns that went nowhere because a broken lead was open at that moment, ever."""
        return self._state[channel].missed

    def cuts(self, channel: int) -> int:
        """Pulses that were cut off in their middle and discharged, ever."""
        return self._state[channel].cuts

    def discharged_pc(self, channel: int) -> int:
        """The charge that pulses cut off in their middle had left and the device took back by itself, ever (pC)."""
        return self._state[channel].discharged_pc

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
        return not any(state.flowing_ua for state in self._state.values())

    def _count(self, state: _Channel, pulses: int, at_us: int | None) -> None:
        flow = state.flow
        charge_pc = pulses * state.pattern_charge_pc
        share = state.gain if flow is None else state.gain * flow.fraction
        state.pulses += pulses * state.burst
        state.charge_pc += charge_pc if share == 1.0 else int(charge_pc * share)
        state.peak_ua = max(state.peak_ua, state.flowing_ua)
        if at_us is not None:
            state.last_pulse_us = at_us
            if self._body is not None:
                self._add_to_run(state, pulses, at_us)
        if self.scope is not None:
            self.scope.count(state.socket, pulses * state.burst)

    def _add_to_run(self, state: _Channel, pulses: int, at_us: int) -> None:
        period_us = state.period_us
        first_us = at_us - (pulses - 1) * period_us
        if state.run_count and first_us == state.run_last_us + period_us:
            state.run_count += pulses
        else:
            self._hand_over(state)
            state.run_first_us, state.run_count = first_us, pulses
        state.run_last_us = at_us

    def _hand_over(self, state: _Channel) -> None:
        if state.run_count and self._body is not None and state.flow is not None:
            run = Run(state.pulse, state.flow, state.run_first_us, state.period_us, state.run_count, state.form[2])
            state.run_count = 0
            self._body.receive(state.socket, run)

    def _deliver_to_restless(self, state: _Channel, load: "Load", pulses: int, at_us: int) -> None:
        """As `deliver`, where the load changes by itself: piece by piece, each with the load as it is at that time."""
        period_us = state.period_us
        next_us = at_us - (pulses - 1) * period_us
        while pulses > 0:
            change_us = self._follow(state, load, next_us)
            piece = 1 if load.lead else pulses
            if change_us is not None and period_us:
                piece = min(piece, -(-(change_us - next_us) // period_us))
            if load.lead and load.lead.is_open(next_us):
                state.missed += piece
            elif state.flowing_ua:
                self._count(state, piece, next_us + (piece - 1) * period_us)
            next_us += piece * period_us
            pulses -= piece

    def _follow(self, state: _Channel, load: "Load", now_us: int) -> int | None:
        """Brings the load up to now; when it changes next."""
        if load.next_us is not None and load.next_us <= now_us:
            load.settle(now_us)
            self._load_changed(load, now_us)
        return load.next_us

    def _load_changed(self, load: "Load", now_us: int) -> None:
        for channel, state in self._state.items():
            if state.load is load:
                self._hand_over(state)
                self._work_out(channel, state, now_us)

    def _work_out(self, channel: int, state: _Channel, now_us: int) -> None:
        """What flows now, whether the electrode looks open, and the picture of it."""
        load = state.load
        wanted_ua = state.set_ua if state.gain == 1.0 else round(state.set_ua * state.gain)
        if load is None:
            state.flow = None
            state.flowing_ua = 0 if channel in self.open_channels else wanted_ua
        else:
            shape, gap_us, _ = state.form
            state.pulse = Pulse(wanted_ua, state.width_us, shape, gap_us) if wanted_ua else OFF
            flow = load.flow(state.pulse, self.voltage_mv) if wanted_ua else None
            is_open = load.is_open if flow is None else load.looks_open(flow, self.voltage_mv)
            (self.open_channels.add if is_open else self.open_channels.discard)(channel)
            state.flow = flow
            state.flowing_ua = 0 if flow is None else flow.peak_ua
        flowing = state.flowing_ua
        if flowing and self.first_output_us is None:
            self.first_output_us = now_us
        if self.scope is not None:
            width_us, period_us = (state.width_us, state.period_us) if flowing else (0, 0)
            self.scope.change(state.socket, now_us, flowing, width_us, period_us)
