"""The terminal program: which screen is shown, and the second road of STOP."""

import os
import sys
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from enum import Enum
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, cast

from textual import events, on
from textual.binding import BindingType
from textual.command import CommandPalette
from textual.driver import Driver
from textual.screen import ModalScreen, Screen
from textual.widgets import Input
from textual.worker import Worker

from emscontrol.clinic.sessions.read_journal import BookedAs
from emscontrol.core.errors import BookError, EmsError, ExitCode, NotAllowed, UsageError
from emscontrol.desk.handing_in import hand_in
from emscontrol.desk.visit import visit_of
from emscontrol.tui import rubbish
from emscontrol.tui.bench import Bench
from emscontrol.tui.choices import Rehearsal
from emscontrol.tui.commands.all import bindings
from emscontrol.tui.commands.table import Where
from emscontrol.tui.dressed import DressedApp
from emscontrol.tui.house import AfterWanted, Errand, FreeSessionWanted, LiveScreen, PracticeWanted, Told, Wanted
from emscontrol.tui.idle import Follows, IdleWatch
from emscontrol.tui.keyboard import STOP_KEYS
from emscontrol.tui.language import _
from emscontrol.tui.page import Page
from emscontrol.tui.palette import TableOfCommands
from emscontrol.tui.routes import NEEDS_BOOK, PAGES, ROUTES
from emscontrol.tui.screens.door.entry import leave
from emscontrol.tui.screens.door.login import LoginScreen
from emscontrol.tui.screens.door.standing import standing
from emscontrol.tui.screens.door.welcome import WelcomePage
from emscontrol.tui.screens.help import HelpScreen
from emscontrol.tui.screens.records.happened import tell_what_happened
from emscontrol.tui.screens.session import SessionScreen
from emscontrol.tui.screens.setup import SetupScreen
from emscontrol.tui.screens.unknown import UnknownScreen
from emscontrol.tui.station import Station, unusable
from emscontrol.tui.stop_road import StopRoad
from emscontrol.tui.widgets.stop_button import StopButton

WORDS: Mapping[str, str] = {key.name: key.words for key in STOP_KEYS}
ALWAYS_ANSWERED = frozenset({"f12", "space"})  # without a session these keys only say that there is none
LEAVE = "ctrl+q"  # of the STOP keys the one that leaves where there is nothing to stop
IDLE_LOOK_S = 1.0


class Begin(Enum):
    """What the program begins with."""

    HOUSE = "the day's agenda, or the way to it"
    SETUP = "a session without the book"
    PRACTICE = "a practice session with a simulated patient"


