"""What is shown where there is no book that can be used: why, what can be done about it, and what can be done without one."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from emscontrol.tui.commands.all import bindings
from emscontrol.tui.commands.table import Where
from emscontrol.tui.house import FreeSessionWanted, PracticeWanted, TourWanted
from emscontrol.tui.language import _
from emscontrol.tui.page import Page
from emscontrol.tui.screens.door.making import first_supervisor, new_book, passphrase
from emscontrol.tui.screens.door.standing import Lacks, Standing


class WelcomePage(Page[None]):
    """Nothing here needs a book."""

    WHERE = Where.PAGES
    PAGE = "today"
    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.PAGES)
    AUTO_FOCUS = "OptionList"
    DEFAULT_CSS = """
    WelcomePage #welcome { height: 1fr; padding: 1 2; }
    WelcomePage #welcome-why { height: auto; max-height: 6; margin: 0 0 1 0; }
    WelcomePage #ways, WelcomePage #ways:focus { height: 1fr; border: none; padding: 0; background: transparent; }
    WelcomePage.small #welcome { padding: 0 1; }
    """

    def __init__(self, standing: Standing) -> None:
        super().__init__()
        self._standing = standing

    def content(self) -> ComposeResult:
        """Why, and the ways on."""
        with Vertical(id="welcome"):
            yield Static(f"{_('Welcome to emscontrol.')} {self._standing.why}", id="welcome-why", markup=False)
            yield OptionList(*(Option(words, id=name) for name, words in self._ways()), id="ways")

    def _ways(self) -> list[tuple[str, str]]:
        mend = {
            Lacks.BOOK: ("make", _("Make a book here: to practise with, or for a clinic")),
            Lacks.STAFF: ("staff", _("Enter the first supervisor")),
            Lacks.KEY: ("passphrase", _("Type the passphrase of the book")),
            Lacks.OTHER: ("look", _("Look again")),
        }[self._standing.lacks]
        ways = [
            ("practice", _("Practise: a session of two minutes with a simulated patient")),
            ("tour", _("A short tour: STOP, the pages, a session, the book")),
            mend,
            ("free", _("A session without the book: protocol, stimulator and levels by hand")),
        ]
        return ways if self._standing.lacks is Lacks.BOOK else [mend, *(way for way in ways if way is not mend)]

    @on(OptionList.OptionSelected, "#ways")
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        station = self.house.station
        match event.option.id:
            case "practice":
                self.post_message(PracticeWanted())
            case "tour":
                self.post_message(TourWanted())
            case "make":
                self.app.push_screen(new_book(station, self._standing.encrypted), self._mended)
            case "staff":
                self.app.push_screen(first_supervisor(station), self._mended)
            case "passphrase":
                self.app.push_screen(passphrase(station), self._mended)
            case "look":
                self._mended(True)
            case _:
                self.post_message(FreeSessionWanted())

    def _mended(self, done: bool | None) -> None:
        if done:
            self.run_worker(self.app.run_action("do('today')"))
