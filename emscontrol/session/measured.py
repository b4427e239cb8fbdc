"""Does what the stimulator measures agree with what is in force? For devices that measure; each fault has its own test of it.

The device's word for what it wanted is not enough: its set value is held against the host's own, its measured value against
both, its pulse counter against the host's clock, its clock against the host's.
"""

from dataclasses import dataclass, field
from typing import Final

from emscontrol.core.events import Event, make
from emscontrol.core.pulse import Output, Outputs
from emscontrol.core.stimulator import Reading, Telemetry
from emscontrol.core.units import US_PER_MS, US_PER_S, format_ma, format_s
from emscontrol.session.supervision import SETTLED_US

TOLERANCE_PERCENT: Final = 20  # F27; the accuracy that the standard asks of a stimulator as well
SLACK_UA: Final = 1_000  # below this a percentage means nothing; the device's own check has the same
STEP_UA: Final = 100  # the finest step of a device that makes contractions by itself
SHORT_OHM: Final = 60  # V/I of bridged electrodes (physiology sheet 3.4)
LOW_READINGS: Final = 3  # F25: stop after 3 readings
DRIFT_PERCENT: Final = 5  # F28: > 5 % over 2 s
DRIFT_SPAN_US: Final = 2 * US_PER_S
SLACK_PULSES: Final = 2
RISE_PERCENT: Final = 50  # F30: the impedance rises by half in 2 s
RISE_SPAN_US: Final = 2 * US_PER_S
CLOCK_WRAP_US: Final = (1 << 32) * US_PER_MS
COUNTER_WRAP: Final = 1 << 32


@dataclass(slots=True)
class _Channel:
    """What is remembered of one channel while one output is in force on it.

    It took effect between `since_us`, when it was sent, and `surely_us`.
    """

    output: Output | None = None
    since_us: int = 0
    surely_us: int = 0
    from_us: int = 0
    from_pulses: int | None = None
    low: int = 0
    clipped: bool = False
    told: bool = False
    seen: list[tuple[int, int]] = field(default_factory=list)  # (time, impedance) at this set value
    seen_at_ua: int = 0


