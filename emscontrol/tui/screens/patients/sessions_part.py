"""The sessions of a patient, the newest first, and how current and charge went over time."""

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical

from emscontrol.tui.language import _
from emscontrol.tui.screens.patients.dossier import Dossier
from emscontrol.tui.widgets.chart import Chart, Plot
from emscontrol.tui.widgets.listing import Column, Listing, Row

if TYPE_CHECKING:
    from emscontrol.clinic.sessions.course import Given

_DAY = timedelta(days=1)
_PC_IN_MC = 10**9
_UA_IN_MA = 1000
_US_IN_MIN = 60_000_000


class SessionsPart(Vertical):
    """The list above two charts; only what counts is drawn."""

    DEFAULT_CSS = """
    SessionsPart { height: 1fr; }
    SessionsPart #sessions { padding: 0 1; min-height: 4; }
    SessionsPart #session-charts { height: 50%; }
    SessionsPart #session-charts.none { display: none; }
    SessionsPart Chart { width: 1fr; height: 1fr; padding: 0 1; }
    """

    def compose(self) -> ComposeResult:
        """List and charts."""
        columns = (
            Column(_("WHEN"), 16),
            Column(_("HOW IT ENDED"), 12, grow=2),
            Column(_("CONTRACTIONS"), 12),
            Column(_("PEAK"), 8),
            Column(_("CHARGE"), 9),
            Column(_("MINUTES"), 7, from_width=70),
            Column(_("PLAN"), 4, from_width=76),
        )
        yield Listing(columns, "sessions", _("No session was given yet. F2 begins one that is booked for today."))
        with Horizontal(id="session-charts"):
            yield Chart("peak-chart")
            yield Chart("charge-chart")

    def show(self, dossier: Dossier) -> None:
        """As it is now."""
        rows = [_row(dossier, given) for given in dossier.course]
        self.query_one("#sessions", Listing).fill(rows)
        self.query_one("#session-charts").set_class(not rows, "none")
        self.query_one("#peak-chart", Chart).show(
            _plot(dossier, _("Strongest current (mA)"), lambda given: given.peak_ua / _UA_IN_MA)
        )
        self.query_one("#charge-chart", Chart).show(_plot(dossier, _("Charge (mC)"), lambda given: given.charge_pc / _PC_IN_MC))

    def journal(self, dossier: Dossier) -> str:
        """The file of the chosen session, "" for none."""
        key = self.query_one("#sessions", Listing).chosen
        return next((given.file for given in dossier.course if _key_of(given) == key), "")


def _key_of(given: "Given") -> str:
    return f"{given.opened_at.isoformat()} {given.file}"


def _row(dossier: Dossier, given: "Given") -> Row:
    how = given.result if given.counts else _("{result}, does not count").format(result=given.result)
    cells = (
        dossier.moment(given.opened_at),
        how,
        f"{given.contractions} / {given.prescribed}",
        f"{given.peak_ua / _UA_IN_MA:g} mA",
        f"{given.charge_pc / _PC_IN_MC:.3g} mC",
        f"{given.duration_us / _US_IN_MIN:.0f}",
        str(given.plan_id or ""),
    )
    return Row(_key_of(given), cells)


def _plot(dossier: Dossier, words: str, figure: "Callable[[Given], float]") -> Plot:
    counting = [given for given in reversed(dossier.course) if given.counts]
    if not counting:
        return Plot({}, "", words, nothing=_("No session counts yet."))
    first = counting[0].opened_at
    points = [((given.opened_at - first) / _DAY, figure(given)) for given in counting]
    ticks = [(points[0][0], dossier.day(first)[5:]), (points[-1][0], dossier.day(counting[-1].opened_at)[5:])]
    return Plot({"": points}, _("month and day"), words, ticks=ticks if len(points) > 1 else ticks[:1])
