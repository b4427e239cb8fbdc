"""A new plan: protocol, places, rhythm and people on one screen, with the calendar that would come of it; F5 makes it."""

from collections.abc import Mapping
from typing import ClassVar, Final

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Horizontal, VerticalScroll
from textual.widgets import DataTable, Input, Label, Static

from emscontrol.core.errors import EmsError, UsageError
from emscontrol.protocol.library import library_ids, load_named
from emscontrol.protocol.load import LoadedProtocol
from emscontrol.protocol.parts import Side
from emscontrol.tui.commands.all import bindings
from emscontrol.tui.commands.table import Where
from emscontrol.tui.house import PlanWanted
from emscontrol.tui.language import _
from emscontrol.tui.page import Page
from emscontrol.tui.screens.calendar.new_plan_reading import Beginning, Wanted, beginning, laid_out, made
from emscontrol.tui.screens.calendar.new_plan_words import preview
from emscontrol.tui.screens.calendar.typed import day_of, number_of, times_of, weekdays_of
from emscontrol.tui.widgets.listing import Column, Listing, Row
from emscontrol.tui.widgets.ordered_input import OrderedInput

BESIDE: Final = 100  # from so many columns on the preview stands beside the fields
FIELDS: Final = (
    ("sides", "Sides", "left"),
    ("goal", "Goal", "climb stairs"),
    ("per-week", "Sessions a week", ""),
    ("weeks", "Weeks", ""),
    ("start", "First day", ""),
    ("times", "Time of day", "10:00"),
    ("weekdays", "Weekdays", "spread over the week"),
    ("therapist", "Therapist", ""),
    ("stimulator", "Stimulator", ""),
    ("rules", "Goes on by", ""),
)
"""(id, words, hint) of each field, in order."""


