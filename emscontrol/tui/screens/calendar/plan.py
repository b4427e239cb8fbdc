"""One plan: what is prescribed, how far it is, what is proposed, its appointments."""

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, ClassVar, Final

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, VerticalScroll
from textual.widgets import DataTable, Static

from emscontrol.core.errors import EmsError
from emscontrol.tui.commands.all import bindings
from emscontrol.tui.commands.table import Where
from emscontrol.tui.house import PatientWanted, ProtocolWanted
from emscontrol.tui.language import _
from emscontrol.tui.page import Page
from emscontrol.tui.screens.calendar.page import CalendarPage
from emscontrol.tui.screens.calendar.plan_acts import book_rest, decide, read_plan, turn_plan
from emscontrol.tui.screens.calendar.plan_words import columns, head, prescribed, proposal, row_of
from emscontrol.tui.screens.calendar.reading import call_off
from emscontrol.tui.screens.calendar.typed import times_of, weekdays_of
from emscontrol.tui.widgets.form import Field, FormScreen
from emscontrol.tui.widgets.listing import Listing

if TYPE_CHECKING:
    from emscontrol.clinic.appointments.between import Occasion
    from emscontrol.clinic.plans.plan_page import PlanPage

BESIDE: Final = 110  # from so many columns on the words stand beside the list
Keep = Callable[[Mapping[str, str]], Awaitable[bool]]
KEEP, CALL_OFF = "keep", "call off"


