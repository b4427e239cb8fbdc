"""The terminal program: which screen is shown, and the second road of STOP."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

from textual.app import App
from textual.binding import BindingType
from textual.driver import Driver
from textual.widgets import Input

from emscontrol.core.errors import EmsError, ExitCode, UsageError
from emscontrol.session.spec import SessionSpec
from emscontrol.tui.choices import Rehearsal
from emscontrol.tui.commands import Where, bindings
from emscontrol.tui.keyboard import STOP_KEYS
from emscontrol.tui.screens.help import HelpScreen
from emscontrol.tui.screens.session import SessionScreen
from emscontrol.tui.screens.setup import SetupScreen
from emscontrol.tui.stop_road import StopRoad
from emscontrol.tui.widgets.stop_button import StopButton

WORDS = {key.name: key.words for key in STOP_KEYS}
ALWAYS_ANSWERED = frozenset({"f12", "space"})  # without a session these keys only say that there is none


class SessionApp(App[None], inherit_bindings=False):
    """Setup, session, and what lies above them. `rehearsal` reaches simulated stimulators only."""

    CSS_PATH = Path(__file__).with_name("theme.tcss")
    TITLE = "emscontrol"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.EVERYWHERE)

    def __init__(self, home: str, models: Mapping[str, str], rehearsal: Rehearsal | None = None) -> None:
        self.road = StopRoad()
        super().__init__()
        self._home = home
        self._setup = SetupScreen(models, home, rehearsal or Rehearsal())
        self.session: SessionScreen | None = None
        self.ended_unknown = False

    def get_driver_class(self) -> type[Driver]:
        """The library's driver, with the STOP tap where there is one for this system."""
        usual = super().get_driver_class()
        if sys.platform == "win32":
            return usual
        from textual.drivers.linux_driver import LinuxDriver

        from emscontrol.tui.driver import tapped

        return tapped(self.road) if usual is LinuxDriver else usual

    def on_mount(self) -> None:
        """Begin with the choices."""
        self.push_screen(self._setup)

    def open_session(self, spec: SessionSpec) -> None:
        """From setup: begin."""
        if self.session is not None:
            return
        self.session = SessionScreen(spec, self.road, f"emscontrol screen, process {os.getpid()}")
        self.push_screen(self.session, self._session_over)

    def _session_over(self, problem: EmsError | None) -> None:
        session, self.session = self.session, None
        self.ended_unknown = problem is None and session is not None and not session.output_known
        self._setup.session_over(problem)

    # -- STOP ----------------------------------------------------------------------------------------------------------

    @property
    def stoppable(self) -> bool:
        """True while there is an engine that a STOP can reach."""
        return self.session is not None and not self.session.link.over

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """With an engine, every STOP key is STOP and nothing else. Without one, they keep their other meanings."""
        if action == "stop" and not self.stoppable:
            typing = isinstance(self.focused, Input)
            return parameters[0] in ALWAYS_ANSWERED and not (parameters[0] == "space" and typing)
        if action == "do":
            return not (parameters[0] == "help" and isinstance(self.screen, HelpScreen))
        return True

    def action_stop(self, key: str) -> None:
        """The second road: the same keys as the direct one, through the ordinary handler."""
        self.stop(WORDS.get(key, key))

    def on_stop_button_pressed(self, message: StopButton.Pressed) -> None:
        """By mouse."""
        self.stop("the STOP button")

    def stop(self, words: str) -> None:
        """Everything off. Never asks, never toggles."""
        if self.session is not None and self.stoppable:
            self.session.link.stop(words)
            return
        (self.session or self._setup).say((self.session or self._setup).stop_is_void())

    def action_do(self, name: str) -> None:
        """Commands of every screen."""
        if name == "help":
            self.push_screen(HelpScreen())
        elif name == "leave" and not self.stoppable:
            self.ended_unknown = self.ended_unknown or (self.session is not None and not self.session.output_known)
            self.exit()


def open_screen(home: str, models: Mapping[str, str]) -> int:
    """Open the terminal program. `models` are the stimulators by name, each with a sentence about it.

    Returns the exit code: 0, or 4 when it was left with the output unknown. Raises UsageError without a terminal.
    """
    if not sys.stdin.isatty() or not sys.stderr.isatty() or os.environ.get("TERM", "dumb") == "dumb":
        raise UsageError("The session screen needs a terminal.", "Without one: emscontrol run FILE … --plain")
    app = SessionApp(home, models)
    app.run()
    if app.session is not None:
        app.session.link.wait()
    return int(ExitCode.DEVICE if app.ended_unknown else app.return_code or ExitCode.FINE)
