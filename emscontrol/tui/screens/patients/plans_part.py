"""The plans of a patient, how far each is, and the appointments that come next."""

from typing import TYPE_CHECKING

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import DataTable, Static

from emscontrol.tui.glyphs import ascii_only
from emscontrol.tui.language import _
from emscontrol.tui.places import named
from emscontrol.tui.screens.patients.dossier import Dossier
from emscontrol.tui.widgets.listing import Column, Listing, Row

if TYPE_CHECKING:
    from emscontrol.clinic.patients.page_rows import AppointmentRow, PlanRow

BAR = 10
_SHOWN_NEXT = 3


class PlansPart(Vertical):
    """A row for each plan; everything about the chosen one below."""

    DEFAULT_CSS = """
    PlansPart { height: 1fr; }
    PlansPart #plans { padding: 0 1; min-height: 3; }
    PlansPart #plan-words { height: auto; max-height: 7; padding: 0 1; }
    """

    def __init__(self, id_: str) -> None:
        super().__init__(id=id_)
        self._dossier: Dossier | None = None

    def compose(self) -> ComposeResult:
        """List and pane."""
        columns = (
            Column(_("PLAN"), 4),
            Column(_("WHAT"), 16, grow=3),
            Column(_("STATE"), 8),
            Column(_("GIVEN"), 20),
            Column(_("BOOKED"), 6),
            Column(_("MISSED"), 6, from_width=70),
            Column(_("GOAL"), 10, grow=2, from_width=100),
        )
        yield Listing(columns, "plans", _("Nothing is prescribed yet: n makes a plan."))
        yield Static("", id="plan-words", markup=False)

    def show(self, dossier: Dossier) -> None:
        """As it is now."""
        self._dossier = dossier
        self.query_one("#plans", Listing).fill([_row(plan) for plan in dossier.page.plans])
        self._tell()

    @property
    def chosen(self) -> "PlanRow | None":
        """The plan under the cursor."""
        key = self.query_one("#plans", Listing).chosen
        plans = self._dossier.page.plans if self._dossier else ()
        return next((plan for plan in plans if str(plan.id) == key), None)

    @on(DataTable.RowHighlighted, "#plans")
    def _tell(self) -> None:
        if self._dossier is not None:
            self.query_one("#plan-words", Static).update(_about(self._dossier, self.chosen))


def bar(given: int, planned: int) -> str:
    """How far it is, as a bar and in figures."""
    full, rest = ("#", "-") if ascii_only() else ("█", "░")
    done = min(BAR, given * BAR // planned) if planned else 0
    return f"{full * done}{rest * (BAR - done)} {given} / {planned}"


def _row(plan: "PlanRow") -> Row:
    what = Text(plan.title)
    if plan.open_steps:
        what = Text("! ", style="bold") + what
    cells = (
        str(plan.id),
        what,
        plan_state(plan.status),
        bar(plan.given, plan.planned),
        str(plan.booked),
        str(plan.missed),
        plan.goal,
    )
    return Row(str(plan.id), cells)


def plan_state(status: str) -> str:
    """How a plan stands."""
    return {"active": _("active"), "paused": _("paused"), "finished": _("finished")}.get(status, status)


def _about(dossier: Dossier, plan: "PlanRow | None") -> Text:
    told = Text()
    if plan is not None:
        needs = ", ".join(filter(None, (plan.therapist, plan.stimulator)))
        told.append(_("{goal}; {where}; {needs}").format(goal=plan.goal, where=named("; ".join(plan.channels)), needs=needs))
        dose = _("{given} of {prescribed} contractions given that were due so far").format(
            given=plan.contractions, prescribed=plan.contractions_prescribed
        )
        told.append("\n" + (dose if plan.contractions_prescribed else _("No session was given yet")) + ".")
        if plan.open_steps:
            told.append("\n! " + _("A step of the plan is proposed: Enter opens the plan, where it is accepted or refused."))
    coming = [_when(dossier, each) for each in dossier.page.next_appointments[:_SHOWN_NEXT]]
    if coming:
        told.append("\n" + _("Next: {when}").format(when=", ".join(coming)))
    elif dossier.page.plans:
        told.append("\n" + _("Nothing is booked: Enter opens the plan, and b there books its sessions."))
    return told


def _when(dossier: Dossier, each: "AppointmentRow") -> str:
    return dossier.moment(each.starts_at)
