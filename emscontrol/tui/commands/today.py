"""The day's agenda."""

from typing import Final

from emscontrol.tui.commands.table import Command, Where

TODAY: Final = (
    Command("begin", ("enter",), "Begin", "The session of the chosen appointment: its checks come first.", Where.TODAY),
    Command("patient", ("p",), "Patient", "The page of the patient who is chosen.", Where.TODAY),
    Command("move", ("m",), "Move", "The plan of the chosen appointment, where it is moved to another time.", Where.TODAY),
    Command("miss", ("x",), "Missed", "The chosen appointment was missed, or is called off: with a reason.", Where.TODAY),
    Command("before", ("left",), "Day before", "The day before.", Where.TODAY, shown=False, key_words="Left"),
    Command("after", ("right",), "Day", "The day after.", Where.TODAY, key_words="Left/Right"),
    Command("back", ("t",), "Today", "Back to today.", Where.TODAY, shown=False),
)
