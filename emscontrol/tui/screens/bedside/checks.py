"""The checks before a session of the book: what is new, where the pads go, one tick after the other, then the session."""

from typing import ClassVar

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.widgets import Static

from emscontrol.core.errors import EmsError, UsageError
from emscontrol.desk.desk import AtWork
from emscontrol.desk.visit import Visit, visit_of
from emscontrol.desk.wanted import Wanted
from emscontrol.tui.commands.all import bindings
from emscontrol.tui.commands.table import Where
from emscontrol.tui.house import MeasureWanted, PatientWanted, QuestionsWanted
from emscontrol.tui.language import _
from emscontrol.tui.page import Page
from emscontrol.tui.screens.bedside.checklist import Check, How, Ticked, checks_of, void_after
from emscontrol.tui.screens.bedside.errand import BookedErrand
from emscontrol.tui.widgets.body_figure import BodyFigure, PadPlace
from emscontrol.tui.widgets.form import Field, FormScreen

MARKS = {True: "[x]", False: "[ ]"}


class ChecksScreen(Page[None]):
    """Nothing is kept here but the ticks; they are void when the screen is left."""

    DEFAULT_CSS = """
    ChecksScreen #visit { height: auto; padding: 0 1; text-style: bold; }
    ChecksScreen #in-the-way { height: auto; max-height: 6; padding: 0 1; }
    ChecksScreen #bedside { height: 1fr; }
    ChecksScreen #checklist { width: 1fr; padding: 0 1; }
    ChecksScreen #places { width: 50; padding: 0 1; }
    ChecksScreen.narrow #places { display: none; }
    """
    WHERE = Where.CHECKS
    PAGE = "today"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Where.CHECKS), Binding("escape", "do('back')", show=False)]

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

    def content(self) -> ComposeResult:
        """Who it is, what stands in the way, checks on the left, pads on the right."""
        yield Static("", id="visit", markup=False)
        yield Static("", id="in-the-way", markup=False)
        with Horizontal(id="bedside"):
            with VerticalScroll(id="checklist", can_focus=False):
                yield Static("", id="ticks", markup=False)
            with VerticalScroll(id="places", can_focus=False):
                yield BodyFigure()

    def on_resize(self, event: events.Resize) -> None:
        """No room for the figure on a narrow screen: the places stand with the checks."""
        super().on_resize(event)
        self.set_class(event.size.width < 100, "narrow")
        self._show()

    async def load(self) -> None:
        """What is known of the visit, fetched anew whenever this comes to the front; ticks of another visit are void."""
        before, self._visit = self._visit, await self.house.station.call(lambda desk: visit_of(desk, self._appointment))
        void = void_after(before, self._visit, self._ticked)
        for id_ in void:
            del self._ticked.figures[id_]
        if void:
            self.say(_("Something has changed meanwhile: check it again."))
        self._checks = checks_of(self._visit)
        places = [PadPlace(place.channel, place.muscle, place.side) for place in self._visit.places]
        self.query_one(BodyFigure).show(places)
        self._show()

    # -- ticking -------------------------------------------------------------------------------------------------------

    @property
    def current(self) -> Check | None:
        """The check that is next; None when all are ticked."""
        return next((check for check in self._checks if check.id not in self._ticked.figures), None)

    def can(self, name: str) -> bool:
        """Only what makes sense now."""
        visit = self._visit
        if visit is None or self._begun:
            return name in ("back", "patient")
        return {
            "estimated": visit.estimated and not self._estimated,
            "elsewhen": not visit.on_its_day and not self._not_today,
            "ask": bool(visit.due),
        }.get(name, True)

    def do_tick(self) -> None:
        """This one is so; after the last one the session is opened."""
        check = self.current
        if self._visit is None or self._begun:
            return
        if check is None:
            self.work_on(self._open, "open")
        elif check.how is How.KEY:
            self._tick(check, None)
        else:
            self.say(_("Give a figure from 0 to {top}.").format(top=check.top) if check.how is How.CODE else check.words)

    def do_untick(self) -> None:
        """The last one was not so."""
        if self._ticked.figures and not self._begun:
            self._ticked.figures.popitem()
            self._show()

    def on_key(self, event: events.Key) -> None:
        """A figure ticks a check that asks for one."""
        check = self.current
        if check is None or check.how is not How.CODE or not (event.key.isdigit() and len(event.key) == 1):
            return
        event.stop()
        figure = int(event.key)
        if figure > check.top:
            self.say(_("Give a figure from 0 to {top}.").format(top=check.top))
        elif figure > check.fine:
            self.say(
                _("{figure}: no session today. Write it down on the patient's page (p) and see a specialist.").format(
                    figure=figure
                ),
                stays=True,
            )
        else:
            self._tick(check, figure)

    def stop_is_void(self) -> str:
        """STOP was pressed and there is nothing to stop: that is how it is tried."""
        if any(check.how is How.STOP for check in self._checks):
            self._tick(next(check for check in self._checks if check.how is How.STOP), None)
            return _("STOP has arrived: on this terminal it works. No current flows.")
        return super().stop_is_void()

    def _tick(self, check: Check, figure: int | None) -> None:
        self._ticked.figures.setdefault(check.id, figure)
        self.say("")
        self._show()

    # -- ways on -------------------------------------------------------------------------------------------------------

    def do_back(self) -> None:
        """Leave."""
        if not self._begun:
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
        """A person has taken it upon himself."""
        self._estimated = True
        self._show()

    def do_elsewhen(self) -> None:
        """With a reason, which is kept."""

        async def keep(answers: "dict[str, str]") -> str:
            if not answers["why"].strip():
                raise UsageError(_("A reason is needed."), _("It is kept in the record."))
            return answers["why"].strip()

        def kept(why: str | None) -> None:
            self._not_today = why or ""
            self._show()

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
        await self._keep_answers(visit)
        wanted = Wanted(self._appointment, self._code, "", self._estimated, self._not_today, self._ticked.words())
        errand = BookedErrand(self.house, wanted, visit, self._ticked.figures.get("PC9"))
        self._begun = True
        try:
            await errand.begin(self._over)
        except EmsError:
            self._begun = False
            raise

    async def _keep_answers(self, visit: Visit) -> None:
        """Nothing new: each question of every session was answered with no."""
        rules = [due.rule for due in visit.due if due.each_session]

        def keep(at_work: AtWork) -> None:
            from emscontrol.clinic.patients.patients import find_patient
            from emscontrol.clinic.screening.answering import give_answer
            from emscontrol.safety.screening_facts import Answer

            patient = find_patient(at_work.session, visit.patient).id
            for rule in rules:
                give_answer(at_work.session, at_work.actor, at_work.now, patient, rule, Answer.NO)

        if rules:
            await self.house.station.write("screening", keep)

    def _over(self, problem: EmsError | None) -> None:
        """Back from the session: refused before it began, or over."""
        self._begun = False
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
        self.query_one("#in-the-way", Static).update("\n".join(self._obstacles(visit)))
        self.query_one("#ticks", Static).update(Text("\n").join(self._rows()))
        self.refresh_bindings()

    def _obstacles(self, visit: Visit) -> list[str]:
        lines = [f"!! {sentence}" for sentence in visit.in_the_way]
        if visit.missing:
            lines.append(f"!! {visit.missing}")
        if not visit.on_its_day:
            lines.append(
                _("It is given today: {why}").format(why=self._not_today)
                if self._not_today
                else "!! " + _("This appointment is of another day. d gives it today, with a reason.")
            )
        for words in visit.levels:
            lines.append(f"   {words}")
        if visit.estimated and not self._estimated:
            lines.append("!! " + _("A level is an estimate: t measures it, e takes it."))
        return lines

    def _rows(self) -> list[Text]:
        rows = []
        for check in self._checks:
            done, here = check.id in self._ticked.figures, check is self.current
            figure = self._ticked.figures.get(check.id)
            told = "" if figure is None else f"   ({figure})"
            style = "bold reverse" if here else "dim" if done else ""
            rows.append(Text(f"{'>' if here else ' '}{MARKS[done]} {check.words}{told}", style=style))
            rows += [Text(f"      {line}") for line in check.details if here]
        rows.append(Text(""))
        everything = _("All checked. Enter connects the stimulator; no current yet.")
        rows.append(Text(everything, style="bold") if self.current is None and self._checks else Text(""))
        return rows
