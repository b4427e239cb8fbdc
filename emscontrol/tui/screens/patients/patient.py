"""One patient: who it is and what to look at first, then five parts, one of them in front."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import ContentSwitcher, DataTable, Static

from emscontrol.tui.commands.all import bindings
from emscontrol.tui.commands.table import Where
from emscontrol.tui.house import MeasureWanted, NewPlanWanted, PlanWanted, QuestionsWanted, RecordWanted
from emscontrol.tui.language import _
from emscontrol.tui.page import Page
from emscontrol.tui.screens.patients.body_part import body_words
from emscontrol.tui.screens.patients.dossier import Dossier, dossier_of
from emscontrol.tui.screens.patients.entering import Entering, enter_pads, pads_fields
from emscontrol.tui.screens.patients.findings import (
    condition_fields,
    enter_condition,
    enter_implant,
    enter_muscle,
    implant_fields,
    muscle_fields,
)
from emscontrol.tui.screens.patients.head import alert_words, head_words
from emscontrol.tui.screens.patients.outcome_form import OutcomeForm
from emscontrol.tui.screens.patients.outcomes_part import OutcomesPart
from emscontrol.tui.screens.patients.plans_part import PlansPart
from emscontrol.tui.screens.patients.screening_part import screening_words
from emscontrol.tui.screens.patients.sessions_part import SessionsPart
from emscontrol.tui.widgets.form import Field, FormScreen
from emscontrol.tui.widgets.listing import Listing
from emscontrol.tui.widgets.part_row import PartRow
from emscontrol.tui.widgets.reading import Reading


class PatientScreen(Page[None]):
    """Fetched anew whenever it comes to the front; what is entered here is kept at once."""

    DEFAULT_CSS = """
    PatientScreen #who { height: auto; max-height: 2; padding: 0 1; }
    PatientScreen #alerts { height: auto; max-height: 4; padding: 0 1; text-style: bold; }
    PatientScreen ContentSwitcher { height: 1fr; }
    PatientScreen.small #who { max-height: 1; }
    PatientScreen.small #alerts { max-height: 1; }
    PatientScreen.small #session-charts { display: none; }
    """
    WHERE = Where.PATIENT
    PAGE = "patients"
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(Where.PATIENT),
        Binding("escape", "app.back", "Back", key_display="Esc"),
    ]

    def __init__(self, code: str) -> None:
        super().__init__()
        self._code = code
        self._dossier: Dossier | None = None

    def content(self) -> ComposeResult:
        """Head, alerts, the row of parts, and the part in front."""
        yield Static("", id="who", markup=False)
        yield Static("", id="alerts", markup=False)
        parts = (
            ("plans", _("Plans")),
            ("body", _("Levels and body")),
            ("screening", _("Screening")),
            ("outcomes", _("Outcomes")),
            ("sessions", _("Sessions")),
        )
        yield PartRow(parts, "parts")
        with ContentSwitcher(initial="plans"):
            yield PlansPart("plans")
            yield Reading(id="body")
            yield Reading(id="screening")
            yield OutcomesPart("outcomes")
            yield SessionsPart(id="sessions")

    async def load(self) -> None:
        """Everything of this patient as it is now."""
        station, declared = self.house.station, self.house.bench.denervation
        about = await station.about()
        first = self._dossier is None
        self._dossier = dossier = await station.read("look", lambda at: dossier_of(at, self._code, about, declared))
        self.query_one("#who", Static).update(head_words(dossier))
        self.query_one("#alerts", Static).update(alert_words(dossier, self.size.height))
        self.query_one("#alerts").display = bool(dossier.alerts)
        self.query_one(PlansPart).show(dossier)
        self.query_one("#body", Reading).tell(body_words(dossier))
        self.query_one("#screening", Reading).tell(screening_words(dossier))
        self.query_one(OutcomesPart).show(dossier)
        self.query_one(SessionsPart).show(dossier)
        if first:
            self._bring("plans")
        self.refresh_bindings()

    # -- parts ---------------------------------------------------------------------------------------------------------

    @property
    def front(self) -> str:
        """The part in front."""
        return self.query_one(PartRow).front

    def _bring(self, part: str) -> None:
        self.query_one(PartRow).bring(part)
        self.query_one(ContentSwitcher).current = part
        shown = self.query_one(f"#{part}")
        target: Widget = shown if isinstance(shown, Reading) else shown.query_one(Listing)
        target.focus()
        self.refresh_bindings()

    @on(PartRow.Picked)
    def _picked(self, message: PartRow.Picked) -> None:
        self._bring(message.part)

    @on(DataTable.RowSelected)
    async def _clicked(self) -> None:
        if self.can("open"):
            await self.action_do("open")

    def can(self, name: str) -> bool:
        """Enter opens something in two of the parts only; without the patient's data nothing can be done."""
        if name in ("earlier", "later"):
            return True
        return self._dossier is not None and (name != "open" or self.front in ("plans", "sessions"))

    def do_earlier(self) -> None:
        """The part before."""
        self._bring(self.query_one(PartRow).beside(-1))

    def do_later(self) -> None:
        """The next part."""
        self._bring(self.query_one(PartRow).beside(1))

    # -- commands ------------------------------------------------------------------------------------------------------

    def do_open(self) -> None:
        """The plan, or the record."""
        plan, dossier = self.query_one(PlansPart).chosen, self._dossier
        if self.front == "plans":
            if plan is not None:
                self.post_message(PlanWanted(plan.id))
            else:
                self.say(_("Nothing is prescribed yet: n makes a plan."))
        elif dossier is not None and (journal := self.query_one(SessionsPart).journal(dossier)):
            self.post_message(RecordWanted(journal))

    def do_new_plan(self) -> None:
        """Prescribe."""
        self.post_message(NewPlanWanted(self._code))

    def do_screen(self) -> None:
        """What is due, question by question."""
        self.post_message(QuestionsWanted(self._code))

    def do_measure(self) -> None:
        """For the plan under the cursor where it goes on, else for the only one that does, else freely."""
        active = self._dossier.active_plans if self._dossier else []
        chosen = self.query_one(PlansPart).chosen
        plan = chosen.id if chosen and chosen.id in active else active[0] if len(active) == 1 else None
        self.post_message(MeasureWanted(self._code, plan))

    def do_outcome(self) -> None:
        """Enter one."""
        if self._dossier is not None:
            muscles = [(row.muscle, row.side) for row in self._dossier.page.muscles]
            form = OutcomeForm(self.house.station, self._dossier.page.id, self._code, muscles, self._dossier.zone)
            self.app.push_screen(form, self._entered)

    def do_pads(self) -> None:
        """A new set."""
        if (dossier := self._dossier) is not None:
            places = [f"{row.muscle} {row.side}" for row in dossier.page.muscles]
            fields = pads_fields(places, next(iter(dossier.page.electrode_sets), None))
            self._ask(_("New pads for {code}"), fields, partial(enter_pads, dossier.zone))

    def do_examine(self) -> None:
        """What was found of a muscle."""
        if self._dossier is not None:
            self._ask(_("A muscle of {code}: nerve and feeling"), muscle_fields(self._dossier.page.plans), enter_muscle)

    def do_condition(self) -> None:
        """What is treated."""
        self._ask(_("What {code} is treated for"), condition_fields(), enter_condition)

    def do_implant(self) -> None:
        """What is in the body."""
        self._ask(_("An implant of {code}"), implant_fields(), enter_implant)

    def _ask(self, title: str, fields: Sequence[Field], enter: Entering) -> None:
        """A form, kept at once, and said in a sentence."""
        dossier = self._dossier
        if dossier is None:
            return

        async def keep(answers: Mapping[str, str]) -> str:
            return await self.house.station.write("patients", lambda at: enter(at, dossier.page.id, answers))

        self.app.push_screen(FormScreen[str](title.format(code=self._code), fields, keep), self._entered)

    def _entered(self, said: str | None) -> None:
        if said:
            self.say(said)
