"""The checks before a session of the book: what is new, where the pads go, one tick after the other, then the session."""

import time
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from emscontrol.core.errors import EmsError, UsageError
from emscontrol.desk.visit import Visit, visit_of
from emscontrol.desk.wanted import Wanted
from emscontrol.tui.commands.all import bindings
from emscontrol.tui.commands.table import Where
from emscontrol.tui.house import MeasureWanted, PatientWanted, QuestionsWanted
from emscontrol.tui.language import _
from emscontrol.tui.page import Page
from emscontrol.tui.screens.bedside.checklist import Check, How, Ticked, checks_of, void_after
from emscontrol.tui.screens.bedside.errand import BookedErrand
from emscontrol.tui.screens.bedside.no_news import keep_no_news
from emscontrol.tui.screens.bedside.obstacles import obstacles
from emscontrol.tui.seen_state import StateSeen
from emscontrol.tui.widgets.body_figure import BodyFigure, PadPlace
from emscontrol.tui.widgets.form import Field, FormScreen

TICKS_LAST_S = 15 * 60.0  # [D]
READ_S = 0.25  # from when the next check is drawn; a held Enter ticks nothing
MARKS = {True: "[x]", False: "[ ]"}
MIND = "bold $on-alarm-medium on $alarm-medium"  # with a mark and its word: it is never told by colour alone


