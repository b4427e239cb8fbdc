"""The tour of a first start."""

from typing import Final

from emscontrol.tui.commands.table import Command, Where

TOUR: Final = (
    Command("before", ("left",), "Before", "The pane before this one.", Where.TOUR, key_words="Left"),
    Command("further", ("right", "enter"), "Go on", "The next pane; after the last, practise.", Where.TOUR, key_words="Right"),
)
