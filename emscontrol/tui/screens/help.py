"""Help: every key, from the one table."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Footer, Static

from emscontrol.tui.commands import COMMANDS, STOP, Command
from emscontrol.tui.looks import STATE_LOOKS
from emscontrol.tui.widgets.stop_button import StopButton


class HelpScreen(ModalScreen[None]):
    """All commands and what the marks of the states mean. Keys of the session do nothing while it is open, STOP excepted."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark,f1,enter,escape", "dismiss", "Back", key_display="Enter"),
    ]

    def compose(self) -> ComposeResult:
        """One scrolling text above the STOP button."""
        with VerticalScroll(id="help"):
            yield Static(help_text(), markup=False)
        with Vertical(id="foot"):
            yield StopButton()
            yield Footer(show_command_palette=False, compact=True)


def help_text() -> str:
    """The whole help."""
    stop = (f"STOP: {STOP.key_words}", f"  {STOP.help}")
    rows = [f"  {_keys(command):<7} {command.help}" for command in COMMANDS if command is not STOP]
    states = [f"  {look.mark} {look.word:<11} {look.meaning}" for look in dict.fromkeys(STATE_LOOKS.values())]
    return "\n".join((*stop, "", "Keys (Enter or ? goes back)", *rows, "", "States", *states))


def _keys(command: Command) -> str:
    return command.key_words or " ".join(command.keys)
