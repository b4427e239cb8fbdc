"""What each channel was given, counted again from the lines of the record as the engine itself counts.

Fed record by record, so a journal of any length needs no more memory than its channels. Pulses are those that the set points
stand for up to the last record; whatever flowed after it, nobody knows. Nothing in a record makes it fail: at what makes no
sense it gives up, and says so.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

from emscontrol.core.errors import UsageError
from emscontrol.core.events import EVENTS, Event
from emscontrol.core.pulse import NOTHING, Output, Outputs, Shape, Swell, Train, Waveform
from emscontrol.core.units import US_PER_S
from emscontrol.program.tally import Tally
from emscontrol.protocol.model import Protocol
from emscontrol.protocol.parts import Group
from emscontrol.protocol.travel import from_line
from emscontrol.record.reading import TEXTS_KEPT, Rows

MEASURED: Final = "measured"
FOLLOWED: Final = frozenset(
    {"session_opened", "phase_started", "contraction_started", "asked", "set_point", "stop_sent", MEASURED}
)
LONGEST_US: Final = 24 * 3600 * US_PER_S  # between two records, and of a contraction
WORKED_OUT_MAX: Final = 2**23  # pulses, one by one, of contractions of the device's own; 8 channels have 4.3 million in an hour
KEYS: Final = ("pulses", "contractions", "peak_ua", "plateau_ua", "charge_pc", "on_us")
TRAINS_MAX: Final = 256  # different ones of which the strongest output is kept; no session has as many
CHANNELS_MAX: Final = 64  # that are counted; a stimulator has 8 at the most
BY_SHAPE: Final = frozenset({"pulses", "charge_pc"})
"""The figures that follow from the shape of the pulses and from bursts, which the record of a measurement does not have."""


@dataclass(slots=True)
class Measured:
    """What the stimulator itself reported of a channel: pulses by its own counter, and the highest current it measured."""

    pulses: int = 0
    peak_ua: int = 0


class Reckoner:
    """Feed it records in order with `take`; `channels` tells what they add up to."""

    def __init__(self) -> None:
        self.lost = False  # it came upon something that makes no sense, or there was no beginning
        self.shapes_known = False  # whether the protocol says what the pulses look like
        self.measured: dict[int, Measured] = {}
        self.limits: Mapping[str, Any] = {}  # the envelope of each channel as the record names it, by channel
        self.protocol: Protocol | None = None  # None in a measurement, and before the opening
        self._tally: Tally | None = None
        self._prepared: dict[int, Train] = {}
        self._common_grid = False
        self._phase = 0
        self._swells = 0
        self._outputs = NOTHING
        self._made: dict[str, Outputs] = {}  # of rows that came before in this phase, by their text
        self._trains: dict[tuple[int, int, int, int], Train] = {}  # made once each: by channel, phase, width and period
        self._running: dict[int, tuple[Swell, int]] = {}  # contractions of the device's own, and when each began
        self._begun: dict[int, int] = {}
        self._strongest_ua: dict[tuple[int, int, int, int], int] = {}  # by channel, phase, width and period
        self._seen: set[int] = set()
        self._last_us = 0
        self._worked_out = 0

    def take(self, kind: str, args: Mapping[str, Any], t_us: int, known: bool = False) -> None:
        """The next record; `args` may hold other members too. Kinds that say nothing of output only move the time.

        `known` says that its arguments were found to be what the vocabulary wants.
        """
        if self.lost and kind != MEASURED:
            return
        try:
            if kind not in FOLLOWED:
                self._require_sense(t_us)
                self._last_us = t_us
                return
            if not known:
                args = Event(kind, {name: args[name] for name in EVENTS[kind].args if name in args}).args
            if kind == MEASURED:  # first of all: what the stimulator reported needs no sense in the lines before it
                self._measure(args)
            if not self.lost:
                self._follow(kind, args, t_us)
        except (ValueError, TypeError, KeyError, AttributeError, ArithmeticError):
            self.lost = True

    def channels(self) -> dict[int, dict[str, int]]:
        """Totals by channel so far, as the record's own `totals`; what is on stops with the last record."""
        if self._tally is None:
            return {}
        self._tally.stop(self._last_us)
        return {
            channel: dict(
                zip(
                    KEYS,
                    (s.pulses, self._begun.get(channel, 0), s.peak_ua, self._tally.plateau_ua(channel), s.charge_pc, s.on_us),
                    strict=True,
                )
            )
            for channel, s in sorted(self._tally.sums().items())
        }

    def amplitude_ua(self, channel: int, at_us: int) -> int:
        """What is commanded on a channel at this time; inside a contraction that the device makes, that of its ramp."""
        plateau_ua = self._outputs.amplitude_ua(channel)
        if channel not in self._running:
            return plateau_ua
        swell, began_us = self._running[channel]
        return swell.amplitude_ua(plateau_ua, at_us - began_us)

    def pulses(self, channel: int, at_us: int) -> int:
        """Pulses of a channel up to this time, which is not before the last record."""
        return self._tally.pulses(channel, at_us) if self._tally else 0

    def contractions(self, channel: int) -> int:
        """How many contractions of a channel have begun; of a measurement, how many steps have been given."""
        return self._begun.get(channel, 0)

    def strongest(self) -> list[Output]:
        """The highest amplitude commanded on each channel with each of its trains."""
        highest: dict[tuple[int, Train], int] = {}
        for (channel, phase, width_us, period_us), amplitude_ua in self._strongest_ua.items():
            key = channel, self._train(channel, phase, width_us, period_us)
            highest[key] = max(amplitude_ua, highest.get(key, 0))
        return [Output(channel, train, amplitude_ua) for (channel, train), amplitude_ua in highest.items()]

    def _follow(self, kind: str, args: Mapping[str, Any], t_us: int) -> None:
        if kind == "session_opened":
            self._open(args)
            self._last_us = t_us
            return
        if self._tally is None:
            raise ValueError("no beginning")
        self._require_sense(t_us)
        if kind == "set_point":
            self._set(args["outputs"], t_us)
        elif kind == "phase_started":
            self._phase, self._made = args["index"] - 1, {}
        elif kind == "contraction_started":
            self._begin(args["channels"])
        elif kind == "asked":  # a step of a measurement is its contraction
            self._begin((args["channel"],))
        elif kind == "stop_sent":
            self._outputs, self._running = NOTHING, {}
            self._tally.stop(t_us)
        else:
            self._note_channels((args["channel"],))
        self._last_us = t_us

    def _require_sense(self, t_us: int) -> None:
        """Time goes on, by less than a day, and so little of it that whatever the set points stand for can be worked out."""
        if self._tally is None:
            return
        gone_us = t_us - self._last_us
        if not 0 <= gone_us <= LONGEST_US:
            raise ValueError("a time that makes no sense")
        if self._running:
            self._worked_out += sum(gone_us // o.train.period_us for o in self._outputs.channels if o.swell is not None)
            if self._worked_out > WORKED_OUT_MAX:
                raise ValueError("no session has so many pulses")

    def _measure(self, args: Mapping[str, Any]) -> None:
        if args["channel"] in self.measured or len(self.measured) < CHANNELS_MAX:
            measured = self.measured.setdefault(args["channel"], Measured())
            measured.pulses, measured.peak_ua = args["pulses"], max(measured.peak_ua, args["amplitude_ua"])

    def _open(self, args: Mapping[str, Any]) -> None:
        try:
            self.protocol = from_line(str(args["protocol_compiled"]))
        except UsageError:
            self.protocol = None  # a measurement, which has a procedure in its place
        self.shapes_known = self.protocol is not None
        self.limits = args["envelope"]
        capabilities = args["capabilities"]
        self._common_grid = bool(capabilities.get("common_grid"))
        phases = self.protocol.phases if self.protocol else ()
        channels = sorted({channel for phase in phases for group in phase.groups for channel in group.channels})
        slot_us = int(capabilities.get("slot_us", 0))
        delays_us = {channel: place * slot_us for place, channel in enumerate(channels)}
        self._made = {}
        self._tally = Tally(self._prepared, delays_us, int(capabilities.get("amplitude_step_ua", 1)))

    def _note_channels(self, channels: Iterable[int]) -> None:
        self._seen.update(channels)
        if len(self._seen) > CHANNELS_MAX:
            raise ValueError("no stimulator has so many channels")

    def _begin(self, channels: Sequence[int]) -> None:
        self._note_channels(channels)
        for channel in channels:
            self._begun[channel] = self._begun.get(channel, 0) + 1

    def _set(self, rows: Sequence[Mapping[str, int]], t_us: int) -> None:
        text = rows.text if isinstance(rows, Rows) else None
        known = None if text is None else self._made.get(text)
        if known is not None:
            self._running = {}
            self._outputs = known
        else:
            self._make(rows, t_us)
            if text is not None and not self._running and len(self._made) < TEXTS_KEPT:
                self._made[text] = self._outputs
        cast("Tally", self._tally).set(t_us, self._outputs)

    def _make(self, rows: Sequence[Mapping[str, int]], t_us: int) -> None:
        """The outputs that rows stand for, with whatever is to be noted of them once."""
        self._note_channels(row["channel"] for row in rows)
        if not all(row["period_us"] for row in rows):
            raise ValueError("pulses follow each other in no time")
        if self._common_grid:
            for row in rows:  # a channel keeps its rate through a session
                self._prepared.setdefault(row["channel"], self._train_of(row))
        self._running = {row["channel"]: self._swell(row, t_us) for row in rows if "rise_us" in row}
        self._outputs = Outputs(tuple(map(self._output, rows)))
        for row in rows:
            self._note_strongest(row)

    def _note_strongest(self, row: Mapping[str, int]) -> None:
        amplitude_ua, key = row["amplitude_ua"], (row["channel"], self._phase, row["width_us"], row["period_us"])
        known_ua = self._strongest_ua.get(key, 0)
        if amplitude_ua > known_ua:
            if not known_ua and len(self._strongest_ua) == TRAINS_MAX:
                raise ValueError("no session has so many trains")
            self._strongest_ua[key] = amplitude_ua

    def _swell(self, row: Mapping[str, int], now_us: int) -> tuple[Swell, int]:
        """The contraction that a device makes by itself: the one before goes on while it lasts and looks the same."""
        shape = (row.get("rise_us", 0), row.get("hold_us", 0), row.get("fall_us", 0))
        before = self._running.get(row["channel"])
        if before and now_us < before[1] + before[0].end_us and _shape(before[0]) == shape:
            return before
        if sum(shape) > LONGEST_US:
            raise ValueError("no device makes a contraction of days")
        self._swells += 1
        return Swell(self._swells, *shape), now_us

    def _output(self, row: Mapping[str, int]) -> Output:
        swell = self._running[row["channel"]][0] if "rise_us" in row else None
        return Output(row["channel"], self._train_of(row), row["amplitude_ua"], swell)

    def _train_of(self, row: Mapping[str, int]) -> Train:
        key = (row["channel"], self._phase, row["width_us"], row["period_us"])
        known = self._trains.get(key)
        if known is None:
            known = self._train(*key)
            if len(self._trains) < TRAINS_MAX:
                self._trains[key] = known
        return known

    def _train(self, channel: int, phase: int, width_us: int, period_us: int) -> Train:
        """The pulses of a set point. Its record has width and period; shape and bursts are those of the protocol's group."""
        group = _group(self.protocol, phase, channel)
        if group is None:
            return Train(Waveform(Shape.SYMMETRIC, width_us), period_us)
        waveform = Waveform(group.waveform, width_us, recovery_ratio=group.recovery_ratio)
        return Train(waveform, period_us, group.burst_pulses, group.burst_interval_us)


def _shape(swell: Swell) -> tuple[int, int, int]:
    return swell.rise_us, swell.hold_us, swell.fall_us


def _group(protocol: Protocol | None, phase: int, channel: int) -> Group | None:
    if protocol is None or not 0 <= phase < len(protocol.phases):
        return None
    return next((group for group in protocol.phases[phase].groups if channel in group.channels), None)
