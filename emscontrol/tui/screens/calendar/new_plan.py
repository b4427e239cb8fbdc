"""A new plan: which protocol, where, how often; what comes of it on the calendar; then plan and appointments in one go."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar, Final

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Horizontal, Vertical, VerticalScroll
from textual.timer import Timer
from textual.widgets import DataTable, Input, Static

from emscontrol.core.errors import EmsError, UsageError
from emscontrol.tui.commands.all import bindings
from emscontrol.tui.commands.table import Where
from emscontrol.tui.language import _
from emscontrol.tui.page import Page
from emscontrol.tui.screens.calendar.ahead import ahead_lines
from emscontrol.tui.screens.calendar.cycle import Cycle
from emscontrol.tui.screens.calendar.ordering import Basis, Library, look_ahead, make_plan, read_basis, read_library
from emscontrol.tui.screens.calendar.plan import PlanScreen
from emscontrol.tui.screens.calendar.suggestions import about_protocol, columns, row_of, treated, warned
from emscontrol.tui.screens.calendar.typed import day_of, number_of, times_of, weekdays_of
from emscontrol.tui.widgets.listing import Listing
from emscontrol.tui.widgets.ordered_input import OrderedInput

if TYPE_CHECKING:
    from datetime import time

    from emscontrol.clinic.plans.prescribe import Order
    from emscontrol.protocol.load import LoadedProtocol

PAUSE_S: Final = 0.15  # after the last key before the calendar is looked at
BESIDE: Final = 68  # from so many columns on the calendar stands beside the form
TALL: Final = 34
SIDES: Final = ("left", "right")
TYPED: Final = ("goal", "per-week", "weeks", "start", "days", "times")


class NewPlanScreen(Page[None]):
    """`protocol` is a name of the library that is chosen already, "" for none. Nothing is written before F5."""

    DEFAULT_CSS = """
    NewPlanScreen #who { height: auto; max-height: 2; padding: 0 1; text-style: bold; }
    NewPlanScreen #suggestions { height: 6; padding: 0 1; }
    NewPlanScreen.tall #suggestions { height: 12; }
    NewPlanScreen.small #suggestions { height: 4; }
    NewPlanScreen.filling #suggestions { height: 2; }
    NewPlanScreen.small #who { max-height: 1; }
    NewPlanScreen #parts { height: 1fr; layout: vertical; }
    NewPlanScreen.beside #parts { layout: horizontal; }
    NewPlanScreen #form { height: 1fr; width: 1fr; padding: 0 1; scrollbar-size-vertical: 1; }
    NewPlanScreen #ahead { height: 1fr; width: 1fr; padding: 0 1; background: $surface; scrollbar-size-vertical: 1; }
    NewPlanScreen .asked { height: 1; }
    NewPlanScreen .asked-words { width: 14; }
    NewPlanScreen .asked Input { width: 1fr; background: $panel; }
    NewPlanScreen #channels { height: auto; }
    """
    WHERE = Where.NEW_PLAN
    PAGE = "calendar"
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(Where.NEW_PLAN),
        Binding("tab", "app.focus_next", show=False, priority=True),
        Binding("shift+tab", "app.focus_previous", show=False, priority=True),
        Binding("enter", "go_on", "Next", key_display="Enter"),
        Binding("escape", "go_back", "Back", key_display="Esc"),
    ]
    AUTO_FOCUS = "#suggestions"

    def __init__(self, code: str, protocol: str) -> None:
        super().__init__()
        self._code = code
        self._wanted = protocol
        self._library: Library | None = None
        self._basis: Basis | None = None
        self._picked = ""
        self._waits: Timer | None = None

    def content(self) -> ComposeResult:
        """Who and why, and the library; below, what is asked on the left and what comes of it on the right."""
        yield Static("", id="who", markup=False)
        yield Listing(columns(), "suggestions", _("Looking …"))
        with Container(id="parts"):
            with VerticalScroll(id="form", can_focus=False):
                yield Vertical(id="channels")
                for words, asked in self._asked():
                    with Horizontal(classes="asked"):
                        yield Static(words, classes="asked-words", markup=False)
                        yield asked
            with VerticalScroll(id="ahead"):
                yield Static("", id="about", markup=False)

    def _asked(self) -> Iterator[tuple[str, Input | Cycle]]:
        yield _("Goal"), OrderedInput(id="goal", compact=True, placeholder=_("to be able to do what"))
        yield _("A week"), OrderedInput(id="per-week", compact=True, placeholder=_("e.g. 3"))
        yield _("Weeks"), OrderedInput(id="weeks", compact=True, placeholder=_("e.g. 6"))
        yield _("From"), OrderedInput(id="start", compact=True, placeholder=_("e.g. 2026-03-02"))
        yield _("Weekdays"), OrderedInput(id="days", compact=True, placeholder=_("none: spread over the week"))
        yield _("Time of day"), OrderedInput(id="times", compact=True, placeholder=_("e.g. 10:00"))
        yield _("Therapist"), Cycle("therapist")
        yield _("Stimulator"), Cycle("stimulator")
        yield _("Goes on by"), Cycle("rules")

    def on_resize(self, event: events.Resize) -> None:
        """Beside each other where there is room."""
        super().on_resize(event)
        self.set_class(event.size.width >= BESIDE, "beside")
        self.set_class(event.size.height >= TALL, "tall")

    # -- reading -------------------------------------------------------------------------------------------------------

    async def load(self) -> None:
        """What the form begins with; what was typed already stays."""
        first = self._basis is None
        if self._library is None:
            self._library = await read_library(self.house.station)
        self._basis = basis = await read_basis(self.house.station, self._code, self._library)
        self.query_one("#who", Static).update(treated(basis))
        listing = self.query_one("#suggestions", Listing)
        listing.fill([row_of(each) for each in basis.suggestions], _("The library has no protocol that can be read."))
        if first:
            self._begin(basis)
            if self._wanted:
                listing.choose(self._wanted)
        await self._pick(listing.chosen)

    def _begin(self, basis: Basis) -> None:
        self.query_one("#start", Input).value = basis.today.isoformat()
        own = [(code, code) for code in basis.therapists]
        self.query_one("#therapist", Cycle).offer(own, basis.me)
        self.query_one("#stimulator", Cycle).offer([(name, name) for name in basis.devices], "")
        self.query_one("#rules", Cycle).offer([(name, f"{name}: {words}") for name, words in basis.rules.items()], "hold")
        if self._wanted and self._wanted not in basis.library:
            self.say(_("The library has no protocol {name}.").format(name=self._wanted), stays=True)

    @property
    def _loaded(self) -> "LoadedProtocol | None":
        return self._basis.library.get(self._picked) if self._basis is not None else None

    @on(DataTable.RowHighlighted, "#suggestions")
    async def _under_cursor(self) -> None:
        if self._basis is not None:
            await self._pick(self.query_one("#suggestions", Listing).chosen)

    @on(DataTable.RowSelected, "#suggestions")
    def _clicked(self) -> None:
        self._look_soon()

    async def _pick(self, name: str) -> None:
        """Another protocol: its channels, and the week that is usual for it."""
        if name == self._picked or self._basis is None or name not in self._basis.library:
            self._look_soon()
            return
        from emscontrol.clinic.plans.rules import usual_set
        from emscontrol.clinic.plans.suggest import ROWS, USUAL

        self._picked = name
        protocol = self._basis.library[name].protocol
        rules, per_week, weeks = USUAL.get(ROWS.get(name, ""), (usual_set(protocol), 3, 6))
        self.query_one("#per-week", Input).value = str(per_week)
        self.query_one("#weeks", Input).value = str(weeks)
        self.query_one("#times", Input).value = "10:00" if per_week <= 7 else "10:00 15:00"
        self.query_one("#days", Input).value = ""
        self.query_one("#rules", Cycle).offer([(each, f"{each}: {words}") for each, words in self._basis.rules.items()], rules)
        place = self.query_one("#channels", Vertical)
        await place.remove_children()
        await place.mount_all(self._channels())
        self._look_soon()

    def _channels(self) -> Iterator[Horizontal]:
        """Where each channel is; the side is asked where the protocol leaves it open."""
        loaded = self._loaded
        for number, channel in sorted(loaded.protocol.channels.items()) if loaded else ():
            words = Static(f"{number} {channel.label}", classes="asked-words", markup=False)
            fixed = channel.side.value in SIDES
            side = channel.side.value if fixed else ""
            choices = [(each, _(each)) for each in SIDES]
            offered = [(side, _(side))] if fixed else [("", _("choose the side")), *choices]
            yield Horizontal(words, Cycle(f"side-{number}", offered, side, classes="side"), classes="asked")

    # -- looking ahead -------------------------------------------------------------------------------------------------

    @on(Input.Changed)
    def _typed(self) -> None:
        self._look_soon()

    @on(Cycle.Turned)
    def _turned(self, event: Cycle.Turned) -> None:
        """The side of one channel is that of the others that have none yet; each can be turned by itself."""
        if event.cycle.has_class("side") and event.cycle.value:
            for other in self.query(".side").results(Cycle):
                if not other.value:
                    other.offer([(each, _(each)) for each in SIDES], event.cycle.value)
        self._look_soon()

    def on_descendant_focus(self) -> None:
        """On the list the pane is about the protocol, else about the calendar, and the list leaves its room to the form."""
        listing = self.query_one("#suggestions", Listing)
        self.set_class(self.focused is not listing, "filling")
        self.call_after_refresh(lambda: listing.scroll_to(y=max(0, listing.cursor_row), animate=False))
        self._look_soon()

    def _look_soon(self) -> None:
        if self._waits is not None:
            self._waits.stop()
        self._waits = self.set_timer(PAUSE_S, lambda: self.work_on(self._look, "look"))

    async def _look(self) -> None:
        loaded, basis = self._loaded, self._basis
        if loaded is None or basis is None:
            return
        first = list(warned(basis, self._picked, self._sides(), self._device(), self.house.bench))
        about = list(about_protocol(basis, self._picked))
        try:
            order, weekdays, times = self._order()
            ahead = list(ahead_lines(await look_ahead(self.house.station, loaded, order, weekdays, times)))
        except EmsError as problem:
            ahead = [f"{_('NOT SO:')} {problem.what} {problem.remedy}".strip()]
        on_list = self.focused is not None and self.focused.id == "suggestions"
        shown = [*first, *about, "", *ahead] if on_list else [*first, *ahead, "", *about]
        self.query_one("#about", Static).update("\n".join(shown))

    def _sides(self) -> dict[int, str]:
        return {int((each.id or "side-0")[5:]): each.value for each in self.query(".side").results(Cycle)}

    def _device(self) -> str:
        name = self.query_one("#stimulator", Cycle).value
        return self._basis.devices.get(name, "") if self._basis is not None else ""

    def _order(self) -> "tuple[Order, tuple[int, ...], tuple[time, ...]]":
        """What stands in the form. Raises UsageError for the first thing that is missing or wrong."""
        from emscontrol.clinic.plans.prescribe import Order

        if self._basis is None:
            raise UsageError(_("The book is still being read."))
        text = {name: self.query_one(f"#{name}", Input).value for name in TYPED}
        chosen = {name: self.query_one(f"#{name}", Cycle).value for name in ("therapist", "stimulator", "rules")}
        sides = self._sides()
        missing = [number for number, side in sides.items() if not side]
        if missing:
            raise UsageError(
                _("The side of channel {number} is not chosen.").format(number=missing[0]),
                _("Arrows left and right choose it."),
            )
        if not chosen["stimulator"]:
            raise UsageError(_("The clinic has no stimulator yet."), self._who_adds_one())
        order = Order(
            patient=self._code,
            goal=text["goal"],
            sessions_per_week=number_of(text["per-week"], _("Sessions a week")),
            weeks=number_of(text["weeks"], _("Weeks")),
            starts_on=day_of(text["start"], self._basis.today),
            therapist=chosen["therapist"],
            stimulator=chosen["stimulator"],
            sides=sides,
            progression=chosen["rules"],
        )
        return order, weekdays_of(text["days"]), times_of(text["times"])

    def _who_adds_one(self) -> str:
        """What to do where nothing can be planned on: who may enter a stimulator, and where."""
        own = self._basis
        if own is not None and own.may_add:
            return _("Enter one first: F8, the stimulator or simulator under the cursor, then n. What was typed here is lost.")
        names = ", ".join(own.supervisors) if own is not None else ""
        words = _("A supervisor ({names}) logs in at F9 and enters one: F8, the stimulator under the cursor, then n.")
        return words.format(names=names)

    # -- making it -----------------------------------------------------------------------------------------------------

    def do_make(self) -> None:
        """Plan and appointments, or nothing."""
        self.work_on(self._make, "make")

    async def _make(self) -> None:
        loaded = self._loaded
        if loaded is None:
            raise UsageError(_("No protocol is chosen."), _("Choose one from the list."))
        order, weekdays, times = self._order()
        if not order.goal.strip():
            self.query_one("#goal", Input).focus()
        number = await make_plan(self.house.station, loaded, order, weekdays, times)
        self.app.switch_screen(PlanScreen(number))

    def action_go_on(self) -> None:
        """To the next field."""
        self.focus_next()

    @on(Input.Submitted)
    def _entered(self) -> None:
        self.focus_next()

    def action_go_back(self) -> None:
        """Nothing was written."""
        self.dismiss(None)
