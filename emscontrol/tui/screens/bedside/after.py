"""After a session of the book: skin, pain, effort and notes, kept together; what became of the record, and what comes next."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.widgets import Input, Label, Static

from emscontrol.core.errors import UsageError
from emscontrol.desk.desk import AtWork
from emscontrol.desk.visit import Visit
from emscontrol.tui.commands.all import bindings
from emscontrol.tui.commands.table import Where
from emscontrol.tui.language import _
from emscontrol.tui.page import Page
from emscontrol.tui.widgets.ordered_input import OrderedInput

HARMED = 2
"""A mark of the skin that stays over half an hour: from here on nothing is given until a specialist has looked."""


class AfterScreen(Page[None]):
    """What is typed is kept when F5 is pressed, all of it or nothing."""

    DEFAULT_CSS = """
    AfterScreen #said { height: auto; max-height: 50%; padding: 0 1; }
    AfterScreen .found { height: 1; padding: 0 1; }
    AfterScreen .found Label { width: 54; }
    AfterScreen .found Input { width: 1fr; background: $panel; }
    """
    WHERE = Where.AFTER
    PAGE = "today"
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(Where.AFTER),
        Binding("escape", "not_now", "Not now", key_display="Esc"),
        Binding("tab", "app.focus_next", show=False, priority=True),
        Binding("shift+tab", "app.focus_previous", show=False, priority=True),
        # with priority, so that figures typed ahead reach the right field
        Binding("enter", "next_field", show=False, priority=True),
    ]
    AUTO_FOCUS = "#skin"

    def __init__(self, visit: Visit, told: Sequence[str], pain_before: int | None, late: bool = False) -> None:
        super().__init__()
        self._late = late
        self._visit = visit
        self._told = told
        self._pain_before = pain_before
        self._tried = False
        self._harm_told = False

    def may_leave(self) -> bool:
        """Nobody asks again how the skin was: not before it is kept, or could not be; late, the patient may be gone."""
        return self._tried or self._late

    def why_not_leave(self) -> str:
        """What to do first."""
        return _("Look at the skin and write it down first: F5 keeps it.")

    def content(self) -> ComposeResult:
        """What is told, then a field for each finding."""
        with VerticalScroll(id="said", can_focus=False):
            yield Static("\n".join((self._head(), "", *self._told)), markup=False)
        for id_, words, hint in self._fields():
            with Horizontal(classes="found"):
                yield Label(words)
                yield OrderedInput(id=id_, compact=True, placeholder=hint)

    def _head(self) -> str:
        who = f"{self._visit.patient} {self._visit.called}".strip()
        if self._late:
            return _(
                "{who}: a session ended that nobody ended on purpose. How are skin and pain now, if the patient is here?"
            ).format(who=who)
        return _("{who}: the session is over. Leads off, pads off; look at the skin.").format(who=who)

    def _fields(self) -> tuple[tuple[str, str, str], ...]:
        before = "" if self._pain_before is None else _(" ({pain} before)").format(pain=self._pain_before)
        return (
            ("skin", _("Skin: 0 none, 1 red < 30 min, 2 red > 30 min, 3 burn"), "0"),
            ("nrs", _("Pain now, 0 to 10") + before, "0"),
            ("rpe", _("Effort, Borg 0 to 10"), "3"),
            ("note", _("Notes"), ""),
        )

    def on_mount(self) -> None:
        """What the keys do."""
        if self._late:
            told = _("F5 keeps what you have typed. Esc leaves it: the patient's page takes it later (F3).")
        else:
            told = _("F5 keeps what you have typed. Empty fields are left out.")
        self.say(told, stays=True)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Esc leaves only what is asked late."""
        return self._late if action == "not_now" else super().check_action(action, parameters)

    async def action_not_now(self) -> None:
        """Nobody can say it now."""
        self.dismiss(None)

    def action_next_field(self) -> None:
        """On to the next field; from the notes, which are the last, nowhere."""
        if self.focused is not None and self.focused.id != "note":
            self.focus_next()

    def do_keep(self) -> None:
        """Keep it in the book, then back to the day."""
        self.work_on(self._keep, "keep")

    async def _keep(self) -> None:
        values = {id_: self.query_one(f"#{id_}", Input).value.strip() for id_, _words, _hint in self._fields()}
        if self._harm_told:
            await self._back()
            return
        if not values["skin"]:
            raise UsageError(_("How is the skin?"), _("Look at it, and write a figure from 0 to 3."))
        visit, before = self._visit, self._pain_before
        self._tried = True
        await self.house.station.write("outcomes", lambda at_work: _kept(at_work, visit, values, before))
        if float(values["skin"]) >= HARMED:
            self._harm_told = True
            told = _("Kept. The skin is marked: nothing is given until a specialist has looked. F2: back to the day.")
            self.say(told, stays=True)
            return
        await self._back()

    async def _back(self) -> None:
        """To the day; of what is asked late to what else waits."""
        if self._late:
            self.dismiss(None)
        else:
            await self.app.run_action("do('today')")


def _kept(at_work: AtWork, visit: Visit, values: Mapping[str, str], pain_before: int | None) -> None:
    from emscontrol.clinic.patients.outcomes import Entered, record_outcome
    from emscontrol.clinic.patients.patients import find_patient

    session, actor, now = at_work
    patient = find_patient(session, visit.patient).id

    def keep(measure: str, text: str, scale: str = "", note: str = "") -> None:
        entered = Entered(measure, text, now, scale=scale, appointment_id=visit.appointment, note=note)
        record_outcome(session, actor, now, patient, entered)

    if pain_before is not None:
        keep("nrs", str(pain_before), note="before the session")
    keep("skin", values["skin"], note=values["note"])
    if values["nrs"]:
        keep("nrs", values["nrs"], note="after the session")
    if values["rpe"]:
        keep("rpe", values["rpe"], "cr10")
