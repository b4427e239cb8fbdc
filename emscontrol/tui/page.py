"""What all screens of the book have in common: row of pages, message line, STOP, keys; and work that may be refused."""

from collections.abc import Awaitable, Callable
from typing import ClassVar, TypeVar, cast

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.css.query import NoMatches
from textual.screen import Screen
from textual.timer import Timer
from textual.widgets import Static
from textual.worker import Worker

from emscontrol.core.errors import EmsError
from emscontrol.tui.commands.all import BY_PLACE
from emscontrol.tui.commands.table import Where
from emscontrol.tui.house import House
from emscontrol.tui.language import _
from emscontrol.tui.station import unusable
from emscontrol.tui.widgets.key_row import KeyRow
from emscontrol.tui.widgets.page_row import PageRow
from emscontrol.tui.widgets.stop_button import StopButton

T = TypeVar("T")
MESSAGE_S = 8.0
SMALL_ROWS = 18  # below this STOP has one row


class Page(Screen[T]):
    """A screen with a place in the table of commands. A command NAME of its place is done by the method `do_NAME`.

    `PAGE` is the name of its page in the row at the top, or of the page that it belongs to. Content comes from `content`.
    """

    WHERE: ClassVar[Where] = Where.TODAY
    PAGE: ClassVar[str] = "today"
    AUTO_FOCUS = ""
    _fading: Timer | None = None

    @property
    def house(self) -> House:
        """The program around this screen."""
        return cast("House", self.app)

    def compose(self) -> ComposeResult:
        """Pages at the top; message, STOP and keys at the bottom; the content gets what is left."""
        yield PageRow(self.PAGE)
        with Vertical(id="foot"):
            yield Static("", id="message", markup=False)
            yield StopButton()
            yield KeyRow()
        yield from self.content()

    def content(self) -> ComposeResult:
        """What is between. To be given by each page."""
        yield from ()

    def on_resize(self, event: events.Resize) -> None:
        """Fewer rows: STOP takes one."""
        self.set_class(event.size.height < SMALL_ROWS, "small")

    # -- commands ------------------------------------------------------------------------------------------------------

    def can(self, name: str) -> bool:
        """Whether a command of this page makes sense now; those that do not are not offered. All, unless a page says so."""
        return True

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only what makes sense is offered."""
        if action != "do":
            return True
        name = str(parameters[0])
        return name not in BY_PLACE[self.WHERE] or self.can(name)

    async def action_do(self, name: str) -> None:
        """A command of this page, else one of the program's."""
        if name not in BY_PLACE[self.WHERE] or self.WHERE is Where.PAGES:
            await self.app.run_action(f"do('{name}')")
            return
        done = getattr(self, f"do_{name}")()
        if done is not None:
            await done

    # -- work ----------------------------------------------------------------------------------------------------------

    async def load(self) -> None:
        """What the page shows, fetched anew; called whenever it comes to the front. May raise what the book raises."""

    def on_screen_resume(self) -> None:
        """In front (again): what it shows may have changed meanwhile."""
        self.work_on(self.load, "load")

    def work_on(self, work: Callable[[], Awaitable[None]], group: str = "work") -> None:
        """Do this beside the screen; newer work of the same group takes its place. What is refused is said on this screen."""

        async def begin() -> None:
            try:
                await work()
            except EmsError as problem:
                self.house.book_problem(problem)
            except OSError as problem:
                self.house.book_problem(unusable(problem))
            except NoMatches:
                here = self in self.app.screen_stack and self.query("#message") and self.app.is_running
                if here and self.app.return_code is None:  # a program that is left takes its screens apart piece by piece
                    raise
                # the page was left, or the program, while its work waited: nothing is there to be shown on any more

        _worker: Worker[None] = self.run_worker(begin, group=group, exclusive=True, exit_on_error=True)

    # -- talking -------------------------------------------------------------------------------------------------------

    def say(self, text: str, stays: bool = False) -> None:
        """A line for the person at the screen; it goes by itself unless it `stays`."""
        shown = self.query_one("#message", Static)
        shown.update(text)
        shown.set_class(bool(text), "on")
        if self._fading is not None:
            self._fading.stop()
        self._fading = self.set_timer(MESSAGE_S, lambda: shown.remove_class("on")) if text and not stays else None

    def refused(self, problem: EmsError) -> None:
        """Say what was refused and what to do; it stays until something else is said."""
        self.say(f"{problem.what} {problem.remedy}".strip(), stays=True)

    def may_leave(self) -> bool:
        """Whether somebody may go to another page now; not while something would be lost that nobody asks for again."""
        return True

    def why_not_leave(self) -> str:
        """What to say to who may not."""
        return ""

    def stop_is_void(self) -> str:
        """What to say when STOP is pressed here."""
        return _("No session is open on this screen. For sessions of other terminals: emscontrol stop")