class PlanScreen(Page[None]):
    """By its number."""

    DEFAULT_CSS = """
    PlanScreen #plan-head { height: auto; max-height: 5; padding: 0 1; text-style: bold; }
    PlanScreen #plan-proposal { height: auto; max-height: 4; padding: 0 1; background: $panel; }
    PlanScreen #plan-middle { height: 1fr; layout: vertical; }
    PlanScreen.wide #plan-middle { layout: horizontal; }
    PlanScreen #appointments { height: 1fr; min-height: 3; padding: 0 1; }
    PlanScreen #plan-words { height: 1fr; width: 1fr; padding: 0 1; background: $surface; scrollbar-size-vertical: 1; }
    PlanScreen.small #plan-head { max-height: 3; }
    PlanScreen.small #plan-proposal { max-height: 2; }
    """
    WHERE = Where.PLAN
    PAGE = "calendar"
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(Where.PLAN),
        Binding("escape", "go_back", "Back", key_display="Esc"),
        Binding("tab", "app.focus_next", show=False),
        Binding("shift+tab", "app.focus_previous", show=False),
    ]
    AUTO_FOCUS = "#appointments"

    def __init__(self, number: int) -> None:
        super().__init__()
        self._number = number
        self._plan: PlanPage | None = None

    def content(self) -> ComposeResult:
        """How it stands above; appointments and the prescription below."""
        yield Static("", id="plan-head", markup=False)
        yield Static("", id="plan-proposal", markup=False)
        with Container(id="plan-middle"):
            yield Listing(columns(), "appointments", _("Nothing is booked of this plan. b books every session of it."))
            with VerticalScroll(id="plan-words"):
                yield Static("", id="prescribed", markup=False)

    def on_resize(self, event: events.Resize) -> None:
        """Beside each other where there is room."""
        super().on_resize(event)
        self.set_class(event.size.width >= BESIDE, "wide")

    async def load(self) -> None:
        """The plan as it is now."""
        self._plan = page = await read_plan(self.house.station, self._number)
        zone = (await self.house.station.about()).zone
        self.query_one("#plan-head", Static).update(head(page))
        said = self.query_one("#plan-proposal", Static)
        said.update(proposal(page))
        said.display = bool(proposal(page))
        listing = self.query_one("#appointments", Listing)
        fresh = not listing.chosen
        listing.fill([row_of(each, zone) for each in page.appointments])
        if fresh:
            listing.choose(next((str(each.appointment) for each in page.appointments if each.status == "booked"), ""))
        self.query_one("#prescribed", Static).update("\n".join(prescribed(page)))
        self.refresh_bindings()

    @on(DataTable.RowHighlighted)
    def _moved_on(self) -> None:
        self.refresh_bindings()

    @property
    def _chosen(self) -> "Occasion | None":
        """The appointment that the cursor is on."""
        key = self.query_one("#appointments", Listing).chosen
        own = self._plan.appointments if self._plan is not None else ()
        return next((each for each in own if str(each.appointment) == key), None)

    def can(self, name: str) -> bool:
        """What the plan and the chosen appointment allow."""
        page = self._plan
        if page is None:
            return False
        if name in ("move", "cancel"):
            return self._chosen is not None and self._chosen.status == "booked"
        return {
            "accept": page.waiting is not None or page.proposes,
            "refuse": page.waiting is not None or page.proposes,
            "hold": page.status == "active",
            "resume": page.status == "paused",
            "finish": page.status in ("active", "paused"),
            "book": page.status == "active"
            and sum(each.status in ("booked", "done") for each in page.appointments) < page.whole,
        }.get(name, True)

    def action_go_back(self) -> None:
        """To where one came from."""
        self.dismiss(None)

    # -- deciding ------------------------------------------------------------------------------------------------------

    async def do_accept(self) -> None:
        """The change that is proposed holds from the next session on."""
        page = self._plan
        if page is not None:
            self.work_on(lambda: self._decide(page, None, _("Accepted: it holds from the next session on.")))

    async def _decide(self, page: "PlanPage", why: str | None, words: str) -> None:
        try:
            await decide(self.house.station, page, why)
        except EmsError:
            await self.load()
            raise
        await self.load()
        self.say(words)

    def do_refuse(self) -> None:
        """Not so, for a reason."""
        page = self._plan
        if page is None:
            return

        async def keep(answers: Mapping[str, str]) -> bool:
            await decide(self.house.station, page, answers["why"])
            return True

        self._ask(_("Refuse: {what}").format(what=proposal(page)), [Field("why", _("Why not?"))], keep, _("Refused."))

    # -- the plan as a whole -------------------------------------------------------------------------------------------

    def do_hold(self) -> None:
        """Nothing is given until it is resumed."""
        self._turn("pause", _("Pause this plan"), _("The plan is paused. u resumes it."))

    def do_finish(self) -> None:
        """It is over."""
        self._turn("finish", _("Finish this plan"), _("The plan is finished."))

    async def do_resume(self) -> None:
        """Go on."""
        page = self._plan
        if page is not None:

            async def go_on() -> None:
                await turn_plan(self.house.station, page, "resume", "")
                await self.load()
                self.say(_("The plan goes on."))

            self.work_on(go_on)

    def _turn(self, way: str, title: str, words: str) -> None:
        page = self._plan
        if page is None:
            return
        left = sum(each.status == "booked" for each in page.appointments)
        ways = ((KEEP, _("keep them")), (CALL_OFF, _("call off those to come")))
        asked = _("{count} still booked").format(count=left)

        async def keep(answers: Mapping[str, str]) -> bool:
            calls_off = answers.get("left") == CALL_OFF
            await turn_plan(self.house.station, page, way, (answers["why"] or " ") if calls_off else "")
            return True

        choice = [Field("left", asked, choices=ways)] if left else []
        self._ask(title, [*choice, Field("why", _("Why? (for calling off)"))], keep, words)

    def do_book(self) -> None:
        """Book what is neither booked nor done."""
        page = self._plan
        if page is None:
            return

        async def keep(answers: Mapping[str, str]) -> bool:
            await book_rest(self.house.station, page.id, weekdays_of(answers["days"]), times_of(answers["times"]))
            return True

        title = _("Book every session of plan {number} that is neither booked nor done").format(number=page.id)
        hint = _("none: spread over the week")
        fields = [Field("days", _("Weekdays"), hint), Field("times", _("Time of day"), "10:00", "10:00")]
        self._ask(title, fields, keep, _("Booked."))

    # -- one appointment -----------------------------------------------------------------------------------------------

    def do_move(self) -> None:
        """On the calendar."""
        if self._chosen is not None:
            self.app.push_screen(CalendarPage(self._chosen.appointment))

    def do_cancel(self) -> None:
        """It will not take place."""
        what = self._chosen
        if what is None:
            return

        async def keep(answers: Mapping[str, str]) -> bool:
            await call_off(self.house.station, what, answers["why"])
            return True

        title = _("Call off appointment {number} of {whom}").format(number=what.appointment, whom=what.patient)
        self._ask(title, [Field("why", _("Why?"))], keep, _("It is called off."))

    def do_patient(self) -> None:
        """Whose plan it is."""
        if self._plan is not None:
            self.post_message(PatientWanted(self._plan.patient))

    def do_protocol(self) -> None:
        """What the library has of it."""
        from emscontrol.protocol.library import library_folder

        if self._plan is not None:
            self.post_message(ProtocolWanted(str(library_folder() / f"{self._plan.loaded.protocol.id}.yaml")))

    def _ask(self, title: str, fields: list[Field], keep: Keep, words: str) -> None:
        """Ask, do it, say so; what is refused stays in the form."""

        def over(done: bool | None) -> None:
            if done:
                self.say(words)

        self.app.push_screen(FormScreen(title, fields, keep), over)
