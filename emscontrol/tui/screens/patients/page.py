"""Everybody, to search in."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar, Final

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.widgets import DataTable, Input, Static

from emscontrol.desk.desk import AtWork
from emscontrol.tui.commands.all import bindings
from emscontrol.tui.commands.table import Where
from emscontrol.tui.house import PatientWanted
from emscontrol.tui.language import _
from emscontrol.tui.page import Page
from emscontrol.tui.screens.patients.entering import enter_patient, patient_fields
from emscontrol.tui.widgets.form import FormScreen
from emscontrol.tui.widgets.listing import Column, Listing, Row
from emscontrol.tui.widgets.ordered_input import OrderedInput

if TYPE_CHECKING:
    from emscontrol.clinic.patients.patients import PatientLine

_STEPS: Final = {"up": -1, "down": 1, "pageup": -10, "pagedown": 10}


class PatientsPage(Page[None]):
    """A field to type in and the list of who fits; the arrows move in the list while the field is typed in."""

    DEFAULT_CSS = """
    PatientsPage #search-row { height: 1; padding: 0 1; }
    PatientsPage #search-words { width: auto; padding: 0 1 0 0; }
    PatientsPage #search { width: 1fr; }
    PatientsPage #people { margin: 1 0 0 0; padding: 0 1; }
    PatientsPage.small #people { margin: 0; }
    """
    WHERE = Where.PATIENTS
    PAGE = "patients"
    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.PATIENTS)
    AUTO_FOCUS = "#search"

    def content(self) -> ComposeResult:
        """The field above the list."""
        with Horizontal(id="search-row"):
            yield Static(_("Search:"), id="search-words", markup=False)
            yield OrderedInput(id="search", placeholder=_("code or name; arrows choose, Enter opens"), compact=True)
        columns = (Column(_("CODE"), 12, grow=1), Column(_("NAME"), 24, grow=4), Column(_("BORN"), 6))
        yield Listing(columns, "people")

    async def load(self) -> None:
        """Who fits what is typed."""
        words = self.query_one("#search", Input).value
        found, whole = await self.house.station.read("look", lambda at: _found(at, words))
        self.query_one("#people", Listing).fill([_row(line) for line in found], _nothing(words))
        if len(found) >= whole:
            self.say(_("The first {count} are shown: type more of the code or the name.").format(count=len(found)))

    @on(Input.Changed, "#search")
    def _typed(self) -> None:
        self.work_on(self.load, "load")

    @on(Input.Submitted, "#search")
    async def _entered(self) -> None:
        await self.action_do("open")

    @on(DataTable.RowSelected, "#people")
    async def _clicked(self) -> None:
        await self.action_do("open")

    def on_key(self, event: events.Key) -> None:
        """The arrows move in the list, wherever the cursor of the text is."""
        if event.key in _STEPS and isinstance(self.focused, Input):
            self.query_one("#people", Listing).step(_STEPS[event.key])
            event.stop()

    # -- commands ------------------------------------------------------------------------------------------------------

    def do_open(self) -> None:
        """The chosen one, of those who fit what stands in the field by now."""
        self.work_on(self._open, "load")

    async def _open(self) -> None:
        await self.load()
        code = self.query_one("#people", Listing).chosen
        if code:
            self.post_message(PatientWanted(code))
        else:
            self.say(_nothing(self.query_one("#search", Input).value))

    def do_new(self) -> None:
        """Somebody new; then the page of that patient."""

        async def keep(answers: Mapping[str, str]) -> str:
            return await self.house.station.write("patients", lambda at: enter_patient(at, answers))

        def kept(code: str | None) -> None:
            if code:
                self.post_message(PatientWanted(code))

        typed = self.query_one("#search", Input).value
        self.app.push_screen(FormScreen[str](_("A new patient"), patient_fields(typed), keep), kept)


def _found(at: AtWork, words: str) -> "tuple[list[PatientLine], int]":
    """Who fits, and how many are shown at most."""
    from emscontrol.clinic.patients.patients import LISTED, search_patients

    return list(search_patients(at.session, words)), LISTED


def _row(line: "PatientLine") -> Row:
    name = f"{line.given} {line.family}".strip()
    return Row(line.code, (line.code, name, str(line.birth_year or "")))


def _nothing(words: str) -> str:
    if words.strip():
        return _("Nobody is called so. Ctrl+N enters somebody new.")
    return _("Nobody is in this book yet. Ctrl+N enters the first patient.")
