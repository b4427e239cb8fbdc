"""Comfort level and thresholds over time, by muscle and side, beside what the sessions gave there. Pure."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Final

from emscontrol.clinic.course.course import Course, LevelOf
from emscontrol.clinic.course.words import by_day, day, on_axis, weeks_axis
from emscontrol.clinic.patients.thresholds import KINDS
from emscontrol.clinic.patients.trends import Point
from emscontrol.record.reports.axes import Axis, linear_axis
from emscontrol.record.reports.blocks import Block, Chart, Section, Text
from emscontrol.record.reports.charts import chart
from emscontrol.record.reports.plots import LOOKS, Line, LinePlot
from emscontrol.record.reports.plots import Course as Way
from emscontrol.record.reports.words import ma, muscle

PEAK: Final = "peak"
_ROW: Final = 120.0

Series = Sequence[tuple[str, Sequence[Point]]]


def levels_section(course: Course, starts_on: date) -> Section:
    """The section, which says so where nothing was measured."""
    places = _by_place(course)
    if not course.levels:
        return Section("Levels", (Text("No level was measured in this time."),))
    return Section("Levels", (_chart(course, starts_on, places),))


def _chart(course: Course, starts_on: date, places: Mapping[str, Series]) -> Block:
    zone = course.about.zone
    axis = weeks_axis(
        "", starts_on, [point.taken_at for series in places.values() for _, points in series for point in points], zone
    )
    plots = [plot for where, series in places.items() for plot in _plots(course, where, series, axis, starts_on)]
    drawing = chart(
        "Levels over time",
        " ".join(_told(course, where, series) for where, series in places.items()),
        plots,
        columns=min(2, len(plots)),
        row_height=_ROW,
    )
    several = len(places) > 1
    columns = [
        (f"{where}: {name}" if several else name, [(point.taken_at, ma(point.value_milli, unit=False)) for point in points])
        for where, series in places.items()
        for name, points in series
        if name != PEAK
    ]
    where = "" if several else f" of {next(iter(places))}"
    caption = f"Levels{where} as measured, mA. In the picture the peak of each session besides, which stands with the sessions."
    return Chart(drawing, by_day(caption, columns, zone))


def _plots(course: Course, where: str, series: Series, axis: Axis, starts_on: date) -> Iterator[LinePlot]:
    """One plot of a place, or more where it has more lines than can be told apart."""
    for begin in range(0, len(series), LOOKS):
        lines = [
            Line(
                name,
                on_axis(points, starts_on, course.about.zone),
                Way.NONE if name == PEAK else Way.STRAIGHT,
                tag="" if name == PEAK else ma(points[-1].value_milli),
            )
            for name, points in series[begin : begin + LOOKS]
        ]
        values = [value for line in lines for _, value in line.points]
        yield LinePlot(where, axis, linear_axis("mA", values, reach=(0,)), lines)


def _told(course: Course, where: str, series: Series) -> str:
    zone = course.about.zone
    parts = []
    for name, points in series:
        first, last = (f"{ma(each.value_milli)} ({day(each.taken_at, zone)})" for each in (points[0], points[-1]))
        parts.append(f"{name} from {first} to {last}" if len(points) > 1 else f"{name} {last}")
    return f"{where}: {'; '.join(parts)}."


def _by_place(course: Course) -> dict[str, Series]:
    """By muscle and side: comfort first, then motor and sensory, then what the sessions gave. Places with a level only."""
    found: defaultdict[tuple[str, str], list[LevelOf]] = defaultdict(list)
    for of in course.levels:
        found[of.muscle, of.side].append(of)
    given = _given(course)
    made: dict[str, Series] = {}
    for at, mine in found.items():
        plain = len({(of.area_mm2, of.width_us) for of in mine}) == 1
        mine.sort(key=lambda of: (-KINDS.index(of.kind) if of.kind in KINDS else 1, of.width_us, of.area_mm2))
        series = [(_named(of, plain), course.levels[of]) for of in mine]
        made[muscle(*at)] = [*series, *([(PEAK, given[at])] if at in given else [])]
    return made


def _named(of: LevelOf, plain: bool) -> str:
    return of.kind if plain else f"{of.kind}, {of.width_us} µs, {of.area_mm2 / 100:g} cm²"


def _given(course: Course) -> Mapping[tuple[str, str], list[Point]]:
    """The highest current of each session that counts, by muscle and side."""
    found: defaultdict[tuple[str, str], list[Point]] = defaultdict(list)
    for session in course.sessions:
        for got in session.channels if session.delivers else ():
            if got.peak_ua:
                found[got.muscle, got.side].append(Point(session.opened_at, got.peak_ua))
    return found
