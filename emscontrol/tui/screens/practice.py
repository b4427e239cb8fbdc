"""The practice session, and what is said after it: what was done, that all of it was simulated, where to go from here."""

import asyncio
from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from emscontrol.core.errors import EmsError
from emscontrol.tui.commands.all import bindings
from emscontrol.tui.commands.table import Where
from emscontrol.tui.house import Errand, FreeSessionWanted
from emscontrol.tui.language import _
from emscontrol.tui.page import Page
from emscontrol.tui.practice_folder import is_practice_folder
from emscontrol.tui.practice_session import practice_spec, what_was_done

SIMULATED: Final = "That was a session, and all of it was SIMULATED: stimulator, current and body. Nobody was connected."
BOOK: Final = (
    "Patients, screening, plans and appointments are kept in a book: F2, where there is none yet, offers to make one here.",
    "or look around among thirty invented patients: emscontrol demo --book",
)


class PracticeScreen(Page[None]):
    """Begins at once; shows its words when the session is over."""

    WHERE = Where.PAGES
    PAGE = "today"
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(Where.PAGES),
        Binding("escape", "app.back", "Back", key_display="Esc"),
    ]
    DEFAULT_CSS = """
    PracticeScreen #done { height: 1fr; padding: 0 1; }
    PracticeScreen #done Static { height: auto; }
    PracticeScreen #ways-on, PracticeScreen #ways-on:focus { height: auto; max-height: 4; padding: 0 1; border: none; }
    PracticeScreen #ways-on > .option-list--option-highlighted { text-style: bold reverse; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._journal = ""

    def content(self) -> ComposeResult:
        """Words, and the ways on."""
        with VerticalScroll(id="done", can_focus=False):
            yield Static(
                _("The practice session is being prepared: a simulated stimulator on a simulated body."), id="done-words"
            )
        yield OptionList(
            Option(_("A session without the book, on a simulator or a stimulator"), id="free"),
            Option(_("Protocols: browse, look at, try (F6)"), id="protocols"),
            Option(_("Practise once more"), id="again"),
            id="ways-on",
        )

    def on_mount(self) -> None:
        """Begin."""
        self.query_one("#ways-on").display = False
        self.work_on(self._begin)

    async def _begin(self) -> None:
        spec = await asyncio.to_thread(practice_spec, self.house.home, self.house.rehearsal.speed)
        self._journal = spec.journal
        self.house.begin_session(Errand(spec, then=self._over, coached=True))

    def _over(self, problem: EmsError | None) -> None:
        ways = self.query_one("#ways-on", OptionList)
        ways.display = True
        ways.focus()
        if problem is None:
            self.work_on(self._tell)
        else:
            self.query_one("#done-words", Static).update(_("The practice session was not begun. Nothing was delivered."))
            self.refused(problem)

    async def _tell(self) -> None:
        lines = await asyncio.to_thread(lambda: list(what_was_done(self._journal)))
        words = [_(SIMULATED), "", *lines, "", *map(_, BOOK)]
        words += ["", _("Its record: {journal}").format(journal=self._journal)]
        if is_practice_folder(self.house.home):
            words.append(_("It is thrown away when you leave; emscontrol demo --screen --keep FOLDER keeps such records."))
        self.query_one("#done-words", Static).update("\n".join(words))

    @on(OptionList.OptionSelected, "#ways-on")
    async def _chosen(self, event: OptionList.OptionSelected) -> None:
        if event.option.id == "again":
            self.work_on(self._begin)
        elif event.option.id == "protocols":
            await self.app.run_action("do('protocols')")
        else:
            self.post_message(FreeSessionWanted())
