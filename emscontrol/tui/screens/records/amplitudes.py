"""What was asked of each channel over time, from the set points of a record. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import cast

from emscontrol.core.units import UA_PER_MA, US_PER_S
from emscontrol.record.line import Record


@dataclass(slots=True)
class Lane:
    """One channel: what was asked of it up to now. A contraction that the device makes by itself lasts until `until_us`."""

    points: list[tuple[int, int]] = field(default_factory=list)  # µs, µA
    shape: tuple[int, int, int, int] | None = None
    until_us: int = 0

    @property
    def level_ua(self) -> int:
        """What was asked last."""
        return self.points[-1][1] if self.points else 0

    def step(self, at_us: int, level_ua: int) -> None:
        """From now on this level."""
        self._cut(at_us)
        if self.level_ua != level_ua:
            self.points += [(at_us, self.level_ua), (at_us, level_ua)]

    def swell(self, at_us: int, level_ua: int, rise_us: int, hold_us: int, fall_us: int) -> None:
        """A whole contraction from here, unless it is the one that is under way."""
        shape = (level_ua, rise_us, hold_us, fall_us)
        if self.shape == shape and at_us < self.until_us:
            return
        self._cut(at_us)
        top_us = at_us + rise_us
        self.points += [(at_us, 0), (top_us, level_ua), (top_us + hold_us, level_ua), (top_us + hold_us + fall_us, 0)]
        self.shape, self.until_us = shape, top_us + hold_us + fall_us

    def _cut(self, at_us: int) -> None:
        """What was announced for later than this does not come."""
        if at_us >= self.until_us:
            return
        later = next((point for point in self.points if point[0] > at_us), None)
        self.points = [point for point in self.points if point[0] <= at_us]
        if later is not None and self.points:
            (before_us, before_ua), (after_us, after_ua) = self.points[-1], later
            level_ua = before_ua + (after_ua - before_ua) * (at_us - before_us) // max(1, after_us - before_us)
            self.points.append((at_us, level_ua))
        self.shape, self.until_us = None, 0


def amplitudes(records: Iterable[Record]) -> dict[int, list[tuple[float, float]]]:
    """By channel the corners of its course: seconds since the start of the program, mA. Channels without current are left out.

    The record holds what was asked; what flowed is measured only where a stimulator does.
    """
    lanes: dict[int, Lane] = {}
    start_us, last_us = None, 0
    for record in records:
        last_us = record.t_us
        if record.event.kind == "started":
            start_us = record.t_us
        elif record.event.kind == "set_point":
            _set(lanes, record.t_us, cast("Iterable[Mapping[str, int]]", record.event.args["outputs"]))
        elif record.event.kind == "stop_sent":
            _set(lanes, record.t_us, ())
    begun_us = start_us if start_us is not None else 0
    return {
        channel: [((at_us - begun_us) / US_PER_S, level_ua / UA_PER_MA) for at_us, level_ua in lane.points if at_us <= last_us]
        for channel, lane in sorted(lanes.items())
    }


def _set(lanes: dict[int, Lane], at_us: int, outputs: Iterable[Mapping[str, int]]) -> None:
    """All channels that are not named are off."""
    named = set()
    for row in outputs:
        named.add(row["channel"])
        lane = lanes.setdefault(row["channel"], Lane())
        if "rise_us" in row:
            lane.swell(at_us, row["amplitude_ua"], row["rise_us"], row["hold_us"], row["fall_us"])
        else:
            lane.step(at_us, row["amplitude_ua"])
    for channel in lanes.keys() - named:
        lanes[channel].step(at_us, 0)
