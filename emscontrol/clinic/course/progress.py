"""Which way an outcome goes, in words: better or worse, and whether by more than the measuring may make. Pure."""

from collections.abc import Mapping, Sequence
from typing import Final
from zoneinfo import ZoneInfo

from emscontrol.clinic.course.words import day
from emscontrol.clinic.patients.measures import MEASURES, Better, error_milli, scale_of, shown
from emscontrol.clinic.patients.outcomes import SeriesOf
from emscontrol.clinic.patients.trends import Point, Trend, trend
from emscontrol.core.units import counted
from emscontrol.record.reports.words import muscle

ORDER: Final = (
    *("mvc", "mrc", "evoked", "fma", "arat", "fois", "gait10", "tug", "arom", "prom", "mas", "vol", "girth", "mrc_sum"),
    *("nrs", "doms", "rpe", "skin"),
)
"""From what a treatment is for to what is asked each time: strength and function, then size, then how it was borne [D]."""

OF_EACH_SESSION: Final = frozenset({"nrs", "doms", "rpe", "skin"})
"""How a session was borne: it is the worst that counts, and no way from the first to the last."""


def in_order(results: Mapping[SeriesOf, tuple[Point, ...]]) -> list[tuple[SeriesOf, tuple[Point, ...]]]:
    """The series in the order of a report."""
    return sorted(results.items(), key=lambda each: (_rank(each[0].measure), each[0].muscle, each[0].side, each[0].landmark))


def main_outcome(results: Mapping[SeriesOf, tuple[Point, ...]]) -> tuple[SeriesOf, tuple[Point, ...]] | None:
    """The first of what the treatment is for that was taken more than once, else that was taken at all; None for neither."""
    found = [each for each in in_order(results) if each[0].measure not in OF_EACH_SESSION]
    return next((each for each in found if len(each[1]) > 1), found[0] if found else None)


def name_of(of: SeriesOf) -> str:
    """What was measured, without the steps of its scale."""
    return MEASURES[of.measure].name.partition(":")[0] if of.measure in MEASURES else of.measure


def where_of(of: SeriesOf) -> str:
    """Where, and on which scale where there are several; "" for the whole person."""
    where = muscle(of.muscle, of.side) if of.muscle else of.side
    scale = "" if of.scale == scale_of(of.measure, of.scale).unit else of.scale  # which stands with each value
    return ", ".join(filter(None, (where, of.landmark, scale)))


def value(of: SeriesOf, value_milli: int) -> str:
    """One value with its unit."""
    return shown(of.measure, value_milli, of.scale)


def way(of: SeriesOf, points: Sequence[Point]) -> str:
    """In a word or two which way it went from the first value to the last."""
    found = trend(of.measure, points)
    if found is None or found.count < 2:
        return "one value only"
    if not found.change_milli:
        return "unchanged"
    if not found.beyond:
        return "within the error"
    better = MEASURES[of.measure].better
    if better is Better.OPEN:
        return "more" if found.change_milli > 0 else "less"
    return "better" if (found.change_milli > 0) == (better is Better.MORE) else "worse"


def sentence(of: SeriesOf, points: Sequence[Point], zone: ZoneInfo) -> str:
    """A series in a sentence: from what to what, which way that is, and the measuring error."""
    what = ", ".join(filter(None, (name_of(of), where_of(of))))
    found = trend(of.measure, points)
    if found is None:
        return f"{what}: no value."
    if of.measure in OF_EACH_SESSION:
        worst = max(points, key=lambda point: point.value_milli)
        highest, last = value(of, worst.value_milli), value(of, found.last.value_milli)
        return f"{what}: highest {highest} on {day(worst.taken_at, zone)}, last {last}; {counted(found.count, 'value')}."
    if found.count < 2:
        return f"{what}: {value(of, found.last.value_milli)} on {day(found.last.taken_at, zone)}, one value only."
    first, last = (f"{value(of, each.value_milli)} on {day(each.taken_at, zone)}" for each in (found.first, found.last))
    return f"{what}: from {first} to {last}, {way(of, points)}{_error(of, found)}; {found.count} values."


def _error(of: SeriesOf, found: Trend) -> str:
    """What is known of how exact the measure is."""
    error = error_milli(of.measure, found.first.value_milli)
    if not error:
        return " (measuring error not known)" if found.change_milli else ""
    return f" (measuring error up to {value(of, error)})"


def _rank(measure: str) -> int:
    return ORDER.index(measure) if measure in ORDER else len(ORDER)
