"""A session played again from its record: nothing here reaches a stimulator."""

from typing import Final

from emscontrol.tui.commands.table import Command, Where

REPLAY: Final = (
    Command("pause", ("p",), "Pause", "Stand still, or go on.", Where.REPLAY, key_words="Space"),
    Command("back", ("left",), "10 s", "Ten seconds back.", Where.REPLAY, key_words="Left"),
    Command("forward", ("right",), "10 s", "Ten seconds on.", Where.REPLAY, shown=False, key_words="Right"),
    Command("before", ("up",), "Contraction", "To the contraction before.", Where.REPLAY, key_words="Up"),
    Command("next", ("down",), "Contraction", "To the next contraction.", Where.REPLAY, shown=False, key_words="Down"),
    Command("faster", ("plus", "equals_sign"), "Faster", "Twice as fast.", Where.REPLAY, key_words="+"),
    Command("slower", ("minus",), "Slower", "Half as fast.", Where.REPLAY, key_words="-"),
    Command("out", ("q",), "Back", "Leave the replay.", Where.REPLAY),
)
