"""The last look at every command, and the only holder of a stimulator.

Whatever judged a value before, the gate judges it again as the device will really make it, and then a few things that only
it can know: how fast the current rises, whether it began at zero, how much of the session's allowance is used, and whether a
fault still stands. `stop` goes through without being asked anything.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from emscontrol.core.errors import SafetyRefusal
from emscontrol.core.pulse import NOTHING, Output, Outputs, Swell, Train
from emscontrol.core.stimulator import _GATE_KEY, ChannelLimits, Cleared, DeviceEvent, Stimulator
from emscontrol.core.units import US_PER_S, format_ma, format_s
from emscontrol.safety.envelope import ChannelEnvelope, within_device
from emscontrol.safety.limits import LIMITS
from emscontrol.safety.rules import judge, max_amplitude_ua

PC_PER_NC = 1_000
RISE_INTERVAL_US = 100_000  # how much of a ramp one step may make up at most
RISE_SLACK_US = 50_000  # a step that comes late may be followed by one on time
SOFT_START_US = LIMITS["RESUME_RAMP_MIN"].value  # first rise after a pause or a fault (control RC-14)
FOREVER_US = 2**63  # later than any clock tells
SWELL_ROUNDING_US = 3  # the time booked for a contraction is rounded up in so many places


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a session may use up, counted here and not in the plan, so that a lost end step cannot prolong it.

    `on_time_us` is time with current on any channel; `charge_pc` is the charge of first phases, by channel.
    """

    on_time_us: int
    charge_pc: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class _Rise:
    """How far one channel may still rise: credit that time refills and each rise spends.

    `amplitude_ua` is the plateau of a contraction (`swell`) that the device began at `began_us`.
    """

    amplitude_ua: int = 0
    credit_ua: int = 0
    at_us: int = 0
    swell: Swell | None = None
    began_us: int = 0

    def now_ua(self, now_us: int) -> int:
        """The amplitude that is in force."""
        return self.amplitude_ua if self.swell is None else self.swell.amplitude_ua(self.amplitude_ua, now_us - self.began_us)


