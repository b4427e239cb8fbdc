"""Everybody, and one patient's page."""

from typing import Final

from emscontrol.tui.commands.table import Command, Where

PATIENTS: Final = (
    Command("open", ("enter",), "Open", "The page of the chosen patient.", Where.PATIENTS),
    Command(
        "new",
        ("ctrl+n", "n"),
        "New patient",
        "Enter somebody new; a letter alone searches.",
        Where.PATIENTS,
        key_words="Ctrl+N",
    ),
)
PATIENT: Final = (
    Command("open", ("enter",), "Open", "The chosen plan, or the record of the chosen session.", Where.PATIENT),
    Command("earlier", ("left",), "Part", "The part of the page before.", Where.PATIENT, shown=False, key_words="Left"),
    Command("later", ("right",), "Part", "The next part of the page.", Where.PATIENT, shown=False, key_words="Right"),
    Command("new_plan", ("n",), "New plan", "Prescribe something to this patient.", Where.PATIENT),
    Command("screen", ("s",), "Ask", "Ask what is due of the screening, question by question.", Where.PATIENT),
    Command("measure", ("t",), "Measure", "Measure thresholds of this patient.", Where.PATIENT),
    Command("outcome", ("o",), "Outcome", "Enter something that was measured or observed.", Where.PATIENT),
    Command("pads", ("a",), "Pads", "A new set of electrodes was opened.", Where.PATIENT),
    Command("examine", ("e",), "Examine", "Nerve and feeling of a muscle, as just examined.", Where.PATIENT, shown=False),
    Command("condition", ("c",), "Condition", "What the patient is treated for.", Where.PATIENT, shown=False),
    Command("implant", ("i",), "Implant", "Something in the body that current may disturb.", Where.PATIENT, shown=False),
)
QUESTIONS: Final = (
    Command("yes", ("y",), "Yes", "The answer is yes; then it is asked where.", Where.QUESTIONS),
    Command("no", ("n",), "No", "The answer is no.", Where.QUESTIONS),
    Command("unknown", ("u",), "Not known", "Nobody knows; it counts as a yes.", Where.QUESTIONS, key_words="u ?"),
    Command("again", ("backspace",), "Once more", "The question before once more: the last answer counts.", Where.QUESTIONS),
)
