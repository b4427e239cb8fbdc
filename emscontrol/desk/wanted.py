"""Which appointment is to be run, and how, and who is there to be asked."""

from collections.abc import Callable
from dataclasses import dataclass

from emscontrol.safety.screening import Answer
from emscontrol.safety.screening_rules import ScreeningRule


@dataclass(frozen=True, slots=True)
class Wanted:
    """`patient` is the code on the patient's own card, "" to be asked for; `device` is "" where the plan's own is meant.

    `not_today` is why an appointment of another day is run now, "" where that is not meant. `checks` tells what was ticked
    before it, for the record.
    """

    number: int
    patient: str = ""
    device: str = ""
    accept_estimated: bool = False
    not_today: str = ""
    checks: str = ""


@dataclass(frozen=True, slots=True)
class Attendant:
    """Who is there before a session: told with `say`, asked with the others, which raise UsageError where nobody can be asked.

    `say` is called from any thread, and also while the session runs: when the stimulator's hold cannot be renewed.

    code(): the code on the patient's own card. answer(rule): a question that is due while the book is out of reach.
    denervation(MODEL@PORT): whether that stimulator is declared for muscles without a nerve.
    """

    say: Callable[[str], None]
    code: Callable[[], str]
    answer: Callable[[ScreeningRule], Answer]
    denervation: Callable[[str], bool]
