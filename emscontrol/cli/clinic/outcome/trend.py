"""`emscontrol outcome trend`."""

from collections.abc import Sequence
from typing import Any

import click

from emscontrol.cli.clinic.command import book_command
from emscontrol.cli.clinic.desk import Desk
from emscontrol.clinic.patients.measures import measure_of, shown
from emscontrol.clinic.patients.outcomes import SeriesOf, series_of
from emscontrol.clinic.patients.patients import find_patient
from emscontrol.clinic.patients.trends import Point
from emscontrol.clinic.patients.trends import trend as trend_of
from emscontrol.core.units import counted


@book_command
@click.argument("patient")
@click.argument("measure")
def trend(desk: Desk, patient: str, measure: str) -> None:
    """How MEASURE of PATIENT goes, from the first value to the last, for each place of its own."""
    measure_of(measure)
    with desk.reading("look") as (session, _, _now):
        series = series_of(session, find_patient(session, patient).id, measure)
    rows = [_trend_facts(place, points) for place, points in series.items()]
    lines = [_trend_line(desk, measure, row) for row in rows]
    desk.paper.lines(lines or [f"{measure} of {patient} was never taken."], {"patient": patient, "trends": rows})


def _trend_facts(place: SeriesOf, points: Sequence[Point]) -> dict[str, Any]:
    found = trend_of(place.measure, points)
    facts = {
        "muscle": place.muscle,
        "side": place.side,
        "landmark": place.landmark,
        "scale": place.scale,
        "points": [{"taken_at": point.taken_at, "value": point.value_milli / 1000} for point in points],
    }
    if found is None:
        return facts
    slope = found.slope_milli_per_week
    return facts | {
        "first": found.first.value_milli / 1000,
        "last": found.last.value_milli / 1000,
        "change": found.change_milli / 1000,
        "per_week": None if slope is None else slope / 1000,
        "beyond_error": found.beyond,
    }


def _trend_line(desk: Desk, measure: str, row: dict[str, Any]) -> str:
    """One series for people."""
    place = " ".join(filter(None, (measure, row["muscle"], row["side"], row["landmark"], row["scale"])))
    first, last = (shown(measure, round(row[key] * 1000), row["scale"]) for key in ("first", "last"))
    since = desk.paper.shown(row["points"][0]["taken_at"])
    slope = "" if row["per_week"] is None else f", {row['per_week']:+g} a week"
    doubt = "" if row["beyond_error"] or len(row["points"]) == 1 else "; no more than the measuring may make of nothing"
    values = counted(len(row["points"]), "value")
    return f"{place}: from {first} to {last} since {since} ({values}{slope}{doubt})"
