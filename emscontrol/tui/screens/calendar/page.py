"""The appointments of a week or a month."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widgets import Static

from emscontrol.tui.commands.all import bindings
from emscontrol.tui.commands.table import Where
from emscontrol.tui.house import PatientWanted, PlanWanted
from emscontrol.tui.language import _
from emscontrol.tui.page import Page
from emscontrol.tui.screens.calendar.days import NOTHING, Slot, View, monday, month_later, month_span
from emscontrol.tui.screens.calendar.grid import BOOKED, CalendarGrid
from emscontrol.tui.screens.calendar.moving import STEP_MIN, Moving
from emscontrol.tui.screens.calendar.reading import (
    call_off,
    give_slot,
    look_at_move,
    put,
    read_days,
    read_one,
    today,
    wall_of,
)
from emscontrol.tui.screens.calendar.words import about_slot, about_waits, headline
from emscontrol.tui.widgets.form import Field, FormScreen
from emscontrol.tui.widgets.listing import Column, Listing, Row

if TYPE_CHECKING:
    from emscontrol.clinic.appointments.between import Occasion

WHILE_MOVING: Final = frozenset({"open", "left", "right", "up", "down", "earlier", "later", "view", "now"})
WEEK: Final = timedelta(days=7)


class CalendarPage(Page[None]):
    """A cursor on a day and on one of its appointments. `moving` is an appointment that is to be moved from the start.

    Then the page lies above another, and ends when it was put somewhere or left where it was.
    """

    DEFAULT_CSS = """
    CalendarPage #span { height: 1; padding: 0 1; text-style: bold; }
    CalendarPage #middle { height: 1fr; padding: 0 1; }
    CalendarPage #waiting { display: none; width: 40; }
    CalendarPage #waiting.on { display: block; }
    CalendarPage #chosen { height: 4; padding: 0 1; }
    CalendarPage.small #chosen { height: 3; }
    """
    WHERE = Where.CALENDAR
    PAGE = "calendar"
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(Where.CALENDAR),
        Binding("escape", "leave_it", "Leave", key_display="Esc"),
        Binding("tab", "app.focus_next", show=False),
    ]

    def __init__(self, moving: int = 0) -> None:
        super().__init__()
        self._shown = NOTHING
        self._day = NOTHING.first
        self._at = 0
        self._by_month = False
        self._therapist = ""
        self._moving: Moving | None = None
        self._wanted = moving
        self._above = bool(moving)
        self._freed: Occasion | None = None
        self._fits: frozenset[int] = frozenset()

    def content(self) -> ComposeResult:
        """Which days and whose; the calendar, beside it who waits; below it what the cursor is on."""
        yield Static("", id="span", markup=False)
        with Horizontal(id="middle"):
            yield CalendarGrid()
            yield Listing((Column(_("waits"), 9, 1), Column(_("from"), 5), Column(_("to"), 5)), "waiting")
        yield Static("", id="chosen", markup=False)

    # -- reading and showing -------------------------------------------------------------------------------------------

    async def load(self) -> None:
        """The days that are shown, and the appointment that is to be moved."""
        if self._day == NOTHING.first:
            self._day = await today(self.house.station)
        if self._wanted:
            await self._begin_with(self._wanted)
            self._wanted = 0
        await self._read()
        if self._moving is not None and self._moving.looked is None:
            await self._look()

    async def _begin_with(self, appointment: int) -> None:
        occasion = await read_one(self.house.station, appointment)
        if occasion is None or occasion.status != BOOKED:
            self.say(_("It is not booked any more, so it cannot be moved."), stays=True)
            return
        found = await read_days(self.house.station, occasion.starts_at.date(), occasion.ends_at.date(), "")
        for day, slots in found.slots.items():
            for slot in slots:
                if slot.what.appointment == appointment:
                    self._day, self._moving = day, Moving.of(slot, day)

    async def _read(self) -> None:
        first, last = month_span(self._day) if self._by_month else (monday(self._day), monday(self._day) + WEEK)
        before = self._slot
        self._shown = await read_days(self.house.station, first, last, self._therapist)
        if before is not None:
            self._choose(before.what.appointment)
        self._show()

    @property
    def _slots(self) -> Sequence[Slot]:
        """The appointments of the chosen day."""
        return self._shown.of(self._day)

    @property
    def _slot(self) -> Slot | None:
        """The appointment that the cursor is on."""
        return self._slots[min(self._at, len(self._slots) - 1)] if self._slots else None

    def _choose(self, appointment: int) -> None:
        for number, slot in enumerate(self._slots):
            if slot.what.appointment == appointment:
                self._at = number

    def _show(self) -> None:
        moving, slot = self._moving, self._slot
        view = View(self._shown, self._day, slot.what.appointment if slot else 0)
        if moving is not None:
            view = replace(view, moving=moving.occasion.appointment, target=moving.target)
        self.query_one(CalendarGrid).show(view, self._by_month)
        self.query_one("#span", Static).update(headline(self._shown, self._day, self._by_month, self._therapist))
        words = moving.sentence if moving is not None else about_slot(self._shown, self._day, self._slots, slot)
        self.query_one("#chosen", Static).update(words)
        rows = [Row(str(each.entry), about_waits(each, self._shown, each.entry in self._fits)) for each in self._shown.waits]
        self.query_one(Listing).fill(rows, _("Nobody waits for a slot."))
        self.refresh_bindings()

    def can(self, name: str) -> bool:
        """While something is moved, only what belongs to that."""
        if self._moving is not None:
            return name in WHILE_MOVING
        if name in ("move", "cancel"):
            return self._slot is not None and self._slot.what.status == BOOKED
        if name in ("open", "patient"):
            return self._slot is not None
        return name != "take" or bool(self._freed is not None and self._fits)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Esc is offered where there is something to leave."""
        if action == "leave_it":
            return self._above or self._moving is not None
        return super().check_action(action, parameters)

    # -- going about ---------------------------------------------------------------------------------------------------

    def _go(self, day: date) -> None:
        """To another day, which may have to be read first."""
        if self._moving is not None:
            self._aim(self._moving.to(day, None))
            return
        if day != self._day:
            self._day, self._at = day, 0
        self._there()

    def _there(self) -> None:
        if self._shown.first <= self._day <= self._shown.last and not self._leaves_view():
            self._show()
        else:
            self.work_on(self._read, "load")

    def _leaves_view(self) -> bool:
        span = month_span(self._day) if self._by_month else (monday(self._day), monday(self._day) + WEEK)
        return span != (self._shown.first, self._shown.last)

    def do_left(self) -> None:
        """A day earlier."""
        self._go(self._day - timedelta(days=1))

    def do_right(self) -> None:
        """A day later."""
        self._go(self._day + timedelta(days=1))

    def do_up(self) -> None:
        """The appointment before, or earlier."""
        self._step(-1)

    def do_down(self) -> None:
        """The appointment after, or later."""
        self._step(1)

    def _step(self, by: int) -> None:
        if self._by_month:
            self._go(self._day + by * WEEK)
        elif self._moving is not None:
            self._aim(self._moving.by(minutes=by * STEP_MIN))
        else:
            self._at = max(0, min(len(self._slots) - 1, self._at + by))
            self._show()

    def do_earlier(self) -> None:
        """A week or a month earlier."""
        self._go(month_later(self._day, -1) if self._by_month else self._day - WEEK)

    def do_later(self) -> None:
        """A week or a month later."""
        self._go(month_later(self._day, 1) if self._by_month else self._day + WEEK)

    def do_now(self) -> None:
        """Back to today."""
        self._go(self._shown.today)

    def do_view(self) -> None:
        """Week or month."""
        self._by_month = not self._by_month
        self.work_on(self._read, "load")

    def do_whose(self) -> None:
        """The next therapist, and everybody after the last."""
        order = ["", *self._shown.therapists]
        self._therapist = order[(order.index(self._therapist) + 1) % len(order)] if self._therapist in order else ""
        self._at = 0
        self.work_on(self._read, "load")

    def do_waiting(self) -> None:
        """Show or hide who waits."""
        pane = self.query_one(Listing)
        pane.toggle_class("on")
        pane.focus() if pane.has_class("on") else self.set_focus(None)

    def do_open(self) -> None:
        """The plan of the appointment; or put down what is moved."""
        if self._moving is not None:
            self._put_down(self._moving)
        elif self._slot is not None:
            what = self._slot.what
            self.post_message(PlanWanted(what.plan) if what.plan is not None else PatientWanted(what.patient))

    def do_patient(self) -> None:
        """The patient's page."""
        if self._slot is not None:
            self.post_message(PatientWanted(self._slot.what.patient))

    @on(CalendarGrid.Pointed)
    def _pointed(self, event: CalendarGrid.Pointed) -> None:
        if self._moving is not None:
            self._aim(self._moving.to(event.hit.day, event.hit.minute))
            return
        self._go(event.hit.day)
        slots = event.hit.slots
        if slots:
            now = self._slot.what.appointment if self._slot else 0
            own = [slot.what.appointment for slot in slots]
            self._choose(own[(own.index(now) + 1) % len(own)] if now in own else own[0])
            self._show()

    # -- moving --------------------------------------------------------------------------------------------------------

    def do_move(self) -> None:
        """Begin to move what the cursor is on."""
        if self._slot is not None:
            self._aim(Moving.of(self._slot, self._day))

    @on(CalendarGrid.Dragged)
    def _dragged(self, event: CalendarGrid.Dragged) -> None:
        found = [(day, slot) for day, slots in self._shown.slots.items() for slot in slots]
        for day, slot in found:
            if slot.what.appointment == event.appointment and self._moving is None:
                self._day = day
                self._choose(event.appointment)
                self._aim(Moving.of(slot, day).to(event.hit.day, event.hit.minute))

    def _aim(self, moving: Moving) -> None:
        """There, perhaps: look what is in the way."""
        self._moving, self._day = moving, moving.day
        self._there()
        self.work_on(self._look, "look")

    async def _look(self) -> None:
        moving = self._moving
        if moving is not None:
            wall = wall_of(moving.day, moving.begin)
            looked = await look_at_move(self.house.station, moving.occasion.appointment, wall)
            if self._moving == moving:
                self._moving = replace(moving, looked=looked)
                self._show()

    def action_leave_it(self) -> None:
        """It stays where it was; a page above another goes."""
        if self._moving is not None:
            self._moving = None
            self._show()
        if self._above:
            self.dismiss(None)

    def _put_down(self, moving: Moving) -> None:
        if moving.looked is None or not moving.looked.possible:
            self.say(moving.sentence)
            return
        overrules = bool(moving.looked.conflicts)

        async def keep(answers: Mapping[str, str]) -> bool:
            wall = wall_of(moving.day, moving.begin)
            await put(self.house.station, moving.occasion, wall, answers["why"], overrules)
            return True

        title = moving.looked.sentences if overrules else _("Move {whom}").format(whom=moving.words)
        self.app.push_screen(FormScreen(title, [Field("why", _("Why?"))], keep), self._was_put)

    def _was_put(self, done: bool | None) -> None:
        if not done or self._moving is None:
            return
        self._moving = None
        if self._above:
            self.dismiss(None)
            return
        self.say(_("It is moved."))
        self.work_on(self._read, "load")

    # -- calling off, and who waits ------------------------------------------------------------------------------------

    def do_cancel(self) -> None:
        """It will not take place."""
        if self._slot is None:
            return
        what = self._slot.what

        async def keep(answers: Mapping[str, str]) -> tuple[int, ...]:
            return await call_off(self.house.station, what, answers["why"])

        def over(fits: tuple[int, ...] | None) -> None:
            if fits is not None:
                self._freed, self._fits = what, frozenset(fits)
                self._say_freed()
                self.work_on(self._read, "load")

        title = _("Call off appointment {number} of {whom}").format(number=what.appointment, whom=what.patient)
        self.app.push_screen(FormScreen(title, [Field("why", _("Why?"))], keep), over)

    def _say_freed(self) -> None:
        if not self._fits:
            self.say(_("It is called off. Nobody on the waiting list fits its time."))
            return
        self.query_one(Listing).add_class("on").focus()
        words = _("It is called off. {count} on the waiting list would fit: choose one and press g.")
        self.say(words.format(count=len(self._fits)), stays=True)

    async def do_take(self) -> None:
        """The slot that became free goes to who is chosen."""
        pane, freed = self.query_one(Listing), self._freed
        if freed is None or not pane.chosen:
            return
        entry = int(pane.chosen)

        async def give() -> None:
            await give_slot(self.house.station, entry, freed)
            self._freed, self._fits = None, frozenset()
            self.say(_("The slot is given."))
            await self._read()

        self.work_on(give)
