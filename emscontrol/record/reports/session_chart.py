"""The amplitude of each channel over the session, with contractions, phases, pauses and what went wrong.

One lane a channel, one time axis for all. However long the session, a lane has no more corners than the paper can show: of
each narrow stretch the least and the most are drawn.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Final

from emscontrol.core.units import UA_PER_MA, US_PER_S
from emscontrol.record.exports.trace import Step
from emscontrol.record.reports.axes import linear_axis
from emscontrol.record.reports.blocks import Chart
from emscontrol.record.reports.drawing import DASHES, Anchor, Box, Drawing, Ink, Label, Mark, Point, Stroke
from emscontrol.record.reports.lettering import fitted, text_width
from emscontrol.record.reports.session_delivered import channels_of, place_of
from emscontrol.record.reports.session_figures import figures
from emscontrol.record.reports.session_read import At, SessionRecord
from emscontrol.record.reports.words import clock

WIDTH: Final = 526.0  # points: an A4 page within its margins
LEFT: Final = 30.0
RIGHT: Final = 8.0
TOP: Final = 11.0  # for the names of the phases
FOOT: Final = 30.0  # for the time axis and the key
SMALL: Final = 7.0
STRIP: Final = 3.0  # the bars of contractions below a lane
HEIGHTS: Final = (92.0, 54.0, 44.0, 38.0)  # of the lanes of one, two, three and more channels
BETWEEN: Final = 13.0
BIN: Final = 0.75  # points across in which a lane has its least and its most
TIME_STEPS_S: Final = (1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400)
TICKS_MAX: Final = 9


class Scale:
    """Where a time is across the drawing."""

    def __init__(self, session: SessionRecord) -> None:
        self.begin_us = session.start_us or 0
        self.end_us = max(session.last_us, self.begin_us + US_PER_S)

    def x(self, t_us: int) -> float:
        """The place of a time, at an edge for one that is outside."""
        share = (t_us - self.begin_us) / (self.end_us - self.begin_us)
        return LEFT + min(1.0, max(0.0, share)) * (WIDTH - LEFT - RIGHT)


def course_chart(session: SessionRecord, told: Sequence[At]) -> Chart | None:
    """The chart; None where nothing was commanded. `told` are the events of the report, numbered from 1 in this order."""
    if not any(step.amplitude_ua for steps in session.trace.commanded.values() for step in steps):
        return None
    numbers = [number for number in channels_of(session) if session.trace.commanded.get(number)]
    scale, lane = Scale(session), HEIGHTS[min(len(numbers), len(HEIGHTS)) - 1]
    bottom = TOP + len(numbers) * (lane + BETWEEN)
    marks: list[Mark] = [*_pauses(session, scale, bottom), *_phases(session, scale)]
    for place, number in enumerate(numbers):
        marks += _lane(session, scale, number, TOP + place * (lane + BETWEEN), lane)
    marks += [*_moments(told, scale, bottom), *_time_axis(scale, bottom), *_key(session, bottom + 24)]
    return Chart(
        Drawing(WIDTH, bottom + FOOT, "Amplitude over time", _described(session, numbers, scale), tuple(marks)),
        figures(session),
    )


def _described(session: SessionRecord, numbers: Sequence[int], scale: Scale) -> str:
    highest = ", ".join(
        f"channel {number} up to {max(step.amplitude_ua for step in session.trace.commanded[number]) / UA_PER_MA:g} mA"
        for number in numbers
    )
    given = len(session.trace.contractions)
    return f"Commanded amplitude over {clock(scale.end_us - scale.begin_us)}: {highest}; {given} contractions on all channels."


def _lane(session: SessionRecord, scale: Scale, number: int, top: float, height: float) -> Iterator[Mark]:
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


def _phases(session: SessionRecord, scale: Scale) -> Iterator[Mark]:
    """The name of each phase where it begins, as far as there is room up to the next."""
    begins = [(scale.x(t_us), name) for t_us, _, name in session.trace.phases]
    for place, (x, name) in enumerate(begins):
        end = begins[place + 1][0] if place + 1 < len(begins) else WIDTH - RIGHT
        yield Label(x + 1.5, SMALL, fitted(name, SMALL, end - x - 3), SMALL, ink=Ink.FAINT)


def _pauses(session: SessionRecord, scale: Scale, bottom: float) -> Iterator[Mark]:
    paused_us: int | None = None
    for each in session.of("paused", "resumed", "session_ended"):
        if each.event.kind == "paused":
            paused_us = each.t_us
        elif paused_us is not None:
            begin, end = scale.x(paused_us), scale.x(each.t_us)
            yield Box(begin, TOP, end - begin, bottom - TOP, fill=Ink.GRID)
            yield Label((begin + end) / 2, bottom - 1, fitted("pause", SMALL, end - begin), SMALL, Anchor.MIDDLE, Ink.FAINT)
            paused_us = None


def _moments(told: Sequence[At], scale: Scale, bottom: float) -> Iterator[Mark]:
    """A dashed line for each event that the report lists, with its number there."""
    last = -10.0
    for number, each in enumerate(told, start=1):
        x = scale.x(each.t_us)
        yield Stroke(((x, TOP - 2), (x, bottom)), Ink.ALARM, 0.7, DASHES[2])
        if x - last >= text_width(str(number), SMALL) + 1:
            yield Label(x, TOP - 3.5, str(number), SMALL, Anchor.MIDDLE, Ink.ALARM)
            last = x


def _time_axis(scale: Scale, y: float) -> Iterator[Mark]:
    span_s = (scale.end_us - scale.begin_us) / US_PER_S
    step_s = next((step for step in TIME_STEPS_S if span_s / step <= TICKS_MAX), TIME_STEPS_S[-1])
    for number in range(min(int(span_s / step_s), 2 * TICKS_MAX) + 1):
        t_us = number * step_s * US_PER_S
        x = scale.x(scale.begin_us + t_us)
        yield Stroke(((x, y), (x, y + 2)), Ink.FAINT, 0.6)
        yield Label(x, y + 9, clock(t_us), SMALL, Anchor.MIDDLE, Ink.FAINT)
    yield Label(WIDTH - RIGHT, y + 17, "minutes and seconds since the start", SMALL, Anchor.END, Ink.FAINT)


def _key(session: SessionRecord, y: float) -> Iterator[Mark]:
    """What the lines and marks are, those that are there."""
    x, middle = LEFT, y - 2.5
    cut = any(each.kind != "contraction" for each in session.trace.contractions)
    entries: list[tuple[str, bool, Mark]] = [
        ("commanded", True, Stroke(((0, 0), (10, 0)), Ink.FIRST, 0.9)),
        ("measured by the stimulator", any(session.samples.values()), Box(4, -0.7, 1.4, 1.4, fill=Ink.SECOND)),
        ("contraction", bool(session.trace.contractions), Box(0, -1.5, 10, STRIP, fill=Ink.FAINT)),
        ("contraction cut short", cut, Box(0, -1.5, 10, STRIP, fill=None, ink=Ink.TEXT)),
    ]
    for text, there, mark in entries:
        if there:
            yield _moved(mark, x, middle)
            yield Label(x + 13, y, text, SMALL, ink=Ink.FAINT)
            x += 13 + text_width(text, SMALL) + 12


def _moved(mark: Mark, x: float, y: float) -> Mark:
    if isinstance(mark, Stroke):
        return replace(mark, points=tuple((px + x, py + y) for px, py in mark.points))
    return replace(mark, x=mark.x + x, y=mark.y + y)
