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
    Command("later", ("right",), "Part", "The next part of the page.", Where.PATIENT, key_words="Right"),
    Command("new_plan", ("n",), "New plan", "Prescribe something to this patient.", Where.PATIENT),
    Command("screen", ("s",), "Screening", "Ask what is due of the screening, question by question.", Where.PATIENT),
    Command("measure", ("t",), "Thresholds", "Measure thresholds of this patient.", Where.PATIENT),
    Command("outcome", ("o",), "Outcome", "Enter something that was measured or observed.", Where.PATIENT),
    Command("pads", ("a",), "New pads", "A new set of electrodes was opened.", Where.PATIENT),
)
