"""Each outcome over time with its direction and its measuring error. Pure."""

from collections.abc import Sequence
from datetime import date
from typing import Final

from emscontrol.clinic.course.course import Course
from emscontrol.clinic.course.progress import OF_EACH_SESSION, in_order, name_of, sentence, value, way, where_of
from emscontrol.clinic.course.words import by_day, on_axis, weeks_axis
from emscontrol.clinic.patients.measures import MEASURES, error_milli, scale_of
from emscontrol.clinic.patients.outcomes import SeriesOf
from emscontrol.clinic.patients.trends import Point
from emscontrol.record.reports.axes import Axis, linear_axis
from emscontrol.record.reports.blocks import Block, Chart, Section, Text
from emscontrol.record.reports.charts import chart
from emscontrol.record.reports.plots import Band, Line, LinePlot
from emscontrol.record.reports.plots import Course as Way

_ROW: Final = 90.0
_COLUMNS: Final = 3
_LOW_ROW: Final = 66.0
_WIDE_COLUMNS: Final = 2
_SHORT: Final = 10  # of a scale in its unit: so far its whole is shown, beyond that only what was measured

Series = tuple[SeriesOf, Sequence[Point]]


def outcomes_section(course: Course, starts_on: date) -> Section:
    """The section, which says so where nothing was entered: what the treatment is for first, then how sessions were borne."""
    series = in_order(course.results)
    gains = [each for each in series if each[0].measure not in OF_EACH_SESSION]
    borne = [each for each in series if each[0].measure in OF_EACH_SESSION]
    axis = weeks_axis("", starts_on, [point.taken_at for _, points in series for point in points], course.about.zone)
    blocks: list[Block] = []
    if gains:
        plots = [_gain(course, of, points, axis, starts_on) for of, points in gains]
        blocks.append(_chart("Outcomes over time", gains, plots, _COLUMNS, _ROW, course))
    if borne:
        plots = [_borne(course, of, points, axis, starts_on) for of, points in borne]
        blocks.append(_chart("How the sessions were borne", borne, plots, _WIDE_COLUMNS, _LOW_ROW, course))
    return Section("Outcomes", tuple(blocks) or (Text("No outcome was entered in this time."),))


def _chart(
    title: str, series: Sequence[Series], plots: Sequence[LinePlot], columns: int, row_height: float, course: Course
) -> Chart:
    zone = course.about.zone
    told = " ".join(sentence(of, points, zone) for of, points in series)
    drawing = chart(title, told, plots, columns=min(columns, len(plots)), row_height=row_height)
    heads = _heads([of for of, _ in series])
    cells = [
        (head, [(point.taken_at, value(of, point.value_milli)) for point in points])
        for head, (of, points) in zip(heads, series, strict=True)
    ]
    names = [", ".join(filter(None, (name_of(of), where_of(of)))) for of, _ in series]
    caption = f"{title}, as entered. {'; '.join(f'{head}: {name}' for head, name in zip(heads, names, strict=True))}."
    return Chart(drawing, by_day(caption, cells, zone))


def _gain(course: Course, of: SeriesOf, points: Sequence[Point], axis: Axis, starts_on: date) -> LinePlot:
    """Values joined, with the measuring error around the first one as a band."""
    error, first = (milli / 1000 for milli in (error_milli(of.measure, points[0].value_milli), points[0].value_milli))
    bands = (Band(first - error, first + error),) if error and len(points) > 1 else ()
    places = on_axis(points, starts_on, course.about.zone)
    line = Line("", places, tag=value(of, points[-1].value_milli))
    reach = (*_ends(of), *(end for band in bands for end in (band.low, band.high)))
    y = linear_axis("", [y for _, y in places], reach=reach, count=6 if _ends(of) else 4)
    words = f"{way(of, points)}; {MEASURES[of.measure].better}"
    return LinePlot(name_of(of), axis, y, [line], bands=bands, notes=(where_of(of), words))


def _borne(course: Course, of: SeriesOf, points: Sequence[Point], axis: Axis, starts_on: date) -> LinePlot:
    """Values on their own: what matters is the highest."""
    places = on_axis(points, starts_on, course.about.zone)
    line = Line("", places, Way.NONE, tag=value(of, points[-1].value_milli))
    y = linear_axis("", [y for _, y in places], reach=_ends(of), count=4)
    note = "; ".join(filter(None, (where_of(of), MEASURES[of.measure].better.value)))
    return LinePlot(name_of(of), axis, y, [line], notes=(note,))


def _ends(of: SeriesOf) -> tuple[float, ...]:
    """Both ends of a short scale, which is shown whole; of a long one only what was measured is."""
    scale = scale_of(of.measure, of.scale)
    ends = (scale.low_milli / 1000, scale.high_milli / 1000)
    return ends if ends[1] - ends[0] <= _SHORT else ()


def _heads(series: Sequence[SeriesOf]) -> list[str]:
    """Short heads for columns: the measure as it is entered, numbered where there are several of it."""
    found = [of.measure for of in series]
    return [
        name if found.count(name) == 1 else f"{name} {found[: number + 1].count(name)}" for number, name in enumerate(found)
    ]
