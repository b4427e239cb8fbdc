"""Before and after a session of the book."""

from typing import Final

from emscontrol.tui.commands.table import Command, Where

CHECKS: Final = (
    Command(
        "tick",
        ("enter",),
        "It is so",
        "This check is as it should be; on to the next. After the last: connect.",
        Where.CHECKS,
        key_words="Enter",
    ),
    Command("untick", ("backspace",), "Back", "Take the last tick back.", Where.CHECKS, shown=False, key_words="Backspace"),
    Command("ask", ("y",), "Something is new", "Ask the questions that are due, one by one.", Where.CHECKS),
    Command("measure", ("t",), "Measure", "Measure the thresholds of a channel now.", Where.CHECKS),
    Command("estimated", ("e",), "Take estimate", "Take a level that was carried over from another pulse.", Where.CHECKS),
    Command("elsewhen", ("d",), "Run today", "Give it today although it is of another day, with a reason.", Where.CHECKS),
    Command("patient", ("p",), "Patient", "The patient's page.", Where.CHECKS, shown=False),
    Command("back", ("q",), "Leave", "Leave; nothing was begun. Esc does the same.", Where.CHECKS, shown=False),
)
AFTER: Final = (Command("keep", ("f5",), "Keep", "Write down what was found, and end.", Where.AFTER, key_words="F5"),)
