"""The amplitude of each channel over the session, with contractions, phases, pauses and what went wrong.

One lane a channel (`session_lane`), one time axis for all.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from emscontrol.core.units import UA_PER_MA, US_PER_S, counted
from emscontrol.record.reports.blocks import Chart
from emscontrol.record.reports.drawing import DASHES, Anchor, Box, Drawing, Ink, Label, Mark, Stroke
from emscontrol.record.reports.lettering import fitted, text_width
from emscontrol.record.reports.session_delivered import channels_of
from emscontrol.record.reports.session_figures import figures
from emscontrol.record.reports.session_lane import BETWEEN, LEFT, RIGHT, SMALL, STRIP, WIDTH, Scale, lane
from emscontrol.record.reports.session_read import At, SessionRecord
from emscontrol.record.reports.words import clock

TOP: Final = 11.0  # for the names of the phases
FOOT: Final = 30.0  # for the time axis and the key
HEIGHTS: Final = (92.0, 50.0, 42.0, 36.0)  # of the lanes of one, two, three and more channels
TIME_STEPS_S: Final = (1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400)
TICKS_MAX: Final = 9


def course_chart(session: SessionRecord, told: Sequence[At]) -> Chart | None:
    """The chart; None where nothing was commanded. `told` are the events of the report, numbered from 1 in this order."""
    if not any(step.amplitude_ua for steps in session.trace.commanded.values() for step in steps):
        return None
    numbers = [number for number in channels_of(session) if session.trace.commanded.get(number)]
    scale, height = Scale(session), HEIGHTS[min(len(numbers), len(HEIGHTS)) - 1]
    bottom = TOP + len(numbers) * (height + BETWEEN)
    marks: list[Mark] = [*_pauses(session, scale, bottom), *_phases(session, scale)]
    for place, number in enumerate(numbers):
        marks += lane(session, scale, number, TOP + place * (height + BETWEEN), height)
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
    given = counted(len(session.trace.contractions), "contraction")
    told = counted(session.counts.get("asked", 0), "step") if session.plan else f"{given} on all channels"
    return f"Commanded amplitude over {clock(scale.end_us - scale.begin_us)}: {highest}; {told}."


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