class Measurements:
    """Follows the readings of one session."""

    def __init__(self) -> None:
        self._channels: dict[int, _Channel] = {}
        self._first_device: tuple[int, int] | None = None
        self._last_device_us = -1
        self._moved_at_us = 0
        self._last_put: set[int] = set()
        self._astray: dict[int, int] = {}  # readings in a row of a pulse that did not reach the body, by channel

    def begin(self) -> None:
        """The device has been made ready anew: its counters begin again."""
        self._channels = {}
        self._last_put.clear()
        self._first_device = None
        self._last_device_us = -1
        self._astray = {}

    def put_in_force(self, outputs: Outputs, now_us: int) -> None:
        """These outputs are in force from now on."""
        self._last_put.clear()
        now = {output.channel: output for output in outputs.channels}
        for channel in now.keys() | self._channels.keys():
            known = self._channels.setdefault(channel, _Channel())
            if known.output != now.get(channel):
                self._channels[channel] = _Channel(now.get(channel), now_us, now_us)
                self._last_put.add(channel)

    def put_off(self, now_us: int) -> None:
        """The last outputs are still on their way, or have only now been confirmed: they may have taken effect just now."""
        for channel in self._last_put:
            self._channels[channel].surely_us = now_us

    def deviation(self, heard: Telemetry, now_us: int) -> str:
        """What is wrong, in a sentence, or an empty text. The first of several."""
        causes = [self._clock(heard.device_us, now_us)]
        causes += [self._channel(reading, now_us) for reading in heard.readings]
        return next((cause for cause in causes if cause), "")

    def worth_telling(self, heard: Telemetry) -> list[Event]:
        """For the record: what was measured, once on each plateau; and a channel that reaches the device's voltage."""
        events = []
        for reading in heard.readings:
            known = self._channels.get(reading.channel)
            if known is None or known.output is None:
                continue
            if not known.told and reading.set_ua == known.output.amplitude_ua:
                known.told = True
                events.append(
                    make(
                        "measured",
                        channel=reading.channel,
                        amplitude_ua=reading.amplitude_ua,
                        set_ua=reading.set_ua,
                        ohm=reading.impedance_ohm,
                        pulses=reading.pulses,
                    )
                )
            if reading.clipped and not known.clipped:
                known.clipped = True
                events.append(make("clipped", channel=reading.channel))
        return events

    # -- the checks ----------------------------------------------------------------------------------------------------

    def _clock(self, device_us: int, now_us: int) -> str:
        if device_us != self._last_device_us:
            self._last_device_us, self._moved_at_us = device_us, now_us
        elif now_us - self._moved_at_us > SETTLED_US:
            return "the stimulator says the same again and again: its telemetry stands still"
        if self._first_device is None:
            self._first_device = (device_us, now_us)
            return ""
        its_us = (device_us - self._first_device[0]) % CLOCK_WRAP_US
        ours_us = now_us - self._first_device[1]
        if ours_us < DRIFT_SPAN_US:
            return ""
        self._first_device = (device_us, now_us)
        if abs(its_us - ours_us) * 100 <= DRIFT_PERCENT * ours_us:
            return ""
        its = "ran back" if its_us > CLOCK_WRAP_US // 2 else f"went on by {format_s(its_us)}"
        return f"the stimulator's clock {its} in {format_s(ours_us)}: rates and widths may be wrong"

    def _channel(self, reading: Reading, now_us: int) -> str:
        known = self._channels.setdefault(reading.channel, _Channel(None, now_us))
        return (
            _too_strong(reading)
            or self._reaches_nobody(reading)
            or self._against_ours(known, reading, now_us)
            or self._counter(known, reading, now_us)
            or self._impedance(known, reading, now_us)
        )

    def _reaches_nobody(self, reading: Reading) -> str:
        """An open or bridged pair of electrodes, by figures of one pulse: no set point has to settle or makes it forgotten.

        A device looks for the same within one train; with single pulses it may never see three.
        """
        missing = reading.set_ua > SLACK_UA and reading.amplitude_ua * 2 < reading.set_ua
        bridged = reading.amplitude_ua >= SLACK_UA and reading.impedance_ohm is not None and reading.impedance_ohm < SHORT_OHM
        self._astray[reading.channel] = self._astray.get(reading.channel, 0) + 1 if missing or bridged else 0
        if self._astray[reading.channel] < LOW_READINGS:
            return ""
        if bridged:
            return f"the electrodes of channel {reading.channel} are bridged ({reading.impedance_ohm} Ω): look at them"
        return (
            f"channel {reading.channel} delivers {format_ma(reading.amplitude_ua)} where {format_ma(reading.set_ua)} are set: "
            "look at its electrodes and its lead"
        )

    def _against_ours(self, known: _Channel, reading: Reading, now_us: int) -> str:
        """The device's set and measured values against the output in force, once pulses of it must have been measured."""
        output = known.output
        earliest_us = now_us - known.surely_us - SETTLED_US - (output.train.period_us if output else 0)
        if output is None or earliest_us < 0:
            return ""
        most_ua = _most_ua(output, earliest_us, now_us - known.since_us)
        if reading.set_ua > most_ua:
            return (
                f"the stimulator has set channel {reading.channel} to {format_ma(reading.set_ua)}, "
                f"more than the {format_ma(most_ua)} that were commanded"
            )
        least_ua = _least_ua(output, earliest_us, now_us - known.since_us)
        low_ua = min(reading.amplitude_ua, reading.set_ua)
        is_low = least_ua - low_ua > max(SLACK_UA, least_ua * TOLERANCE_PERCENT // 100)
        known.low = known.low + 1 if is_low else 0
        if known.low < LOW_READINGS:
            return ""
        return (
            f"channel {reading.channel} delivers {format_ma(low_ua)} where {format_ma(least_ua)} or more are commanded: "
            "check its electrodes and its lead"
        )

    def _counter(self, known: _Channel, reading: Reading, now_us: int) -> str:
        """Pulses counted by the device against the host's clock."""
        if now_us - known.surely_us < SETTLED_US:  # it may speak of pulses from before
            return ""
        if known.from_pulses is None:
            known.from_us, known.from_pulses = now_us, reading.pulses
            return ""
        counted = (reading.pulses - known.from_pulses) % COUNTER_WRAP
        if known.output is None:
            return f"the stimulator delivers pulses on channel {reading.channel}, which was not commanded" if counted else ""
        span_us = now_us - known.from_us
        if span_us < DRIFT_SPAN_US:
            return ""
        known.from_us, known.from_pulses = now_us, reading.pulses
        train = known.output.train
        expected = span_us * train.burst_pulses // train.period_us
        slack = SLACK_PULSES * train.burst_pulses + expected * DRIFT_PERCENT // 100
        lowered = known.output.swell is not None and not _is_whole(known.output, span_us, now_us - known.since_us)
        if counted > expected + slack or (not lowered and counted < expected - slack):
            return f"channel {reading.channel} has had {counted} pulses where {expected} were due: the pulse rate is wrong"
        return ""

    def _impedance(self, known: _Channel, reading: Reading, now_us: int) -> str:
        """A rise by half at one and the same current: the electrode is coming off."""
        ohm = reading.impedance_ohm
        if ohm is None or known.output is None:
            return ""
        if known.seen_at_ua != reading.set_ua:
            known.seen_at_ua, known.seen = reading.set_ua, []
        known.seen = [(at_us, seen) for at_us, seen in known.seen if now_us - at_us <= RISE_SPAN_US]
        known.seen.append((now_us, ohm))
        lowest = min(seen for _, seen in known.seen)
        if ohm * 100 > lowest * (100 + RISE_PERCENT):
            return (
                f"the impedance of channel {reading.channel} rose from {lowest} to {ohm} Ω within 2 s: "
                "an electrode is coming off; look at it before going on"
            )
        return ""


def _too_strong(reading: Reading) -> str:
    over_ua = reading.amplitude_ua - reading.set_ua
    if over_ua <= max(SLACK_UA, reading.set_ua * TOLERANCE_PERCENT // 100):
        return ""
    return (
        f"channel {reading.channel} was measured at {format_ma(reading.amplitude_ua)}, "
        f"more than the {format_ma(reading.set_ua)} that are set"
    )


def _least_ua(output: Output, earliest_us: int, at_us: int) -> int:
    """The least a pulse of this output can have had within what the last reading may speak of."""
    if output.swell is None:
        return output.amplitude_ua
    return min(output.swell.amplitude_ua(output.amplitude_ua, t_us) for t_us in (earliest_us, at_us))


def _most_ua(output: Output, earliest_us: int, at_us: int) -> int:
    """The most a pulse of this output can have had within what the last reading may speak of."""
    swell = output.swell
    if swell is None:
        return output.amplitude_ua
    if at_us >= swell.rise_us and earliest_us <= swell.rise_us + swell.hold_us:
        return output.amplitude_ua
    step_ua = STEP_UA * output.train.waveform.recovery_ratio
    return max(swell.amplitude_ua(output.amplitude_ua, t_us) for t_us in (earliest_us, at_us)) + step_ua


def _is_whole(output: Output, span_us: int, at_us: int) -> bool:
    """Whether every pulse of the last `span_us` had a current: not so at the very ends of a ramp."""
    swell = output.swell
    if swell is None:
        return True
    quiet_ua = max(output.amplitude_ua // 20, STEP_UA * output.train.waveform.recovery_ratio)
    return all(swell.amplitude_ua(output.amplitude_ua, t_us) > quiet_ua for t_us in (at_us - span_us, at_us))