class NewPlanScreen(Page[None]):
    """Nothing is written before F5; then the plan and all of its appointments, or nothing."""

    DEFAULT_CSS = """
    NewPlanScreen #new-head { height: auto; padding: 0 1; text-style: bold; }
    NewPlanScreen #library { height: 7; padding: 0 1; }
    NewPlanScreen #why { height: auto; max-height: 3; padding: 0 1; }
    NewPlanScreen #new-middle { height: 1fr; layout: vertical; }
    NewPlanScreen.wide #new-middle { layout: horizontal; }
    NewPlanScreen #fields { height: 1fr; padding: 0 1; }
    NewPlanScreen #preview { height: 1fr; padding: 0 1; background: $panel; scrollbar-size-vertical: 1; }
    NewPlanScreen .new-field { height: 1; }
    NewPlanScreen .new-field Label { width: 18; }
    NewPlanScreen .new-field Input { width: 1fr; }
    NewPlanScreen.small #library { height: 4; }
    """
    WHERE = Where.NEW_PLAN
    PAGE = "calendar"
    AUTO_FOCUS = "#library"
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(Where.NEW_PLAN),
        Binding("tab", "app.focus_next", show=False, priority=True),
        Binding("shift+tab", "app.focus_previous", show=False, priority=True),
        Binding("enter", "app.focus_next", show=False, priority=True),
        Binding("escape", "go_back", "Back", key_display="Esc"),
    ]

    def __init__(self, code: str, protocol: str) -> None:
        super().__init__()
        self._code, self._protocol = code, protocol
        self._from: Beginning | None = None
        self._library: dict[str, LoadedProtocol] = {}
        self._reasons: dict[str, str] = {}

    def content(self) -> ComposeResult:
        """The library above, fields and calendar below."""
        columns = (Column(_("PROTOCOL"), 24, grow=1), Column(_("EV."), 4), Column(_("USE"), 15), Column(_("FITS"), 10))
        yield Static("", id="new-head", markup=False)
        yield Listing(columns, "library")
        yield Static("", id="why", markup=False)
        with Container(id="new-middle"):
            with VerticalScroll(id="fields", can_focus=False):
                for id_, words, hint in FIELDS:
                    with Horizontal(classes="new-field"):
                        yield Label(_(words))
                        yield OrderedInput(id=id_, compact=True, placeholder=_(hint) if hint else "")
            with VerticalScroll(id="preview"):
                yield Static("", id="preview-words", markup=False)

    def on_resize(self, event: events.Resize) -> None:
        """Beside each other where there is room."""
        super().on_resize(event)
        self.set_class(event.size.width >= BESIDE, "wide")

    async def load(self) -> None:
        """Whose plan; asked once, so that coming back loses nothing that was typed."""
        if self._from is not None:
            return
        self._library = {name: load_named(name) for name in library_ids()}
        self._from = await beginning(self.house.station, self._code)
        who = f"{self._from.patient} {self._from.called}".strip()
        self.query_one("#new-head", Static).update(_("A new plan for {who}").format(who=who))
        self._fill_library(self._from)
        self._put("start", self._from.today.isoformat())
        self._put("times", "10:00")
        self._put("therapist", self._from.me if self._from.me in self._from.staff else "")
        self._put("stimulator", self._from.stimulators[0] if len(self._from.stimulators) == 1 else "")
        self._chosen_anew()

    def _fill_library(self, of: Beginning) -> None:
        from emscontrol.clinic.plans.suggest import Fit, suggested

        words = {Fit.NERVE: _("fits"), Fit.SUGGESTED: _("suggested"), Fit.OTHER: "", Fit.UNFIT: _("does not fit")}
        found = suggested({name: each.protocol for name, each in self._library.items()}, of.conditions, of.examined)
        self._reasons = {row.protocol: row.why for row in found}
        rows = [
            Row(row.protocol, (row.title, row.evidence.value, row.use.value.replace("_", " "), words[row.fit])) for row in found
        ]
        listing = self.query_one(Listing)
        listing.fill(rows)
        if self._protocol:
            listing.choose(self._protocol)

    # -- choosing and typing -------------------------------------------------------------------------------------------

    @on(DataTable.RowHighlighted, "#library")
    def _chosen_anew(self) -> None:
        """Another protocol: its usual rhythm and rules begin the fields."""
        from emscontrol.clinic.plans.rules import usual_set
        from emscontrol.clinic.plans.suggest import ROWS, USUAL

        name = self.query_one(Listing).chosen
        if self._from is None or not name:
            return
        rules, per_week, weeks = USUAL.get(ROWS.get(name, ""), (usual_set(self._library[name].protocol), 3, 6))
        for id_, value in (("per-week", str(per_week)), ("weeks", str(weeks)), ("rules", rules)):
            self._put(id_, value)
        self._show_preview()

    @on(Input.Changed)
    def _show_preview(self) -> None:
        if self._from is not None:
            self.work_on(self._preview, "preview")

    async def _preview(self) -> None:
        from emscontrol.clinic.plans.suggest import warnings

        of = self._from
        name = self.query_one(Listing).chosen
        if of is None or not name:
            return
        shown = self.query_one("#preview-words", Static)
        said = [self._reasons.get(name, "")]
        try:
            said += [f"! {one}" for one in warnings(self._library[name].protocol, self._sides(), of.examined)]
            self.query_one("#why", Static).update("\n".join(filter(None, said)))
            found = await laid_out(self.house.station, of.patient, self._wanted(goal_needed=False))
        except EmsError as problem:
            self.query_one("#why", Static).update("\n".join(filter(None, said)))
            shown.update(f"!! {problem.what} {problem.remedy}".strip())
            return
        zone = (await self.house.station.about()).zone
        shown.update("\n".join(preview(found, zone)))

    def _wanted(self, goal_needed: bool = True) -> Wanted:
        """The plan as it is typed. Raises UsageError for the first field that is wrong or missing."""
        of = self._from
        name = self.query_one(Listing).chosen
        if of is None or not name:
            raise UsageError(_("No protocol is chosen."), _("Choose one from the list."))
        if goal_needed and not self._typed("goal"):
            self.query_one("#goal", Input).focus()
            raise UsageError(_("A plan has a goal."), _("Say what the patient is to be able to do."))
        return Wanted(
            loaded=self._library[name],
            sides=self._sides(),
            goal=self._typed("goal"),
            per_week=number_of(self._typed("per-week"), _("Sessions a week")),
            weeks=number_of(self._typed("weeks"), _("Weeks")),
            starts_on=day_of(self._typed("start"), of.today),
            weekdays=weekdays_of(self._typed("weekdays")),
            times=times_of(self._typed("times")),
            therapist=self._one_of("therapist", of.staff),
            stimulator=self._one_of("stimulator", of.stimulators),
            progression=self._one_of("rules", of.rules),
        )

    def _sides(self) -> Mapping[int, str]:
        """`left` for every channel that is open, or `1=left 2=right`. Raises UsageError."""
        protocol = self._library[self.query_one(Listing).chosen].protocol
        open_ones = [number for number, channel in protocol.channels.items() if channel.side is Side.EITHER]
        found: dict[int, str] = {}
        for word in self._typed("sides").replace(",", " ").split():
            number, equals, side = word.rpartition("=")
            if side not in (Side.LEFT, Side.RIGHT) or (equals and not number.isdecimal()):
                raise UsageError(_("{text} is no side.").format(text=repr(word)), _("Write left or right, or 1=left 2=right."))
            found |= {int(number): side} if equals else dict.fromkeys(open_ones, side)
        return found

    def _one_of(self, id_: str, known: tuple[str, ...]) -> str:
        typed = self._typed(id_)
        if typed not in known:
            what = _("{text} is not known here.").format(text=repr(typed)) if typed else _("Something is missing.")
            raise UsageError(what, _("One of: {known}.").format(known=", ".join(known) or _("none yet")))
        return typed

    def _typed(self, id_: str) -> str:
        return self.query_one(f"#{id_}", Input).value.strip()

    def _put(self, id_: str, value: str) -> None:
        self.query_one(f"#{id_}", Input).value = value

    # -- making --------------------------------------------------------------------------------------------------------

    def do_make(self) -> None:
        """The plan and all of its appointments, or nothing at all."""
        self.work_on(self._make, "make")

    async def _make(self) -> None:
        wanted = self._wanted()
        number = await made(self.house.station, self._code, wanted)
        self.app.call_later(self.house.wants, PlanWanted(number))
        self.app.notify(_("Plan {number} is made, with all of its appointments.").format(number=number))
        self.dismiss(None)

    def action_go_back(self) -> None:
        """Nothing was written."""
        self.dismiss(None)