class SafetyGate:
    """Clears outputs for one stimulator and one session.

    `envelopes` are the limits in force by channel; a channel without one gets no current. The gate starts disarmed.
    """

    def __init__(self, stimulator: Stimulator, envelopes: Mapping[int, ChannelEnvelope], allowance: Allowance) -> None:
        self._stimulator = stimulator
        self._envelopes = dict(envelopes)
        self._allowance = allowance
        self._armed = False
        self._latched = ""
        self._number = 0
        self._in_force = NOTHING
        self._in_force_at_us = 0
        self._lasts_until_us = FOREVER_US
        self._rises: dict[int, _Rise] = {}
        self._slow_left_us: dict[int, int] = {}  # current to come, at a slow rise, by channel
        self._slow_since_us: dict[int, int] = {}  # since when it flows
        self._used_us = 0
        self._used_charge_pc: dict[int, int] = {}
        self._trains_made: dict[int, tuple[Train, Train]] = {}  # by channel: what it was given last, and that as made
        self._passed: set[Output] = set()
        self._last_made: Outputs | None = None

    # -- what passes through -------------------------------------------------------------------------------------------

    @property
    def busy(self) -> bool:
        """True while the stimulator waits for an acknowledgement."""
        return self._stimulator.busy

    def takes(self, outputs: Outputs) -> bool:
        """Whether `send` may be called with these now: when nothing is outstanding, or what is gives way to zero."""
        return not self._stimulator.busy or (outputs.is_zero and self._stimulator.gives_way)

    @property
    def in_force(self) -> Outputs:
        """The outputs that were last cleared."""
        return self._in_force

    def amplitude_now_ua(self, channel: int, now_us: int) -> int:
        """The amplitude of a channel at this time; inside a contraction that the device makes, that of its ramp."""
        rise = self._rises.get(channel)
        return rise.now_ua(now_us) if rise is not None and self._in_force.amplitude_ua(channel) else 0

    @property
    def last_number(self) -> int:
        """The clearance number of the last outputs."""
        return self._number

    @property
    def latched(self) -> str:
        """The first cause that holds the output at zero; empty when nothing does."""
        return self._latched

    @property
    def armed(self) -> bool:
        """True between `arm` and the next stop, fault or disarm."""
        return self._armed

    def connect(self, now_us: int) -> bytes:
        """Begin the stimulator's handshake."""
        return self._stimulator.connect(now_us)

    def prepare(self, trains: Mapping[int, Train], now_us: int, used: Mapping[int, Collection[Train]] | None = None) -> bytes:
        """Make the device ready for these trains, at zero. Refused while current is in force.

        `used` are all trains that each channel will be given in the session, where there are more than these.
        """
        if not self._in_force.is_zero:
            raise SafetyRefusal("The device can only be made ready while no current is commanded.", "Pause or stop first.")
        every = {channel: (train,) for channel, train in trains.items()} if used is None else used
        return self._stimulator.prepare(trains, self._limits(every), now_us)

    def check_electrode(self, channel: int, now_us: int) -> bytes:
        """Have the device measure a channel at rest. Refused when armed and for a channel that is not part of this."""
        if channel not in self._envelopes:
            raise SafetyRefusal(f"Channel {channel} is not part of this session.", rules=("UNKNOWN_CHANNEL",))
        if not self._in_force.is_zero or self._armed:
            raise SafetyRefusal("Electrodes are measured at rest, before arming.", "Stop first.", ("ZERO_FIRST",))
        return self._stimulator.check_electrode(channel, now_us)

    def read_back(self, now_us: int) -> bytes:
        """Ask the device what it is doing."""
        return self._stimulator.read_back(now_us)

    def tick(self, now_us: int) -> bytes:
        """Repeats and keep-alives that are due."""
        return self._stimulator.tick(now_us)

    def receive(self, data: bytes, now_us: int) -> list[DeviceEvent]:
        """What the device says."""
        return self._stimulator.receive(data, now_us)

    def due_us(self) -> int | None:
        """When `tick` is needed next."""
        return self._stimulator.due_us()

    def fit_device(self) -> None:
        """Tighten every envelope to what the stimulator has said of itself since it was connected (F35: the lower rules).

        Raises SafetyRefusal for a channel that it turns out not to have; then nothing has changed.
        """
        able = self._stimulator.capabilities
        self._envelopes = {channel: within_device(envelope, able) for channel, envelope in self._envelopes.items()}
        self._passed.clear()
        self._trains_made.clear()
        self._last_made = None

    # -- stop, arm, latch ----------------------------------------------------------------------------------------------

    def stop(self, now_us: int) -> bytes:
        """Turn everything off. Asks nothing, may be called in any state and again; disarms."""
        data = self._stimulator.stop(now_us)
        self._account(now_us)
        self._armed = False
        self._take_in_force(NOTHING, now_us)
        return data

    def latch(self, cause: str) -> None:
        """Hold the output at zero until `clear`. The first cause is kept."""
        self._latched = self._latched or cause
        self._armed = False

    def clear(self) -> None:
        """The operator has seen the cause. Clearing never restarts anything: the gate stays disarmed."""
        self._latched = ""

    def arm(self, now_us: int) -> None:
        """Allow current from now on, from zero. Raises SafetyRefusal when a fault stands or a current is still commanded."""
        if self._latched:
            raise SafetyRefusal(f"A fault still stands: {self._latched}.", "Find its cause and clear it, then arm again.")
        if not self._in_force.is_zero:
            raise SafetyRefusal("Arming needs every amplitude at zero.", "Pause or stop first.", ("ZERO_FIRST",))
        self._armed = True
        self._rises = {}
        self._in_force_at_us = now_us

    def from_zero(self) -> None:
        """Each channel's next current begins at zero and rises over at least two seconds (after a pause or a fault)."""
        self._rises = {}
        self._slow_left_us = dict.fromkeys(self._envelopes, SOFT_START_US)
        self._slow_since_us = {}

    def check(self, output: Output) -> None:
        """Whether the rules would let this output through at all. Raises SafetyRefusal; sends nothing."""
        made = self._made(output)
        envelope = self._envelopes.get(made.channel)
        if envelope is None:
            raise SafetyRefusal(f"Channel {made.channel} is not part of this session.", rules=("UNKNOWN_CHANNEL",))
        self._judge(made, envelope)

    # -- the look itself -----------------------------------------------------------------------------------------------

    def send(self, outputs: Outputs, now_us: int) -> bytes:
        """Judge these outputs as the device will make them and hand them to the driver.

        Raises SafetyRefusal, or whatever the driver raises; then nothing has changed.
        """
        real = self.as_made(outputs)
        if not real.is_zero:
            self._require_armed(now_us)
            rises = {output.channel: self._judged(output, now_us) for output in real.channels}
        else:
            rises = {}
        data = self._stimulator.send(Cleared(real, self._number + 1, _GATE_KEY), now_us)
        self._account(now_us)
        self._count_slow_start(real, now_us)
        self._number += 1
        self._rises = rises
        self._take_in_force(real, now_us)
        return data

    @property
    def lasts_until_us(self) -> int:
        """The last moment at which the allowance suffices for the outputs in force."""
        return self._lasts_until_us

    def exhausted(self, now_us: int) -> str:
        """Why the session's allowance is used up, or an empty text."""
        if now_us <= self._lasts_until_us:
            return ""
        running_us = self._running_us(now_us)
        if self._used_us + running_us > self._allowance.on_time_us:
            return f"the session's {format_s(self._allowance.on_time_us)} of current are used up"
        for output in self._in_force.channels:
            limit_pc = self._allowance.charge_pc.get(output.channel, 0)
            used_pc = self._used_charge_pc.get(output.channel, 0) + self._charge_pc(output, now_us)
            if used_pc > limit_pc:
                return f"the charge planned for channel {output.channel} ({limit_pc / 1e9:.3f} mC) is used up"
        return ""

    def as_made(self, outputs: Outputs) -> Outputs:
        """These outputs in the device's steps, without those at zero; the same object when nothing had to be changed."""
        if outputs is self._last_made:
            return outputs
        made = [self._made(output) for output in outputs.channels]
        channels = [output.channel for output in made]
        if channels != sorted(set(channels)):
            raise SafetyRefusal("A channel is named twice or out of order in one command.", rules=("ONE_OUTPUT_A_CHANNEL",))
        for asked, real in zip(outputs.channels, made, strict=True):
            if real is not asked and _stronger(real, asked):
                raise SafetyRefusal(
                    f"Channel {real.channel}: the device would deliver more than was asked after rounding.",
                    "This is a fault of its driver; do not use it.",
                    ("ROUNDING_NEVER_UP",),
                )
        self._last_made = _rebuilt(outputs, made)
        return self._last_made

    def _made(self, output: Output) -> Output:
        """One output in the device's steps. The steps of one and the same train are worked out once for a channel."""
        given, train = self._trains_made.get(output.channel, (None, output.train))
        if given is not output.train:
            made = self._stimulator.quantise_train(output.train)
            train = output.train if made == output.train else made
            self._trains_made[output.channel] = (output.train, train)
        amplitude_ua = self._stimulator.quantise_amplitude(output.train, output.amplitude_ua)
        if amplitude_ua == output.amplitude_ua and train is output.train:
            return output
        return Output(output.channel, train, amplitude_ua, output.swell)

    def _require_armed(self, now_us: int) -> None:
        if self._latched:
            raise SafetyRefusal(f"A fault still stands: {self._latched}.", "Clear it and arm again.", ("FAULT_LATCHED",))
        if not self._armed:
            raise SafetyRefusal("The session is not armed.", "Arm it first.", ("NOT_ARMED",))
        cause = self.exhausted(now_us)
        if cause:
            raise SafetyRefusal(f"No more current in this session: {cause}.", "", ("ALLOWANCE",))

    def _judged(self, output: Output, now_us: int) -> _Rise:
        envelope = self._envelopes.get(output.channel)
        if envelope is None:
            raise SafetyRefusal(
                f"Channel {output.channel} is not part of this session.", "Add it to the protocol.", ("UNKNOWN_CHANNEL",)
            )
        if output not in self._passed:  # the rules and the envelope never change, so neither does a verdict
            self._judge(output, envelope)
        return self._risen(output, envelope, now_us)

    def _judge(self, output: Output, envelope: ChannelEnvelope) -> None:
        judgement = judge(output, envelope)
        if judgement.refused:
            refusing = judgement.refused
            raise SafetyRefusal(
                " ".join(f"Channel {output.channel}: {verdict.sentence()}" for verdict in refusing),
                rules=tuple(verdict.rule for verdict in refusing),
            )
        self._passed.add(output)

    def within_rise(self, outputs: Outputs, now_us: int) -> Outputs:
        """The same outputs with each rise shortened to what the channel's ramp allows by now.

        For a step that comes late: the current then climbs on from where it is and does not jump to where it should be.
        A contraction that the device makes begins at zero whenever it comes.
        Lowering is never touched. `send` judges the result like any other.
        """
        reachable = []
        made = self.as_made(outputs)
        for output in made.channels:
            envelope = self._envelopes.get(output.channel)
            if envelope is not None and output.swell is None:
                before_ua, credit_ua = self._credit(output, envelope, now_us)
                highest_ua = before_ua + credit_ua
                if output.amplitude_ua > highest_ua:
                    made_ua = self._stimulator.quantise_amplitude(output.train, highest_ua)
                    output = Output(output.channel, output.train, made_ua)
            reachable.append(output)
        return _rebuilt(made, reachable)

    def _risen(self, output: Output, envelope: ChannelEnvelope, now_us: int) -> _Rise:
        """The channel's rise account after this output, or a refusal when it rises too fast."""
        if output.swell is not None:
            return self._swelled(output, output.swell, envelope, now_us)
        before_ua, credit_ua = self._credit(output, envelope, now_us)
        rise_ua = output.amplitude_ua - before_ua
        if rise_ua > credit_ua:
            raise SafetyRefusal(
                f"Channel {output.channel}: a rise of {format_ma(rise_ua)} at once is more than the "
                f"{format_ma(credit_ua)} that its ramp allows by now.",
                "Raise in smaller steps.",
                ("RISE",),
            )
        return _Rise(output.amplitude_ua, credit_ua - max(0, rise_ua), now_us)

    def _swelled(self, output: Output, swell: Swell, envelope: ChannelEnvelope, now_us: int) -> _Rise:
        """As `_risen`, for a contraction that the device makes: its whole rise is judged, once, when it begins."""
        if not self._stimulator.capabilities.contractions:
            raise SafetyRefusal(
                f"Channel {output.channel}: this stimulator does not make contractions by itself.",
                "This is a fault of the program; do not use it.",
                ("RISE",),
            )
        before = self._rises.get(output.channel)
        if before is not None and (before.swell, before.amplitude_ua) == (swell, output.amplitude_ua):
            return before
        allowed_ua = self._rise_ua_per_s(envelope, now_us) * max(swell.rise_us, RISE_INTERVAL_US) // US_PER_S
        if output.amplitude_ua > allowed_ua:
            raise SafetyRefusal(
                f"Channel {output.channel}: a rise to {format_ma(output.amplitude_ua)} in {format_s(swell.rise_us)} is faster "
                f"than its ramp allows ({format_ma(allowed_ua)} in that time).",
                "Give it a longer ramp.",
                ("RISE",),
            )
        return _Rise(output.amplitude_ua, 0, now_us, swell, now_us)

    def _count_slow_start(self, outputs: Outputs, now_us: int) -> None:
        """The two seconds of a slow start are seconds with current: a rest does not use them up."""
        for channel, left_us in tuple(self._slow_left_us.items()):
            since_us = self._slow_since_us.pop(channel, now_us)
            if left_us <= now_us - since_us:
                del self._slow_left_us[channel]
                continue
            self._slow_left_us[channel] = left_us - (now_us - since_us)
            if outputs.amplitude_ua(channel):
                self._slow_since_us[channel] = now_us

    def _credit(self, output: Output, envelope: ChannelEnvelope, now_us: int) -> tuple[int, int]:
        """(amplitude in force, how far it may rise now) of a channel, in µA."""
        per_s = self._rise_ua_per_s(envelope, now_us)
        step_ua = self._stimulator.capabilities.amplitude_step_ua * output.train.waveform.recovery_ratio
        before = self._rises.get(output.channel)
        if before is None:
            return 0, max(step_ua, per_s * RISE_INTERVAL_US // US_PER_S)
        refill_ua = per_s * max(0, now_us - before.at_us) // US_PER_S
        most_ua = per_s * (RISE_INTERVAL_US + RISE_SLACK_US) // US_PER_S + step_ua
        return before.now_ua(now_us), min(most_ua, before.credit_ua + refill_ua)

    def _rise_ua_per_s(self, envelope: ChannelEnvelope, now_us: int) -> int:
        per_s = envelope.rise_max_ua_per_s
        left_us = self._slow_left_us.get(envelope.channel, 0)
        if left_us > now_us - self._slow_since_us.get(envelope.channel, now_us):
            return min(per_s, envelope.amplitude_max_ua * US_PER_S // SOFT_START_US)
        return per_s

    def _limits(self, used: Mapping[int, Collection[Train]]) -> dict[int, ChannelLimits]:
        """What a device that can lock limits is given: the envelopes, and the widths and rates of these trains."""
        limits = {}
        for channel, trains in used.items():
            envelope = self._envelopes.get(channel)
            if envelope is None:
                raise SafetyRefusal(f"Channel {channel} is not part of this session.", rules=("UNKNOWN_CHANNEL",))
            made = [self._stimulator.quantise_train(train) for train in trains]
            most_ua = {train: _most_ua(channel, train, envelope) for train in made}
            charge_pc = max(train.waveform.charge_pc(amplitude_ua) for train, amplitude_ua in most_ua.items())
            limits[channel] = ChannelLimits(
                amplitude_max_ua=max(most_ua.values()),
                width_max_us=max(train.waveform.width_us for train in made),
                period_min_us=min(train.period_us for train in made),
                charge_max_pc=-(-charge_pc // PC_PER_NC) * PC_PER_NC,  # a lock counts in nC, and must not refuse the last one
                rise_max_ua_per_s=envelope.rise_max_ua_per_s,
                shapes=frozenset(train.waveform.shape for train in made),
                burst_max=max(train.burst_pulses for train in made),
            )
        return limits

    # -- book-keeping --------------------------------------------------------------------------------------------------

    def _running_us(self, now_us: int) -> int:
        return 0 if self._in_force.is_zero else now_us - self._in_force_at_us

    def _account(self, now_us: int) -> None:
        """Book the time and charge that the outputs in force have used since they were cleared, rounded against the patient."""
        elapsed_us = self._running_us(now_us)
        self._used_us += elapsed_us
        for output in self._in_force.channels:
            used_pc = self._used_charge_pc.get(output.channel, 0)
            self._used_charge_pc[output.channel] = used_pc + self._charge_pc(output, now_us)

    def _charge_pc(self, output: Output, now_us: int) -> int:
        """Charge of an output's first phases since the outputs in force were cleared, rounded up."""
        flowing_us = now_us - self._in_force_at_us
        rise = self._rises.get(output.channel)
        if output.swell is not None and rise is not None:
            passed_us = now_us - rise.began_us
            before_us = max(0, passed_us - flowing_us)
            flowing_us = output.swell.plateau_time_us(passed_us) - output.swell.plateau_time_us(before_us) + (before_us > 0)
        return -(-flowing_us * _period_charge_pc(output) // output.train.period_us)

    def _take_in_force(self, outputs: Outputs, now_us: int) -> None:
        self._in_force = outputs
        self._in_force_at_us = now_us
        self._lasts_until_us = now_us + self._left_us()

    def _left_us(self) -> int:
        """How long the outputs in force may go on: `exhausted` solved for the time. Negative when too much is used already."""
        left_us = self._allowance.on_time_us - self._used_us
        if self._in_force.is_zero:
            return FOREVER_US if left_us >= 0 else left_us
        for output in self._in_force.channels:
            limit_pc = self._allowance.charge_pc.get(output.channel, 0)
            left_pc = limit_pc - self._used_charge_pc.get(output.channel, 0)
            per_period_pc = _period_charge_pc(output)
            if per_period_pc:
                spare_us = 0 if output.swell is None else SWELL_ROUNDING_US
                left_us = min(left_us, left_pc * output.train.period_us // per_period_pc - spare_us)
        return left_us


def _rebuilt(outputs: Outputs, channels: Sequence[Output]) -> Outputs:
    """The outputs with these in place of theirs, those at zero left out; the same object when they are the same."""
    kept = tuple([output for output in channels if output.amplitude_ua > 0])
    return outputs if kept == outputs.channels else Outputs(kept)


def _period_charge_pc(output: Output) -> int:
    """Charge of the first phases in one period."""
    return output.train.burst_pulses * output.train.waveform.charge_pc(output.amplitude_ua)


def _most_ua(channel: int, train: Train, envelope: ChannelEnvelope) -> int:
    """The largest amplitude that the rules allow with this train."""
    cap_ua = envelope.amplitude_max_ua
    return max_amplitude_ua(train, envelope)[0] if judge(Output(channel, train, cap_ua), envelope).refused else cap_ua


def _stronger(real: Output, asked: Output) -> bool:
    """True when rounding has made anything of an output more than was asked."""
    made, wanted = real.train, asked.train
    return (
        real.channel != asked.channel
        or real.amplitude_ua > asked.amplitude_ua
        or made.period_us < wanted.period_us
        or made.waveform.width_us > wanted.waveform.width_us
        or made.burst_pulses > wanted.burst_pulses
        or made.burst_interval_us < wanted.burst_interval_us
        or (made.waveform.shape, made.waveform.recovery_ratio) != (wanted.waveform.shape, wanted.waveform.recovery_ratio)
    )