class EmsApp(DressedApp, inherit_bindings=False):
    """All screens, and what lies above them. `rehearsal` reaches simulated stimulators only.

    With `only` it begins with that screen, and is over when that is left.
    """

    CSS_PATH = Path(__file__).with_name("theme.tcss")
    TITLE = "emscontrol"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.EVERYWHERE, Where.PAGES)

    def __init__(
        self,
        home: str,
        bench: Bench,
        begin: Begin = Begin.HOUSE,
        rehearsal: Rehearsal | None = None,
        only: Wanted | None = None,
    ) -> None:
        self.road = StopRoad()
        super().__init__()
        self.home = home
        self.bench = bench
        self.station = Station(home)
        self._begin = begin
        self._only = only
        self.rehearsal = rehearsal or Rehearsal()
        self.session: LiveScreen | None = None
        self._later: list[Wanted] = []  # screens that were wanted while a session was open
        self._interrupted: list[BookedAs] = []  # told, and not asked yet what was found on the patient
        self._untold = False  # what happened was kept back while a session was open
        self.beginning = False
        self._called_off = ""  # by the ordinary handler
        self._beginning_s = 0.0
        self._page = "today"
        self.ended_unknown = False
        self._at_work = ""  # the code of who is logged in, as far as the screens know
        self.idle = IdleWatch(lambda: self.station.desk.now())
        self.dress(home)

    def get_driver_class(self) -> type[Driver]:
        """The library's driver with the STOP tap, on every system that has one."""
        if sys.platform == "win32":
            return super().get_driver_class()
        from emscontrol.tui.driver import tapped

        return tapped(self.road)

    def on_mount(self) -> None:
        """Begin."""
        self.set_interval(IDLE_LOOK_S, self._watch_idle)
        if self._only is not None:
            self.push_screen(ROUTES[type(self._only)](self._only), lambda _: self.exit())
        elif self._begin is Begin.PRACTICE:
            self._show(PAGES["devices"]())
            self.to_wanted(PracticeWanted())
        elif self._begin is Begin.SETUP:
            self.push_screen(self._setup(FreeSessionWanted()))
            self._work(self._tell_what_happened, "told")
        else:
            self._work(lambda: self._walk_in("today"), "door")

    def on_unmount(self) -> None:
        """Let go of the book."""
        self.station.close()

    # -- from screen to screen -----------------------------------------------------------------------------------------

    def _setup(self, wanted: FreeSessionWanted) -> SetupScreen:
        rehearsal = replace(
            self.rehearsal, body=wanted.body or self.rehearsal.body, faults=wanted.faults or self.rehearsal.faults
        )
        return SetupScreen(self.bench.models, self.home, rehearsal, wanted.protocol, wanted.device)

    async def _tell_what_happened(self) -> None:
        """Sessions that nobody ended on purpose and that nobody has been told of; with a session open, after it."""
        try:
            told = await tell_what_happened(self, self.station, lambda: not self.busy)
            self._untold = told is None
            self._interrupted += told or ()
        except EmsError as problem:
            self._tell(problem)
        except OSError as problem:
            self._tell(unusable(problem))

    async def _walk_in(self, page: str) -> None:
        """To a page. One that needs the book is reached through the log-in, where nobody is logged in."""
        front = self.screen
        if isinstance(front, Page) and not front.may_leave():
            front.say(front.why_not_leave(), stays=True)
            return
        if page == "today":
            await self._tell_what_happened()
        if page in NEEDS_BOOK:
            lacking = await standing(self.station)
            if lacking is not None:
                self._show(WelcomePage(lacking))
                return
            if not await self._logged_in() and not await self._ask_who(_("Who are you?")):
                page = "devices" if self.screen is self.screen_stack[0] else ""
        if page == "today":
            await self._hand_in()
        if page:
            self._page = page
            self._show(PAGES[page]())
        if page == "today":
            await self._ask_late()

    async def _ask_late(self) -> None:
        """After a session of the book that nobody ended on purpose nobody could say how skin and pain were: now, if at all."""
        waiting, self._interrupted = self._interrupted, []
        for booked in reversed(waiting):
            with suppress(BookError, UsageError):  # of another book, or not there any more
                visit = await self.station.call(partial(visit_of, number=booked.appointment))
                if visit.patient == booked.patient:
                    self.wants(AfterWanted(visit, (), None, late=True))

    async def _hand_in(self) -> None:
        """Records that wait on this station, as after a crash, so that the day is shown as it was; what cannot be waits on."""
        with suppress(EmsError):
            await self.station.call(lambda desk: hand_in(desk, lambda _words: None))

    def _show(self, page: Page[None]) -> None:
        """This page, and nothing above or below it but the empty screen of the beginning; never in place of a session."""
        if self.busy:
            return
        while len(self.screen_stack) > 2:
            self.pop_screen()
        if len(self.screen_stack) == 2:
            self.switch_screen(page)
        else:
            self.push_screen(page)

    @on(Wanted)
    def to_wanted(self, message: Wanted) -> None:
        """A screen wants another one."""
        message.stop()
        if self.busy:
            self._later.append(message)
        elif type(message) in ROUTES:
            self.push_screen(ROUTES[type(message)](message))
        elif isinstance(message, FreeSessionWanted):
            self.push_screen(self._setup(message))

    def book_problem(self, problem: EmsError) -> None:
        """Something was refused: the log-in is shown when that is why, else the message stands on the screen in front."""
        if isinstance(problem, NotAllowed):
            self._work(lambda: self._log_in_again(problem), "again")
        else:
            self._tell(problem)

    async def _log_in_again(self, problem: NotAllowed) -> None:
        try:
            known = await self.station.who() is not None
        except BookError as other:
            self._tell(other)
            return
        if known or self.busy:
            self._tell(problem)
        elif not isinstance(self.screen, LoginScreen):
            await self._ask_who(problem.what)

    # -- who is there --------------------------------------------------------------------------------------------------

    async def on_event(self, event: events.Event) -> None:
        """Keys and mouse are use."""
        if isinstance(event, events.InputEvent):
            self.idle.touch()
        await super().on_event(event)

    async def _logged_in(self) -> bool:
        """Whether somebody is; from then on the screen is covered when it is left alone."""
        actor = await self.station.who()
        if actor is None:
            return False
        self._at_work = actor.code
        self.idle.logged_in(timedelta(minutes=(await self.station.about()).idle_lock_min))
        return True

    async def _ask_who(self, why: str, code: str = "") -> bool:
        """The log-in; somebody else than before begins with the day's agenda, not in the middle of another's work."""
        before = self._at_work
        if self.busy:  # by now: whoever wanted to know has waited for the book
            return False
        if not await self.push_screen_wait(LoginScreen(self.station, why, code)) or not await self._logged_in():
            return False
        if before and self._at_work != before:
            self._page = "today"
            self._show(PAGES["today"]())
        return True

    def logged_out(self) -> None:
        """Nobody is at work here any more: the log-in, and without one the devices, which show nobody."""
        self.idle.lock_after = None
        self._at_work = ""
        self._work(lambda: self._walk_in("today"), "door")

    def logged_in(self) -> None:
        """Somebody has logged in on another screen than the log-in."""
        self._work(self._logged_in, "door")

    def _watch_idle(self) -> None:
        follows = self.idle.look(self.stoppable or self.beginning)
        if follows is Follows.RENEW:
            self._work(self._renew, "renew")
        elif follows is Follows.LOCK and self._may_be_covered():
            self._work(self._lock, "lock")

    def _may_be_covered(self) -> bool:
        """Never what a session says, as to pull the leads, also of an engine that is gone; once it is left it is covered."""
        return not self.busy and not isinstance(self.screen, LoginScreen | UnknownScreen)

    async def _renew(self) -> None:
        with suppress(EmsError):  # whoever asks the book for something is told
            await self.station.who()

    async def _lock(self) -> None:
        if not self._may_be_covered():
            return
        lock_after, self.idle.lock_after = self.idle.lock_after, None
        minutes = round((lock_after or timedelta()).total_seconds() / 60)
        with suppress(EmsError):  # a book out of reach gives no page anyway
            await self.station.call(leave)  # looks by timer may have kept it open longer than this screen
        if not self._may_be_covered():  # any more
            self.idle.lock_after = lock_after
            return
        why = _("Nobody touched anything for {minutes} minutes, so this screen is covered. Log in to go on.").format(
            minutes=minutes
        )
        try:
            known = await self._ask_who(why, self._at_work)
        except EmsError as problem:
            self._tell(problem)
            known = False
        if not known:
            self._page = "devices"
            self._show(PAGES["devices"]())

    def _tell(self, problem: EmsError) -> None:
        front = self._front()
        if isinstance(front, Page):
            front.refused(problem)
        elif front is not None:
            front.say(f"{problem.what} {problem.remedy}".strip())

    def _front(self) -> "Page[None] | LiveScreen | None":
        """The foremost screen that has a line for messages."""
        for screen in reversed(self.screen_stack):
            if isinstance(screen, Page):
                return screen
            if screen is self.session:
                return cast("LiveScreen", screen)
        return None

    def afterwards(self, work: Coroutine[Any, Any, None]) -> None:
        """Do this beside the screens, whichever is in front; what is refused is said on the one that is."""

        self._work(lambda: work, "afterwards", exclusive=False)

    def _work(self, work: Callable[[], Awaitable[object]], group: str, exclusive: bool = True) -> None:
        """Do this beside the screens. What is refused, by the book or by the system, is said and never ends the program."""

        async def done() -> None:
            try:
                await work()
            except EmsError as problem:
                self.book_problem(problem)
            except OSError as problem:
                self._tell(unusable(problem))

        _worker: Worker[None] = self.run_worker(done, group=group, exclusive=exclusive)

    def told(self, words: str) -> None:
        """A line for the person at the screen in front. From any thread."""
        self.post_message(Told(words))

    @on(Told)
    def _say_told(self, message: Told) -> None:
        front = self._front()
        if front is not None:
            front.say(message.words)

    def notify(self, message: str, **_how: Any) -> None:
        """What the library would show in a box above the screen, which could lie over STOP or over the current."""
        self.told(message)

    def wants(self, message: Wanted) -> None:
        """As if the screen in front had asked for it."""
        self.to_wanted(message)

    # -- a session -----------------------------------------------------------------------------------------------------

    @property
    def busy(self) -> bool:
        """True while a session is open or about to be: no other screen comes then, whoever wants one."""
        return self.session is not None or self.beginning

    def about_to_begin(self, begins: bool) -> None:
        """What a session needs is being looked for: pages stay where they are, and a STOP pressed now calls it off."""
        self.beginning, self._beginning_s = begins, time.monotonic()
        self._called_off = ""  # one that called off this beginning says nothing about the next
        if begins:
            self.workers.cancel_group(self, "door")

    @property
    def stop_while_beginning(self) -> str:
        """The STOP that calls off what is being begun, as the ordinary handler had it or as it was read from the terminal.

        That is sooner, and knows keys that the screen library has no name for. "" for none.
        """
        read = self.beginning and self.road.seen_s >= self._beginning_s
        return self._called_off or (self.road.seen if read else "")

    def begin_session(self, errand: Errand) -> None:
        """Start an engine for this and show its screen. Raises UsageError while a session is open, and after a STOP."""
        if self.session is not None:
            raise UsageError(_("A session is open on this screen."), _("End it first."))
        self.road.expect()  # from here on a STOP counts, also before the screen is there
        if called_off := self.stop_while_beginning:
            self.road.close()
            raise UsageError(_("STOP was pressed ({key}): nothing was begun.").format(key=called_off))
        self.workers.cancel_group(self, "door")

        def over(problem: EmsError | None) -> None:
            session, self.session = self.session, None
            rubbish.take_back()
            self.ended_unknown = problem is None and session is not None and not session.output_known
            errand.then(problem)
            later, self._later = self._later, []
            for message in later:
                self.to_wanted(message)
            if self._untold:
                self._work(self._tell_what_happened, "told")

        rubbish.set_aside()
        name = f"emscontrol screen, process {os.getpid()}"
        shown: Screen[EmsError | None] = (
            SessionScreen(errand, self.road, name) if errand.screen is None else errand.screen(errand.spec, self.road, name)
        )
        self.session = cast("LiveScreen", shown)
        self.push_screen(shown, over)

    # -- STOP ----------------------------------------------------------------------------------------------------------

    @property
    def stoppable(self) -> bool:
        """True while there is an engine that a STOP can reach."""
        return self.session is not None and not self.session.link.over

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """With an engine, every STOP key is STOP and nothing else. Without one, they keep their other meanings."""
        if action == "stop" and parameters[0] == LEAVE and isinstance(self.screen, ModalScreen):
            return True  # the key of the table reaches no modal
        if action == "stop" and not self.stoppable and not self.beginning:
            typing = isinstance(self.focused, Input) or getattr(self.screen, "OWN_SPACE", False)
            return parameters[0] in ALWAYS_ANSWERED and not (parameters[0] == "space" and typing)
        if action == "do":
            if parameters[0] in PAGES:
                return not self.busy
            if parameters[0] == "palette":
                return not self.busy and isinstance(self.screen, Page)
            return not (parameters[0] == "help" and isinstance(self.screen, HelpScreen))
        return True

    def action_stop(self, key: str) -> None:
        """The second road: the same keys as the direct one, through the ordinary handler."""
        if key == LEAVE and not self.stoppable and not self.beginning:
            self._leave()
        else:
            self.stop(WORDS.get(key, key))

    def on_stop_button_pressed(self, message: StopButton.Pressed) -> None:
        """By mouse."""
        self.stop("the STOP button")

    def stop(self, words: str) -> None:
        """Everything off. Never asks, never toggles."""
        if self.session is not None and self.stoppable:
            self.session.link.stop(words)
            return
        if self.beginning:
            self._called_off = words
        front = self._front()
        if front is not None:
            front.say(front.stop_is_void())

    def action_do(self, name: str) -> None:
        """Commands of every screen."""
        if name in PAGES and not self.busy:
            self._work(lambda: self._walk_in(name), "door")
        elif name == "help":
            self.push_screen(HelpScreen(getattr(self.screen, "WHERE", None)))
        elif name == "palette" and not self.busy:
            self.push_screen(CommandPalette(providers=[TableOfCommands], placeholder=_("A command, by its name …")))
        elif name == "leave":
            self._leave()

    def _leave(self) -> None:
        """Out of the program, or of a session that is over to what comes after it; never past what is to be read or kept."""
        front = self._front()
        last_word = self.session is not None or (isinstance(front, Page) and not front.may_leave())
        while last_word and self.screen is not front:
            if isinstance(self.screen, UnknownScreen):
                self.screen.read_first()
                return
            self.pop_screen()
        if self.session is not None:
            cast("Screen[EmsError | None]", self.session).dismiss(None)
        elif isinstance(front, Page) and not front.may_leave():
            front.say(front.why_not_leave(), stays=True)
        else:
            self.exit()


def open_screen(home: str, bench: Bench, begin: Begin = Begin.HOUSE, only: Wanted | None = None) -> int:
    """Open the terminal program, or `only` one of its screens.

    Returns the exit code: 0, 4 when it was left with the output unknown, 5 when it failed inside. Raises UsageError without
    a terminal.
    """
    if not sys.stdin.isatty() or not sys.stderr.isatty() or os.environ.get("TERM", "dumb") == "dumb":
        raise UsageError("The screens need a terminal.", "Without one: emscontrol run FILE … --plain")
    app = EmsApp(home, bench, begin, only=only)
    app.run()
    if app.session is not None:
        app.session.link.wait()
    if app.return_code:
        return int(ExitCode.INTERNAL)
    return int(ExitCode.DEVICE if app.ended_unknown else ExitCode.FINE)
