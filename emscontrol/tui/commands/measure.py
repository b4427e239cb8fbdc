"""Before and after a measurement, and word by word during it."""

from collections.abc import Mapping
from typing import Final

from emscontrol.measure.words import KEYS, MEANINGS, Word
from emscontrol.tui.commands.table import Command, Where, in_states
from emscontrol.tui.looks import CLOSED

MEASURE: Final = (
    Command("go_on", ("f5",), "Go on", "Begin to measure; afterwards keep what was found.", Where.MEASURE, key_words="F5"),
    Command("keep", ("enter",), "Keep", "Keep the thresholds that were found, for this patient.", Where.MEASURE),
    Command(
        "nerve", ("n",), "Keep nerve", "Keep what the curve suggests as the finding of this muscle's nerve.", Where.MEASURE
    ),
    Command("again", ("m",), "Again", "Measure once more: back to what is measured, and where.", Where.MEASURE),
    Command(
        "back", ("q",), "Back", "Leave; what was not kept stays in its record. Esc does the same.", Where.MEASURE, shown=False
    ),
)

_KEY_NAMES: Final[Mapping[str, tuple[str, ...]]] = {"+": ("plus", "equals_sign"), "-": ("minus", "underscore")}
NEVER_WAIT: Final = frozenset({Word.TOO_MUCH, Word.DOWN, Word.LIMIT, Word.DONE})
"""Words that lead to less current or to none: they count at once, even after a while without a key."""
_HELP: Final[Mapping[Word, str]] = {
    Word.NOTHING: "Nothing is felt or seen; before the first step: begin.",
    Word.FELT: "Felt, but the muscle does not contract.",
    Word.CONTRACTS: "Felt, and the muscle contracts visibly.",
    Word.UNFELT: "The muscle contracts, and nothing is felt.",
    Word.LIMIT: "This is the most that is still comfortable.",
    Word.TOO_MUCH: "Beyond comfort: the current goes off at once, and this step is not given again.",
    Word.UP: "One step up; nothing is said of this one.",
    Word.DOWN: "One step down.",
    Word.AGAIN: "The same step once more; one that is only offered is given.",
    Word.DONE: "End here with what is known.",
}


def _name(word: Word) -> str:
    return f"say_{word.name.lower()}"


SAID: Final[Mapping[str, Word]] = {_name(word): word for word in Word}
"""The word that each such command says."""


def _said(key: str, word: Word) -> Command:
    return Command(
        _name(word),
        _KEY_NAMES.get(key, (key,)),
        MEANINGS[word],
        _HELP[word],
        Where.STEPS,
        in_states("running"),
        shown=False,
        key_words=key,
        locks=word not in NEVER_WAIT,
        looked_at=word not in NEVER_WAIT,
    )


STEPS: Final = (
    Command(
        "go",
        ("f5", "enter"),
        "Go on",
        "Prepare the stimulator and begin, still without current. At the end: on to what was found.",
        Where.STEPS,
        in_states("connected", CLOSED),
        key_words="F5",
        looked_at=True,
    ),
    *(_said(key, word) for key, word in KEYS.items()),
    Command("pause", ("p",), "Pause", "To zero; the step is given anew later.", Where.STEPS, in_states("running"), "pause"),
    Command(
        "resume",
        ("r",),
        "Resume",
        "Give the step anew, rising slowly.",
        Where.STEPS,
        in_states("paused"),
        "resume",
        locks=True,
        looked_at=True,
    ),
    Command(
        "close",
        ("q",),
        "Close",
        "Leave a measurement that is at fault, with what is known.",
        Where.STEPS,
        in_states("fault"),
        "close",
        looked_at=True,
    ),
    Command("seen", ("k",), "Alarm seen", "The alarm has been seen; its words stay in the record.", Where.STEPS),
)
