"""Where a replay stands: position, speed, pause and jumps, and what the session showed there. Pure."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import Any, Final

from emscontrol.core.units import US_PER_S
from emscontrol.record.line import Record
from emscontrol.record.playback import Playback
from emscontrol.tui.screens.records.amplitudes import amplitudes

SPEEDS: Final = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0)
NEARLY_US: Final = US_PER_S  # so shortly after a contraction began, going back means the one before


class Player:
    """Plays records. `at_us` counts from the first one; it stands still while `playing` is False, and at the end.

    `intact` says that verify found nothing wrong in the whole journal: otherwise nobody knows what flowed after the last.
    """

    def __init__(self, records: Sequence[Record], speed: float = 1.0, intact: bool = True) -> None:
        self.records: Final = records
        self.intact: Final = intact
        self.at_us = 0.0
        self.speed = speed
        self.playing = True
        self.simulated: Final = bool(records[0].event.args["simulated"])
        self.ended: Final = records[-1].event.kind == "session_ended"
        self._first_us = records[0].t_us
        self._times_us = [record.t_us - self._first_us for record in records]
        self._begins_us = [t for t, r in zip(self._times_us, records, strict=True) if r.event.kind == "contraction_started"]
        started_us = next((t for t, r in zip(self._times_us, records, strict=True) if r.event.kind == "started"), None)
        shift_us = -self._first_us if started_us is None else started_us  # what the points below count from
        self._lanes = {
            channel: [(at_s + shift_us / US_PER_S, level_ma) for at_s, level_ma in points]
            for channel, points in amplitudes(records).items()
        }
        self._playback, self._taken = Playback(), 0

    @property
    def end_us(self) -> int:
        """When the last record was written."""
        return self._times_us[-1]

    def pass_time(self, elapsed_s: float) -> None:
        """So much time has passed for who watches."""
        if self.playing:
            self._go(self.at_us + elapsed_s * self.speed * US_PER_S)

    def jump(self, by_us: int) -> None:
        """Forward or back."""
        self._go(self.at_us + by_us)

    def to_contraction(self, step: int) -> None:
        """To the next contraction's begin (1) or the one before (-1), of any channel."""
        later = [begin_us for begin_us in self._begins_us if begin_us > self.at_us]
        earlier = [begin_us for begin_us in self._begins_us if begin_us < self.at_us - NEARLY_US]
        if step > 0:
            self._go(later[0] if later else self.end_us)
        else:
            self._go(earlier[-1] if earlier else 0)

    def pause(self) -> None:
        """Stand still, or go on; at the end from the beginning."""
        if not self.playing and self.at_us >= self.end_us:
            self.at_us = 0.0
        self.playing = not self.playing

    def faster(self, step: int) -> None:
        """The next speed up (1) or down (-1)."""
        place = max((place for place, speed in enumerate(SPEEDS) if speed <= self.speed), default=0)
        self.speed = SPEEDS[max(0, min(len(SPEEDS) - 1, place + step))]

    def view(self) -> Mapping[str, Any]:
        """What the session showed at this moment."""
        count = self.count
        if count < self._taken:
            self._playback, self._taken = Playback(), 0
        for record in self.records[self._taken : count]:
            self._playback.take(record)
        self._taken = count
        return self._playback.view(self._first_us + int(self.at_us), count == len(self.records), self.intact)

    @property
    def count(self) -> int:
        """How many records there are up to this moment."""
        return bisect_right(self._times_us, int(self.at_us))

    def happened(self) -> Sequence[Record]:
        """Every record up to this moment."""
        return self.records[: self.count]

    def lanes(self, span_s: float) -> dict[int, list[tuple[float, float]]]:
        """What was commanded in the last `span_s` seconds, by channel: (seconds since the first record, mA)."""
        to_s = self.at_us / US_PER_S
        return {channel: cut(points, to_s - span_s, to_s) for channel, points in self._lanes.items()}

    def _go(self, at_us: float) -> None:
        self.at_us = max(0.0, min(float(self.end_us), at_us))
        if at_us >= self.end_us:
            self.playing = False


def cut(points: Sequence[tuple[float, float]], from_x: float, to_x: float) -> list[tuple[float, float]]:
    """The part of a line between two places, with the points on its edges; before its first point it is at zero."""
    inside = [point for point in points if from_x < point[0] <= to_x]
    return [(from_x, _level(points, from_x)), *inside, (to_x, _level(points, to_x))]


def _level(points: Sequence[tuple[float, float]], x: float) -> float:
    after = bisect_right(points, x, key=lambda point: point[0])
    if not after:
        return 0.0
    (before_x, before_y) = points[after - 1]
    if after == len(points):
        return before_y
    next_x, next_y = points[after]
    return before_y + (next_y - before_y) * (x - before_x) / (next_x - before_x)
