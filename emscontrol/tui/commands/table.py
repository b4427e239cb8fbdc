"""How a command is written down, where it belongs, and how bindings are made of it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from textual.binding import Binding, BindingType

from emscontrol.tui.keyboard import STOP_KEYS


class Where(StrEnum):
    """Where a command belongs; in words, because the help groups by it."""

    EVERYWHERE = "everywhere"
    PAGES = "from page to page"
    TODAY = "today"
    PATIENTS = "patients"
    PATIENT = "one patient"
    QUESTIONS = "the questions of the screening"
    CALENDAR = "calendar"
    PLAN = "a plan"
    NEW_PLAN = "a new plan"
    PROTOCOLS = "protocols"
    PROTOCOL = "one protocol"
    RECORDS = "sessions"
    RECORD = "one session's record"
    REPLAY = "a session played again"
    DEVICES = "devices"
    SIMULATOR = "a simulator to practise with"
    SETTINGS = "settings"
    TOUR = "the tour"
    SETUP = "a session without the book"
    CHECKS = "checks before a session"
    SESSION = "session"
    AFTER = "after a session"
    MEASURE = "measuring"
    STEPS = "measuring, step by step"


@dataclass(frozen=True, slots=True)
class Command:
    """`states` are the engine's states in which it makes sense (None = any); `asks` is the engine's verb, if it is one.

    `key_words` is what people read in place of the library's name of the key. A command that is not `shown` is left out of
    the footer; the help has all. What `locks` leads to current: after a while without a key it is pressed twice. What is
    `looked_at` counts only when the state that it acts on has stood on the screen for a moment.
    """

    name: str
    keys: tuple[str, ...]
    label: str
    help: str
    where: Where
    states: frozenset[str] | None = None
    asks: str = ""
    shown: bool = True
    key_words: str = ""
    locks: bool = False
    looked_at: bool = False

    @property
    def keys_told(self) -> str:
        """The keys as people read them."""
        return self.key_words or " ".join(self.keys)


STOP: Final = Command(
    "stop",
    tuple(key.name for key in STOP_KEYS),
    "STOP",
    "All current off, at once. On any screen, whatever is shown; Space not while a text is being typed.",
    Where.EVERYWHERE,
    key_words=" ".join(key.words for key in STOP_KEYS),
)


def in_states(*states: str) -> frozenset[str]:
    """The engine's states in which a command makes sense."""
    return frozenset(states)


def bindings_of(commands: Iterable[Command]) -> list[BindingType]:
    """Their bindings. STOP goes before everything else; each of its keys is a binding of its own."""
    return [binding for command in commands for binding in _bindings_of(command)]


def _bindings_of(command: Command) -> Iterator[BindingType]:
    if command is STOP:
        for name in STOP.keys:
            yield Binding(name, f"stop('{name}')", STOP.label, show=False, priority=True)
        return
    for key in command.keys:
        yield Binding(
            key,
            f"do('{command.name}')",
            command.label,
            show=command.shown and key == command.keys[0],
            key_display=command.key_words or ("Enter" if key == "enter" else None),
            tooltip=command.help,
        )
