"""Help: every key, from the one table."""

from collections.abc import Iterator, Mapping
from typing import ClassVar, Final

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from emscontrol.tui.commands.all import BY_PLACE, COMMANDS
from emscontrol.tui.commands.measure import NEVER_WAIT, SAID
from emscontrol.tui.commands.table import STOP, Command, Where
from emscontrol.tui.language import _
from emscontrol.tui.looks import STATE_LOOKS
from emscontrol.tui.screens.records.replay import PROMISE
from emscontrol.tui.widgets.key_row import KeyRow
from emscontrol.tui.widgets.stop_button import StopButton

LIVE: Final[Mapping[Where, tuple[str, ...]]] = {
    Where.SESSION: ("pause", "lower"),
    Where.STEPS: ("pause", *(name for name, word in SAID.items() if word in NEVER_WAIT)),
}
"""Places in which an engine is at work, and what leads to less current there: it counts with the help above it too."""


class HelpScreen(ModalScreen[None]):
    """All commands and what the marks of the states mean.

    Of the keys of a session those to less current leave the help and count at once, like STOP; the others do nothing.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark,f1,enter,escape", "dismiss", "Back", key_display="Enter"),
    ]

    def __init__(self, first: Where | None = None) -> None:
        super().__init__()
        self._first = first

    async def on_key(self, event: events.Key) -> None:
        """Less current: the key is for the screen below."""
        first = self._first
        if first is None or first not in LIVE or not self.is_current:
            return
        if any(event.key in BY_PLACE[first][name].keys for name in LIVE[first]):
            event.stop()
            self.dismiss(None)
            self.app.simulate_key(event.key)

    def compose(self) -> ComposeResult:
        """One scrolling text above the STOP button, which a replay does not have."""
        with VerticalScroll(id="help"):
            yield Static(help_text(self._first), markup=False)
        with Vertical(id="foot"):
            if self._first is Where.REPLAY:
                yield Static(_(PROMISE), markup=False)
            else:
                yield StopButton()
            yield KeyRow()


def help_text(first: Where | None = None) -> str:
    """The whole help: STOP, then what holds in the place where it was asked for, then what holds everywhere, then the rest.

    Where an engine is at work the states come before the keys of other screens. Of a replay, which has nothing to stop, it is
    what holds there and no more.
    """
    if first is Where.REPLAY:
        return "\n".join((_(PROMISE), "", _("Keys (Enter or ? goes back)"), *_of_place(first), *_of_replay()))
    stop = (f"STOP: {STOP.key_words}", f"  {_(STOP.help)}")
    here = [line for where in dict.fromkeys((first or Where.EVERYWHERE, Where.EVERYWHERE)) for line in _of_place(where)]
    rest = [line for where in Where if where not in (first, Where.EVERYWHERE) for line in _of_place(where)]
    looks = dict.fromkeys(STATE_LOOKS.values())
    states = ["", _("States"), *(f"  {look.mark} {_(look.word):<11} {_(look.meaning)}" for look in looks)]
    elsewhere = ["", _("ON OTHER SCREENS"), *rest] if first else rest
    last = (*states, *elsewhere) if first in LIVE else (*elsewhere, *states)
    return "\n".join((*stop, "", _("Keys (Enter or ? goes back)"), *here, *last))


def _of_place(where: Where) -> list[str]:
    commands = [command for command in COMMANDS if command.where is where and command is not STOP]
    return ["", f"{_capital(_(where.value))}", *(_row(command) for command in commands)] if commands else []


def _of_replay() -> Iterator[str]:
    """What keys of every screen do there."""
    yield _key("F12", _("Stand still: there is nothing to stop. For sessions of other terminals: emscontrol stop"))
    yield _key("?", _("This list."))
    yield _key("ctrl+q", _("Leave the program."))


def _row(command: Command) -> str:
    return _key(command.keys_told, _(command.help))


def _key(keys: str, words: str) -> str:
    return f"  {keys:<9} {words}"


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
