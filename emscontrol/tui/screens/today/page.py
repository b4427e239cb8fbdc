"""Who comes today."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.widgets import DataTable, Static

from emscontrol.tui.commands.all import bindings
from emscontrol.tui.commands.table import Where
from emscontrol.tui.house import PatientWanted, PlanWanted, RunWanted
from emscontrol.tui.language import _
from emscontrol.tui.page import Page
from emscontrol.tui.screens.today.day import Box, Day, day_of, end_appointment
from emscontrol.tui.screens.today.words import (
    BOOKED,
    about_entry,
    agenda_columns,
    agenda_rows,
    box_columns,
    heading,
    nothing,
)
from emscontrol.tui.widgets.form import Field, FormScreen
from emscontrol.tui.widgets.listing import Listing, Row

if TYPE_CHECKING:
    from emscontrol.clinic.agenda.entry import AgendaEntry

FRESH_S: Final = 60.0
LEFT_ALONE: Final = 5
"""After so many looks that nobody asked for, none is taken: each renews the login, which is to lock when nobody is there."""


class TodayPage(Page[None]):
    """The appointments of a day, what is due before the chosen one, and the stimulators. Fetched anew each minute."""

    DEFAULT_CSS = """
    TodayPage #day { height: 1; padding: 0 1; text-style: bold; }
    TodayPage #agenda { min-height: 4; padding: 0 1; }
    TodayPage #due { height: auto; max-height: 6; padding: 0 1; }
    TodayPage #boxes { height: auto; max-height: 5; padding: 0 1; }
    TodayPage.small #due { max-height: 3; }
    TodayPage.small #boxes { max-height: 2; }
    """
    WHERE = Where.TODAY
    PAGE = "today"
    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.TODAY)
    AUTO_FOCUS = "#agenda"

    def __init__(self) -> None:
        super().__init__()
        self._day: Day | None = None
        self._wanted: date | None = None
        self._unasked = 0

    def content(self) -> ComposeResult:
        """The day above, stimulators below."""
        yield Static("", id="day", markup=False)
        yield Listing(agenda_columns(), "agenda")
        with VerticalScroll(id="due", can_focus=False):
            yield Static("", id="due-words", markup=False)
        with Vertical(id="boxes"):
            boxes = Listing(box_columns(), "box-list")
            boxes.can_focus = False
            yield boxes

    def on_mount(self) -> None:
        """Fetch it anew each minute."""
        self.set_interval(FRESH_S, self._again)

    def _again(self) -> None:
        if self.is_current and self._unasked < LEFT_ALONE:
            self._unasked += 1
            self.work_on(self.load, "load")

    def on_screen_resume(self) -> None:
        """In front (again)."""
        self._unasked = 0
        super().on_screen_resume()

    async def action_do(self, name: str) -> None:
        """Somebody is there."""
        self._unasked = 0
        await super().action_do(name)

    async def load(self) -> None:
        """The day as it is now."""
        about = await self.house.station.about()
        first = self._day is None
        self._day = day = await self.house.station.read("look", lambda at: day_of(at, about, self._wanted))
        self.query_one("#day", Static).update(heading(day))
        agenda = self.query_one("#agenda", Listing)
        agenda.fill(agenda_rows(day), nothing(day))
        if first:
            agenda.choose(next((str(each.appointment) for each in day.entries if _is_next(day, each)), ""))
        self._fill_boxes(
            day.boxes or [Box(name, words, _("not the clinic's: F8, n")) for name, words in self.house.bench.models.items()]
        )
        self._tell()

    def _fill_boxes(self, boxes: Sequence[Box]) -> None:
        self.query_one("#box-list", Listing).fill([Row(box.name, (box.name, box.device, box.state)) for box in boxes])

    @on(DataTable.RowHighlighted, "#agenda")
    def _tell(self) -> None:
        entry = self.chosen
        self.query_one("#due-words", Static).update(about_entry(self._day, entry) if self._day and entry else "")
        self.refresh_bindings()

    @on(DataTable.RowSelected, "#agenda")
    async def _clicked(self) -> None:
        await self.action_do("begin")

    @property
    def chosen(self) -> "AgendaEntry | None":
        """The appointment under the cursor."""
        key = self.query_one("#agenda", Listing).chosen
        entries = self._day.entries if self._day else ()
        return next((entry for entry in entries if str(entry.appointment) == key), None)

    def can(self, name: str) -> bool:
        """Only what the chosen appointment allows; Enter is always answered."""
        entry = self.chosen
        if name == "back":
            return self._wanted is not None
        if name == "patient":
            return entry is not None
        if name == "move":
            return entry is not None and entry.plan is not None
        return name != "miss" or (entry is not None and entry.status == BOOKED)

    # -- commands ------------------------------------------------------------------------------------------------------

    def do_begin(self) -> None:
        """On to the checks, or why not."""
        entry, day = self.chosen, self._day
        if entry is None or day is None:
            self.say(nothing(day) if day else "")
        elif not day.is_today:
            self.say(_("Sessions are begun on their day. m moves this appointment, t goes back to today."))
        elif entry.status != BOOKED:
            self.say(_("This appointment is not booked any more: nothing is to begin. m opens its plan; b there books anew."))
        elif entry.plan is None:
            self.say(_("This appointment belongs to no plan, so nothing is prescribed for it. p, then n makes a plan."))
        else:
            self.post_message(RunWanted(entry.appointment, entry.patient))

    def do_patient(self) -> None:
        """Who it is."""
        if self.chosen is not None:
            self.post_message(PatientWanted(self.chosen.patient))

    def do_move(self) -> None:
        """In the plan."""
        if self.chosen is not None and self.chosen.plan is not None:
            self.post_message(PlanWanted(self.chosen.plan))

    def do_before(self) -> None:
        """A day back."""
        self._go(-1)

    def do_after(self) -> None:
        """A day on."""
        self._go(1)

    def do_back(self) -> None:
        """Today."""
        self._wanted = None
        self.work_on(self.load, "load")

    def _go(self, days: int) -> None:
        if self._day is not None:
            wanted = (self._wanted or self._day.now.astimezone(self._day.zone).date()) + timedelta(days=days)
            self._wanted = None if wanted == self._day.now.astimezone(self._day.zone).date() else wanted
            self.work_on(self.load, "load")

    def do_miss(self) -> None:
        """Ask which of the two, and why."""
        entry, day = self.chosen, self._day
        if entry is None or day is None:
            return
        missed, off = ("missed", _("The patient did not come")), ("off", _("It is called off"))
        begun = entry.starts_at <= day.now
        fields = (
            Field("what", _("What happened"), choices=(missed, off) if begun else (off,)),
            Field("why", _("Why"), _("in a few words")),
        )

        async def keep(answers: Mapping[str, str]) -> bool:
            why, was_missed = answers["why"], answers["what"] == "missed"
            await self.house.station.write(
                "appointments", lambda at: end_appointment(at, entry.appointment, entry.version, was_missed, why)
            )
            return True

        title = f"{day.clock(entry.starts_at)}  {day.who(entry)}"
        self.app.push_screen(FormScreen[bool](title, fields, keep))


def _is_next(day: Day, entry: "AgendaEntry") -> bool:
    """Whether this one is still to come, or goes on."""
    return entry.status == BOOKED and entry.ends_at > day.now