class ChecksScreen(Page[None]):
    """Nothing is kept here but the ticks; they are void when the screen is left."""

    DEFAULT_CSS = """
    ChecksScreen #visit { height: auto; padding: 0 1; text-style: bold; }
    ChecksScreen #in-the-way { height: auto; max-height: 6; padding: 0 1; scrollbar-size-vertical: 1; }
    ChecksScreen #obstacles { height: auto; }
    ChecksScreen #bedside { height: 1fr; }
    ChecksScreen #checklist { width: 1fr; padding: 0 1; scrollbar-size-vertical: 1; }
    ChecksScreen .check { height: auto; }
    ChecksScreen #places { width: 50; padding: 0 1; }
    ChecksScreen.narrow #places { display: none; }
    """
    WHERE = Where.CHECKS
    PAGE = "today"
    AUTO_FOCUS = "#checklist"
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(Where.CHECKS),
        Binding("escape", "do('back')", "Back", key_display="Esc"),
    ]

    def __init__(self, appointment: int, code: str) -> None:
        super().__init__()
        self._appointment = appointment
        self._code = code
        self._visit: Visit | None = None
        self._checks: list[Check] = []
        self._ticked = Ticked()
        self._estimated = False
        self._not_today = ""
        self._begun = False
        self._stale = True
        self._looking = False
        self._asked_no: frozenset[str] = frozenset()
        self._ticked_s = 0.0
        self._obstacles_shown = ""
        self._visit_seen = StateSeen()
        self._check_seen = StateSeen()
        self._check_shown: Check | None = None

    def content(self) -> ComposeResult:
        """Who it is, what stands in the way, checks on the left, pads on the right."""
        yield Static("", id="visit", markup=False)
        with VerticalScroll(id="in-the-way", can_focus=False):
            yield Static("", id="obstacles", markup=False)
        with Horizontal(id="bedside"):
            yield VerticalScroll(id="checklist")
            with VerticalScroll(id="places", can_focus=False):
                yield BodyFigure()

    def on_screen_suspend(self) -> None:
        """Something else lies above: what is known of the visit is old until it has been fetched anew."""
        self._stale = True

    def on_resize(self, event: events.Resize) -> None:
        """No room for the figure on a narrow screen: the places stand with the checks."""
        super().on_resize(event)
        self.set_class(event.size.width < 100, "narrow")
        self._show()

    async def load(self) -> None:
        """What is known of the visit, fetched anew whenever this comes to the front; ticks of another visit are void."""
        self._looking = True
        try:
            await self._fetched_anew()
        finally:
            self._looking = False

    async def _fetched_anew(self) -> None:
        before, self._visit = self._visit, await self._looked_up()
        void = void_after(before, self._visit, self._ticked)
        if time.monotonic() - self._ticked_s > TICKS_LAST_S:
            void = list(self._ticked.figures)
        if before is not None and before.levels != self._visit.levels:
            self._estimated = False  # it was another estimate that a person took upon himself
            self.say(" ".join((_("The levels have changed since they were shown."), _("Look at them, and check again."))))
        elif void:
            self.say(_("Something has changed meanwhile: check it again."))
        for id_ in void:
            del self._ticked.figures[id_]
        self._checks = checks_of(self._visit)
        await self._lay_out()
        places = [PadPlace(place.channel, place.muscle, place.side) for place in self._visit.places]
        self.query_one(BodyFigure).show(places)
        self._stale = False
        self._visit_seen.gone()
        self._show()

    async def _looked_up(self) -> Visit:
        """The visit as it is now. A reason for giving it today was one for the day that it was booked for then."""
        before, station = self._visit, self.house.station
        found = await station.call(lambda desk: visit_of(desk, self._appointment, bool(self._not_today)))
        if self._not_today and before is not None and before.starts_at != found.starts_at:
            self._not_today = ""
            found = await station.call(lambda desk: visit_of(desk, self._appointment))
        return found

    # -- ticking -------------------------------------------------------------------------------------------------------

    @property
    def current(self) -> Check | None:
        """The check that is next; None when all are ticked."""
        return next((check for check in self._checks if check.id not in self._ticked.figures), None)

    def can(self, name: str) -> bool:
        """Only what makes sense now."""
        visit = self._visit
        if visit is None or self._begun:
            return name in ("back", "patient", "tick", "untick")  # which say why not
        return {
            "estimated": visit.estimated and not self._estimated,
            "elsewhen": not visit.on_its_day and not self._not_today,
            "ask": bool(visit.due),
        }.get(name, True)

    def do_tick(self) -> None:
        """This one is so; after the last one the session is opened."""
        check = self.current
        if not self._can_tick(check):
            return
        if check is None:
            self.work_on(self._open, "open")
        elif check.how is How.KEY:
            self._tick(check, None)
        else:
            self.say(_("Give a figure from 0 to {top}.").format(top=check.top) if check.how is How.CODE else check.words)

    def _can_tick(self, check: Check | None) -> bool:
        """Whether somebody can have read this one; if not, it is said why. The same for each way in which a check is ticked."""
        if self._begun:
            self.say(_("The session is being begun. STOP (F12 or Space) calls it off."))
        elif self._visit is None or self._stale:
            self.say(_("One moment: the visit is being looked up."))
            if not self._looking:  # it could not be: again
                self.work_on(self.load, "load")
        elif not self._looked_at():
            self.say(_("Too quick: read this check, then press again."))
        else:
            return self._seen_whole(check)
        return False

    def _looked_at(self) -> bool:
        """Whether what stands here was drawn long enough ago: a long look for what was fetched, a short one for a check."""
        now_s = time.monotonic()
        seen = (self._visit_seen.counts(now_s), self._check_seen.counts(now_s, READ_S))
        return all(seen)

    def do_untick(self) -> None:
        """The last one was not so."""
        if self._begun:
            self._can_tick(self.current)
        elif self._ticked.figures:
            self._ticked.figures.popitem()
            self._show()
        else:
            self.say(_("Nothing is ticked yet."))

    def on_key(self, event: events.Key) -> None:
        """A figure ticks a check that asks for one."""
        check = self.current
        if not (event.key.isdigit() and len(event.key) == 1):
            return
        event.stop()
        if check is None and event.key == "0" and self._ticked.figures.get("PC9") == 1 and not self._begun:
            del self._ticked.figures["PC9"]  # the 1 was the beginning of a 10
            self._no_session("PC9", 10)
        elif check is None or check.how is not How.CODE:
            self.say(_("No figure is asked for now."))
        elif self._can_tick(check):
            self._figure(check, int(event.key))

    def _figure(self, check: Check, figure: int) -> None:
        if figure > check.top:
            self.say(_("Give a figure from 0 to {top}.").format(top=check.top))
        elif figure > check.fine:
            self._no_session(check.id, figure)
        else:
            self._tick(check, figure)

    def _no_session(self, id_: str, figure: int) -> None:
        """A figure with which nothing is given; it stands in the record even when another one follows."""
        self._ticked.refused.append((id_, figure))
        told = _("{figure}: no session today. Write it down on the patient's page (p) and see a specialist.")
        self._show()
        self.say(told.format(figure=figure), stays=True)

    def stop_is_void(self) -> str:
        """STOP was pressed and there is nothing to stop: that is how it is tried, in its turn as every check."""
        if self._begun:
            return _("STOP: the session is called off before it has begun. No current flows.")
        check = self.current
        if check is None or check.how is not How.STOP:
            return super().stop_is_void()
        if not self._can_tick(check):
            return _("STOP has arrived. Read the check first, then press it again.")
        self._tick(check, None)
        return _("STOP has arrived: on this terminal it works. No current flows.")

    def _tick(self, check: Check, figure: int | None) -> None:
        self._ticked.figures.setdefault(check.id, figure)
        self._ticked_s = time.monotonic()
        if check.id == "PC2" and self._visit is not None:
            self._asked_no = frozenset(due.rule for due in self._visit.due if due.each_session)
        self.say("")
        self._show()

    # -- ways on -------------------------------------------------------------------------------------------------------

    def do_back(self) -> None:
        """Leave."""
        if self._begun:
            self._can_tick(None)
        else:
            self.dismiss(None)

    def do_patient(self) -> None:
        """The page of the patient."""
        self.post_message(PatientWanted(self._code))

    def do_ask(self) -> None:
        """The questions that are due, one by one."""
        self.post_message(QuestionsWanted(self._code))

    def do_measure(self) -> None:
        """Thresholds of the first channel."""
        if self._visit is not None:
            channel = self._visit.places[0].channel if self._visit.places else 1
            self.post_message(MeasureWanted(self._code, self._visit.plan, channel))

    def do_estimated(self) -> None:
        """A person has taken it upon himself, who has seen all the levels."""
        if not self._can_tick(None):
            return
        self._estimated = True
        self._show()

    def do_elsewhen(self) -> None:
        """With a reason, which is kept."""

        async def keep(answers: "dict[str, str]") -> str:
            if not answers["why"].strip():
                raise UsageError(_("A reason is needed."), _("It is kept in the record."))
            return answers["why"].strip()

        def kept(why: str | None) -> None:
            self._not_today, self._stale = why or "", True
            self.work_on(self.load, "load")  # of today it may be another session of its plan

        title = _("Why is it given today?")
        self.app.push_screen(FormScreen(title, [Field("why", _("Reason"))], keep), kept)  # type: ignore[arg-type]

    # -- the session ---------------------------------------------------------------------------------------------------

    async def _open(self) -> None:
        """Keep what was answered, hold the stimulator, and begin; whatever stands in the way is said, and nothing was begun."""
        visit = self._visit
        if visit is None or self._begun:
            return
        asked = [due for due in visit.due if not due.each_session]
        if asked:
            raise UsageError(
                _("{count} questions of the screening are due: {first}").format(count=len(asked), first=asked[0].question),
                _("y asks them."),
            )
        if time.monotonic() - self._ticked_s > TICKS_LAST_S:
            self._ticked = Ticked()
            self._show()
            raise UsageError(_("The checks were ticked too long ago."), _("Check again."))
        wanted = Wanted(self._appointment, self._code, "", self._estimated, self._not_today, self._ticked.words())
        errand = BookedErrand(self.house, wanted, visit, self._ticked.figures.get("PC9"))
        self._begun = True
        self.house.about_to_begin(True)  # from the Enter on a STOP calls it off, however slow the book is
        try:
            shown = self._asked_no
            await self.house.station.write("screening", lambda at_work: keep_no_news(at_work, visit, shown))
            await errand.begin(self._over)
        except (EmsError, OSError):
            self._begun = False
            self._stale = True
            self.work_on(self.load, "load")
            raise
        finally:
            self.house.about_to_begin(False)

    def _over(self, problem: EmsError | None) -> None:
        """Back from the session: refused before it began, or over."""
        self._begun = False
        self._ticked = Ticked()
        if problem is not None:
            self.refused(problem)

    # -- showing -------------------------------------------------------------------------------------------------------

    def _show(self) -> None:
        visit = self._visit
        if visit is None:
            return
        head = _("{who}   session {number} of {whole}: {title}   on {device}").format(
            who=f"{visit.patient} {visit.called}".strip(),
            number=visit.number,
            whole=visit.whole,
            title=visit.title,
            device=visit.device or _("no stimulator"),
        )
        self.query_one("#visit", Static).update(head)
        self._show_obstacles("\n".join(obstacles(visit, self._not_today, self._estimated)))
        for check, row in zip(self._checks, self.query("#checklist .check").results(Static), strict=False):
            row.update(self._row(check))
        everything = _("All checked. Enter connects the stimulator; no current yet.")
        for last in self.query("#all-checked").results(Static):
            last.update(Content.styled(everything, "bold") if self.current is None and self._checks else Content(""))
        current = self.current
        if current != self._check_shown:
            self._check_shown = current
            self._check_seen.gone()
        self.call_after_refresh(self._look_at_current)
        self.refresh_bindings()

    def _show_obstacles(self, words: str) -> None:
        """Others are read from their beginning."""
        if words != self._obstacles_shown:
            self._obstacles_shown = words
            self.query_one("#obstacles", Static).update(words)
            self._above.scroll_home(animate=False)

    def _row(self, check: Check) -> Content:
        done, here = check.id in self._ticked.figures, check is self.current
        figure = self._ticked.figures.get(check.id)
        told = "" if figure is None else f"   ({figure})"
        style = "bold reverse" if here else "dim" if done else ""
        lines = [Content.styled(f"{'>' if here else ' '}{MARKS[done]} {check.words}{told}", style)]
        if here:
            lines += [Content("      ") + Content.styled(f"!! {words}", MIND) for words in check.mind]
            lines += [Content(f"      {detail}") for detail in check.details]
        return Content("\n").join(lines)

    async def _lay_out(self) -> None:
        """A row for each check, so that the present one can be brought into view whole."""
        listed = self.query_one("#checklist", VerticalScroll)
        rows = list(self.query("#checklist .check"))
        if [row.id for row in rows] != [f"check-{check.id}" for check in self._checks]:
            await listed.remove_children()
            await listed.mount_all([Static("", id=f"check-{check.id}", classes="check") for check in self._checks])
            await listed.mount(Static("", id="all-checked"))

    def _row_of(self, check: Check | None) -> Static | None:
        id_ = "all-checked" if check is None else f"check-{check.id}"
        return next(iter(self.query(f"#checklist #{id_}").results(Static)), None)

    def _look_at_current(self) -> None:
        row = self._row_of(self.current)
        if row is None or self.app.screen is not self:
            return
        row.scroll_visible(animate=False, top=True)
        for seen in (self._visit_seen, self._check_seen):
            seen.drawn(time.monotonic())

    def _seen_whole(self, check: Check | None) -> bool:
        """Whether the last line of what is above the checks, and that of this one, is on the screen; if not, on by a page."""
        above, listed, row = self._above, self.query_one("#checklist", VerticalScroll), self._row_of(check)
        if above.scroll_offset.y < above.max_scroll_y:
            unread = above
        elif row is None or (check is not None and row.virtual_region.bottom > listed.scroll_offset.y + listed.size.height):
            unread = listed
        else:
            return True
        unread.scroll_page_down(animate=False)
        self.say(_("There is more of it: read on, then Enter."))
        return False

    @property
    def _above(self) -> VerticalScroll:
        return self.query_one("#in-the-way", VerticalScroll)
