"""What was measured of a patient: a row for each series, and a chart of the chosen one."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import DataTable

from emscontrol.tui.language import _
from emscontrol.tui.places import place_name
from emscontrol.tui.screens.patients.dossier import Dossier
from emscontrol.tui.widgets.chart import Chart, Plot
from emscontrol.tui.widgets.listing import Column, Listing, Row

if TYPE_CHECKING:
    from emscontrol.clinic.patients.outcomes import SeriesOf
    from emscontrol.clinic.patients.page_rows import OutcomeRow

_DAY = timedelta(days=1)


class OutcomesPart(Horizontal):
    """The list at the left, the chart at the right; up and down choose what is drawn.

    A change that stands in brackets may be the measuring.
    """

    DEFAULT_CSS = """
    OutcomesPart { height: 1fr; }
    OutcomesPart #outcomes { width: 5fr; padding: 0 1; }
    OutcomesPart #outcome-chart { width: 4fr; height: 1fr; padding: 0 1; }
    """

    def __init__(self, id_: str) -> None:
        super().__init__(id=id_)
        self._dossier: Dossier | None = None

    def compose(self) -> ComposeResult:
        """List and chart."""
        columns = (
            Column(_("MEASURE"), 8, grow=1),
            Column(_("WHERE"), 9, grow=3),
            Column(_("LAST"), 7, grow=1),
            Column(_("CHANGE"), 8),
            Column(_("ON"), 10, from_width=60),
        )
        yield Listing(columns, "outcomes", _("Nothing was measured yet: o enters an outcome."))
        yield Chart("outcome-chart")

    def show(self, dossier: Dossier) -> None:
        """As it is now."""
        self._dossier = dossier
        self.query_one("#outcomes", Listing).fill([_row(dossier, row) for row in dossier.page.outcomes])
        self._draw()

    @on(DataTable.RowHighlighted, "#outcomes")
    def _draw(self) -> None:
        dossier = self._dossier
        if dossier is None:
            return
        key = self.query_one("#outcomes", Listing).chosen
        of = next((of for of in dossier.series if _key_of(of) == key), None)
        self.query_one(Chart).show(_plot(dossier, of) if of else Plot({}, "", ""))


def _key_of(of: "SeriesOf | OutcomeRow") -> str:
    return "/".join((of.measure, of.muscle, of.side, of.landmark, of.scale))


def _row(dossier: Dossier, row: "OutcomeRow") -> Row:
    where = " ".join(filter(None, (place_name(row.muscle, row.side), row.landmark, row.scale)))
    return Row(_key_of(row), (row.measure, where, row.shown, _change(row), dossier.day(row.trend.last.taken_at)))


def _change(row: "OutcomeRow") -> str:
    if row.trend.count < 2:
        return _("first")
    change = f"{row.trend.change_milli / 1000:+g}"
    return change if row.trend.beyond else f"({change})"


def _plot(dossier: Dossier, of: "SeriesOf") -> Plot:
    from emscontrol.clinic.patients.measures import measure_of, scale_of
    from emscontrol.clinic.patients.trends import trend

    points = dossier.series[of]
    way = trend(of.measure, points)
    beyond = way is None or way.count < 2 or way.beyond
    first = points[0].taken_at
    drawn = [(_days(point.taken_at, first), point.value_milli / 1000) for point in points]
    unit = scale_of(of.measure, of.scale).unit
    name = measure_of(of.measure).name.split(":")[0]
    ends = [(drawn[0][0], dossier.day(first)[5:]), (drawn[-1][0], dossier.day(points[-1].taken_at)[5:])]
    return Plot(
        {place_name(of.muscle, of.side) or of.measure: drawn},
        across_words=_("month and day") if beyond else _("(may be measuring error)"),
        upward_words=f"{name} ({unit})" if unit else name,
        ticks=ends if len(points) > 1 else ends[:1],
        nothing=_("Nothing to draw yet."),
    )


def _days(at: datetime, first: datetime) -> float:
    return (at - first) / _DAY
