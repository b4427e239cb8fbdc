"""The session ends, and nothing unexpected is raised on the way."""

from collections.abc import Iterator

from emscontrol.trials.oracle.read import Case
from emscontrol.trials.oracle.spoils import Spoils, clear_of
from emscontrol.trials.oracle.violation import Violation

ENDS = "ends"
CRASH = "no exception"


def ended(case: Case) -> Iterator[Violation]:
    """It is closed, or the engine is gone by a planted mishap; and the output is zero for good."""
    evidence = case.evidence
    if not evidence.closed and not evidence.engine_gone:
        yield Violation(ENDS, evidence.ended_us, f"it is still {evidence.state}")
    if evidence.still_on and clear_of(case, 0, Spoils.FALSE, evidence.watched_us):
        yield Violation(ENDS, evidence.watched_us, "current still flows after the end")


def no_exception(case: Case) -> Iterator[Violation]:
    """Nothing but what was planted."""
    if case.evidence.crash:
        yield Violation(CRASH, case.evidence.ended_us, case.evidence.crash)
