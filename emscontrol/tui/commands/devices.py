"""Stimulators, ports and simulators."""

from typing import Final

from emscontrol.tui.commands.table import Command, Where

DEVICES: Final = (
    Command(
        "use", ("enter",), "Use", "A session without the book on what is chosen; a simulator asks who has it on.", Where.DEVICES
    ),
    Command(
        "identify", ("i",), "Who is there", "Ask all ports; what answers is brought to zero, nothing is armed.", Where.DEVICES
    ),
    Command("test", ("t",), "Test", "Ask the chosen stimulator alone: does it answer, and is it at zero.", Where.DEVICES),
    Command(
        "own", ("n",), "For the clinic", "Enter the chosen stimulator or simulator as one of the clinic's own.", Where.DEVICES
    ),
    Command("halt", ("x",), "Stop others", "Stop the sessions of all other terminals, at once.", Where.DEVICES),
    Command("enough", ("backspace",), "Enough", "Ask no further ports.", Where.DEVICES),
    Command("practise", ("f5",), "Go on", "To a session without the book on this simulator.", Where.SIMULATOR, key_words="F5"),
)
