"""Browsing protocols, looking at one, and trying it on a simulated body."""

from typing import Final

from emscontrol.tui.commands.table import Command, Where

PROTOCOLS: Final = (
    Command("open", ("enter",), "Open", "The protocol under the cursor: words, drawings, limits.", Where.PROTOCOLS),
    Command("find", ("slash",), "Find", "Type words that occur in it.", Where.PROTOCOLS, key_words="/"),
    Command("evidence", ("e",), "Evidence", "Only A, A and B, A to C, or all of them again.", Where.PROTOCOLS),
    Command("denervated", ("d",), "Denervated", "Only those for muscles without a nerve, or all again.", Where.PROTOCOLS),
    Command("other", ("o",), "Other file", "Type the path of another file, or of a folder of files.", Where.PROTOCOLS),
    Command("library", ("l",), "Library", "Back from a folder to the library.", Where.PROTOCOLS),
)
PROTOCOL: Final = (
    Command("words", ("w",), "Words", "What is given, in words.", Where.PROTOCOL, shown=False),
    Command("drawn", ("d",), "Drawn", "One pulse and one cycle of contractions, drawn to scale.", Where.PROTOCOL, shown=False),
    Command("limits", ("l",), "Limits", "The dose against every limit, and which one binds.", Where.PROTOCOL, shown=False),
    Command("try", ("t",), "Try it", "Choose a simulated body to try it on. Nobody is connected.", Where.PROTOCOL, shown=False),
    Command("phase", ("p",), "Next phase", "Draw the next phase of the protocol.", Where.PROTOCOL),
    Command("model", ("m",), "Stimulator", "Judge it on the next model of stimulator.", Where.PROTOCOL),
    Command("levels", ("c",), "Levels", "Type comfort levels in place of the examples.", Where.PROTOCOL),
    Command("go", ("f5",), "Begin", "Begin the try on the simulated body.", Where.PROTOCOL, key_words="F5"),
)
