"""Everything a person can do with a key, in one table: bindings, footer and help are made from it."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from textual.binding import Binding, BindingType

from emscontrol.tui.keyboard import STOP_KEYS
from emscontrol.tui.looks import CLOSED


class Where(StrEnum):
    """Where a command belongs."""

    EVERYWHERE = "everywhere"
    SETUP = "setup"
    SESSION = "session"


@dataclass(frozen=True, slots=True)
class Command:
    """`states` are the engine's states in which it makes sense (None = any); `asks` is the engine's verb, if it is one."""

    name: str
    keys: tuple[str, ...]
    label: str
    help: str
    where: Where
    states: frozenset[str] | None = None
    asks: str = ""
    shown: bool = True
    key_words: str = ""


STOP: Final = Command(
    "stop",
    tuple(key.name for key in STOP_KEYS),
    "STOP",
    "All current off, at once. On any screen, whatever is shown; Space not while a text is being typed.",
    Where.EVERYWHERE,
    key_words=" ".join(key.words for key in STOP_KEYS),
)


def _in(*states: str) -> frozenset[str]:
    return frozenset(states)


COMMANDS: Final = (
    STOP,
    Command("open", ("f5",), "Open session", "Start the engine and connect. No current yet.", Where.SETUP, key_words="F5"),
    Command("connect", ("o",), "Connect", "Ask the stimulator who it is. No current.", Where.SESSION, _in("idle"), "connect"),
    Command("arm", ("a",), "Arm", "Prepare the stimulator at zero.", Where.SESSION, _in("connected"), "arm"),
    Command(
        "start", ("s",), "Start", "Let the program run. Only within a minute of arming.", Where.SESSION, _in("armed"), "start"
    ),
    Command("pause", ("p",), "Pause", "All channels to zero; settings are kept.", Where.SESSION, _in("running"), "pause"),
    Command("resume", ("r",), "Resume", "Go on from zero, rising slowly.", Where.SESSION, _in("paused"), "resume"),
    Command(
        "clear",
        ("c",),
        "Fault seen",
        "The cause of the fault has been seen and mended. Then connect again; no current comes by itself.",
        Where.SESSION,
        _in("fault"),
        "clear",
    ),
    Command("close", ("x",), "Close", "Leave a session that is at fault.", Where.SESSION, _in("fault"), "close"),
    Command(
        "lower",
        ("minus", "underscore"),
        "Lower",
        "The chosen channel 1 mA lower.",
        Where.SESSION,
        _in("armed", "running", "paused"),
        key_words="-",
    ),
    Command(
        "raise",
        ("plus", "equals_sign"),
        "Raise",
        "The chosen channel 1 mA higher. One step a press; a held key at most 5 mA a second.",
        Where.SESSION,
        _in("running"),
        key_words="+",
    ),
    Command("before", ("up",), "Channel", "Choose the channel above.", Where.SESSION, shown=False, key_words="Up"),
    Command("after", ("down",), "Channel", "Choose the channel below.", Where.SESSION, shown=False, key_words="Down"),
    Command("seen", ("k",), "Alarm seen", "The alarm has been seen; its words stay in the list.", Where.SESSION),
    Command("again", ("n",), "New session", "Back to the first screen.", Where.SESSION, _in(CLOSED)),
    Command("help", ("question_mark", "f1"), "Help", "This list.", Where.EVERYWHERE, key_words="?"),
    Command(
        "leave", ("ctrl+q",), "Leave", "Leave the program. While a session is open these keys mean STOP.", Where.EVERYWHERE
    ),
)
BY_NAME: Final = {command.name: command for command in COMMANDS}


def bindings(*places: Where) -> list[BindingType]:
    """The bindings of these places. STOP goes before everything else; each of its keys is a binding of its own."""
    return [binding for command in COMMANDS if command.where in places for binding in _bindings_of(command)]


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
            key_display=command.key_words or None,
            tooltip=command.help,
        )
