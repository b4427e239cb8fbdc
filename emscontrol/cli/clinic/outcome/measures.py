"""`emscontrol outcome measures`."""

from zoneinfo import ZoneInfo

from emscontrol.cli.clinic.command import book_command
from emscontrol.cli.clinic.desk import Desk
from emscontrol.cli.clinic.printing import Paper
from emscontrol.clinic.patients.measures import MEASURES, expected

_COLUMNS = {"measure": "MEASURE", "scale": "SCALE", "name": "WHAT", "of": "OF", "values": "VALUES", "when": "WHEN"}


@book_command
def measures(desk: Desk) -> None:
    """What can be measured, of what, in which unit and range, and how often. Needs neither a book nor a login."""
    rows = [
        {
            "measure": key,
            "scale": scale,
            "name": measure.name,
            "of": measure.where.value,
            "unit": figures.unit,
            "values": expected(key, scale),
            "when": measure.when,
        }
        for key, measure in MEASURES.items()
        for scale, figures in measure.scales.items()
    ]
    Paper(desk.as_json, ZoneInfo("UTC")).rows("measures", rows, _COLUMNS, "")
