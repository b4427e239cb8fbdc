"""Which appointment is to be run, and how, in the words of the command line."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Wanted:
    """`patient` is the code on the patient's own card, "" to be asked for; `device` is "" where the plan's own is meant.

    `not_today` is why an appointment of another day is run now, "" where that is not meant.
    """

    number: int
    patient: str = ""
    device: str = ""
    accept_estimated: bool = False
    not_today: str = ""
