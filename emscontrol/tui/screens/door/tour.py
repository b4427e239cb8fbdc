"""A short tour for somebody who has never seen the program. It begins with STOP, tried, and ends in a practice session."""

import time
from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static

from emscontrol.tui.commands.all import BY_PLACE, bindings
from emscontrol.tui.commands.everywhere import PAGES
from emscontrol.tui.commands.table import Where
from emscontrol.tui.house import PracticeWanted
from emscontrol.tui.language import _
from emscontrol.tui.page import Page
from emscontrol.tui.widgets.reading import Reading

PANES: Final = 5
FRESH_S: Final = 1.0  # a key that was read longer ago is not the one that arrives now


class TourScreen(Page[None]):
    """One pane at a time."""

    WHERE = Where.TOUR
    PAGE = "today"
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(Where.TOUR, Where.PAGES),
        Binding("escape", "app.back", "Back", key_display="Esc"),
    ]
    DEFAULT_CSS = """
    TourScreen #tour-title { height: 1; padding: 0 1; text-style: bold; background: $title; color: $on-title; }
    TourScreen Reading { padding: 1 2; }
    TourScreen.small Reading { padding: 0 1; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._at = 0
        self._stop_words = ""

    def content(self) -> ComposeResult:
        """A title and a text."""
        yield Static("", id="tour-title", markup=False)
        yield Reading()

    async def load(self) -> None:
        """The pane that was shown last."""
        self._show()

    def can(self, name: str) -> bool:
        """The first pane has none before it."""
        return name != "before" or self._at > 0

    def do_further(self) -> None:
        """The next pane; after the last one, the practice session."""
        if self._at == PANES - 1:
            self.post_message(PracticeWanted())
            return
        self._at += 1
        self._show()

    def do_before(self) -> None:
        """The pane before."""
        self._at -= 1
        self._show()

    def stop_is_void(self) -> str:
        """STOP was pressed: say that it has arrived, and how."""
        road = self.house.road
        age_s = time.monotonic() - road.seen_s
        if road.seen and age_s < FRESH_S:
            self._stop_words = _(
                "{key} has arrived: {ms} ms after it was read from this terminal, the screen had it too. In a session it does "
                "not wait for the screen: what reads the terminal tells the engine itself."
            ).format(key=road.seen, ms=f"{age_s * 1_000:.1f}")
        else:
            self._stop_words = _("STOP has arrived, by the way that all keys and the mouse take.")
        self._show()
        return _("Nothing runs, so there was nothing to stop. That is how it is done.")

    def _show(self) -> None:
        titles = (_("STOP"), _("The pages"), _("A session"), _("The book"), _("Practise"))
        texts = (self._stop, _pages, _a_session, _the_book, _practise)
        self.query_one("#tour-title", Static).update(f"{self._at + 1}/{PANES}  {titles[self._at]}")
        self.query_one(Reading).tell(texts[self._at]())
        self.refresh_bindings()

    def _stop(self) -> str:
        return "\n".join(
            (
                _("F12 is STOP: on every screen, whatever is shown, also while you type. It never asks, and it never starts."),
                _("While a session is open Space, Esc and Ctrl+C are STOP as well, and so is the button at the bottom."),
                "",
                self._stop_words or _("Press F12 now, to see whether this terminal hands it on."),
                "",
                _("If nothing changes here, the terminal keeps F12 for itself. Then use Space, Esc, Ctrl+C, or the button."),
                "",
                _("Right arrow or Enter goes on."),
            )
        )


def _pages() -> str:
    rows = [f"  {page.key_words:<3} {_(page.label):<14} {_(page.help)}" for page in PAGES]
    last = _("? shows every key of the screen you are on; Ctrl+P finds a command by its name.")
    return "\n".join((_("The row at the top names the pages. A key or a click goes there."), "", *rows, "", last))


def _a_session() -> str:
    commands = BY_PLACE[Where.SESSION]
    rows = [
        f"  {commands[name].keys_told:<3} {_(commands[name].label):<14} {_(commands[name].help)}"
        for name in ("arm", "start", "raise", "lower", "pause")
        if name in commands
    ]
    return "\n".join(
        (
            _("A session opens without current. Two keys lie between you and the first contraction, on purpose."),
            "",
            *rows,
            "",
            _("The large figures are what flows now, in mA. What is not known is shown as a question mark, never as zero."),
        )
    )


def _the_book() -> str:
    return "\n".join(
        (
            _(
                "Patients, screening, plans, appointments and results are in the clinic's book. Everybody logs in with a PIN "
                "of his own; after some minutes without a key the screen is covered until somebody logs in. A session is never "
                "covered."
            ),
            "",
            _("Each session also writes a journal, line by line, while it runs. F7 shows it and tells whether it is intact."),
        )
    )


def _practise() -> str:
    return "\n".join(
        (
            _("Now a session on a simulated stimulator and a simulated body. Nobody is connected, nothing can go wrong."),
            "",
            _("A line on the screen tells which key comes next."),
            "",
            _("Enter begins it."),
        )
    )
