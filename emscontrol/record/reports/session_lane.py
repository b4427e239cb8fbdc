"""One lane of a session's chart: the amplitude of a channel, what was measured there, and its contractions.

However long the session, a lane has no more corners than the paper can show: of each narrow stretch the least and the most
are drawn.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final

from emscontrol.core.units import UA_PER_MA, US_PER_S
from emscontrol.record.exports.trace import Step
from emscontrol.record.reports.axes import linear_axis
from emscontrol.record.reports.drawing import DASHES, Anchor, Box, Ink, Label, Mark, Point, Stroke
from emscontrol.record.reports.lettering import fitted
from emscontrol.record.reports.session_delivered import place_of
from emscontrol.record.reports.session_read import SessionRecord

WIDTH: Final = 526.0  # points: an A4 page within its margins
LEFT: Final = 30.0
RIGHT: Final = 8.0
SMALL: Final = 7.0
STRIP: Final = 3.0  # the bars of contractions below a lane
BETWEEN: Final = 13.0  # from lane to lane
BIN: Final = 0.75  # points across in which a lane has its least and its most


class Scale:
    """Where a time is across the drawing."""

    def __init__(self, session: SessionRecord) -> None:
        self.begin_us = session.start_us or 0
        self.end_us = max(session.last_us, self.begin_us + US_PER_S)

    def x(self, t_us: int) -> float:
        """The place of a time, at an edge for one that is outside."""
        share = (t_us - self.begin_us) / (self.end_us - self.begin_us)
        return LEFT + min(1.0, max(0.0, share)) * (WIDTH - LEFT - RIGHT)


def lane(session: SessionRecord, scale: Scale, number: int, top: float, height: float) -> Iterator[Mark]:
    """The lane of one channel, `top` its upper edge."""
    steps, samples = session.trace.commanded[number], session.samples.get(number, [])
    base = top + BETWEEN - 3 + height - STRIP - 3
    highest = max([step.amplitude_ua for step in steps] + [amplitude_ua for _, amplitude_ua in samples])
    axis = linear_axis("mA", (0.0, highest / UA_PER_MA), count=4)
    rise = base - (top + BETWEEN - 3)

    def y(amplitude_ua: float) -> float:
        return base - axis.share(amplitude_ua / UA_PER_MA) * rise

    yield Label(LEFT, top + SMALL, fitted(f"Channel {place_of(session, number)}", SMALL, WIDTH - LEFT), SMALL)
    for place, (value, text) in enumerate(axis.ticks):
        at = base - axis.share(value) * rise
        yield Stroke(((LEFT, at), (WIDTH - RIGHT, at)), Ink.GRID if value else Ink.FAINT, 0.5)
        if place in (0, len(axis.ticks) - 1):
            yield Label(LEFT - 3, at + 2.4, text, SMALL, Anchor.END, Ink.FAINT)
    yield Label(LEFT - 3, (base + top + BETWEEN) / 2 + 2.4, "mA", SMALL, Anchor.END, Ink.FAINT)
    for t_us, _, _ in session.trace.phases[1:]:
        yield Stroke(((scale.x(t_us), base), (scale.x(t_us), base - rise)), Ink.FAINT, 0.6, DASHES[1])
    line = tuple((x, y(amplitude_ua)) for x, amplitude_ua in thinned(corners(steps, scale.begin_us, session.last_us), scale))
    yield Stroke(((line[0][0], base), *line, (line[-1][0], base)), None, fill=Ink.AREA)
    yield Stroke(line, Ink.FIRST, 0.9)
    for x, amplitude_ua in _dots(samples, scale):
        yield Box(x - 0.7, y(amplitude_ua) - 0.7, 1.4, 1.4, fill=Ink.SECOND)
    yield from _strip(session, scale, number, base + 2.5)


def corners(steps: Sequence[Step], begin_us: int, last_us: int) -> Iterator[tuple[int, int]]:
    """(time, µA) where the line of a channel turns, from the start of the programme to the last record."""
    level_ua = 0
    yield begin_us, level_ua
    for place, step in enumerate(steps):
        end_us = steps[place + 1].t_us if place + 1 < len(steps) else last_us
        if step.swell is None:
            yield step.t_us, level_ua
            yield step.t_us, step.amplitude_ua
            level_ua = step.amplitude_ua
        else:
            swell, origin_us = step.swell, step.origin_us
            turns = (0, swell.rise_us, swell.rise_us + swell.hold_us, swell.end_us)
            inside = [origin_us + turn for turn in turns if step.t_us < origin_us + turn < end_us]
            for t_us in (step.t_us, *inside, end_us):
                yield t_us, swell.amplitude_ua(step.amplitude_ua, t_us - origin_us)
            level_ua = swell.amplitude_ua(step.amplitude_ua, end_us - origin_us)
    yield last_us, level_ua


def thinned(turns: Iterator[tuple[int, int]], scale: Scale) -> Iterator[Point]:
    """(x, µA): every corner, or of those within one BIN the first, the least, the most and the last."""
    for _, group in groupby(((scale.x(t_us), ua) for t_us, ua in turns), key=lambda corner: int(corner[0] / BIN)):
        run = list(group)
        if len(run) > 4:
            extremes = sorted((min(run, key=lambda c: c[1]), max(run, key=lambda c: c[1])))
            run = [run[0], *extremes, run[-1]]
        yield from run


def _dots(samples: Sequence[tuple[int, int]], scale: Scale) -> Iterator[Point]:
    """What the stimulator measured: of each two points across the least and the most."""
    for _, group in groupby(((scale.x(t_us), ua) for t_us, ua in samples), key=lambda sample: int(sample[0] / 2)):
        run = list(group)
        yield from {min(run, key=lambda s: s[1]), max(run, key=lambda s: s[1])}


def _strip(session: SessionRecord, scale: Scale, number: int, y: float) -> Iterator[Mark]:
    """A bar for each contraction of the channel: full, or hollow where it was cut short."""
    for each in session.trace.contractions:
        if each.channel == number:
            begin, end = scale.x(each.t_us), scale.x(each.t_us + each.lasted_us if each.lasted_us else session.last_us)
            whole = each.kind == "contraction"
            yield Box(
                begin, y, max(0.6, end - begin), STRIP, fill=Ink.FAINT if whole else None, ink=None if whole else Ink.TEXT
            )
